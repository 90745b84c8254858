#include "src/graph/widen.h"

#include <bit>
#include <cstdint>
#include <cstring>

namespace jatai {
namespace {

// Sign, 5 bits of exponent (bias 15), 10 of fraction: every such number is a float.
float half_to_float(std::uint16_t half) {
    const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000) << 16;
    const std::uint32_t exponent = half >> 10 & 0x1F;
    const std::uint32_t fraction = half & 0x3FF;
    if (exponent == 0) {
        const float tiny = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(std::bit_cast<std::uint32_t>(tiny) | sign);
    }
    const std::uint32_t wide = exponent == 31 ? 255 : exponent - 15 + 127;
    return std::bit_cast<float>(sign | wide << 23 | fraction << 13);
}

}  // namespace

Bytes widen_int4(ByteView packed, std::size_t elements) {
    Bytes bytes(elements);
    for (std::size_t i = 0; i < elements; ++i) {
        const unsigned nibble = packed[i / 2] >> (i % 2 * 4) & 0xFu;
        bytes[i] = static_cast<std::uint8_t>(nibble >= 8 ? nibble | 0xF0u : nibble);
    }
    return bytes;
}

Bytes widen_float16(ByteView halves) {
    Bytes bytes(halves.size() / 2 * sizeof(float));
    for (std::size_t i = 0; i < halves.size() / 2; ++i) {
        std::uint16_t half;
        std::memcpy(&half, halves.data() + 2 * i, sizeof half);
        const float value = half_to_float(half);
        std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
    }
    return bytes;
}

bool has_scale_per_channel(const Tensor& tensor) {
    const Quantisation& q = tensor.quantisation;
    if (tensor.type != Type::Int8 || q.scales.size() < 2 || q.zero_points.size() != q.scales.size())
        return false;
    std::uint64_t elements = 1;
    for (const std::int32_t extent : tensor.shape) {
        if (extent < 1 || elements > tensor.data.size()) return false;
        elements *= static_cast<std::uint64_t>(extent);
    }
    if (elements != tensor.data.size() || q.axis < 0) return false;
    const auto axis = static_cast<std::size_t>(q.axis);
    return axis < tensor.shape.size() && static_cast<std::size_t>(tensor.shape[axis]) == q.scales.size();
}

Bytes dequantise_channels(const Tensor& tensor) {
    const Quantisation& q = tensor.quantisation;
    std::size_t inner = 1;
    for (std::size_t k = static_cast<std::size_t>(q.axis) + 1; k < tensor.shape.size(); ++k)
        inner *= static_cast<std::size_t>(tensor.shape[k]);
    Bytes floats(tensor.data.size() * sizeof(float));
    for (std::size_t i = 0; i < tensor.data.size(); ++i) {
        const std::size_t channel = i / inner % q.scales.size();
        const auto stored = static_cast<std::int64_t>(static_cast<std::int8_t>(tensor.data[i]));
        const float value = q.scales[channel] * static_cast<float>(stored - q.zero_points[channel]);
        std::memcpy(floats.data() + i * sizeof value, &value, sizeof value);
    }
    return floats;
}

}  // namespace jatai
