// real_functions.h: sqrt, log, exp(x) - 1, sin, cos and rounding in single precision, without a mathematics
// library.
//
//     const float y = real_sqrt(x);
//
// real_sqrt and the roundings are exact; the others stay below 4 units of the last place (sin and cos for
// every argument: what exceeds whole quarter turns is found in integers). What is not a number stays so. Host
// and chip answer alike. Cost: about 40 Cortex-M4F instructions, sin and cos 120.
#pragma once

#include "device/kernels/fixed_point.h"
#include "device/kernels/real_math.h"

namespace jatai {

JATAI_HOT_BEGIN

inline uint32_t bits_of(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}
inline float float_of(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

// Towards minus infinity. From 2^23 on every float is whole.
inline float real_floor(float x) {
    if (!(x > -8388608.0f && x < 8388608.0f) || x == 0.0f) return x;
    const float whole = static_cast<float>(static_cast<int32_t>(x));
    return whole > x ? whole - 1.0f : whole;
}
inline float real_ceil(float x) { return -real_floor(-x); }

// To the nearest, halves to the even one.
inline float real_round(float x) {
    const float below = real_floor(x);
    const float rest = x - below;
    if (rest < 0.5f) return below;
    if (rest > 0.5f) return below + 1.0f;
    return rest == 0.5f ? 2.0f * real_floor(below * 0.5f + 0.5f) : x;
}

// The whole square root of a number below 2^50, digit by digit.
inline uint32_t whole_root(uint64_t x) {
    uint64_t root = 0;
    for (uint64_t digit = uint64_t{1} << 48; digit != 0; digit >>= 2) {
        const bool fits = x >= root + digit;
        if (fits) x -= root + digit;
        root = (root >> 1) + (fits ? digit : 0);
    }
    return static_cast<uint32_t>(root);
}

// x = m * 2^e, m of 24 bits, for finite x > 0.
struct Parts {
    uint32_t m;
    int32_t e;
};
inline Parts parts_of(float x) {
    const uint32_t bits = bits_of(x) & 0x7FFFFFFFu;
    const uint32_t exponent = bits >> 23;
    if (exponent != 0) return {(bits & 0x7FFFFFu) | 0x800000u, static_cast<int32_t>(exponent) - 150};
    const uint32_t up = leading_zeros(bits) - 8;
    return {bits << up, -149 - static_cast<int32_t>(up)};
}

inline float real_sqrt(float x) {
    if (x == 0.0f || x != x || x > 3.40282347e38f) return x;
    if (x < 0.0f) return float_of(0x7FC00000u);
#if defined(__ARM_FP) && (__ARM_FP & 4)
    float y;
    __asm__("vsqrt.f32 %0, %1" : "=t"(y) : "t"(x));
    return y;
#else
    const Parts parts = parts_of(x);
    const uint32_t up = parts.e % 2 != 0 ? 1 : 2;  // so that the exponent is even and m has 25 or 26 bits
    const uint32_t root = whole_root(static_cast<uint64_t>(parts.m << up) << 24);
    const int32_t e = (parts.e - static_cast<int32_t>(up)) / 2;
    return static_cast<float>((root + 1) >> 1) * power_of_two(e - 11);
#endif
}

// log(x) = n * ln(2) + log(m), m in [sqrt(1/2), sqrt(2)), by the series of (m - 1) / (m + 1).
inline float real_log(float x) {
    constexpr float kLn2High = 0.693145752f;  // the leading 14 bits: n times it is exact
    constexpr float kLn2Low = 1.42860677e-6f;
    if (x == 0.0f) return -1e38f * 1e38f;  // minus infinity
    if (x < 0.0f) return float_of(0x7FC00000u);
    if (x != x || x > 3.40282347e38f) return x;
    const Parts parts = parts_of(x);
    const bool large = parts.m > 11863283;  // 2^23 * sqrt(2)
    const float m = static_cast<float>(parts.m) * (large ? 1.0f / 16777216 : 1.0f / 8388608);
    const float n = static_cast<float>(parts.e + (large ? 24 : 23));
    const float f = m - 1.0f;
    const float s = f / (2.0f + f);
    const float z = s * s;
    const float tail = z * (2.0f / 3 + z * (2.0f / 5 + z * (2.0f / 7 + z * (2.0f / 9))));
    // log(1 + f) = 2s + s * tail = f - s * (f - tail)
    return n * kLn2High + (f - (s * (f - tail) - n * kLn2Low));
}

// Near 0 the Taylor polynomial, so that nothing cancels.
inline float real_expm1(float x) {
    if (!(x > -0.35f && x < 0.35f)) return real_exp(x) - 1.0f;
    float sum = 1.0f / 40320;
    sum = sum * x + 1.0f / 5040;
    sum = sum * x + 1.0f / 720;
    sum = sum * x + 1.0f / 120;
    sum = sum * x + 1.0f / 24;
    sum = sum * x + 1.0f / 6;
    sum = sum * x + 0.5f;
    return sum * x * x + x;
}

// The error function. Small numbers by its Taylor series; from 1 on by 1 - exp(-x^2) times a polynomial in
// 1 / (1 + 0.3275911 x) (Abramowitz and Stegun 7.1.26), which is wrong by less than 1.5e-7.
inline float real_erf(float x) {
    const float size = x < 0.0f ? -x : x;
    if (!(size >= 1.0f)) {
        const float z = x * x;
        float sum = 1.0f / 685440;
        sum = -sum * z + 1.0f / 75600;
        sum = -sum * z + 1.0f / 9360;
        sum = -sum * z + 1.0f / 1320;
        sum = -sum * z + 1.0f / 216;
        sum = -sum * z + 1.0f / 42;
        sum = -sum * z + 1.0f / 10;
        sum = -sum * z + 1.0f / 3;
        return 1.12837917f * (x - x * z * sum);
    }
    const float t = 1.0f / (1.0f + 0.3275911f * size);
    const float sum = t * (0.254829592f +
                           t * (-0.284496736f + t * (1.421413741f + t * (-1.453152027f + t * 1.061405429f))));
    const float y = 1.0f - sum * real_exp(-size * size);
    return x < 0.0f ? -y : y;
}

// |x| = quarter * pi/2 + rest (modulo whole turns), rest in [-pi/4, pi/4].
struct Turn {
    uint32_t quarter;  // 0..3
    float rest;
};

// The 96 bits of 2/pi * 2^e modulo 4 as three words, highest first.
inline void two_over_pi(int32_t e, uint32_t (&words)[3]) {
    constexpr uint32_t kTwoOverPi[8] = {0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0,
                                        0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561};
    // The highest bit kept is worth 2, so the first of 2/pi (worth 2^-1) lies 2 - e places below it.
    const int32_t first = e - 2;
    for (int32_t w = 0; w < 3; ++w) {
        const int32_t bit = first + 32 * w;
        const int32_t word = bit >> 5;
        const uint32_t shift = static_cast<uint32_t>(bit) & 31;
        const uint32_t high = word >= 0 && word < 8 ? kTwoOverPi[word] : 0;
        const uint32_t low = word + 1 >= 0 && word + 1 < 8 ? kTwoOverPi[word + 1] : 0;
        words[w] = shift == 0 ? high : (high << shift) | (low >> (32 - shift));
    }
}

inline Turn turn_of(float size) {
    if (size < 0.785398163f) return {0, size};
    const Parts parts = parts_of(size);
    uint32_t words[3];
    two_over_pi(parts.e, words);
    const uint64_t low = static_cast<uint64_t>(words[2]) * parts.m;
    const uint64_t middle = static_cast<uint64_t>(words[1]) * parts.m + (low >> 32);
    const uint32_t high = static_cast<uint32_t>(words[0] * parts.m + (middle >> 32));
    // Bits 63 and 62 count quarters; the rest is a fraction of one.
    const uint64_t product = static_cast<uint64_t>(high) << 32 | (middle & 0xFFFFFFFFu);
    const uint64_t nearest = product + (uint64_t{1} << 61);
    const int64_t fraction = static_cast<int64_t>(product - (nearest & (uint64_t{3} << 62)));
    constexpr float kQuarterTurn = 1.57079633f / 4611686018427387904.0f;  // of 2^-62
    return {static_cast<uint32_t>(nearest >> 62), static_cast<float>(fraction) * kQuarterTurn};
}

// Taylor polynomials on [-pi/4, pi/4].
inline float sine_near(float x) {
    const float z = x * x;
    return x + x * z * (-1.0f / 6 + z * (1.0f / 120 + z * (-1.0f / 5040 + z * (1.0f / 362880))));
}
inline float cosine_near(float x) {
    const float z = x * x;
    return 1.0f +
           z * (-0.5f + z * (1.0f / 24 + z * (-1.0f / 720 + z * (1.0f / 40320 - z * (1.0f / 3628800)))));
}

// The sine `quarters` quarter turns further than x, for x >= 0.
inline float sine_after(float x, uint32_t quarters) {
    if (!(x <= 3.40282347e38f)) return float_of(0x7FC00000u);
    const Turn turn = turn_of(x);
    const uint32_t quarter = turn.quarter + quarters;
    const float y = quarter % 2 == 0 ? sine_near(turn.rest) : cosine_near(turn.rest);
    return quarter & 2 ? -y : y;
}

inline float real_sin(float x) { return x < 0.0f ? -sine_after(-x, 0) : sine_after(x, 0); }
inline float real_cos(float x) { return sine_after(x < 0.0f ? -x : x, 1); }

JATAI_HOT_END

}  // namespace jatai
