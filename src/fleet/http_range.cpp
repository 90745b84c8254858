#include "src/fleet/http_range.h"

#include <charconv>
#include <cstdint>
#include <optional>

namespace jatai::fleet {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || parsed.ec != std::errc() || parsed.ptr != text.data() + text.size())
        return std::nullopt;
    return value;
}

}  // namespace

int cut_to_range(std::string_view header, std::string_view& body, const SetHeader& set) {
    set("Accept-Ranges", "bytes");
    constexpr std::string_view unit = "bytes=";
    if (header.substr(0, unit.size()) != unit || header.find(',') != std::string_view::npos) return 200;
    header.remove_prefix(unit.size());
    const std::size_t dash = header.find('-');
    if (dash == std::string_view::npos) return 200;
    const auto from = number(header.substr(0, dash)), to = number(header.substr(dash + 1));
    const bool has_to = dash + 1 < header.size();
    if ((dash > 0 && !from) || (has_to && !to) || (dash == 0 && !has_to)) return 200;
    const std::uint64_t size = body.size();
    const std::uint64_t first = dash > 0 ? *from : size - std::min(size, *to);
    const std::uint64_t last = dash > 0 && has_to ? std::min(*to, size - 1) : size - 1;
    if (size == 0 || first >= size || (dash > 0 && has_to && *to < first)) {
        set("Content-Range", "bytes */" + std::to_string(size));
        body = {};
        return 416;
    }
    set("Content-Range",
        "bytes " + std::to_string(first) + "-" + std::to_string(last) + "/" + std::to_string(size));
    body = body.substr(first, last - first + 1);
    return 206;
}

}  // namespace jatai::fleet
