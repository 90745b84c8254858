#include "src/simulate/trace.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace jatai::simulate {
namespace {

// VCD identifiers are made of the printing characters ! to ~.
std::string identifier(std::size_t number) {
    std::string id;
    do {
        id += static_cast<char>('!' + number % 94);
        number /= 94;
    } while (number != 0);
    return id;
}

// Names in VCD hold no white space.
std::string vcd_name(std::string name) {
    for (char& c : name)
        if (c <= ' ' || c == '$') c = '_';
    return name;
}

std::string binary(std::int64_t value) {
    std::string digits;
    auto bits = static_cast<std::uint64_t>(value);
    do {
        digits.insert(digits.begin(), static_cast<char>('0' + (bits & 1)));
        bits >>= 1;
    } while (bits != 0);
    return digits;
}

}  // namespace

void TraceRecorder::record(Cycle when, std::string_view device, std::string_view signal, std::int64_t value) {
    const auto [found, is_new] =
        numbers_.try_emplace({std::string(device), std::string(signal)}, signals_.size());
    if (is_new) signals_.push_back(found->first);
    events_.push_back({when, found->second, value});
}

std::string VcdTrace::text() const {
    std::string out = "$timescale 1ns $end\n$scope module board $end\n";
    for (std::size_t i = 0; i < signals_.size(); ++i)
        out += fmt::format("$var wire 64 {} {}.{} $end\n", identifier(i), vcd_name(signals_[i].first),
                           vcd_name(signals_[i].second));
    out += "$upscope $end\n$enddefinitions $end\n";
    std::uint64_t last = ~std::uint64_t{0};
    for (const Event& event : events_) {
        const auto ns = static_cast<std::uint64_t>(static_cast<double>(event.when) / clock_hz_ * 1e9 + 0.5);
        if (ns != last) out += fmt::format("#{}\n", ns);
        last = ns;
        out += fmt::format("b{} {}\n", binary(event.value), identifier(event.signal));
    }
    return out;
}

std::string JsonTrace::text() const {
    std::string out;
    for (const Event& event : events_) {
        const auto& [device, signal] = signals_[event.signal];
        const nlohmann::ordered_json line = {{"cycle", event.when},
                                             {"us", static_cast<double>(event.when) / clock_hz_ * 1e6},
                                             {"device", device},
                                             {"signal", signal},
                                             {"value", event.value}};
        out += line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    }
    return out;
}

}  // namespace jatai::simulate
