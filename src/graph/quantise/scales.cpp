#include "src/graph/quantise/scales.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace jatai::quantise {
namespace {

constexpr float kSmallest = 1e-9f;     // below this a range is a point
constexpr double kMostBias = 1 << 29;  // of int32: room for the sum

std::vector<float> floats_of(const Tensor& tensor) {
    std::vector<float> values(tensor.data.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), values.size() * sizeof(float));
    return values;
}

// Which slice along `axis` element i lies in.
struct Slicing {
    std::size_t inner = 1, slices = 1;
    Slicing(const Tensor& tensor, int axis) {
        slices = static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(axis)]);
        for (std::size_t k = static_cast<std::size_t>(axis) + 1; k < tensor.shape.size(); ++k)
            inner *= static_cast<std::size_t>(tensor.shape[k]);
    }
    std::size_t of(std::size_t i) const { return i / inner % slices; }
};

// Finite, whatever the file holds.
float tame(float value) { return std::isfinite(value) ? std::clamp(value, -1e30f, 1e30f) : 0.0f; }

}  // namespace

ValueRange range_of(const std::vector<float>& values) {
    ValueRange range;
    for (const float value : values) {
        range.low = std::min(range.low, tame(value));
        range.high = std::max(range.high, tame(value));
    }
    return range;
}

Quantisation scale_of_range(ValueRange range) {
    const double low = std::min(tame(range.low), 0.0f), high = std::max(tame(range.high), 0.0f);
    const auto scale = static_cast<float>(std::max((high - low) / 255, static_cast<double>(kSmallest)));
    const double zero = std::round(-128 - low / static_cast<double>(scale));
    return {{scale}, {static_cast<std::int32_t>(std::clamp(zero, -128.0, 127.0))}, 0};
}

std::int8_t quantise_one(float value, const Quantisation& quantisation) {
    const float steps = std::round(value / quantisation.scale());
    const double stored = (std::isnan(steps) ? 0.0 : static_cast<double>(steps)) + quantisation.zero_point();
    return static_cast<std::int8_t>(std::clamp(stored, -128.0, 127.0));
}

Bytes quantise_all(const std::vector<float>& values, const Quantisation& quantisation) {
    Bytes bytes;
    bytes.reserve(values.size());
    for (const float value : values)
        bytes.push_back(static_cast<std::uint8_t>(quantise_one(value, quantisation)));
    return bytes;
}

StoredConstant quantise_weights(const Tensor& weights, int axis, const Tensor* bias, float input_scale) {
    const std::vector<float> values = floats_of(weights);
    const Slicing slicing(weights, axis);
    std::vector<float> largest(slicing.slices, 0);
    for (std::size_t i = 0; i < values.size(); ++i) {
        float& most = largest[slicing.of(i)];
        most = std::max(most, std::abs(tame(values[i])));
    }
    StoredConstant stored;
    stored.type = Type::Int8;
    stored.quantisation.axis = axis;
    const std::vector<float> offsets = bias ? floats_of(*bias) : std::vector<float>{};
    for (std::size_t c = 0; c < slicing.slices; ++c) {
        const float offset = c < offsets.size() ? std::abs(tame(offsets[c])) : 0.0f;
        const double least = offset / (static_cast<double>(input_scale) * kMostBias);
        const double scale = std::max({largest[c] / 127.0, least, static_cast<double>(kSmallest)});
        stored.quantisation.scales.push_back(static_cast<float>(scale));
        stored.quantisation.zero_points.push_back(0);
    }
    stored.data.resize(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float steps = std::round(tame(values[i]) / stored.quantisation.scales[slicing.of(i)]);
        stored.data[i] =
            static_cast<std::uint8_t>(static_cast<std::int8_t>(std::clamp(steps, -127.0f, 127.0f)));
    }
    return stored;
}

StoredConstant quantise_bias(const Tensor& bias, const StoredConstant* stored, float input_scale,
                             const Quantisation& weights) {
    StoredConstant to;
    to.type = Type::Int32;
    for (const float scale : weights.scales) {
        to.quantisation.scales.push_back(input_scale * scale);
        to.quantisation.zero_points.push_back(0);
    }
    const bool given = stored && stored->type == Type::Int32 &&
                       stored->quantisation.scales.size() == to.quantisation.scales.size() &&
                       std::equal(to.quantisation.scales.begin(), to.quantisation.scales.end(),
                                  stored->quantisation.scales.begin(),
                                  [](float a, float b) { return std::abs(a - b) <= 1e-4f * a; });
    if (given && std::all_of(stored->quantisation.zero_points.begin(), stored->quantisation.zero_points.end(),
                             [](std::int32_t zero) { return zero == 0; })) {
        to.data = stored->data;
        return to;
    }
    const std::vector<float> values = floats_of(bias);
    std::vector<std::int32_t> integers;
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double scale =
            to.quantisation.scales[to.quantisation.per_channel() ? i % weights.scales.size() : 0];
        const double steps = scale > 0 ? std::round(static_cast<double>(tame(values[i])) / scale) : 0;
        integers.push_back(static_cast<std::int32_t>(std::clamp(steps, -2147483647.0, 2147483647.0)));
    }
    to.data.resize(integers.size() * sizeof(std::int32_t));
    if (!integers.empty()) std::memcpy(to.data.data(), integers.data(), to.data.size());
    return to;
}

}  // namespace jatai::quantise
