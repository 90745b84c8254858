#include "src/fleet/http.h"

#include <nlohmann/json.hpp>

namespace jatai::fleet {
namespace {

int hex_value(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

bool parse_query(std::string_view text, std::map<std::string, std::string>& query) {
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(text.size(), pair.size() + 1));
        const std::size_t equals = pair.find('=');
        std::string name, value;
        if (!decode_url(pair.substr(0, equals), name)) return false;
        if (equals != std::string_view::npos && !decode_url(pair.substr(equals + 1), value)) return false;
        query[name] = value;
    }
    return true;
}

}  // namespace

bool decode_url(std::string_view text, std::string& out) {
    out.clear();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return false;
        const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
        if (high < 0 || low < 0 || (high == 0 && low == 0)) return false;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return true;
}

bool parse_target(std::string_view target, Request& request) {
    if (target.empty() || target[0] != '/') return false;
    const std::size_t mark = target.find('?');
    if (!decode_url(target.substr(0, mark), request.path)) return false;
    if ((request.path + "/").find("/../") != std::string::npos) return false;
    return mark == std::string_view::npos || parse_query(target.substr(mark + 1), request.query);
}

Reply refuse(const Refusal& refusal) {
    Reply reply;
    reply.status = refusal.status;
    reply.body = nlohmann::json({{"error", refusal.what}, {"hint", refusal.hint}})
                     .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    if (refusal.retry_after_s > 0)
        reply.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after_s));
    return reply;
}

}  // namespace jatai::fleet
