// board.h: the facts of a board: memories, clock, flash timing, energy. Every number carries its source.
//
//     Board board = load_board("nano33ble", "boards");      // or a path to a board.json
//     board.flash.bytes;                                     // 1048576
//     board.energy.active_ua_per_mhz.value;                  // 52, with .low, .high and .source
//
// Needs       boards/<id>/board.json, in the form of docs/reference/simulator.md.
// Fails with  Error on an unknown id (did you mean), a missing fact, a number of the wrong kind or outside
// its
//             own band, and memories that make no sense (place: found, expected).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

// A measured or published number with its band. `source` says where it is from, or "inferred: why".
struct Fact {
    double value = 0;
    double low = 0;
    double high = 0;
    std::string source;
};

struct MemoryRange {
    std::uint32_t base = 0;
    std::uint32_t bytes = 0;
    std::string source;
    bool holds(std::uint32_t address) const { return address - base < bytes; }
};

// One side (instruction or data) of a flash memory. `lines` == 0: no cache, one line buffer of `line_bytes`.
// `prefetch_cycles`: how much of a miss is hidden when the line follows the last one.
struct FlashSide {
    Fact wait_states;           // cycles added by a miss with the cache on
    Fact wait_states_uncached;  // cycles added by each new line with the cache off
    Fact line_bytes;            // 0: every access pays
    Fact lines;
    Fact ways;
    Fact prefetch_cycles;
    bool has_wait() const { return wait_states.value > 0 || wait_states_uncached.value > 0; }
};

struct FlashTiming {
    FlashSide instruction;
    FlashSide data;
    bool cache_on_at_reset = true;
};

struct EnergyFacts {
    Fact supply_volts;
    Fact active_ua_per_mhz;
    Fact sleep_ua;
    Fact microphone_ua;  // sensor and its interface, while it listens
    Fact led_ua;         // one lit LED
    Fact serial_ua;      // the serial line, while it sends
    Fact battery_mah;
    Fact battery_volts;
};

// Relative band of a modelled figure: 0.30 is "plus or minus 30 %".
struct Bands {
    bool calibrated = false;
    double latency = 0.30;
    double energy = 0.40;
    std::string source;
};

struct Board {
    std::string id;
    std::string name;
    std::string core;  // "cortex-m4f"
    Fact clock_hz;
    MemoryRange flash;
    MemoryRange ram;
    std::uint32_t application_base = 0;         // where the application's vector table is
    std::uint32_t application_limit_bytes = 0;  // the most flash an application may take
    FlashTiming flash_timing;
    EnergyFacts energy;
    Bands bands;
    std::vector<std::string> devices;  // what simulate/ attaches, by name
};

// `id_or_path`: a folder name under `boards_dir`, or a path that ends in .json.
Board load_board(const std::string& id_or_path, const fs::path& boards_dir);

// `place` names the text in errors.
Board parse_board(const std::string& json, const std::string& place);

// The folders of `boards_dir` that hold a board.json, in alphabetical order.
std::vector<std::string> board_ids(const fs::path& boards_dir);

}  // namespace jatai
