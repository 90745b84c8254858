// softmax.h: SOFTMAX, int8, over the last axis.
//
//     out[r,i] = round(256 * exp(beta * scale * (in[r,i] - max)) / sum of the same over i) - 128
//
// All in 32-bit fixed point: exp by a barrel shifter and a Taylor polynomial, the reciprocal by three Newton
// steps, as gemmlowp's fixedpoint.h defines them for TFLite. Qi.f below: i integer bits, f fraction bits.
// Operands: 0 input [rows, depth] int8, 1 output int8. Formula: docs/reference/ops.md#softmax.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

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

// x * 2^bits, held at the ends of 32 bits instead of wrapping.
inline int32_t shift_left_saturating(int32_t x, uint32_t bits) {
    const int32_t limit = static_cast<int32_t>((1u << (31 - bits)) - 1);
    if (x > limit) return INT32_MAX;
    if (x < -limit) return INT32_MIN;
    return shift_left(x, bits);
}

// exp(a) for a in [-1/4, 0), Q0.31: the Taylor polynomial of fourth degree round -1/8.
inline int32_t exp_small(int32_t a) {
    constexpr int32_t kExpMinusEighth = 1895147668;
    constexpr int32_t kThird = 715827883;
    const int32_t x = add_wrapping(a, 1 << 28);
    const int32_t x2 = multiply_high(x, x);
    const int32_t x3 = multiply_high(x2, x);
    const int32_t x4 = multiply_high(x2, x2);
    const int32_t tail =
        divide_by_power(add_wrapping(multiply_high(add_wrapping(divide_by_power(x4, 2), x3), kThird), x2), 1);
    return add_wrapping(kExpMinusEighth, multiply_high(kExpMinusEighth, add_wrapping(x, tail)));
}

// exp(a) in Q0.31 for a <= 0 in Q5.26.
JATAI_NOINLINE int32_t exp_of(int32_t a) {
    constexpr int32_t kQuarter = 1 << 24;
    constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (a == 0) return INT32_MAX;
    const int32_t small = (a & (kQuarter - 1)) - kQuarter;
    int32_t result = exp_small(shift_left_saturating(small, 5));
    const uint32_t rest = static_cast<uint32_t>(small) - static_cast<uint32_t>(a);
    // Bit 24 + i of what is left stands for a factor exp(-2^(i - 2)).
    for (uint32_t i = 0; i < 7; ++i) {
        if (rest & (1u << (24 + i))) result = multiply_high(result, kFactors[i]);
    }
    return result;
}

// 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31.
inline int32_t reciprocal_of_one_plus(int32_t a) {
    constexpr int32_t k48Over17 = 1515870810;   // Q2.29
    constexpr int32_t k32Over17 = -1010580540;  // Q2.29, negative
    const int32_t half = static_cast<int32_t>((static_cast<int64_t>(a) + INT32_MAX + 1) / 2);
    int32_t x = add_wrapping(k48Over17, multiply_high(half, k32Over17));
    for (int step = 0; step < 3; ++step) {
        const int32_t error = add_wrapping(1 << 29, -multiply_high(half, x));
        x = add_wrapping(x, shift_left_saturating(multiply_high(x, error), 2));
    }
    return shift_left_saturating(x, 1);
}

inline uint32_t leading_zeros(uint32_t x) {
#if defined(__GNUC__)
    return x == 0 ? 32 : static_cast<uint32_t>(__builtin_clz(x));
#else
    uint32_t count = 0;
    for (; count < 32 && !(x & 0x80000000u); x <<= 1) ++count;
    return count;
#endif
}

inline void softmax_row(const SoftmaxParams& p, const int8_t* in, int8_t* out) {
    int32_t largest = -128;
    for (uint32_t i = 0; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    const uint32_t shift = static_cast<uint32_t>(p.shift) & 31;
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        if (diff < p.diff_min) continue;
        const int32_t a = multiply_high(shift_left(diff, shift), p.multiplier);
        sum += static_cast<uint32_t>(divide_by_power(exp_of(a), 12));
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
            const int32_t product = multiply_high(scale, exp_of(a));
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
