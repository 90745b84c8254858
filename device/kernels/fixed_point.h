// fixed_point.h: exp, 1/(1+x) and 1/sqrt in 32-bit integers, as gemmlowp and TensorFlow Lite define them.
//
//     int32_t y = exp_of<5>(x);             // x <= 0 in Q5.26, y in Q0.31
//     int32_t r = reciprocal_of_one_plus(f);
//
// Qi.f: i integer bits, f fraction bits, one for the sign. Any argument is safe: shifts are taken modulo 32
// and sums wrap. Source: gemmlowp fixedpoint.h; TFLite GetInvSqrtQuantizedMultiplierExp.
#pragma once

#include "device/kernels/requantize.h"

namespace jatai {

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

// exp(a) in Q0.31 for a <= 0 with 4 or 5 integer bits.
template <uint32_t IntegerBits>
JATAI_NOINLINE int32_t exp_of(int32_t a) {
    static_assert(IntegerBits == 4 || IntegerBits == 5, "the bits that have a factor each");
    constexpr uint32_t kQuarterBit = 31 - IntegerBits - 2;
    constexpr int32_t kQuarter = 1 << kQuarterBit;
    constexpr int32_t kFactors[] = {1672461947, 1302514674, 790015084, 290630308, 39332535, 720401, 242};
    if (a == 0) return INT32_MAX;
    const int32_t small = (a & (kQuarter - 1)) - kQuarter;
    int32_t result = exp_small(shift_left_saturating(small, IntegerBits));
    const uint32_t rest = static_cast<uint32_t>(small) - static_cast<uint32_t>(a);
    // Bit kQuarterBit + i of what is left stands for a factor exp(-2^(i - 2)).
    for (uint32_t i = 0; i < IntegerBits + 2; ++i) {
        if (rest & (1u << (kQuarterBit + i))) result = multiply_high(result, kFactors[i]);
    }
    return result;
}

// 1 / half in Q2.29, by three Newton steps, for half in [1/2, 1] in Q0.31.
inline int32_t reciprocal_of_half(int32_t half) {
    constexpr int32_t k48Over17 = 1515870810;   // Q2.29
    constexpr int32_t k32Over17 = -1010580540;  // Q2.29, negative
    int32_t x = add_wrapping(k48Over17, multiply_high(half, k32Over17));
    for (int step = 0; step < 3; ++step) {
        const int32_t error = add_wrapping(1 << 29, -multiply_high(half, x));
        x = add_wrapping(x, shift_left_saturating(multiply_high(x, error), 2));
    }
    return x;
}

// (1 + a) / 2 in Q0.31.
inline int32_t half_of_one_plus(int32_t a) {
    return static_cast<int32_t>((static_cast<int64_t>(a) + INT32_MAX + 1) / 2);
}

// 1 / (1 + a) in Q0.31 for a in [0, 1) in Q0.31.
inline int32_t reciprocal_of_one_plus(int32_t a) {
    return shift_left_saturating(reciprocal_of_half(half_of_one_plus(a)), 1);
}

// (1 - a) / (1 + a) in Q0.31 for a in [0, 1] in Q0.31.
inline int32_t one_minus_over_one_plus(int32_t a) {
    return shift_left_saturating(add_wrapping(reciprocal_of_half(half_of_one_plus(a)), -(1 << 29)), 2);
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

// multiplier * 2^(shift - 31) is about 1 / sqrt(x).
struct Factor {
    int32_t multiplier;
    int32_t shift;
};

// Five Newton steps from 1, on x brought into [1/4, 1). 0 counts as 1. Needs: x >= 0.
inline Factor inverse_square_root(int32_t x) {
    constexpr int32_t kOneAndAHalf = (1 << 28) + (1 << 27);  // Q3.28
    constexpr int32_t kHalfRootOfTwo = 1518500250;           // Q0.31
    if (x <= 1) return {INT32_MAX, 0};
    int32_t right = 11;
    for (; x >= 1 << 29; x /= 4) ++right;
    const uint32_t pairs = (leading_zeros(static_cast<uint32_t>(x)) - 1) / 2 - 1;
    right -= static_cast<int32_t>(pairs);
    const int32_t a = shift_left(x, 2 * pairs) >> 1;
    const int32_t half = divide_by_power(a, 1);
    int32_t y = 1 << 28;
    for (int step = 0; step < 5; ++step) {
        // Products of Q3.28 have 6, then 9 integer bits; both terms of the step have 6.
        const int32_t cube = shift_left_saturating(multiply_high(multiply_high(y, y), y), 6);
        const int32_t next = add_wrapping(multiply_high(kOneAndAHalf, y), -multiply_high(half, cube));
        y = shift_left_saturating(next, 3);
    }
    y = multiply_high(y, kHalfRootOfTwo);
    if (right < 0) return {shift_left(y, static_cast<uint32_t>(-right)), 0};
    return {y, -right};
}

JATAI_HOT_END

}  // namespace jatai
