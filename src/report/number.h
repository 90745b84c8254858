// number.h: numbers as the reader writes them: 1,234.5 in English, 1.234,5 in Portuguese.
//
//     format_number(1234.5, 1)        "1,234.5"  ·  "1.234,5"
//     format_percent(0.9731, 1)       "97.3 %"   ·  "97,3 %"        (no-break space)
//     format_band(band, 1, "ms")      "118.3 ms (101.0–135.2)"
//
// The language is the one of set_language. Not for --json or logs: they stay English.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "src/report/report_data.h"

namespace jatai::page {

std::string format_number(double value, int decimals);
std::string format_count(std::uint64_t value);
std::string format_percent(double share, int decimals);

// Three significant digits, whole numbers as they are: 0.0123, 1.23, 5, 12.3, 1,234.
std::string format_short(double value);

// "1.2 KB", "256 KB", "960 KB": 1 KB = 1,024 bytes.
std::string format_bytes(std::uint64_t bytes);

// "low–high", the larger in three digits, or "" without a band.
std::string format_range(const Band& band);

// The unit that makes the number readable: ms or s; µJ or mJ; hours, days or years. `scale` is what to divide
// by.
struct Unit {
    double scale = 1;
    std::string name;
};
Unit choose_time_unit(double ms);
Unit choose_energy_unit(double uj);
Unit choose_life_unit(double hours);

Band divide(const Band& band, double by);

}  // namespace jatai::page
