// exact_math.h: exp, log and cos that give the same bytes on every machine.
//
// The C library chooses its versions by processor, and they differ in the last bit; training must not. These
// use only additions, multiplications and divisions of double, each rounded as IEEE 754 says (the build turns
// contraction off). Relative error below 1e-12 in the ranges training uses.
#pragma once

#include <bit>
#include <cstdint>

namespace jatai::train {

// e^x. Below -700 the answer is 0; x must be below 700.
inline double exact_exp(double x) {
    if (!(x > -700.0)) return 0.0;  // also for what is not a number
    constexpr double kLog2 = 0.6931471805599453094;
    const double scaled = x / kLog2;
    const auto whole = static_cast<std::int64_t>(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
    const double r = x - static_cast<double>(whole) * kLog2;  // |r| <= 0.35
    double sum = 1.0;
    for (int i = 16; i >= 1; --i) sum = 1.0 + sum * r / i;
    return sum * std::bit_cast<double>(static_cast<std::uint64_t>(whole + 1023) << 52);
}

// ln x of a normal x > 0.
inline double exact_log(double x) {
    constexpr double kLog2 = 0.6931471805599453094;
    const auto bits = std::bit_cast<std::uint64_t>(x);
    auto exponent = static_cast<std::int64_t>(bits >> 52) - 1023;
    double m = std::bit_cast<double>((bits & 0xFFFFFFFFFFFFFull) | (std::uint64_t{1023} << 52));
    if (m > 1.4142135623730951) {
        m /= 2;
        ++exponent;
    }
    const double t = (m - 1) / (m + 1), square = t * t;  // ln m = 2 (t + t^3/3 + t^5/5 + ...)
    double sum = 0;
    for (int i = 27; i >= 1; i -= 2) sum = sum * square + 1.0 / i;
    return 2 * t * sum + static_cast<double>(exponent) * kLog2;
}

// cos x for 0 <= x <= pi.
inline double exact_cos(double x) {
    constexpr double kHalfPi = 1.5707963267948966;
    const double t = kHalfPi - x;  // cos x = sin t
    double sum = 1.0;
    for (int i = 23; i >= 3; i -= 2) sum = 1.0 - t * t / ((i - 1) * i) * sum;
    return t * sum;
}

}  // namespace jatai::train
