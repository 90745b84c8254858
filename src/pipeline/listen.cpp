#include "src/pipeline/listen.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "src/base/error.h"
#include "src/simulate/devices/devices.h"
#include "src/simulate/trace.h"

namespace jatai {
namespace {

std::vector<std::string> words_of(const std::string& line) {
    std::istringstream in(line);
    std::vector<std::string> words;
    for (std::string word; in >> word;) words.push_back(word);
    return words;
}

double number(const std::string& word) { return std::strtod(word.c_str(), nullptr); }

// "12.340 s answer 80 7f 00": hexadecimal, raw output + 128.
ScoreRow read_scores(double time_s, const std::vector<std::string>& words) {
    ScoreRow row{time_s, {}};
    for (std::size_t i = 3; i < words.size(); ++i) {
        row.probabilities.push_back(static_cast<double>(std::strtoul(words[i].c_str(), nullptr, 16)) / 256.0);
    }
    return row;
}

// "12.340 s status 5.00 answers/s 43.2 % busy 0 missed 0 lost 80.1 ms/answer 0.9 ms/hop": a number before its
// name.
StatusLine read_status(double time_s, const std::vector<std::string>& words) {
    std::map<std::string, double> named;
    for (std::size_t i = 4; i < words.size(); ++i) {
        const std::string& before = words[i] == "busy" ? words[i - 2] : words[i - 1];
        named[words[i]] = number(before);
    }
    StatusLine status;
    status.time_s = time_s;
    status.answers_per_second = named["answers/s"];
    status.busy_percent = named["busy"];
    status.missed = static_cast<std::uint64_t>(named["missed"]);
    status.lost = static_cast<std::uint64_t>(named["lost"]);
    status.answer_ms = named["ms/answer"];
    status.hop_ms = named["ms/hop"];
    return status;
}

// "12.340 s yes 0.93"; the label may hold spaces.
Answer read_answer(double time_s, const std::vector<std::string>& words) {
    std::string label;
    for (std::size_t i = 2; i + 1 < words.size(); ++i) label += (i > 2 ? " " : "") + words[i];
    return {static_cast<std::int64_t>(time_s * 1000 + 0.5), label, number(words.back()), {}, 0};
}

std::vector<LightSpan> spans_of(const std::vector<simulate::LightChange>& changes, double clock_hz,
                                double end_s) {
    std::vector<LightSpan> spans;
    std::map<std::string, double> lit_since;
    for (const auto& change : changes) {
        const double time_s = static_cast<double>(change.when) / clock_hz;
        const auto lit = lit_since.find(change.light);
        if (change.on && lit == lit_since.end()) lit_since[change.light] = time_s;
        if (!change.on && lit != lit_since.end()) {
            spans.push_back({change.light, lit->second, time_s});
            lit_since.erase(lit);
        }
    }
    for (const auto& [light, since] : lit_since) spans.push_back({light, since, end_s});
    std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.start_s < b.start_s; });
    return spans;
}

// The board's time this run is given; 0 when nothing says how long.
double seconds_of(const ListenRequest& request) {
    if (request.seconds > 0) return request.seconds;
    if (request.samples.empty()) return 0;
    return static_cast<double>(request.samples.size()) / kSampleRateHz + 1.0;
}

// In slices of a tenth of a second, so that progress moves.
simulate::RunResult run_for(simulate::Machine& machine, double seconds, const Progress& progress) {
    if (seconds <= 0) return machine.run();
    const simulate::Cycle end = simulate::seconds(seconds, machine.board());
    const simulate::Cycle slice = simulate::seconds(0.1, machine.board());
    simulate::Stop stop = simulate::Stop::CycleLimit;
    for (simulate::Cycle at = slice; stop == simulate::Stop::CycleLimit && machine.cycles() < end;
         at += slice) {
        stop = machine.advance_to(std::min(at, end));
        report(progress, std::min(machine.cycles(), end), end, text("the board is listening"));
    }
    return machine.result();
}

// Over the status lines but the first, whose second began while the microphone was still starting.
double mean(const std::vector<StatusLine>& lines, double StatusLine::*field) {
    const std::size_t first = lines.size() > 1 ? 1 : 0;
    double sum = 0;
    for (std::size_t i = first; i < lines.size(); ++i) sum += lines[i].*field;
    return lines.empty() ? 0 : sum / static_cast<double>(lines.size() - first);
}

}  // namespace

bool Heard::ended_well() const {
    return run.stop == simulate::Stop::CycleLimit ||
           (run.stop == simulate::Stop::Exited && run.exit_code == 0);
}

double Heard::busy_percent() const { return mean(status, &StatusLine::busy_percent); }
double Heard::answers_per_second() const { return mean(status, &StatusLine::answers_per_second); }

