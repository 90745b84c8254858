// quantize_wide.h: QUANTIZE to int16 or int32, by the formula of quantize.h.
//
//     out = clamp(zero + round(in / scale))                 float32 to int16
//     out = clamp(zero + rescale(in - in_zero))             int8, uint8, int16, int32
//
// Operands: 0 input, 1 output. Formula: docs/reference/ops.md#quantize.
#pragma once

#include "device/kernels/quantize.h"

namespace jatai {

inline bool fits_quantize_wide(const Claim& claim) {
    const QuantizeParams* p = claim.parameters<QuantizeParams>();
    if (p == nullptr || (p->to != Type::Int16 && p->to != Type::Int32)) return false;
    const bool integer =
        p->from == Type::Int8 || p->from == Type::UInt8 || p->from == Type::Int16 || p->from == Type::Int32;
    if (!integer && p->from != Type::Float32) return false;
    return holds(claim, 0, uint64_t{p->count} * size_of(p->from)) &&
           fills(claim, 1, uint64_t{p->count} * size_of(p->to));
}

JATAI_HOT_BEGIN

inline int32_t quantize_one(const QuantizeParams& p, float x) {
    return add_wrapping(round_to_int(x / p.scale), p.zero_point);
}
template <typename T>
inline int32_t quantize_one(const QuantizeParams& p, T x) {
    const uint32_t difference = static_cast<uint32_t>(x) - static_cast<uint32_t>(p.in_zero_point);
    return add_wrapping(rescale(static_cast<int32_t>(difference), p.multiplier, p.shift), p.zero_point);
}

template <typename T>
inline void quantize_wide(const QuantizeParams& p, const T* in, void* out) {
    for (uint32_t i = 0; i < p.count; ++i) {
        const int32_t y = quantize_one(p, in[i]);
        if (p.to == Type::Int32) {
            static_cast<int32_t*>(out)[i] = y;
        } else {
            static_cast<int16_t*>(out)[i] = static_cast<int16_t>(clamp(y, -32768, 32767));
        }
    }
}

inline void run_quantize_wide(const Call& call) {
    const QuantizeParams p = call.parameters<QuantizeParams>();
    void* out = call.out<void>(1);
    if (p.from == Type::Int8) quantize_wide(p, call.in<int8_t>(0), out);
    if (p.from == Type::UInt8) quantize_wide(p, call.in<uint8_t>(0), out);
    if (p.from == Type::Int16) quantize_wide(p, call.in<int16_t>(0), out);
    if (p.from == Type::Int32) quantize_wide(p, call.in<int32_t>(0), out);
    if (p.from == Type::Float32) quantize_wide(p, call.in<float>(0), out);
}

JATAI_HOT_END

constexpr Kernel kQuantizeWide{{Op::Quantize, Type::Int16, 1}, fits_quantize_wide, run_quantize_wide};

}  // namespace jatai
