// augment.h: small changes that leave a clip's meaning alone, so that a network sees more than was recorded.
//
//     augment_row(rng, settings, frames, coefficients, row);            // int8 features, in place
//     Dataset larger = augment_audio(dataset, audio_settings, seed);    // before features are taken
//
// The same seed gives the same bytes. On features, values stay on the int8 grid, so that training sees
// exactly what a chip could.
#pragma once

#include <cstdint>
#include <span>

#include "src/base/rng.h"
#include "src/data/dataset.h"

namespace jatai::train {

// On rows of features, newly drawn in every epoch. Masks: SpecAugment (Park et al. 2019).
struct FeatureAugmentation {
    int shift_frames = 3;            // up to so many, earlier or later; the edge row is repeated
    int gain_steps = 12;             // added to the first `gain_coefficients` of all rows, in int8 steps
    int gain_coefficients = 1;       // MFCC: loudness moves the first; log-mel: set to all
    float noise_steps = 2.0f;        // deviation of noise added to every value, in int8 steps
    int time_masks = 1;              // runs of rows set to the mean (the zero point)
    int time_mask_frames = 6;        // longest
    int coefficient_masks = 1;       // runs of columns
    int coefficient_mask_width = 1;  // longest
};

void augment_row(Rng& rng, const FeatureAugmentation& settings, int frames, int coefficients, int zero_point,
                 std::span<std::int8_t> row);

// On recordings: copies of the training clips, changed, are added to the data set.
struct AudioAugmentation {
    int copies = 1;
    int shift_samples = 1600;  // up to 100 ms, earlier or later; silence comes in
    float gain_low_db = -6.0f, gain_high_db = 6.0f;
    float noise_share = 0.5f;                          // of the copies that get noise
    float noise_low_db = 5.0f, noise_high_db = 30.0f;  // speech over noise
};

// The noise is the training clips labelled "silence", when there are any, else white noise.
Dataset augment_audio(const Dataset& dataset, const AudioAugmentation& settings, std::uint64_t seed);

}  // namespace jatai::train
