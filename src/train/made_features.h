// made_features.h: features of sounds nobody made, for tests and measurements: a pattern per class, plus
// noise.
//
//     FeatureSet set = make_features({.frames = 49, .coefficients = 10, .classes = 4, .clips = 400});
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "src/base/rng.h"
#include "src/features/feature_set.h"

namespace jatai::train {

struct MadeFeatures {
    int frames = 16, coefficients = 8, classes = 4, clips = 400;
    float noise = 1.0f;  // deviation, beside patterns of deviation 1
    std::uint64_t seed = 1;
};

inline FeatureSet make_features(const MadeFeatures& wanted) {
    FeatureSet set;
    set.frames = wanted.frames;
    set.coefficients = wanted.coefficients;
    set.scale = 0.03125f;
    set.zero_point = 5;
    set.pipeline_hash = "made";
    set.groups = {"voice a", "voice b"};
    set.accents = {"one"};
    Rng rng(wanted.seed);
    const auto width = static_cast<std::size_t>(wanted.coefficients);
    std::vector<std::vector<float>> patterns(static_cast<std::size_t>(wanted.classes));
    for (int c = 0; c < wanted.classes; ++c) {
        set.labels.push_back("class " + std::to_string(c));
        std::vector<float>& pattern = patterns[static_cast<std::size_t>(c)];
        pattern.resize(set.row_size());
        for (std::size_t i = 0; i < pattern.size(); ++i)  // four sounds, one after another
            pattern[i] = i * 4 % pattern.size() < width * 4 ? rng.normal() : pattern[i - width];
    }
    for (int n = 0; n < wanted.clips; ++n) {
        const auto label = static_cast<std::size_t>(n % wanted.classes);
        for (std::size_t i = 0; i < set.row_size(); ++i) {
            const float q =
                std::nearbyint((patterns[label][i] + wanted.noise * rng.normal()) / set.scale) + 5.0f;
            set.x.push_back(static_cast<std::int8_t>(std::clamp(q, -128.0f, 127.0f)));
        }
        set.y.push_back(static_cast<std::uint16_t>(label));
        const int part = (n / wanted.classes) % 10;
        set.split.push_back(part == 8 ? Split::Val : part == 9 ? Split::Test : Split::Train);
        set.group.push_back(static_cast<std::uint16_t>(n / wanted.classes % 2));
        set.accent.push_back(0);
    }
    return set;
}

}  // namespace jatai::train
