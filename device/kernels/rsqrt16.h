// rsqrt16.h: RSQRT on int16.
//
//     out = clamp(1 / sqrt(in) in fixed point)        32767 for in <= 0
//
// Zero points are 0. Operands: 0 input int16, 1 output int16.
// Formula: docs/reference/ops.md#operators-of-one-input.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"

namespace jatai {

struct Rsqrt16Params {
    uint32_t count;
    int32_t multiplier, shift;  // of 1 / (sqrt(input scale) * output scale)
};
static_assert(sizeof(Rsqrt16Params) == 12, "the layout in flash");

inline bool fits_rsqrt16(const Claim& claim) {
    const Rsqrt16Params* p = claim.parameters<Rsqrt16Params>();
    if (p == nullptr || p->shift < -31 || p->shift > 31) return false;
    const uint64_t bytes = uint64_t{p->count} * sizeof(int16_t);
    return holds(claim, 0, bytes) && fills(claim, 1, bytes);
}

JATAI_HOT_BEGIN

inline void run_rsqrt16(const Call& call) {
    constexpr int32_t kSpare = 20;
    const Rsqrt16Params& p = call.parameters<Rsqrt16Params>();
    const int16_t* in = call.in<int16_t>(0);
    int16_t* out = call.out<int16_t>(1);
    for (uint32_t i = 0; i < p.count; ++i) {
        int32_t y = 32767;
        if (in[i] > 0) {
            const Factor root = inverse_square_root(in[i]);
            y = rescale(rescale(1, root.multiplier, root.shift + kSpare), p.multiplier, p.shift - kSpare);
        }
        out[i] = static_cast<int16_t>(clamp(y, -32768, 32767));
    }
}

JATAI_HOT_END

constexpr Kernel kRsqrtInt16{{Op::Rsqrt, Type::Int16, 1}, fits_rsqrt16, run_rsqrt16};

}  // namespace jatai
