#include "src/simulate/energy.h"

#include <algorithm>

namespace jatai::simulate {

EnergyMeter::EnergyMeter(const Board& board)
    : facts_(board.energy), clock_hz_(board.clock_hz.value), band_(board.bands.energy) {}

void EnergyMeter::reset() { states_.clear(); }

// uJ = V * uA * s.
double EnergyMeter::charge_uj(const State& state, std::uint64_t now) const {
    return facts_.supply_volts.value * state.microamps * static_cast<double>(now - state.since) / clock_hz_;
}

void EnergyMeter::draw(std::string_view cause, double microamps, std::uint64_t now) {
    State& state = states_[std::string(cause)];
    state.uj += charge_uj(state, now);
    if (state.microamps > 0) state.cycles_on += now - state.since;
    state.microamps = microamps;
    state.since = now;
}

void EnergyMeter::spend(std::string_view cause, double microjoules) {
    states_[std::string(cause)].uj += microjoules;
}

EnergyReport EnergyMeter::report(std::uint64_t now, std::uint64_t active_cycles,
                                 std::uint64_t sleep_cycles) const {
    EnergyReport report;
    const double volts = facts_.supply_volts.value, megahertz = clock_hz_ / 1e6;
    const double active_s = static_cast<double>(active_cycles) / clock_hz_;
    const double sleep_s = static_cast<double>(sleep_cycles) / clock_hz_;
    report.causes.push_back({"cpu", volts * facts_.active_ua_per_mhz.value * megahertz * active_s, active_s});
    report.causes.push_back({"sleep", volts * facts_.sleep_ua.value * sleep_s, sleep_s});
    for (const auto& [name, state] : states_) {
        const std::uint64_t on = state.cycles_on + (state.microamps > 0 ? now - state.since : 0);
        report.causes.push_back(
            {name, state.uj + charge_uj(state, now), static_cast<double>(on) / clock_hz_});
    }
    for (const EnergyCause& cause : report.causes) report.total_uj += cause.uj;
    report.low_uj = report.total_uj * (1 - band_);
    report.high_uj = report.total_uj * (1 + band_);
    report.seconds = static_cast<double>(now) / clock_hz_;
    return report;
}

BatteryLife battery_life(double microwatts, const Board& board) {
    if (microwatts <= 0) return {};
    const double milliwatt_hours = board.energy.battery_mah.value * board.energy.battery_volts.value;
    const double hours = milliwatt_hours * 1000 / microwatts;
    const double capacity_low = board.energy.battery_mah.low / std::max(1e-9, board.energy.battery_mah.value);
    const double capacity_high =
        board.energy.battery_mah.high / std::max(1e-9, board.energy.battery_mah.value);
    return {hours, hours * capacity_low / (1 + board.bands.energy),
            hours * capacity_high / (1 - board.bands.energy)};
}

}  // namespace jatai::simulate
