// record.h: what an observer of the simulated board sees: lights, serial lines, the microphone, and what the
// firmware asked for that is not modelled.
//
//     auto record = attach_nrf52840(machine, {.microphone = samples});
//     machine.run(seconds(5, machine.board()));
//     for (const SerialLine& line : record->lines) ...
//
// Times are cycles of the board's clock since load().
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "src/simulate/device.h"
#include "src/simulate/power_cut.h"

namespace jatai::simulate {

struct LightChange {
    Cycle when = 0;
    std::string light;  // "red", "green", "blue", "board"
    bool on = false;
};

struct SerialLine {
    Cycle started = 0;  // first bit of its first character
    Cycle ended = 0;    // last bit of its last character
    std::string text;   // without the line end
};

struct MicrophoneUse {
    std::vector<Cycle> starts;        // each time the firmware started it; sample 0 of the track is then
    Cycle on_cycles = 0;              // how long it listened
    std::uint64_t samples = 0;        // given to the firmware
    std::uint64_t track_samples = 0;  // of these, from the track; the rest is silence after its end
    std::uint64_t lost_samples = 0;   // in blocks the firmware had not taken when the next was whole
    std::uint64_t blocks = 0;
};

// The serial line as bytes both ways, for who stands at its other end. Open it after load(), before run().
struct SerialPipe {
    bool is_open = false;
    std::string out;                          // sent by the board; whoever reads takes it away
    std::deque<std::uint8_t> in;              // on their way to the board, at the line's rate
    std::uint64_t received = 0, overrun = 0;  // overrun: nobody was receiving
};

// A register nobody modelled: reads gave 0, writes did nothing.
struct UnknownRegister {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    std::uint32_t last_value = 0;
    Cycle first = 0;
};

struct BoardRecord {
    std::vector<LightChange> lights;
    std::vector<SerialLine> lines;
    std::string serial_rest;  // a line that has not ended
    SerialPipe pipe;
    MicrophoneUse microphone;
    FlashUse flash;
    std::map<std::pair<std::string, std::uint32_t>, UnknownRegister> unknown;  // by device and address

    void clear() { *this = {}; }
    // One sentence a register, in the user's language.
    std::vector<std::string> describe_unknown() const;
};

}  // namespace jatai::simulate
