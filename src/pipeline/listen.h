// listen.h: a firmware on a simulated board that hears a recording: what it said, lit, and cost.
//
//     const Heard heard = listen(board, elf, "firmware.elf", {.samples = samples, .seconds = 20});
//     heard.answers;                                  // announcements, as lines over the serial port
//     heard.status.back().missed;                     // the application's own account, every second
//     heard.energy.total_uj;                          // modelled
//
// Fails with  Error on a file that is no firmware. A firmware that faults is no Error: `stop` and `account`
// say it.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/base/progress.h"
#include "src/data/dataset.h"
#include "src/pipeline/answers.h"
#include "src/simulate/machine.h"
#include "src/simulate/power_cut.h"

namespace jatai {

struct ListenRequest {
    Samples samples;  // 16 kHz mono; empty: silence
    double seconds =
        0;            // of the board's time; 0: the recording and a second more, or until the firmware ends
    fs::path folder;  // semihosting reads and writes only there; empty: no files
    simulate::PowerCut power_cut;  // a board without a flash controller that is modelled ignores it
    fs::path trace;  // every event with its time: .vcd for a wave viewer, else JSON lines; empty: none
};

// A span of light, by the light's name: "red", "green", "blue", "board".
struct LightSpan {
    std::string light;
    double start_s = 0;
    double end_s = 0;
};

struct ScoreRow {
    double time_s = 0;
    std::vector<double> probabilities;  // one per label, as the model gave them
};

// The application's own account of the last second.
struct StatusLine {
    double time_s = 0;
    double answers_per_second = 0;
    double busy_percent = 0;
    std::uint64_t missed = 0;
    std::uint64_t lost = 0;
    double answer_ms = 0;
    double hop_ms = 0;
};

struct Heard {
    double seconds = 0;  // of the board's time
    std::vector<std::string> lines;
    std::vector<std::string> labels;
    std::vector<Answer> answers;
    std::vector<ScoreRow> scores;
    std::vector<StatusLine> status;
    std::vector<LightSpan> lights;
    std::vector<std::string> unknown;  // registers that are not modelled, one sentence each
    std::uint64_t lost_samples = 0;    // as the microphone counts them
    simulate::FlashUse flash;
    simulate::EnergyReport energy;
    std::string console;  // of semihosting
    simulate::RunResult run;
    std::string account;  // of a run that ended badly: reason, registers, symbol

    bool ended_well() const;
    double busy_percent() const;        // mean over the status lines
    double answers_per_second() const;  // likewise
};

Heard listen(const Board& board, ByteView elf, const std::string& place, const ListenRequest& request,
             const Progress& progress = {});

nlohmann::ordered_json to_json(const Heard& heard, const Board& board);

// The application's lines, read back: into answers, scores, status and labels.
void read_lines(Heard& heard);

}  // namespace jatai
