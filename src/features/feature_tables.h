// feature_tables.h: the numbers of a front end: window, twiddles, mel triangles, DCT; from settings to a
// blob.
//
//     Bytes blob = make_feature_blob(settings, means, deviations);
//
// Formulas: docs/reference/features.md. Fails with Error when a mel band would hold no bin of the spectrum.
#pragma once

#include "src/features/feature_settings.h"

namespace jatai {

// Hann, periodic: Q15 of 0.5 - 0.5 cos(2 pi n / window).
std::vector<std::uint16_t> make_window_table(int window_samples);

// Q31 of cos(2 pi (i - size/4) / size), i = 0 .. size-1.
std::vector<std::int32_t> make_twiddle_table(int fft_size);

struct MelTables {
    std::vector<std::uint16_t> edges;    // [bands + 2]: first bin of each slope
    std::vector<std::uint16_t> weights;  // [fft_size / 2], Q15: share of a bin for the band above
};
MelTables make_mel_tables(const FeatureSettings& settings);

// Orthonormal DCT-II, Q15, [coefficients][bands].
std::vector<std::int16_t> make_dct_table(int coefficients, int bands);

// mel(f) = 1127 ln(1 + f / 700) (HTK book §5.4).
double mel_of_hz(double hz);

// means and deviations: one per coefficient, log2 units.
Bytes make_feature_blob(const FeatureSettings& settings, const std::vector<float>& means,
                        const std::vector<float>& deviations);

}  // namespace jatai
