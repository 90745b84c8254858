// quantize.h: QUANTIZE, from float32 or from another integer scale, to int8 or uint8.
//
//     out = clamp(zero + round(in / scale))                 float32, halves away from zero
//     out = clamp(zero + rescale(in - in_zero))             int8, uint8, int16, int32
//
// Operands: 0 input, 1 output. Formula: docs/reference/ops.md#quantize.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct QuantizeParams {
    uint32_t count;
    Type from;  // float kernel: Float32; integer kernel: Int8, UInt8, Int16 or Int32
    Type to;    // Int8 or UInt8
    uint16_t reserved;
    float scale;  // of the output; float kernel
    int32_t multiplier;
    int32_t shift;
    int32_t in_zero_point;
    int32_t zero_point;
};
static_assert(sizeof(QuantizeParams) == 28, "the layout in flash");

inline bool fits_quantize(const Claim& claim, bool from_float) {
    const QuantizeParams* p = claim.parameters<QuantizeParams>();
    if (p == nullptr || (p->to != Type::Int8 && p->to != Type::UInt8)) return false;
    const bool integer =
        p->from == Type::Int8 || p->from == Type::UInt8 || p->from == Type::Int16 || p->from == Type::Int32;
    if (from_float ? p->from != Type::Float32 : !integer) return false;
    return holds(claim, 0, uint64_t{p->count} * size_of(p->from)) && fills(claim, 1, p->count);
}

inline bool fits_quantize_float(const Claim& claim) { return fits_quantize(claim, true); }
inline bool fits_quantize_integer(const Claim& claim) { return fits_quantize(claim, false); }

JATAI_HOT_BEGIN

// To the nearest integer, halves away from zero; held within 24 bits, which is more than any output keeps.
// What is not a number gives 0.
inline int32_t round_to_int(float x) {
    if (!(x > -8388608.0f)) return x <= -8388608.0f ? -8388608 : 0;
    if (x >= 8388608.0f) return 8388608;
    const int32_t whole = static_cast<int32_t>(x);
    const float rest = x - static_cast<float>(whole);
    return whole + (rest >= 0.5f ? 1 : 0) - (rest <= -0.5f ? 1 : 0);
}

// The byte stored for `value`, in the range of the output's type.
inline uint8_t store_byte(const QuantizeParams& p, int32_t value) {
    const int32_t low = p.to == Type::Int8 ? -128 : 0;
    return static_cast<uint8_t>(clamp(value, low, low + 255));
}

inline void run_quantize_float(const Call& call) {
    const QuantizeParams& p = call.parameters<QuantizeParams>();
    const float* in = call.in<float>(0);
    uint8_t* out = call.out<uint8_t>(1);
    for (uint32_t i = 0; i < p.count; ++i)
        out[i] = store_byte(p, add_wrapping(round_to_int(in[i] / p.scale), p.zero_point));
}

template <typename T>
inline void quantize_integers(const QuantizeParams& p, const T* in, uint8_t* out) {
    for (uint32_t i = 0; i < p.count; ++i) {
        const int32_t x =
            static_cast<int32_t>(static_cast<uint32_t>(in[i]) - static_cast<uint32_t>(p.in_zero_point));
        out[i] = store_byte(p, add_wrapping(rescale(x, p.multiplier, p.shift), p.zero_point));
    }
}

inline void run_quantize_integer(const Call& call) {
    const QuantizeParams& p = call.parameters<QuantizeParams>();
    uint8_t* out = call.out<uint8_t>(1);
    if (p.from == Type::Int8) quantize_integers(p, call.in<int8_t>(0), out);
    if (p.from == Type::UInt8) quantize_integers(p, call.in<uint8_t>(0), out);
    if (p.from == Type::Int16) quantize_integers(p, call.in<int16_t>(0), out);
    if (p.from == Type::Int32) quantize_integers(p, call.in<int32_t>(0), out);
}

JATAI_HOT_END

constexpr Kernel kQuantizeFloat{{Op::Quantize, Type::Float32, 1}, fits_quantize_float, run_quantize_float};
constexpr Kernel kQuantizeInteger{{Op::Quantize, Type::Int8, 1}, fits_quantize_integer, run_quantize_integer};

}  // namespace jatai
