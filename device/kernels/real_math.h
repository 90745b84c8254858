// real_math.h: exp, tanh and the logistic function in single precision, from additions and products alone.
//
//     const float y = real_logistic(x);
//
// Chips link no mathematics library. Errors stay below 3 units of the last place of the answer; what is not a
// number stays so. exp(x) = 2^n * exp(r), r within ln(2) / 2, by its Taylor polynomial of seventh degree.
// Cost: about 30 Cortex-M4F instructions each; a core without float hardware needs some 1,500.
#pragma once

#include <stdint.h>
#include <string.h>

#include "device/hot.h"

namespace jatai {

JATAI_HOT_BEGIN

// 2^n for n in -126..127.
inline float power_of_two(int32_t n) {
    const uint32_t bits = static_cast<uint32_t>(n + 127) << 23;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

inline float real_exp(float x) {
    constexpr float kLog2E = 1.44269504f;
    constexpr float kLn2High = 0.693145752f;  // the leading 14 bits: n times it is exact
    constexpr float kLn2Low = 1.42860677e-6f;
    if (x != x) return x;
    if (x > 88.7228394f) return 1e38f * 1e38f;  // infinity
    if (x < -103.97208f) return 0.0f;
    const int32_t n = static_cast<int32_t>(x * kLog2E + (x < 0 ? -0.5f : 0.5f));
    const float turns = static_cast<float>(n);
    const float r = (x - turns * kLn2High) - turns * kLn2Low;
    float sum = 1.0f / 5040;
    sum = sum * r + 1.0f / 720;
    sum = sum * r + 1.0f / 120;
    sum = sum * r + 1.0f / 24;
    sum = sum * r + 1.0f / 6;
    sum = sum * r + 0.5f;
    sum = sum * r * r + r + 1.0f;
    // Two steps, so that neither power leaves the range of floats.
    const int32_t half = n / 2;
    return sum * power_of_two(half) * power_of_two(n - half);
}

// 1 / (1 + exp(-x)). As TensorFlow Lite: exp(x) itself below -9.
inline float real_logistic(float x) {
    if (x < -9.0f) return real_exp(x);
    return 1.0f / (1.0f + real_exp(-x));
}

// Near 0 a quotient of polynomials (a cut of Lambert's continued fraction), else 1 - 2 / (exp(2x) + 1).
inline float real_tanh(float x) {
    const float size = x < 0 ? -x : x;
    if (size < 0.5f) {
        const float square = x * x;
        return x * (945.0f + square * (105.0f + square)) / (945.0f + square * (420.0f + square * 15.0f));
    }
    const float y = 1.0f - 2.0f / (real_exp(2.0f * size) + 1.0f);
    return x < 0 ? -y : y;
}

JATAI_HOT_END

}  // namespace jatai
