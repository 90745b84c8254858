#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/data/wav.h"
#include "src/pipeline/board_line.h"
#include "src/pipeline/listen_project.h"

namespace jatai {
namespace {

fs::path firmware_of(const fs::path& given) {
    std::error_code ignored;
    if (!fs::exists(given, ignored)) {
        throw Error{text("{}: not there", given.string()),
                    text("give a firmware's ELF file, a folder of jatai compile, or a project")};
    }
    if (!fs::is_directory(given)) return given;
    if (fs::exists(given / "firmware.elf")) return given / "firmware.elf";
    throw Error{text("{}: no firmware.elf in this folder", given.string()), text("jatai compile writes one")};
}

simulate::PowerCut power_cut_of(const SimulateOptions& options) {
    using Way = simulate::PowerCut::Way;
    simulate::PowerCut cut;
    if (options.power_cut_at >= 0) cut.operation = static_cast<std::uint64_t>(options.power_cut_at);
    if (options.power_cut == "before") {
        cut.way = Way::Before;
    } else if (options.power_cut == "unstable") {
        cut.way = Way::Unstable;
    } else if (options.power_cut != "half-done") {
        throw Error{text("--power-cut {}: not a way to lose power", options.power_cut),
                    did_you_mean(options.power_cut, {"before", "half-done", "unstable"})};
    }
    return cut;
}

void tell_flash(const Heard& heard, Console& console) {
    if (heard.flash.writes + heard.flash.erases == 0) return;
    console.say(text("flash: {} words written, {} pages erased, power lost {} times", heard.flash.writes,
                     heard.flash.erases, heard.flash.power_cuts));
}

void tell_answers(const Heard& heard, Console& console) {
    for (const Answer& answer : heard.answers) {
        console.say(fmt::format("  {:8.3f} s  {:<12} {:.2f}", static_cast<double>(answer.time_ms) / 1000,
                                answer.label, answer.score));
    }
}

void tell_cost(const Heard& heard, const Board& board, Console& console) {
    for (const std::string& sentence : heard.unknown) console.note(sentence);
    if (!heard.console.empty()) console.say(heard.console);
    if (!heard.status.empty()) {
        console.say(
            text("{:.2f} answers a second, features included; {:.1f} % CPU load; {} missed deadlines; {} "
                 "lost samples",
                 heard.answers_per_second(), heard.busy_percent(), heard.status.back().missed,
                 heard.lost_samples));
    }
    for (const auto& window : heard.run.windows) {
        console.say(text("one inference: {} instructions, modelled {} cycles", window.whole.instructions,
                         window.whole.cycles));
    }
    console.say(
        text("{:.3f} s of {}'s time, {} instructions", heard.seconds, board.name, heard.run.instructions));
    console.say(text("modelled {:.1f} mJ ({:.1f} to {:.1f})", heard.energy.total_uj / 1000,
                     heard.energy.low_uj / 1000, heard.energy.high_uj / 1000));
}

// The exit code: a firmware that faulted is the user's input gone wrong.
int finish(const Heard& heard, const std::string& place, Console& console,
           const nlohmann::ordered_json& answer) {
    console.result(answer);
    if (heard.ended_well()) return 0;
    console.note(text("{}: the firmware ended badly", place));
    console.note(heard.account);
    return 1;
}

int simulate_project(const Project& project, const Board& board, Console& console) {
    const Listening listening = listen_project(project, board, console.progress());
    const AnswerScore& score = listening.score;
    tell_cost(listening.heard, board, console);
    console.say(
        text("{} words said by voices never heard in training: {} LEDs right, {} wrong, {} words missed",
             score.words, score.right, score.wrong, score.missed.size()));
    console.say(text("from a word's end to its LED: {} ms median, {} ms at most", score.median_delay_ms(),
                     score.longest_delay_ms()));
    return finish(listening.heard, project.root.string(), console, to_json(listening, board));
}

int simulate_firmware(const SimulateOptions& options, const Board& board, Console& console) {
    const fs::path firmware = firmware_of(options.firmware);
    ListenRequest request;
    if (!options.microphone.empty()) {
        Recording recording = read_wav(options.microphone);
        for (const std::string& note : recording.notes) console.note(note);
        request.samples = std::move(recording.samples);
    }
    request.seconds = options.seconds;
    request.folder = fs::current_path();
    request.trace = options.trace;
    request.power_cut = power_cut_of(options);
    const Heard heard = listen(board, read_file(firmware), firmware.string(), request, console.progress());
    for (const std::string& line : heard.lines) {
        if (heard.answers.empty()) console.say(line);
    }
    tell_answers(heard, console);
    tell_flash(heard, console);
    tell_cost(heard, board, console);
    return finish(heard, firmware.string(), console, to_json(heard, board));
}

int simulate_on_line(const SimulateOptions& options, const Board& board, Console& console) {
    const fs::path firmware = firmware_of(options.firmware);
    LineRequest request;
    request.port = options.serial;
    request.seconds = options.seconds;
    request.power_cut = power_cut_of(options);
    request.on_open = [&](const std::string& terminal) {
        console.say(text("its serial line is {} ({})  (Ctrl-C ends)", options.serial.string(), terminal));
    };
    const LineRun run = run_on_line(board, read_file(firmware), firmware.string(), request,
                                    [] { return Console::interrupted().load(); });
    console.say(text("{:.1f} s of {}'s time; {} characters sent, {} received, {} lost", run.seconds,
                     board.name, run.sent, run.received, run.overrun));
    console.say(text("flash: {} words written, {} pages erased, power lost {} times", run.flash.writes,
                     run.flash.erases, run.flash.power_cuts));
    console.result({{"seconds", run.seconds},
                    {"characters_sent", run.sent},
                    {"characters_received", run.received},
                    {"characters_lost", run.overrun},
                    {"flash_writes", run.flash.writes},
                    {"flash_erases", run.flash.erases},
                    {"power_cuts", run.flash.power_cuts},
                    {"resets", run.run.resets},
                    {"instructions", run.run.instructions}});
    if (run.run.stop == simulate::Stop::CycleLimit) return 0;
    console.note(simulate::describe_stop(run.run));
    return 1;
}

}  // namespace

int run_simulate(const SimulateOptions& options, Console& console) {
    const Board board = load_board(options.board, home().boards);
    if (!options.serial.empty()) return simulate_on_line(options, board, console);
    const bool project = options.microphone.empty() && fs::exists(options.firmware / "jatai.toml");
    return project ? simulate_project(open_project(options.firmware), board, console)
                   : simulate_firmware(options, board, console);
}

}  // namespace jatai
