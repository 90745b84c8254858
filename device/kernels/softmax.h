// softmax.h: SOFTMAX, int8, over the last axis.
//
//     out[r,i] = round(256 * exp(beta * scale * (in[r,i] - max)) / sum of the same over i) - 128
//
// All in 32-bit fixed point: exp by a barrel shifter and a Taylor polynomial, the reciprocal by three Newton
// steps, as gemmlowp's fixedpoint.h defines them for TFLite. Qi.f below: i integer bits, f fraction bits.
// Operands: 0 input [rows, depth] int8, 1 output int8. Formula: docs/reference/ops.md#softmax.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"

namespace jatai {

struct SoftmaxParams {
    uint32_t rows;
    uint32_t depth;
    int32_t multiplier;  // takes a difference of stored values to Q5.26
    int32_t shift;       // to the left
    int32_t diff_min;    // differences below this give 0
};
static_assert(sizeof(SoftmaxParams) == 20, "the layout in flash");

inline bool fits_softmax(const Claim& claim) {
    const SoftmaxParams* p = claim.parameters<SoftmaxParams>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t bytes = uint64_t{p->rows} * p->depth;
    return holds(claim, 0, bytes) && fills(claim, 1, bytes);
}

JATAI_HOT_BEGIN

inline void softmax_row(const SoftmaxParams& p, const int8_t* in, int8_t* out) {
    int32_t largest = -128;
    for (uint32_t i = 0; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    const uint32_t shift = static_cast<uint32_t>(p.shift) & 31;
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        if (diff < p.diff_min) continue;
        const int32_t a = multiply_high(shift_left(diff, shift), p.multiplier);
        sum += static_cast<uint32_t>(divide_by_power(exp_of<5>(a), 12));
    }
    // sum = (1 + fraction) * 2^(12 - headroom)
    const uint32_t headroom = leading_zeros(sum) & 31;
    const int32_t fraction = static_cast<int32_t>((sum << headroom) - 0x80000000u);
    const int32_t scale = reciprocal_of_one_plus(fraction);
    const uint32_t bits = 12 - headroom + 31 - 8;
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        int32_t y = 0;
        if (diff >= p.diff_min) {
            const int32_t a = multiply_high(shift_left(diff, shift), p.multiplier);
            const int32_t product = multiply_high(scale, exp_of<5>(a));
            y = bits < 32 ? divide_by_power(product, bits) : 0;
        }
        out[i] = static_cast<int8_t>(clamp(y - 128, -128, 127));
    }
}

inline void run_softmax(const Call& call) {
    const SoftmaxParams& p = call.parameters<SoftmaxParams>();
    const int8_t* in = call.in<int8_t>(0);
    int8_t* out = call.out<int8_t>(1);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) softmax_row(p, in, out);
}

JATAI_HOT_END

constexpr Kernel kSoftmaxInt8{{Op::Softmax, Type::Int8, 1}, fits_softmax, run_softmax};

}  // namespace jatai
