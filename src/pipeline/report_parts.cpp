#include "src/pipeline/report_parts.h"

#include <algorithm>
#include <map>

#include "src/base/text.h"
#include "src/package/elf.h"
#include "src/package/keyword_section.h"
#include "src/package/sizes.h"
#include "src/pipeline/answers.h"
#include "src/pipeline/compile_model.h"
#include "src/simulate/energy.h"
#include "src/simulate/machine.h"

namespace jatai {
namespace {

constexpr std::size_t kMistakesShown = 20;

page::Band band(const simulate::Modelled& m, double per = 1) {
    return {m.value / per, m.low / per, m.high / per};
}

std::string name_of(Split split) { return split == Split::Test ? "unseen_voices" : "unseen_accents"; }

std::string colour_of_label(const ReportSources& s, const std::string& label) {
    const Bytes* section = s.info.section("keyword");
    if (section == nullptr) return "#888888";
    for (const auto& row : read_keyword_section(*section, "model.jpk").labels) {
        if (row.name == label) return light_colour(row.lights);
    }
    return "#888888";
}

// The mean draw while listening, and how long the board's battery gives it.
void fill_energy(page::Summary& summary, const ReportSources& s) {
    const auto& modelled = s.heard.at("modelled");
    const double microwatts = modelled.at("average_uw").get<double>();
    const double band_share = s.board.bands.energy;
    summary.average_mw = page::Band{microwatts / 1000, microwatts * (1 - band_share) / 1000,
                                    microwatts * (1 + band_share) / 1000};
    const auto life = simulate::battery_life(microwatts, s.board);
    summary.battery_hours = page::Band{life.hours, life.low, life.high};
    summary.battery =
        text("{} mAh at {} V", s.board.energy.battery_mah.value, s.board.energy.battery_volts.value);
}

// The announcements, with the verdicts that answers.h gives them.
AnswerScore judge_heard(const ReportSources& s) {
    std::vector<Answer> answers;
    for (const auto& a : s.heard.at("answers")) {
        answers.push_back({static_cast<std::int64_t>(a.at("time_s").get<double>() * 1000 + 0.5),
                           a.at("label").get<std::string>(),
                           a.at("score").get<double>(),
                           {},
                           0});
    }
    return judge(s.track->events, std::move(answers));
}

void fill_lights(page::Track& track, const ReportSources& s, const AnswerScore& score) {
    // A light means the label announced when it came on: every announcement lights its own colours at once.
    std::map<std::int64_t, double> ends_ms;
    for (const auto& light : s.heard.at("lights")) {
        const auto start = static_cast<std::int64_t>(light.at("start_s").get<double>() * 1000);
        ends_ms[start] = light.at("end_s").get<double>();
    }
    for (const Answer& answer : score.answers) {
        const auto light = ends_ms.lower_bound(answer.time_ms - 250);
        const bool found = light != ends_ms.end() && light->first < answer.time_ms + 500;
        const double start_s =
            found ? static_cast<double>(light->first) / 1000 : static_cast<double>(answer.time_ms) / 1000;
        if (found)
            track.leds.push_back({answer.label, colour_of_label(s, answer.label), start_s, light->second});
    }
}

void fill_scores(page::Track& track, const ReportSources& s) {
    const auto labels = s.heard.at("labels").get<std::vector<std::string>>();
    track.scores.labels = labels;
    track.scores.values.resize(labels.size());
    track.scores.threshold = s.project.settings.device.threshold;
    for (const auto& row : s.heard.at("scores")) {
        track.scores.times_s.push_back(row.at("time_s").get<double>());
        for (std::size_t i = 0; i < labels.size(); ++i) {
            track.scores.values[i].push_back(row.at("probabilities").at(i).get<double>());
        }
    }
}

std::optional<std::uint64_t> right_in(const nlohmann::json& scores, const char* which, Split split) {
    const std::string key(name(split));
    if (!scores.contains(which) || !scores[which].contains(key)) return {};
    return scores[which][key].at("right").get<std::uint64_t>();
}

page::Split split_of(const ReportSources& s, Split which, const MeasuredSplit& measured) {
    page::Split split;
    split.name = name_of(which);
    split.n = measured.clips.size();
    split.float_right = right_in(s.scores, "float", which);
    split.int8_right = measured.host_right;
    split.chip_right = measured.chip_right;
    std::map<std::string, page::GroupResult> groups;
    for (const MeasuredClip& clip : measured.clips) {
        const std::string& voice = s.dataset.clips.at(clip.index).group;
        page::GroupResult& group = groups[voice];
        group.name = voice.empty() ? text("no voice") : voice;
        ++group.n;
        group.right += clip.answer == s.features.y[clip.index] ? 1 : 0;
    }
    for (auto& [ignored, group] : groups) split.groups.push_back(std::move(group));
    return split;
}

page::Confusion confusion_of(const ReportSources& s, Split which, const MeasuredSplit& measured) {
    page::Confusion confusion{name_of(which), s.features.labels, {}};
    const std::size_t n = s.features.labels.size();
    confusion.counts.assign(n, std::vector<std::uint64_t>(n, 0));
    for (const MeasuredClip& clip : measured.clips) ++confusion.counts[s.features.y[clip.index]][clip.answer];
    return confusion;
}

page::Mistake mistake_of(const ReportSources& s, const MeasuredClip& measured) {
    const Clip& clip = s.dataset.clips.at(measured.index);
    page::Mistake mistake;
    mistake.truth = s.features.labels[s.features.y[measured.index]];
    mistake.predicted = s.features.labels[measured.answer];
    mistake.score = measured.probability;
    mistake.group = clip.group;
    mistake.sound = {kSampleRateHz, clip.samples};
    return mistake;
}

}  // namespace

void fill_summary(page::ReportData& data, const ReportSources& s) {
    data.title = s.project.settings.name;
    std::string words;
    for (const auto& label : s.features.labels) words += (words.empty() ? "" : ", ") + label;
    data.subtitle = text("listens for: {}", words);
    data.board = {s.board.id, s.board.name,
                  fmt::format("{}, {:.0f} MHz", s.board.core, s.board.clock_hz.value / 1e6)};
    data.summary.inference_ms = band(simulate::latency_us(s.measured.first.cycles, s.board), 1000);
    data.summary.inference_uj = band(energy_uj(s.measured.first.cycles, s.board));
    if (s.heard.is_null()) return;
    data.summary.inferences_per_second = s.heard.at("answers_per_second").get<double>();
    data.summary.cpu_load = s.heard.at("cpu_load_percent").get<double>() / 100;
    data.summary.missed_deadlines = s.heard.at("missed_deadlines").get<std::uint64_t>();
    data.summary.lost_samples = s.heard.at("lost_samples").get<std::uint64_t>();
    fill_energy(data.summary, s);
}

void fill_track(page::ReportData& data, const ReportSources& s) {
    if (s.heard.is_null() || !s.track) return;
    page::Track track;
    track.sound = {kSampleRateHz, s.track->samples};
    for (const TrackEvent& event : s.track->events) {
        track.words.push_back({event.word, static_cast<double>(event.start_ms) / 1000,
                               static_cast<double>(event.end_ms) / 1000, event.group});
    }
    const AnswerScore score = judge_heard(s);
    for (const Answer& answer : score.answers) {
        page::Detection detection{static_cast<double>(answer.time_ms) / 1000,
                                  answer.label,
                                  answer.score,
                                  answer.word ? page::Verdict::Right : page::Verdict::Wrong,
                                  {}};
        if (answer.word) detection.delay_ms = static_cast<double>(answer.delay_ms);
        track.detections.push_back(detection);
    }
    track.missed = score.missed;
    fill_lights(track, s, score);
    fill_scores(track, s);
    data.track = std::move(track);
}

void fill_accuracy(page::ReportData& data, const ReportSources& s) {
    for (const auto& [which, measured] : s.measured.splits) {
        data.splits.push_back(split_of(s, which, measured));
        data.confusions.push_back(confusion_of(s, which, measured));
    }
    data.false_accepts = page::FalseAccepts{s.measured.alarms.count, s.measured.alarms.hours, "host",
                                            text("unknown words and noise, by voices training never heard")};
    int number = 0;
    for (const auto& epoch : s.history.at("epochs")) {
        page::Epoch row;
        row.epoch = ++number;
        row.loss = epoch.at("train_loss").get<double>();
        row.val_loss = epoch.at("val_loss").get<double>();
        row.accuracy = epoch.at("train_accuracy").get<double>();
        row.val_accuracy = epoch.at("val_accuracy").get<double>();
        data.history.push_back(row);
    }
}

void fill_sounds(page::ReportData& data, const ReportSources& s) {
    std::vector<MeasuredClip> wrong;
    for (const auto& [ignored, measured] : s.measured.splits) {
        for (const MeasuredClip& clip : measured.clips) {
            if (clip.answer != s.features.y[clip.index]) wrong.push_back(clip);
        }
    }
    // The surest mistakes first: they teach most.
    std::stable_sort(wrong.begin(), wrong.end(),
                     [](const auto& a, const auto& b) { return a.probability > b.probability; });
    for (std::size_t i = 0; i < std::min(wrong.size(), kMistakesShown); ++i)
        data.mistakes.push_back(mistake_of(s, wrong[i]));

    std::vector<bool> shown(s.features.labels.size(), false);
    for (const Clip& clip : s.dataset.clips) {
        if (clip.split != Split::Train || shown[clip.label]) continue;
        shown[clip.label] = true;
        data.examples.push_back(
            {s.dataset.labels[clip.label], clip.group, {kSampleRateHz, clip.samples}, {}});
    }
}

void fill_network(page::ReportData& data, const ReportSources& s) {
    for (const auto& row : ops_json(s.info, s.measured.first)) {
        data.layers.push_back({row.at("name").get<std::string>(), row.at("op").get<std::string>(),
                               row.at("macs").get<std::uint64_t>(), row.at("cycles").get<std::uint64_t>(),
                               row.at("output_shape").get<std::vector<int>>()});
    }
    page::Arena arena;
    arena.bytes = s.plan.arena_bytes;
    for (const StepCost& step : s.plan.costs) arena.steps.push_back(step.name);
    for (const ArenaSpan& span : s.plan.spans) {
        arena.tensors.push_back({span.name, span.offset, span.bytes, span.first, span.last});
    }
    data.arena = std::move(arena);

    const FirmwareSizes sizes = measure_sizes(read_elf(s.firmware, "firmware.elf"));
    data.flash = page::Memory{
        {{"code", sizes.flash.code}, {"weights", sizes.flash.weights}},
        s.board.application_limit_bytes != 0 ? s.board.application_limit_bytes : s.board.flash.bytes};
    data.ram = page::Memory{
        {{"arena", s.info.arena_bytes}, {"state", sizes.ram.state}, {"stack", s.measured.stack_bytes}},
        s.board.ram.bytes};
}

}  // namespace jatai
