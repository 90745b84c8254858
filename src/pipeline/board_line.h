// board_line.h: a firmware on a simulated board whose serial line is a serial port of this computer.
//
//     const LineRun run = run_on_line(board, elf, "device.elf", {.port = "barn-3", .seconds = 60},
//     interrupted);
//
// `port` becomes a link to a pseudo terminal for as long as the run lasts. The board's time never runs ahead
// of the clock on the wall, so that whoever is at the other end can keep up; it may fall behind. Fails with
// Error when there is no firmware, or the port cannot be made.
#pragma once

#include <functional>

#include "src/base/board.h"
#include "src/base/bytes.h"
#include "src/simulate/machine.h"
#include "src/simulate/power_cut.h"

namespace jatai {

struct LineRequest {
    fs::path port;
    double seconds = 0;  // of the board's time; 0: until told to end
    simulate::PowerCut power_cut;
    std::function<void(const std::string& terminal)> on_open;
};

struct LineRun {
    simulate::RunResult run;
    simulate::FlashUse flash;
    double seconds = 0;
    std::uint64_t sent = 0, received = 0, overrun = 0;  // characters
};

LineRun run_on_line(const Board& board, ByteView elf, const std::string& place, const LineRequest& request,
                    const std::function<bool()>& should_end);

}  // namespace jatai
