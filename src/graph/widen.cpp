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

}  // namespace jatai
