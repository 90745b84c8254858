// dequantize.h: DEQUANTIZE, from int8, uint8 or int16 to float32.
//
//     out = scale * (in - zero)           one rounding, to the nearest float
//
// Operands: 0 input, 1 output float32. Formula: docs/reference/ops.md#dequantize.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct DequantizeParams {
    uint32_t count;
    Type from;  // Int8, UInt8 or Int16
    uint8_t reserved[3];
    float scale;
    int32_t zero_point;
};
static_assert(sizeof(DequantizeParams) == 16, "the layout in flash");

inline bool fits_dequantize(const Claim& claim) {
    const DequantizeParams* p = claim.parameters<DequantizeParams>();
    if (p == nullptr || (p->from != Type::Int8 && p->from != Type::UInt8 && p->from != Type::Int16))
        return false;
    return holds(claim, 0, uint64_t{p->count} * size_of(p->from)) &&
           fills(claim, 1, uint64_t{p->count} * sizeof(float));
}

JATAI_HOT_BEGIN

template <typename T>
inline void dequantize(const DequantizeParams& p, const T* in, float* out) {
    for (uint32_t i = 0; i < p.count; ++i) {
        out[i] = p.scale * static_cast<float>(add_wrapping(
                               in[i], static_cast<int32_t>(0u - static_cast<uint32_t>(p.zero_point))));
    }
}

inline void run_dequantize(const Call& call) {
    const DequantizeParams& p = call.parameters<DequantizeParams>();
    float* out = call.out<float>(1);
    if (p.from == Type::Int8) dequantize(p, call.in<int8_t>(0), out);
    if (p.from == Type::UInt8) dequantize(p, call.in<uint8_t>(0), out);
    if (p.from == Type::Int16) dequantize(p, call.in<int16_t>(0), out);
}

JATAI_HOT_END

constexpr Kernel kDequantize{{Op::Dequantize, Type::Float32, 1}, fits_dequantize, run_dequantize};

}  // namespace jatai
