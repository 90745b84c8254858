// score.h: how well a model answers, as a whole, by class and by who spoke.
//
//     Score score = make_score(features, features.indices(Split::Test), answers);
//     score.accuracy();  score.confusion[truth][answer];  score.groups["en-us+f3"].accuracy();
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/features/feature_set.h"

namespace jatai::train {

struct Tally {
    std::size_t samples = 0, right = 0;
    double accuracy() const { return samples == 0 ? 0.0 : double(right) / double(samples); }
};

struct Score {
    Tally all;
    std::vector<std::vector<std::uint32_t>> confusion;  // [truth][answer], in the order of FeatureSet::labels
    std::map<std::string, Tally> groups;                // by FeatureSet::groups
    std::map<std::string, Tally> accents;               // by FeatureSet::accents
    double accuracy() const { return all.accuracy(); }
};

using SplitScores = std::array<Score, 4>;  // indexed by Split

// `answers[i]`: class given to clip `clips[i]`.
Score make_score(const FeatureSet& features, const std::vector<std::size_t>& clips,
                 const std::vector<std::uint16_t>& answers);

nlohmann::json to_json(const Score& score, const std::vector<std::string>& labels);

}  // namespace jatai::train
