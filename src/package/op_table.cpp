#include "src/package/op_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <charconv>

namespace jatai {

namespace {

constexpr std::size_t kNameBytes = 40;

// At most kNameBytes, without a cut letter of UTF-8, and without what would end a field.
std::string short_name(const std::string& name) {
    std::size_t end = std::min(name.size(), kNameBytes);
    while (end > 0 && end < name.size() && (static_cast<unsigned char>(name[end]) & 0xC0) == 0x80) --end;
    std::string cut = name.substr(0, end);
    for (char& c : cut) c = c == '\t' || c == '\n' ? ' ' : c;
    return cut;
}

std::vector<std::string_view> split(std::string_view s, char mark) {
    std::vector<std::string_view> parts;
    while (true) {
        const std::size_t at = s.find(mark);
        parts.push_back(s.substr(0, at));
        if (at == std::string_view::npos) return parts;
        s.remove_prefix(at + 1);
    }
}

template <typename Number>
bool read_number(std::string_view s, Number& number) {
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), number);
    return error == std::errc() && end == s.data() + s.size();
}

}  // namespace

std::string write_op_table(const std::vector<StepCost>& costs) {
    std::string table;
    for (const StepCost& cost : costs) {
        table += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", static_cast<int>(cost.op), cost.macs,
                             cost.weights_bytes, cost.scratch_bytes, cost.live_bytes,
                             fmt::join(cost.output_shape, "x"), short_name(cost.name), cost.runs ? 1 : 0);
    }
    return table;
}

std::vector<StepCost> read_op_table(std::string_view table) {
    std::vector<StepCost> costs;
    for (const std::string_view line : split(table, '\n')) {
        const auto fields = split(line, '\t');
        StepCost cost;
        std::uint16_t op = 0;
        if (fields.size() != 8 || !read_number(fields[0], op) || !read_number(fields[1], cost.macs) ||
            !read_number(fields[2], cost.weights_bytes) || !read_number(fields[3], cost.scratch_bytes) ||
            !read_number(fields[4], cost.live_bytes)) {
            continue;
        }
        cost.op = static_cast<Op>(op);
        for (const std::string_view extent : split(fields[5], 'x')) {
            std::int32_t number = 0;
            if (read_number(extent, number)) cost.output_shape.push_back(number);
        }
        cost.name = std::string(fields[6]);
        cost.runs = fields[7] != "0";
        costs.push_back(std::move(cost));
    }
    return costs;
}

}  // namespace jatai
