// scales.h: three ways from a sum to a stored byte that are prepared by the compiler.
//
//     out[i] = to_int8(sum, line, kBlockLine);       // one straight line: 2 or 3 instructions
//     out[i] = to_int8(sum, fine);                   // one of 64 bits
//     out[i] = to_int8(sum, rounded);                // both roundings: 6
//
// TFLite rounds twice (requantize.h), so its answer as a function of the sum is a staircase. Where a straight
// line passes between all the corners of that staircase, one multiplication and one shift give the same
// bytes, and bias, zero point and both roundings lie in the line's start. The compiler looks for such a line
// per channel and proves it at every step of the staircase (src/graph/ops/scales.h); it is there for most
// layers whose activation is RELU. Where it is not, the two roundings stand with all that is constant folded
// in. Needs: outputs that are not clamped within -128..127. Any argument is safe: shifts are taken modulo 32
// and sums wrap.
#pragma once

#include "device/kernels/requantize.h"

namespace jatai {

// ((2^sum_bits * sum + start) * slope >> 32) >> shift
struct ScaleLine {
    int32_t start;
    int32_t slope;
};
static_assert(sizeof(ScaleLine) == 8, "the layout in flash");

// How finely a kernel draws its lines. Both are built into its code: a shift by a register would cost an
// instruction a sum.
struct LineUnits {
    uint32_t sum_bits;
    uint32_t shift;
};
constexpr LineUnits kBlockLine{8, 10};  // conv2d_blocks.h
constexpr LineUnits kStripLine{9, 11};  // depthwise_strips.h

// (start + slope * sum) >> (32 + kFineShift), in 64 bits: a line that a start of 32 bits would draw too
// coarsely.
struct FineLine {
    int32_t slope;
    uint32_t start_low;
    int32_t start_high;
};
static_assert(sizeof(FineLine) == 12, "the layout in flash");
constexpr uint32_t kFineShift = 9;  // conv2d_short.h

// t = round((2 * sum + start) * multiplier / 2^32); (t + nudge, one less below 0) >> bits.
// start: 2 * bias; nudge: 2^(bits - 1) + (zero point << bits). Needs kShortRequantise.
struct RoundedScale {
    int32_t start;
    int32_t multiplier;
    int32_t nudge;
    int32_t bits;
};
static_assert(sizeof(RoundedScale) == 16, "the layout in flash");

JATAI_HOT_BEGIN

inline int8_t to_int8(int32_t sum, ScaleLine line, LineUnits units) {
    const int32_t x = add_wrapping(shift_left(sum, units.sum_bits), line.start);
    const int32_t product = static_cast<int32_t>((static_cast<int64_t>(x) * line.slope) >> 32);
    return static_cast<int8_t>(clamp(product >> units.shift, -128, 127));
}

inline int8_t to_int8(int32_t sum, const FineLine& line) {
    const uint64_t start = uint64_t{static_cast<uint32_t>(line.start_high)} << 32 | line.start_low;
    const uint64_t product = static_cast<uint64_t>(static_cast<int64_t>(sum) * line.slope);
    const int32_t top = static_cast<int32_t>(static_cast<uint32_t>((start + product) >> 32));
    return static_cast<int8_t>(clamp(top >> kFineShift, -128, 127));
}

inline int8_t to_int8(int32_t sum, const RoundedScale& scale) {
    const int32_t x = add_wrapping(shift_left(sum, 1), scale.start);
    const int64_t product = static_cast<int64_t>(x) * scale.multiplier + (int64_t{1} << 31);
    const int32_t t = static_cast<int32_t>(product >> 32);
    const int32_t y = add_wrapping(t < 0 ? add_wrapping(t, -1) : t, scale.nudge);
    return static_cast<int8_t>(clamp(y >> (static_cast<uint32_t>(scale.bits) & 31), -128, 127));
}

JATAI_HOT_END

}  // namespace jatai
