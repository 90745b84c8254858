// signal_window.h: SignalWindow, int16: every frame times the same window.
//
//     out[r,i] = clamp(floor(in[r,i] * window[i] / 2^shift))
//
// Operands: 0 input [rows, size] int16, 1 window [size] int16, 2 output int16.
// Formula: docs/reference/ops.md#signal-operators.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

struct SignalWindowParams {
    uint32_t rows;
    uint32_t size;
    uint32_t shift;  // 0..31
};
static_assert(sizeof(SignalWindowParams) == 12, "the layout in flash");

inline bool fits_signal_window(const Claim& claim) {
    const SignalWindowParams* p = claim.parameters<SignalWindowParams>();
    if (p == nullptr || !none_zero(p->rows, p->size) || p->shift > 31 || p->rows > 0x7FFFFFFFu ||
        p->size > 0x7FFFFFFFu)
        return false;
    const uint64_t bytes = 2 * uint64_t{p->rows} * p->size;
    return holds(claim, 0, bytes) && holds(claim, 1, 2 * uint64_t{p->size}) && fills(claim, 2, bytes);
}

JATAI_HOT_BEGIN

inline void run_signal_window(const Call& call) {
    const SignalWindowParams& p = call.parameters<SignalWindowParams>();
    const int16_t* in = call.in<int16_t>(0);
    const int16_t* window = call.in<int16_t>(1);
    int16_t* out = call.out<int16_t>(2);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.size, out += p.size) {
        for (uint32_t i = 0; i < p.size; ++i) {
            const int32_t product = (int32_t{in[i]} * window[i]) >> p.shift;
            out[i] = static_cast<int16_t>(clamp(product, INT16_MIN, INT16_MAX));
        }
    }
}

JATAI_HOT_END

constexpr Kernel kSignalWindow{{Op::SignalWindow, Type::Int16, 1}, fits_signal_window, run_signal_window};

}  // namespace jatai
