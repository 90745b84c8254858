// cast_real.h: CAST between float32 and the two types of floats that no other kernel takes: 16 bits, 64 bits.
//
// Rounded to the nearest, halves to the even one. All by their bits: the compiler's own way would link
// arithmetic on doubles, and not every core has halves.
// Operands: 0 input, 1 output. Formula: docs/reference/ops.md#cast.
#pragma once

#include "device/kernels/cast.h"

namespace jatai {

inline bool is_other_float(Type type) { return type == Type::Float16 || type == Type::Float64; }

inline bool fits_cast_real(const Claim& claim) {
    const CastParams* p = claim.parameters<CastParams>();
    if (p == nullptr) return false;
    const bool narrows = p->from == Type::Float32 && is_other_float(p->to);
    const bool widens = is_other_float(p->from) && p->to == Type::Float32;
    return (narrows || widens) && holds(claim, 0, uint64_t{p->count} * size_of(p->from)) &&
           fills(claim, 1, uint64_t{p->count} * size_of(p->to));
}

JATAI_HOT_BEGIN

// m without its lowest n bits, to the nearest, halves to the even one.
inline uint64_t round_off(uint64_t m, uint32_t n) {
    if (n > 63) return 0;
    if (n == 0) return m;
    const uint64_t half = uint64_t{1} << (n - 1);
    const uint64_t rest = m & ((half << 1) - 1), whole = m >> n;
    return whole + (rest > half || (rest == half && (whole & 1) != 0) ? 1 : 0);
}

inline float widen_from_half(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half >> 15) << 31;
    const uint32_t exponent = static_cast<uint32_t>(half >> 10) & 31u, fraction = half & 0x3FFu;
    if (exponent == 31) return float_of(sign | 0x7F800000u | fraction << 13);
    if (exponent != 0) return float_of(sign | (exponent + 112) << 23 | fraction << 13);
    const float value = static_cast<float>(fraction) * 5.9604644775390625e-8f;  // 2^-24: exact
    return sign != 0 ? -value : value;
}

inline uint16_t narrow_to_half(float x) {
    const uint32_t bits = bits_of(x), sign = bits >> 16 & 0x8000u, exponent = bits >> 23 & 255u;
    const uint32_t fraction = bits & 0x7FFFFFu;
    if (exponent == 255) return static_cast<uint16_t>(sign | 0x7C00u | (fraction != 0 ? 0x200u : 0u));
    if (exponent > 142) return static_cast<uint16_t>(sign | 0x7C00u);
    // A carry out of the fraction lands in the exponent, where it belongs; the last becomes infinity.
    if (exponent > 112) return static_cast<uint16_t>(sign | round_off((exponent - 112) << 23 | fraction, 13));
    return static_cast<uint16_t>(sign | round_off(fraction | 0x800000u, 126 - exponent));
}

inline float narrow_from_double(uint64_t bits) {
    const uint32_t sign = static_cast<uint32_t>(bits >> 63) << 31;
    const uint32_t exponent = static_cast<uint32_t>(bits >> 52) & 2047u;
    const uint64_t fraction = bits & 0xFFFFFFFFFFFFFull;
    if (exponent == 2047) return float_of(sign | 0x7F800000u | (fraction != 0 ? 0x400000u : 0u));
    if (exponent > 1150) return float_of(sign | 0x7F800000u);
    if (exponent > 896) {
        const uint64_t placed = static_cast<uint64_t>(exponent - 896) << 52 | fraction;
        return float_of(sign | static_cast<uint32_t>(round_off(placed, 29)));
    }
    return float_of(sign | static_cast<uint32_t>(round_off(fraction | uint64_t{1} << 52, 926 - exponent)));
}

inline uint64_t widen_to_double(float x) {
    const uint32_t bits = bits_of(x), exponent = bits >> 23 & 255u;
    const uint64_t sign = static_cast<uint64_t>(bits >> 31) << 63;
    const uint64_t fraction = static_cast<uint64_t>(bits & 0x7FFFFFu) << 29;
    if (exponent == 255) return sign | 0x7FF0000000000000ull | fraction;
    if (exponent != 0) return sign | static_cast<uint64_t>(exponent + 896) << 52 | fraction;
    if (bits << 1 == 0) return sign;
    const Parts parts = parts_of(x);  // m has its leading one at bit 23
    const uint64_t placed = static_cast<uint64_t>(parts.m & 0x7FFFFFu) << 29;
    return sign | static_cast<uint64_t>(parts.e + 1046) << 52 | placed;
}

inline void run_cast_real(const Call& call) {
    const CastParams p = call.parameters<CastParams>();
    for (uint32_t i = 0; i < p.count; ++i) {
        if (p.from == Type::Float16) {
            call.out<float>(1)[i] = widen_from_half(call.in<uint16_t>(0)[i]);
        } else if (p.from == Type::Float64) {
            call.out<float>(1)[i] = narrow_from_double(call.in<uint64_t>(0)[i]);
        } else if (p.to == Type::Float16) {
            call.out<uint16_t>(1)[i] = narrow_to_half(call.in<float>(0)[i]);
        } else {
            call.out<uint64_t>(1)[i] = widen_to_double(call.in<float>(0)[i]);
        }
    }
}

JATAI_HOT_END

constexpr Kernel kCastReal{{Op::Cast, Type::Float32, 1}, fits_cast_real, run_cast_real};

}  // namespace jatai
