// energy.h: where the energy went, by cause.
//
//     EnergyMeter meter(board);
//     meter.draw("microphone", 650, now);          // microamps from now on
//     meter.spend("radio", 12.5);                  // microjoules at once
//     meter.report(now, active_cycles, sleep_cycles).total_uj;
//
// E = V * I_state * t for every state, and cycles * V * I_per_MHz for the core (design: simulator reference).
// Every figure is modelled; the band is the board's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/board.h"

namespace jatai::simulate {

struct EnergyCause {
    std::string name;
    double uj = 0;
    double seconds = 0;  // how long it drew current; 0 for one-off charges
};

struct EnergyReport {
    std::vector<EnergyCause> causes;  // "cpu", "sleep", then devices by name
    double total_uj = 0, low_uj = 0, high_uj = 0;
    double seconds = 0;
    double average_uw() const { return seconds > 0 ? total_uj / seconds : 0; }
};

class EnergyMeter {
  public:
    explicit EnergyMeter(const Board& board);

    // Cycles count at the board's clock.
    void draw(std::string_view cause, double microamps, std::uint64_t now);
    void spend(std::string_view cause, double microjoules);
    EnergyReport report(std::uint64_t now, std::uint64_t active_cycles, std::uint64_t sleep_cycles) const;
    void reset();

  private:
    struct State {
        double microamps = 0;
        std::uint64_t since = 0;
        std::uint64_t cycles_on = 0;
        double uj = 0;
    };
    double charge_uj(const State& state, std::uint64_t now) const;

    EnergyFacts facts_;
    double clock_hz_;
    double band_;
    std::map<std::string, State, std::less<>> states_;
};

// How long `battery` of the board lasts at a mean power of `microwatts`, in hours.
struct BatteryLife {
    double hours = 0, low = 0, high = 0;
};
BatteryLife battery_life(double microwatts, const Board& board);

}  // namespace jatai::simulate
