// report_data.h: everything the report page shows, as one plain value.
//
//     ReportData data;
//     data.title = "Keywords";
//     data.splits.push_back({.name = "unseen_voices", .n = 240, .chip_right = 231});
//     write_text("report.json", to_json_text(data));
//     write_text("report.html", render_report(data));            // src/report/page.h
//
// All names stand in jatai::page. Every part is optional: an empty vector, an empty string or no value leaves
// that part out of the page. Names the page knows are short English keys (listed where they stand) and are
// shown in the reader's language; any other name is shown as it is, escaped. Fails with Error (place: found,
// expected; hint) on text that is no report or whose parts contradict.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace jatai::page {

// A number with its band. Without a band, low and high are absent.
struct Band {
    double value = 0;
    std::optional<double> low;
    std::optional<double> high;
};

// Mono 16-bit sound. In JSON the samples are base64 of little-endian int16.
struct Sound {
    int rate_hz = 16000;
    std::vector<std::int16_t> samples;
};

// What the network sees: `frames` columns of `bins` rows, values[frame * bins + bin], 255 = loudest.
struct FeatureImage {
    int frames = 0;
    int bins = 0;
    std::vector<std::uint8_t> values;  // in JSON: base64
};

struct BoardFacts {
    std::string id;    // "nano33ble"
    std::string name;  // "Arduino Nano 33 BLE Sense"
    std::string chip;  // "nRF52840, Cortex-M4F, 64 MHz"
};

// The tiles beside the board. Time and energy are modelled and the page says so.
struct Summary {
    std::optional<double> inferences_per_second;
    std::optional<double> cpu_load;  // 0..1, features included
    std::optional<std::uint64_t> missed_deadlines;
    std::optional<std::uint64_t> lost_samples;
    std::optional<Band> inference_ms;  // features of one hop + one inference
    std::optional<Band> inference_uj;
    std::optional<Band> average_mw;
    std::optional<Band> battery_hours;
    std::string battery;  // "CR2032, 220 mAh"
};

// ---- the track: what was said, what the chip thought, what the LED did, on one time axis ----

struct Word {
    std::string label;
    double start_s = 0;
    double end_s = 0;
    std::string voice;  // who says it; may be empty
};

struct LedSpan {
    std::string label;
    std::string color;  // "#rrggbb"
    double start_s = 0;
    double end_s = 0;
};

// values[label][time], 0..1.
struct Scores {
    std::vector<std::string> labels;
    std::vector<double> times_s;
    std::vector<std::vector<double>> values;
    std::optional<double> threshold;
};

enum class Verdict { Right, Wrong };  // Wrong: another word was said, or none

struct Detection {
    double time_s = 0;
    std::string label;
    double score = 0;
    Verdict verdict = Verdict::Right;
    std::optional<double> delay_ms;  // from the word's end to the LED
};

struct Track {
    Sound sound;
    std::vector<Word> words;
    std::vector<LedSpan> leds;
    Scores scores;
    std::vector<Detection> detections;
    std::vector<std::size_t> missed;  // indices into words
};

// ---- accuracy ----

struct GroupResult {
    std::string name;  // a voice, a speaker, an accent
    std::uint64_t right = 0;
    std::uint64_t n = 0;
};

// One held-out set. Known names: unseen_voices, unseen_accents, validation, train, test.
struct Split {
    std::string name;
    std::uint64_t n = 0;
    std::optional<std::uint64_t> float_right;
    std::optional<std::uint64_t> int8_right;  // int8 on the host
    std::optional<std::uint64_t> chip_right;  // int8 on the chip
    std::optional<std::uint64_t> chip_n;      // when the chip ran only some of the n
    std::vector<GroupResult> groups;          // by int8 on the host
};

// counts[said][heard].
struct Confusion {
    std::string split;  // a Split name
    std::vector<std::string> labels;
    std::vector<std::vector<std::uint64_t>> counts;
};

struct FalseAccepts {
    std::uint64_t count = 0;
    double hours = 0;
    std::string where;  // known: chip, host (bit-identical to the chip)
    std::string sound;  // what was listened to: "speech of 14 unseen voices, no keyword"
};

struct Mistake {
    std::string truth;
    std::string predicted;
    double score = 0;
    std::string group;
    Sound sound;
    std::optional<FeatureImage> features;  // absent: the page shows a spectrogram of the sound
};

struct Example {
    std::string label;
    std::string group;
    Sound sound;
    std::optional<FeatureImage> features;
};

// ---- the network ----

struct Epoch {
    int epoch = 0;
    double loss = 0;
    std::optional<double> val_loss;
    std::optional<double> accuracy;      // 0..1
    std::optional<double> val_accuracy;  // 0..1
};

struct LayerCost {
    std::string name;
    std::string op;
    std::uint64_t macs = 0;
    std::uint64_t cycles = 0;  // modelled; 0 before simulation
    std::vector<int> output_shape;
};

struct ArenaTensor {
    std::string name;
    std::uint64_t offset = 0;
    std::uint64_t bytes = 0;
    int first = 0;  // first and last step it is needed at, both included
    int last = 0;
};

struct Arena {
    std::uint64_t bytes = 0;
    std::vector<std::string> steps;  // the name of each step
    std::vector<ArenaTensor> tensors;
};

struct MemoryPart {
    std::string name;  // known: arena, state, stack, code, weights, features, system
    std::uint64_t bytes = 0;
};

struct Memory {
    std::vector<MemoryPart> parts;
    std::uint64_t limit_bytes = 0;  // 0: unknown
};

// ---- proof, lineage, what next ----

struct Hashes {
    std::string what;  // "480 samples, 2,880 int8 scores"
    std::string host;
    std::string chip;
    std::string qemu_command;
};

// Known keys: seed, version, data, diversity, split, model, compiler, flags, firmware, kernels, date,
// machine.
struct Fact {
    std::string key;
    std::string value;
};

struct NextStep {
    std::string what;     // in the user's language
    std::string command;  // may be empty
};

struct ReportData {
    std::string title;
    std::string subtitle;
    BoardFacts board;
    Summary summary;
    std::optional<Track> track;
    std::vector<Split> splits;  // the first one is the headline
    std::vector<Confusion> confusions;
    std::optional<FalseAccepts> false_accepts;
    std::vector<Mistake> mistakes;
    std::vector<Example> examples;
    std::vector<Epoch> history;
    std::vector<LayerCost> layers;
    std::optional<Arena> arena;
    std::optional<Memory> ram;
    std::optional<Memory> flash;
    std::optional<Hashes> hashes;
    std::vector<Fact> lineage;
    std::vector<NextStep> next_steps;
};

// report.json, and back. Missing keys take their defaults, unknown keys are ignored; `name` is the place that
// errors name. Both fail with Error when verify_report would.
std::string to_json_text(const ReportData& data);
ReportData read_report(std::string_view json, std::string_view name = "report.json");

// Fails with Error when parts contradict each other: a matrix that is not square, a tensor outside its arena,
// more right than asked, a number that is not finite.
void verify_report(const ReportData& data);

}  // namespace jatai::page
