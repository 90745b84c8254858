// quantiser.h: int8 grids: from ranges of real values to scale and zero point, as TFLite means them.
//
//     QuantGrid grid = grid_of(-0.3f, 5.7f);         // real = scale * (q - zero_point), q in [-128, 127]
//     std::int8_t q = grid.quantise(x);
//
// The range is stretched to hold 0 and then moved so that 0 is a grid point (Jacob et al. 2018, section 3).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace jatai::train {

struct QuantGrid {
    float scale = 1.0f;
    std::int32_t zero_point = 0;

    float low() const { return scale * static_cast<float>(-128 - zero_point); }
    float high() const { return scale * static_cast<float>(127 - zero_point); }
    // Nearest, ties to even, cut to [-128, 127].
    std::int8_t quantise(float real) const;
    float real(std::int8_t q) const { return scale * static_cast<float>(q - zero_point); }
};

QuantGrid grid_of(float low, float high);

// Symmetric int8 scales of a rows x channels matrix, one per channel or one for all: largest |w| / 127.
std::vector<float> weight_scales(std::span<const float> weights, int channels, bool per_channel);

// w rounded to whole multiples of its channel's scale, [-127, 127]; the same rule exports use.
void fake_quantise_weights(std::span<const float> weights, int channels, bool per_channel,
                           std::span<float> out);

}  // namespace jatai::train
