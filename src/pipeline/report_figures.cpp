#include "src/pipeline/report_figures.h"

#include "src/base/text.h"
#include "src/report/statistics.h"
#include "src/report/terminal.h"

namespace jatai {
namespace {

std::string percent(const std::optional<std::uint64_t>& right, std::uint64_t n) {
    return right && n != 0
               ? fmt::format("{:.1f} %", 100.0 * static_cast<double>(*right) / static_cast<double>(n))
               : "–";
}

std::string title_of(const std::string& split) {
    return split == "unseen_voices" ? text("unseen voices") : text("unseen voices and accents");
}

std::string sure(const page::Split& split) {
    const auto interval = page::wilson_interval(split.chip_right.value_or(0), split.n);
    return fmt::format("{:.1f}–{:.1f} %", 100 * interval.low, 100 * interval.high);
}

std::string ranged(const page::Band& band, const char* unit) {
    return fmt::format("{:.2f} {} ({:.2f}–{:.2f})", band.value, unit, band.low.value_or(band.value),
                       band.high.value_or(band.value));
}

std::uint64_t total(const page::Memory& memory) {
    std::uint64_t sum = 0;
    for (const auto& part : memory.parts) sum += part.bytes;
    return sum;
}

nlohmann::ordered_json split_json(const page::Split& split) {
    nlohmann::ordered_json j{{"name", split.name}, {"n", split.n}};
    if (split.float_right) j["float_right"] = *split.float_right;
    if (split.int8_right) j["int8_right"] = *split.int8_right;
    if (split.chip_right) j["chip_right"] = *split.chip_right;
    return j;
}

nlohmann::ordered_json band_json(const std::optional<page::Band>& band) {
    if (!band) return nullptr;
    return {{"value", band->value},
            {"low", band->low.value_or(band->value)},
            {"high", band->high.value_or(band->value)}};
}

}  // namespace

nlohmann::ordered_json figures_of(const page::ReportData& data, const ReportSources& s) {
    nlohmann::ordered_json j{{"project", data.title}, {"board", data.board.id}};
    for (const auto& split : data.splits) j["splits"].push_back(split_json(split));
    j["host_hash"] = s.measured.host_hash;
    j["chip_hash"] = s.measured.chip_hash;
    j["host_equals_chip"] = s.measured.host_hash == s.measured.chip_hash;
    j["false_accepts"] = {{"count", s.measured.alarms.count},
                          {"hours", s.measured.alarms.hours},
                          {"per_hour", s.measured.alarms.per_hour},
                          {"upper_95_per_hour", s.measured.alarms.upper_95_per_hour},
                          {"listened_on", "host, bit-identical to the chip"}};
    j["modelled"] = {{"inference_ms", band_json(data.summary.inference_ms)},
                     {"inference_uj", band_json(data.summary.inference_uj)},
                     {"average_mw", band_json(data.summary.average_mw)},
                     {"battery_hours", band_json(data.summary.battery_hours)}};
    j["flash_bytes"] = total(*data.flash);
    j["ram_bytes"] = total(*data.ram);
    if (!s.heard.is_null()) {
        for (const char* key :
             {"answers_per_second", "cpu_load_percent", "missed_deadlines", "lost_samples", "words"}) {
            j[key] = s.heard.at(key);
        }
    }
    return j;
}

std::vector<std::string> table_of(const page::ReportData& data) {
    std::vector<std::vector<std::string>> rows{
        {"", text("float"), text("int8 here"), text("int8 on the chip"), text("95 % sure"), "n"}};
    for (const auto& split : data.splits) {
        rows.push_back({title_of(split.name), percent(split.float_right, split.n),
                        percent(split.int8_right, split.n), percent(split.chip_right, split.n), sure(split),
                        std::to_string(split.n)});
    }
    std::vector<std::string> lines{draw_table(rows)};
    if (data.hashes) {
        lines.push_back(
            data.hashes->host == data.hashes->chip
                ? text("computer and chip agree to the last bit: {}", data.hashes->chip)
                : text("computer and chip DIFFER: {} and {}", data.hashes->host, data.hashes->chip));
    }
    if (data.false_accepts) {
        const double upper = page::poisson_upper_95(data.false_accepts->count) / data.false_accepts->hours;
        lines.push_back(
            text("false accepts: {} in {:.1f} h on this computer, bit-identical to the chip; 95 % sure below "
                 "{:.1f} an hour",
                 data.false_accepts->count, data.false_accepts->hours, upper));
    }
    const page::Summary& summary = data.summary;
    if (summary.inference_ms)
        lines.push_back(text("one inference, modelled: {}", ranged(*summary.inference_ms, "ms")));
    if (summary.inference_uj)
        lines.push_back(text("one inference, modelled: {}", ranged(*summary.inference_uj, "µJ")));
    if (summary.battery_hours) {
        lines.push_back(text("battery of {}, always listening, modelled: {}", summary.battery,
                             ranged(*summary.battery_hours, "h")));
    }
    if (data.flash && data.ram)
        lines.push_back(text("flash {} bytes, RAM {} bytes", total(*data.flash), total(*data.ram)));
    return lines;
}

}  // namespace jatai
