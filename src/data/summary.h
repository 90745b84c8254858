// summary.h: what a data set holds, as numbers, as text and as spectrogram data.
//
//     DatasetSummary summary = summarise(dataset);
//     print(to_text(summary));                     // a table: label x split, voices, minutes
//     json["data"] = to_json(summary);
//     Spectrogram s = make_spectrogram(clip.samples);
#pragma once

#include <map>

#include "src/data/dataset.h"

namespace jatai {

struct DatasetSummary {
    std::size_t clips = 0;
    double seconds = 0;
    std::vector<std::string> labels;
    std::map<std::string, std::map<std::string, std::size_t>> clips_by_label_and_split;
    std::map<std::string, std::size_t> clips_by_split;
    std::map<std::string, std::size_t> groups_by_split;  // distinct voices
    std::map<std::string, std::size_t> clips_by_accent;
    std::map<std::string, std::size_t> clips_by_group;
    double shortest_s = 0;
    double longest_s = 0;
    nlohmann::json diversity;  // provenance["diversity"] when there is one
    std::vector<std::string> notes;
};

DatasetSummary summarise(const Dataset& dataset);
nlohmann::json to_json(const DatasetSummary& summary);
std::string to_text(const DatasetSummary& summary);

// Log power of short windows: [rows][bands] in decibels relative to full scale, one row per hop.
struct Spectrogram {
    int rows = 0;
    int bands = 0;
    double hop_s = 0;
    double top_hz = 0;
    std::vector<float> decibels;
};
Spectrogram make_spectrogram(std::span<const std::int16_t> samples, int bands = 64, int hop_samples = 160);

}  // namespace jatai
