// add.h: ADD for Cortex-M with DSP: the answers of device/kernels/add.h, sooner.
//
//     const Kernel* const kernels[] = {&kAddInt8CortexM, ...};      // written by the compiler
//
// The operand of the larger scale is halved exactly, so only the other one and the sum need rounding, each in
// the short way. Operands: those of the reference. Broadcasting and scales that are far apart go to the
// reference; without the DSP extension everything does.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/add.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// An operand whose factor is 1/2 exactly: (x - zero) * 2^20 / 2 leaves nothing to round.
inline bool is_half(int32_t multiplier, int32_t shift) { return multiplier == 1 << 30 && shift == 0; }

// `exact` is halved, `other` is rescaled; both lie contiguous.
struct AddOperand {
    const int8_t* in;
    int32_t zero_point;
    int32_t multiplier, shift;
};

inline void add_contiguous(const AddParams& p, const AddOperand& exact, const AddOperand& other,
                           uint32_t count, int8_t* out) {
    const bool both = is_half(other.multiplier, other.shift);
    const ShortScale rescale_other(other.multiplier, both ? -1 : other.shift, 0);
    const ShortScale rescale_sum(p.multiplier, p.shift, p.range.zero_point);
    const int8_t* a = exact.in;
    const int8_t* b = other.in;
    const int32_t a_start = -exact.zero_point * (1 << (kAddLeftShift - 1));
    const int32_t b_start = -other.zero_point * (1 << (kAddLeftShift - 1));
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t x = a_start + a[i] * (1 << (kAddLeftShift - 1));
        int32_t y = b_start + b[i] * (1 << (kAddLeftShift - 1));
        if (!both)
            y = divide_by_power_short(smmulr(y * 4, rescale_other.multiplier), rescale_other.nudge,
                                      rescale_other.bits);
        out[i] = static_cast<int8_t>(clamp(rescale_sum(add_wrapping(x, y)), p.range.low, p.range.high));
    }
}

inline void run_add_cortex_m(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    const uint32_t* shape = p.walk.shape;
    const bool contiguous = shape[0] == 1 && shape[1] == 1 && shape[2] == 1 && p.walk.stride[0][3] == 1 &&
                            p.walk.stride[1][3] == 1;
    const AddOperand a{call.in<int8_t>(0), p.a_zero_point, p.a_multiplier, p.a_shift};
    const AddOperand b{call.in<int8_t>(1), p.b_zero_point, p.b_multiplier, p.b_shift};
    const bool a_exact = is_half(a.multiplier, a.shift);
    if (!contiguous || !(p.facts & kShortRequantise) || (!a_exact && !is_half(b.multiplier, b.shift)))
        return run_add(call);
    add_contiguous(p, a_exact ? a : b, a_exact ? b : a, shape[3], call.out<int8_t>(2));
}

JATAI_HOT_END

#else

inline void run_add_cortex_m(const Call& call) { run_add(call); }

#endif

constexpr Kernel kAddInt8CortexM{{Op::Add, Type::Int8, 1}, fits_add, run_add_cortex_m};

}  // namespace jatai
