// dataset.h: recordings with labels, voices and splits: the first value of the flow.
//
//     Dataset dataset = load_dataset("data/words");            // index.csv + clips/ + dataset.json
//     for (const Clip& clip : dataset.clips) { clip.samples; dataset.labels[clip.label]; clip.split; }
//     verify_splits(dataset);                                  // no clip and no voice on two sides
//     save_dataset(dataset, "data/words");
//
// Keeps: every clip is 16 kHz mono int16; `label` indexes `labels`; `sha256` is the hash of the samples.
// Fails with Error (place: found, expected; hint). Saving writes the folder whole or not at all.
// Memory: all samples are in memory (32 kB per second of sound).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/progress.h"

namespace jatai {

constexpr int kSampleRateHz = 16000;

using Samples = std::vector<std::int16_t>;

// TestAccents: voices *and* accents that training never heard.
enum class Split : std::uint8_t { Train, Val, Test, TestAccents };
constexpr Split kAllSplits[] = {Split::Train, Split::Val, Split::Test, Split::TestAccents};

std::string_view name(Split split);                               // "train", "val", "test", "test_accents"
Split split_of(std::string_view name, const std::string& place);  // Error with "did you mean"

struct Clip {
    Samples samples;      // 16 kHz mono
    std::uint32_t label;  // index into Dataset::labels
    Split split;
    std::string group;   // who speaks: speaker or voice; "" when not known
    std::string accent;  // "" when not known
    std::string file;    // relative to the data set's folder
    std::string sha256;  // of the samples, little-endian, lower-case hex
};

struct Dataset {
    std::vector<std::string> labels;  // UTF-8, as given; sorted, but "unknown" and "silence" come last
    std::vector<Clip> clips;
    nlohmann::json provenance;       // how it was made: tool, seed, sources, real diversity
    std::vector<std::string> notes;  // what was converted or left out, for people
};

constexpr const char* kUnknownLabel = "unknown";
constexpr const char* kSilenceLabel = "silence";

// Reads a folder written by save_dataset().
Dataset load_dataset(const fs::path& folder, const Progress& progress = {});

// Writes index.csv (file,label,group,accent,split,samples,sha256), clips/**.wav and dataset.json. Built
// beside `folder` and renamed at the end; an older data set of that name is replaced, any other folder is
// refused.
void save_dataset(const Dataset& dataset, const fs::path& folder, const Progress& progress = {});

// Index of `label`, added when new.
std::uint32_t label_index(Dataset& dataset, const std::string& label);

// Sorts labels (unknown and silence last) and renumbers the clips.
void sort_labels(Dataset& dataset);

// Lower-case hex SHA-256 of samples as little-endian bytes, or of bytes.
std::string hash_samples(std::span<const std::int16_t> samples);
std::string hash_bytes(ByteView bytes);

// Proves that no sound (by hash) and no voice stands in two splits, and that held-out accents are heard in
// TestAccents only. Error names the first offender. Test and TestAccents share voices. Two cases are allowed
// where provenance says so: "split": "by clip" (no speakers known), "validation": "training speakers" (too
// few speakers for a third side).
void verify_splits(const Dataset& dataset);

}  // namespace jatai
