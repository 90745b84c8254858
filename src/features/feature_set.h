// feature_set.h: features of a data set: what training takes.
//
//     FeatureSet set = load_feature_set("build/features.jfs");
//     set.row(i)                                   // int8 [frames][coefficients] of clip i
//     set.real(i)                                  // the same as float: (q - zero_point) * scale
//     set.indices(Split::Train)                    // clips of one split
//
// Saved to one file: a JSON header, then bytes (docs/reference/features.md#feature-set).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "src/data/dataset.h"

namespace jatai {

struct FeatureSet {
    int frames = 0;
    int coefficients = 0;
    float scale = 1.0f;
    int zero_point = 0;
    std::string pipeline_hash;         // FeaturePipeline::hash()
    std::vector<std::string> labels;   // as Dataset::labels
    std::vector<std::string> groups;   // names; group[i] indexes them
    std::vector<std::string> accents;  // names; accent[i] indexes them
    std::vector<std::int8_t> x;        // [size()][frames][coefficients]
    std::vector<std::uint16_t> y;      // index into labels
    std::vector<Split> split;
    std::vector<std::uint16_t> group;
    std::vector<std::uint16_t> accent;

    std::size_t size() const { return y.size(); }
    std::size_t row_size() const { return std::size_t(frames) * std::size_t(coefficients); }
    std::span<const std::int8_t> row(std::size_t i) const { return {x.data() + i * row_size(), row_size()}; }
    std::vector<float> real(std::size_t i) const;
    std::vector<std::size_t> indices(Split which) const;
};

// Fails with Error when the file is missing, cut or of another version.
FeatureSet load_feature_set(const fs::path& path);
void save_feature_set(const FeatureSet& set, const fs::path& path);

}  // namespace jatai
