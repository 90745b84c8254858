#include "src/train/quantiser.h"

#include <algorithm>
#include <cmath>

namespace jatai::train {
namespace {

// A range narrower than this carries nothing (a layer that never fires) and is taken as 1.
constexpr float kSmallestRange = 1e-6f;
// Smaller weights than this are all 0: a smaller scale would push the bias, in units of input x weight, out
// of 32 bits.
constexpr float kSmallestWeight = 1e-4f;

}  // namespace

std::int8_t QuantGrid::quantise(float real) const {
    const float q = std::nearbyint(real / scale) + static_cast<float>(zero_point);
    return static_cast<std::int8_t>(std::clamp(q, -128.0f, 127.0f));
}

QuantGrid grid_of(float low, float high) {
    low = std::min(low, 0.0f);
    high = std::max(high, 0.0f);
    if (high - low < kSmallestRange) high = low + 1.0f;
    const float scale = (high - low) / 255.0f;
    const float zero = std::nearbyint(-128.0f - low / scale);
    return {scale, static_cast<std::int32_t>(std::clamp(zero, -128.0f, 127.0f))};
}

std::vector<float> weight_scales(std::span<const float> weights, int channels, bool per_channel) {
    std::vector<float> scales(per_channel ? static_cast<std::size_t>(channels) : 1, 0.0f);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        float& scale = scales[per_channel ? i % static_cast<std::size_t>(channels) : 0];
        scale = std::max(scale, std::fabs(weights[i]));
    }
    for (float& scale : scales) scale = std::max(scale, kSmallestWeight) / 127.0f;
    return scales;
}

void fake_quantise_weights(std::span<const float> weights, int channels, bool per_channel,
                           std::span<float> out) {
    const std::vector<float> scales = weight_scales(weights, channels, per_channel);
    for (std::size_t i = 0; i < weights.size(); ++i) {
        const float scale = scales[per_channel ? i % static_cast<std::size_t>(channels) : 0];
        out[i] = std::clamp(std::nearbyint(weights[i] / scale), -127.0f, 127.0f) * scale;
    }
}

}  // namespace jatai::train
