#include "src/report/example_report.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "src/base/rng.h"
#include "src/base/text.h"

namespace jatai::page {
namespace {

constexpr int kRate = 16000;
const std::vector<std::string> kLabels = {"yes", "no", "stop", "go", "unknown", "silence"};
const std::vector<std::string> kColors = {"#00ff40", "#ff2020", "#ffd000", "#0030ff"};

// A buzz through two moving resonances: not speech, but with its stripes and slopes.
void add_word(std::vector<std::int16_t>& samples, double start_s, double seconds, int label, Rng& rng) {
    constexpr double formants[4][4] = {
        {350, 2300, 500, 1900}, {500, 1100, 450, 800}, {600, 1700, 700, 1000}, {350, 900, 450, 800}};
    const double pitch = 95 + 130.0 * rng.uniform(), level = 5000 + 9000.0 * rng.uniform();
    const auto count = static_cast<std::size_t>(seconds * kRate),
               first = static_cast<std::size_t>(start_s * kRate);
    double phase = 0;
    for (std::size_t i = 0; i < count && first + i < samples.size(); ++i) {
        const double part = static_cast<double>(i) / static_cast<double>(count);
        const double f1 = std::lerp(formants[label % 4][0], formants[label % 4][2], part);
        const double f2 = std::lerp(formants[label % 4][1], formants[label % 4][3], part);
        phase += pitch * (1.1 - 0.25 * part) / kRate;
        double sum = label % 4 == 0 && part > 0.7 ? 0.5 * rng.normal() : 0;
        for (int h = 1; h < 30; ++h) {
            const double f = h * pitch;
            const double gain =
                std::exp(-std::pow((f - f1) / 120, 2)) + 0.5 * std::exp(-std::pow((f - f2) / 190, 2)) + 0.01;
            sum += gain * std::sin(2 * std::numbers::pi * phase * h);
        }
        const double shape = std::pow(std::sin(std::numbers::pi * part), 0.6);
        const double value = samples[first + i] + level * shape * sum;
        samples[first + i] = static_cast<std::int16_t>(std::clamp(value, -32768.0, 32767.0));
    }
}

Sound make_noise(double seconds, double level, Rng& rng) {
    Sound sound{kRate, std::vector<std::int16_t>(static_cast<std::size_t>(seconds * kRate))};
    for (auto& sample : sound.samples) sample = static_cast<std::int16_t>(level * rng.normal());
    return sound;
}

Sound make_clip(int label, Rng& rng) {
    Sound sound = make_noise(1, 120, rng);
    if (label < 5) add_word(sound.samples, 0.2, 0.55, label, rng);
    return sound;
}

struct Answer {
    std::size_t label;
    double start_s;
    double strength;
};

void add_answer(Track& track, std::vector<Answer>& answers, std::size_t word, Rng& rng) {
    const Word said = track.words[word];
    const auto truth =
        static_cast<std::size_t>(std::find(kLabels.begin(), kLabels.end(), said.label) - kLabels.begin());
    const bool missed = word % 11 == 6, wrong = word % 13 == 9;
    const std::size_t heard = wrong ? (truth + 1) % 4 : truth;
    answers.push_back({heard, said.start_s + 0.25, missed ? 0.45 : 0.9 + 0.09 * rng.uniform()});
    if (missed) {
        track.missed.push_back(word);
        return;
    }
    const double delay_s = 0.12 + 0.3 * rng.uniform() + (word % 7 == 3 ? 0.25 : 0);
    const double time_s = said.end_s + delay_s;
    track.detections.push_back({time_s, kLabels[heard], answers.back().strength,
                                wrong ? Verdict::Wrong : Verdict::Right, delay_s * 1000});
    track.leds.push_back({kLabels[heard], kColors[heard], time_s, time_s + 0.8});
}

void add_scores(Track& track, const std::vector<Answer>& answers, double seconds, Rng& rng) {
    track.scores.labels = kLabels;
    track.scores.threshold = 0.7;
    track.scores.values.resize(kLabels.size());
    for (double t = 0.25; t < seconds; t += 0.2) {
        std::vector<double> score(kLabels.size(), 0.01);
        score[5] = 1.2;
        for (const Answer& answer : answers) {
            const double bump = std::exp(-std::pow((t - answer.start_s - 0.55) / 0.32, 2));
            score[answer.label] += 14 * bump * answer.strength * answer.strength * answer.strength;
            score[4] += 1.5 * bump + 0.02 * rng.uniform();
        }
        double sum = 0;
        for (const double value : score) sum += value;
        track.scores.times_s.push_back(t);
        for (std::size_t i = 0; i < score.size(); ++i) track.scores.values[i].push_back(score[i] / sum);
    }
}

Track make_track(Rng& rng) {
    constexpr double seconds = 48;
    Track track;
    track.sound = make_noise(seconds, 140, rng);
    std::vector<Answer> answers;
    double at = 1.1;
    for (std::size_t i = 0; at < seconds - 2; ++i) {
        const std::size_t label = i % 8 == 5 ? 4 : rng.below(4);
        const double length = 0.4 + 0.3 * rng.uniform();
        track.words.push_back({kLabels[label], at, at + length, "en-gb+f" + std::to_string(1 + i % 5)});
        add_word(track.sound.samples, at, length, static_cast<int>(label), rng);
        if (label != 4) add_answer(track, answers, i, rng);
        at += length + 1.2 + 0.9 * rng.uniform();
    }
    add_scores(track, answers, seconds, rng);
    return track;
}

Split make_split(const std::string& name, std::uint64_t n, double accuracy,
                 const std::vector<std::string>& groups, Rng& rng) {
    Split split{.name = name, .n = n};
    split.float_right = static_cast<std::uint64_t>(static_cast<double>(n) * accuracy);
    split.int8_right = *split.float_right - 3;
    split.chip_right = split.int8_right;
    for (const std::string& group : groups) {
        const std::uint64_t each = n / groups.size();
        split.groups.push_back({group, each - rng.below(static_cast<std::uint32_t>(each / 5)), each});
    }
    return split;
}

Confusion make_confusion(const std::string& split, Rng& rng) {
    Confusion confusion{split, kLabels, {}};
    for (std::size_t said = 0; said < kLabels.size(); ++said) {
        std::vector<std::uint64_t> row(kLabels.size());
        for (auto& cell : row) cell = rng.below(100) < 35 ? 1 + rng.below(4) : 0;
        row[said] = 150 + rng.below(40);
        confusion.counts.push_back(row);
    }
    return confusion;
}

std::vector<Epoch> make_history(Rng& rng) {
    std::vector<Epoch> history;
    for (int epoch = 1; epoch <= 40; ++epoch) {
        const double rest = std::exp(-epoch / 9.0), shake = 0.02 * rng.normal();
        history.push_back({epoch, 0.09 + 1.6 * rest + shake / 2, 0.16 + 1.5 * rest + shake,
                           0.985 - 0.6 * rest, 0.965 - 0.58 * rest + shake / 3});
    }
    return history;
}

void add_network(ReportData& data) {
    const std::vector<std::pair<std::string, std::string>> ops = {{"stem", "CONV_2D"},
                                                                  {"block1/depth", "DEPTHWISE_CONV_2D"},
                                                                  {"block1/point", "CONV_2D"},
                                                                  {"block2/depth", "DEPTHWISE_CONV_2D"},
                                                                  {"block2/point", "CONV_2D"},
                                                                  {"block3/depth", "DEPTHWISE_CONV_2D"},
                                                                  {"block3/point", "CONV_2D"},
                                                                  {"pool", "AVERAGE_POOL_2D"},
                                                                  {"classify", "FULLY_CONNECTED"},
                                                                  {"softmax", "SOFTMAX"}};
    const std::vector<std::uint64_t> macs = {320000, 36000, 256000, 36000, 256000, 36000, 256000, 0, 384, 0};
    Arena arena{.bytes = 16384, .steps = {}, .tensors = {{"features", 12288, 490, 0, 0}}};
    for (std::size_t i = 0; i < ops.size(); ++i) {
        const bool small = i >= 7;
        data.layers.push_back(
            {ops[i].first, ops[i].second, macs[i], macs[i] * (i % 2 == 1 ? 4 : 2) + 2100 * (1 + i % 3),
             small ? std::vector<int>{1, i == 7 ? 64 : 6} : std::vector<int>{1, 25, 5, 64}});
        arena.steps.push_back(ops[i].first);
        arena.tensors.push_back({ops[i].first, i % 2 == 0 ? 0u : 8000u, small ? 64u : 8000u,
                                 static_cast<int>(i), static_cast<int>(std::min(i + 1, ops.size() - 1))});
    }
    arena.tensors.push_back({"scratch", 16000, 384, 2, 2});
    data.arena = arena;
    data.ram = Memory{
        {{"arena", 16384}, {"state", 5120}, {"features", 9216}, {"stack", 2048}, {"system", 3400}}, 262144};
    data.flash = Memory{{{"weights", 24900}, {"code", 41200}, {"features", 7300}, {"system", 9800}}, 983040};
}

void add_proof(ReportData& data) {
    data.hashes = Hashes{
        "480 samples, 2,880 int8 scores",
        "sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
        "sha256:7d865e959b2466918c9863afca942d0fb89d7c9ac0c99bafc3749504ded97730",
        "qemu-system-arm -M mps2-an386 -cpu cortex-m4 -nographic -semihosting-config enable=on,target=native "
        "-kernel build/bench.elf && sha256sum out.bin"};
    data.lineage = {
        {"version", "0.1.0"},
        {"seed", "1"},
        {"data",
         "4,320 recordings, 18.2 MB, "
         "sha256:98ea6e4f216f2fb4b69fff9b3a44842c38686ca685f3f55dc48c5d3fb1107be4"},
        {"diversity",
         "63 voices proven distinct by hash, 9 accents, rates 120–210 words a minute; all of them synthetic: "
         "people differ more"},
        {"split", "by voice: 44 to train, 9 to choose, 10 never heard before"},
        {"compiler", "arm-none-eabi-gcc 12.2.1"},
        {"flags", "-std=gnu++14 -Os -mcpu=cortex-m4 -mthumb -mfloat-abi=softfp -mfpu=fpv4-sp-d16"},
        {"model", "DS-CNN, 24,900 int8 weights, 1.2 M multiply-adds"}};
    data.next_steps = {
        {"Say it yourself: record four words and hear the board answer you.",
         "jatai data record my-voice --label yes"},
        {"Make it smaller: half the filters, and see what is lost.", "jatai train --filters 32"},
        {"Teach it a word of your own and watch the table of mistakes.",
         "jatai data generate --words yes,no,stop,go,bee"}};
}

ReportData build_example() {
    Rng rng(7);
    ReportData data;
    data.title = "Four words";
    data.subtitle = "keyword spotting, example figures";
    data.board = {"nano33ble", "Arduino Nano 33 BLE Sense", "nRF52840, Cortex-M4F, 64 MHz"};
    data.summary = {.inferences_per_second = 5,
                    .cpu_load = 0.287,
                    .missed_deadlines = 0,
                    .lost_samples = 0,
                    .inference_ms = Band{57.4, 52.1, 63.8},
                    .inference_uj = Band{1130, 940, 1380},
                    .average_mw = {},
                    .battery_hours = Band{98, 81, 119},
                    .battery = "CR2477, 1,000 mAh"};
    data.track = make_track(rng);
    data.splits = {make_split("unseen_voices", 1080, 0.968,
                              {"en-gb+f2", "en-gb+m3", "en-us+f4", "en-us+m7", "en-gb+whisper", "en-us+croak",
                               "en-gb+klatt2", "en-us+anna"},
                              rng),
                   make_split("unseen_accents", 720, 0.931,
                              {"en-gb-scotland", "en-gb-x-gbclan", "en-029 (Caribbean)", "en-gb-x-rp"}, rng)};
    data.confusions = {make_confusion("unseen_voices", rng), make_confusion("unseen_accents", rng)};
    data.false_accepts =
        FalseAccepts{3, 10.25, "host", "speech of 14 unseen voices with none of the words, and noise"};
    for (int i = 0; i < 11; ++i)
        data.mistakes.push_back({kLabels[rng.below(4)],
                                 kLabels[4 + rng.below(2)],
                                 0.5 + 0.4 * rng.uniform(),
                                 "en-us+croak",
                                 make_clip(i % 4, rng),
                                 {}});
    for (int i = 0; i < 6; ++i)
        data.examples.push_back({kLabels[static_cast<std::size_t>(i)], "en-gb+f2", make_clip(i, rng), {}});
    data.examples[1].features = FeatureImage{49, 10, {}};
    for (int i = 0; i < 490; ++i)
        data.examples[1].features->values.push_back(
            static_cast<std::uint8_t>(128 + 120 * std::sin(i * 0.07) * std::cos(i * 0.31)));
    data.history = make_history(rng);
    add_network(data);
    add_proof(data);
    return data;
}

}  // namespace

ReportData make_example_report() {
    static const ReportData example = build_example();
    return example;
}

namespace {

TEST(ExampleReport, HoldsTogether) { EXPECT_NO_THROW(verify_report(make_example_report())); }

}  // namespace
}  // namespace jatai::page
