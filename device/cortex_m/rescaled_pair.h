// rescaled_pair.h: MUL for Cortex-M with DSP: the answers of device/kernels/rescaled_pair.h, sooner.
//
//     const Kernel* const kernels[] = {&kMulInt8CortexM, ...};      // written by the compiler
//
//     out = clamp(zero + rescale((a - zero_a) * (b - zero_b)))
//
// A product of two bytes is far below 2^30, so it is requantised the short way: one SMMULR, four instructions
// more. Registers in the loop: a, b, output, end; two zero points, multiplier, nudge, bits; the product.
// Operands: those of the reference. Factors of 1/2 or more go to the reference; without the DSP extension
// everything does. Cost: 16 instructions an element.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/rescaled_pair.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

inline bool is_byte(int32_t x) { return x == static_cast<int8_t>(x); }

inline void run_mul_cortex_m(const Call& call) {
    const RescaledPairParams& p = call.parameters<RescaledPairParams>();
    const bool bytes = is_byte(p.a_zero_point) && is_byte(p.b_zero_point) && is_byte(p.zero_point);
    if (!bytes || p.shift > -1 || p.shift < -22)
        return run_rescaled_pair<int8_t, int8_t, RescaledTimes>(call);
    const ShortScale scale(p.multiplier, p.shift, p.zero_point);
    const int32_t a_zero = p.a_zero_point, b_zero = p.b_zero_point, low = p.low, high = p.high;
    walk_pairs(p.walk, call.in<int8_t>(0), call.in<int8_t>(1), call.out<int8_t>(2),
               [&](int32_t a, int32_t b) {
                   return static_cast<int8_t>(clamp(scale((a - a_zero) * (b - b_zero)), low, high));
               });
}

JATAI_HOT_END

#else

inline void run_mul_cortex_m(const Call& call) { run_rescaled_pair<int8_t, int8_t, RescaledTimes>(call); }

#endif

constexpr Kernel kMulInt8CortexM{
    {Op::Mul, Type::Int8, 1}, fits_rescaled_pair<int8_t, int8_t>, run_mul_cortex_m};

}  // namespace jatai
