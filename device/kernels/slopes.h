// slopes.h: RELU, RELU6, RELU_N1_TO_1, RELU_0_TO_1, LEAKY_RELU and ABS on int16: one factor above zero, one
// below.
//
//     out = clamp(rescale(in))       factor `above` for in >= 0, `below` for in < 0
//
// Zero points are 0. Operands: 0 input int16, 1 output int16. Formulas: docs/reference/ops.md#relu.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct SlopesParams {
    uint32_t count;
    int32_t above_multiplier, above_shift;
    int32_t below_multiplier, below_shift;
    int32_t low, high;
};
static_assert(sizeof(SlopesParams) == 28, "the layout in flash");

inline bool fits_slopes(const Claim& claim) {
    const SlopesParams* p = claim.parameters<SlopesParams>();
    if (p == nullptr) return false;
    const uint64_t bytes = uint64_t{p->count} * sizeof(int16_t);
    return holds(claim, 0, bytes) && fills(claim, 1, bytes);
}

JATAI_HOT_BEGIN

inline void run_slopes(const Call& call) {
    const SlopesParams p = call.parameters<SlopesParams>();
    const int16_t* in = call.in<int16_t>(0);
    int16_t* out = call.out<int16_t>(1);
    for (uint32_t i = 0; i < p.count; ++i) {
        const int32_t y = in[i] >= 0 ? rescale(in[i], p.above_multiplier, p.above_shift)
                                     : rescale(in[i], p.below_multiplier, p.below_shift);
        out[i] = static_cast<int16_t>(clamp(y, p.low, p.high));
    }
}

JATAI_HOT_END

constexpr Kernel kSlopesInt16{{Op::LeakyRelu, Type::Int16, 1}, fits_slopes, run_slopes};

}  // namespace jatai
