#include "src/report/number.h"

#include <algorithm>
#include <cmath>

#include "src/base/text.h"

namespace jatai::page {
namespace {

constexpr const char* kNoBreakSpace = "\u00a0";

bool writes_comma() { return language() == "pt"; }

// As many as give three significant digits.
int choose_decimals(double value) {
    if (value == 0) return 0;
    return std::clamp(2 - static_cast<int>(std::floor(std::log10(std::fabs(value)))), 0, 6);
}

}  // namespace

std::string format_number(double value, int decimals) {
    const std::string plain = fmt::format("{:.{}f}", std::fabs(value), decimals);
    const std::size_t point = std::min(plain.find('.'), plain.size());
    std::string out = value < 0 && plain.find_first_of("123456789") != std::string::npos ? "−" : "";
    for (std::size_t i = 0; i < point; ++i) {
        if (i > 0 && (point - i) % 3 == 0) out += writes_comma() ? '.' : ',';
        out += plain[i];
    }
    if (point < plain.size()) out += (writes_comma() ? "," : ".") + plain.substr(point + 1);
    return out;
}

std::string format_count(std::uint64_t value) { return format_number(static_cast<double>(value), 0); }

std::string format_percent(double share, int decimals) {
    return format_number(share * 100, decimals) + kNoBreakSpace + "%";
}

std::string format_short(double value) {
    return format_number(value, value == std::round(value) ? 0 : choose_decimals(value));
}

std::string format_bytes(std::uint64_t bytes) {
    if (bytes < 1024) return format_count(bytes) + kNoBreakSpace + "B";
    const double kb = static_cast<double>(bytes) / 1024;
    const bool whole = bytes % 1024 == 0 || kb >= 100;
    return format_number(kb, whole ? 0 : 1) + kNoBreakSpace + "KB";
}

std::string format_range(const Band& band) {
    if (!band.low || !band.high) return {};
    const int decimals = choose_decimals(std::max(std::fabs(*band.low), std::fabs(*band.high)));
    return format_number(*band.low, decimals) + "–" + format_number(*band.high, decimals);
}

Unit choose_time_unit(double ms) { return ms < 1000 ? Unit{1, "ms"} : Unit{1000, "s"}; }

Unit choose_energy_unit(double uj) { return uj < 1000 ? Unit{1, "µJ"} : Unit{1000, "mJ"}; }

Unit choose_life_unit(double hours) {
    if (hours < 72) return {1, text("hours")};
    if (hours < 2 * 8766) return {24, text("days")};
    return {8766, text("years")};
}

Band divide(const Band& band, double by) {
    Band out{band.value / by, {}, {}};
    if (band.low) out.low = *band.low / by;
    if (band.high) out.high = *band.high / by;
    return out;
}

}  // namespace jatai::page