void read_lines(Heard& heard) {
    for (const std::string& line : heard.lines) {
        const auto words = words_of(line);
        if (!words.empty() && words[0] == "labels") heard.labels.assign(words.begin() + 1, words.end());
        if (words.size() < 4 || words[1] != "s") continue;
        const double time_s = number(words[0]);
        if (words[2] == "answer") {
            heard.scores.push_back(read_scores(time_s, words));
        } else if (words[2] == "status") {
            heard.status.push_back(read_status(time_s, words));
        } else {
            heard.answers.push_back(read_answer(time_s, words));
        }
    }
}

Heard listen(const Board& board, ByteView elf, const std::string& place, const ListenRequest& request,
             const Progress& progress) {
    // A wave viewer takes .vcd; anything else gets one JSON object a line.
    const bool waves = request.trace.extension() == ".vcd";
    simulate::VcdTrace vcd(board.clock_hz.value);
    simulate::JsonTrace json(board.clock_hz.value);
    simulate::TraceSink& trace = waves ? static_cast<simulate::TraceSink&>(vcd) : json;
    simulate::MachineOptions options;
    options.folder = request.folder;
    options.trace = request.trace.empty() ? nullptr : &trace;
    simulate::Machine machine(board, options);
    const auto record =
        simulate::attach_devices(machine, {request.samples, kSampleRateHz}, request.power_cut);
    machine.load(simulate::read_firmware(elf, place));

    Heard heard;
    heard.run = run_for(machine, seconds_of(request), progress);
    heard.seconds = static_cast<double>(heard.run.cycles) / board.clock_hz.value;
    heard.energy = heard.run.energy;
    heard.console = heard.run.console;
    for (const auto& line : record->lines) heard.lines.push_back(line.text);
    heard.lights = spans_of(record->lights, board.clock_hz.value, heard.seconds);
    heard.lost_samples = record->microphone.lost_samples;
    heard.flash = record->flash;
    heard.unknown = record->describe_unknown();
    if (!heard.ended_well()) heard.account = describe_stop(heard.run);
    read_lines(heard);
    if (!request.trace.empty()) write_text(request.trace, waves ? vcd.text() : json.text());
    return heard;
}

nlohmann::ordered_json to_json(const Heard& heard, const Board& board) {
    nlohmann::ordered_json j;
    j["board"] = board.id;
    j["seconds"] = heard.seconds;
    j["ended_well"] = heard.ended_well();
    j["exit_code"] = heard.run.exit_code;
    j["account"] = heard.account;
    j["console"] = heard.console;
    j["lines"] = heard.lines;
    j["labels"] = heard.labels;
    j["answers"] = nlohmann::ordered_json::array();
    for (const Answer& a : heard.answers) {
        j["answers"].push_back(
            {{"time_s", static_cast<double>(a.time_ms) / 1000}, {"label", a.label}, {"score", a.score}});
    }
    j["scores"] = nlohmann::ordered_json::array();
    for (const ScoreRow& row : heard.scores) {
        j["scores"].push_back({{"time_s", row.time_s}, {"probabilities", row.probabilities}});
    }
    j["lights"] = nlohmann::ordered_json::array();
    for (const LightSpan& s : heard.lights)
        j["lights"].push_back({{"light", s.light}, {"start_s", s.start_s}, {"end_s", s.end_s}});
    j["answers_per_second"] = heard.answers_per_second();
    j["cpu_load_percent"] = heard.busy_percent();
    j["missed_deadlines"] = heard.status.empty() ? 0 : heard.status.back().missed;
    j["lost_samples"] = heard.lost_samples;
    j["flash"] = {{"writes", heard.flash.writes},
                  {"erases", heard.flash.erases},
                  {"overwritten_words", heard.flash.overwritten_words},
                  {"power_cuts", heard.flash.power_cuts}};
    j["resets"] = heard.run.resets;
    const auto latency = simulate::latency_us(heard.run.cycles, board);
    j["modelled"] = {{"cycles", heard.run.cycles},
                     {"sleep_cycles", heard.run.sleep_cycles},
                     {"instructions", heard.run.instructions},
                     {"latency_us", latency.value},
                     {"latency_us_low", latency.low},
                     {"latency_us_high", latency.high},
                     {"energy_uj", heard.energy.total_uj},
                     {"energy_uj_low", heard.energy.low_uj},
                     {"energy_uj_high", heard.energy.high_uj},
                     {"average_uw", heard.energy.average_uw()}};
    for (const auto& cause : heard.energy.causes) j["modelled"]["causes"][cause.name] = cause.uj;
    for (const auto& window : heard.run.windows) {
        j["windows"].push_back(
            {{"cycles", window.whole.cycles}, {"instructions", window.whole.instructions}});
    }
    j["stack_bytes"] = heard.run.stack_bytes;
    j["unknown_registers"] = heard.unknown;
    return j;
}

}  // namespace jatai
