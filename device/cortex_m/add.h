// add.h: ADD for Cortex-M with DSP: the answers of device/kernels/add.h, sooner.
//
//     const Kernel* const kernels[] = {&kAddInt8CortexM, ...};      // written by the compiler
//
// The operand of the larger scale is halved exactly, so only the other one and the sum need rounding, each in
// the short way. Registers in the loop: a, b, output, end; two starts; multiplier, nudge, bits of the other
// operand and of the sum. Operands: those of the reference. Scales that are far apart go to the reference;
// without the DSP extension everything does. Cost: 20 instructions an element side by side (scales alike:
// 13), 28 where one is broadcast or clamped.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/add.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// An operand whose factor is 1/2 exactly: (x - zero) * 2^20 / 2 leaves nothing to round.
inline bool is_half(int32_t multiplier, int32_t shift) { return multiplier == 1 << 30 && shift == 0; }

// `exact` is halved, `other` is rescaled.
struct AddOperand {
    const int8_t* in;
    int32_t zero_point;
    int32_t multiplier, shift;
    const uint32_t* stride;  // of the walk

    bool halved() const { return is_half(multiplier, shift); }
    int32_t start() const { return -zero_point * (1 << (kAddLeftShift - 1)); }
};

// Elements side by side, with nothing but ssat to clamp. 2 * start of the exact operand, 4 * that of the
// other one; x2 = 2 * (x + y).
JATAI_NOINLINE void add_side_by_side(const AddParams& p, const AddOperand& exact, const AddOperand& other,
                                     int8_t* out) {
    const ShortScale of_other(other.multiplier, other.shift, 0);
    const ShortScale of_sum(p.multiplier, p.shift, p.range.zero_point);
    const int32_t x2_start = 2 * exact.start(), y4_start = 4 * other.start();
    const int8_t *a = exact.in, *b = other.in;
    for (int8_t* const end = out + p.walk.shape[3]; out != end; ++out) {
        int32_t y = smmulr(y4_start + *b++ * (1 << (kAddLeftShift + 1)), of_other.multiplier);
        y = divide_by_power_short(y, of_other.nudge, of_other.bits);
        const int32_t x2 = x2_start + 2 * (y + *a++ * (1 << (kAddLeftShift - 1)));
        *out = static_cast<int8_t>(
            ssat8(divide_by_power_short(smmulr(x2, of_sum.multiplier), of_sum.nudge, of_sum.bits)));
    }
}

// The same where both are halved.
JATAI_NOINLINE void add_halves(const AddParams& p, const AddOperand& a, const AddOperand& b, int8_t* out) {
    const ShortScale of_sum(p.multiplier, p.shift, p.range.zero_point);
    const int32_t start = 2 * (a.start() + b.start());
    const int8_t *x = a.in, *y = b.in;
    for (int8_t* const end = out + p.walk.shape[3]; out != end; ++out) {
        const int32_t x2 = start + (*x++ + *y++) * (1 << kAddLeftShift);
        *out = static_cast<int8_t>(
            ssat8(divide_by_power_short(smmulr(x2, of_sum.multiplier), of_sum.nudge, of_sum.bits)));
    }
}

inline bool is_side_by_side(const AddParams& p) {
    const uint32_t* shape = p.walk.shape;
    return shape[0] == 1 && shape[1] == 1 && shape[2] == 1 && p.walk.stride[0][3] == 1 &&
           p.walk.stride[1][3] == 1 && p.range.low == -128 && p.range.high == 127;
}

JATAI_NOINLINE void add_rows(const AddParams& p, const AddOperand& exact, const AddOperand& other,
                             int8_t* out) {
    const bool both = other.halved();
    const ShortScale rescale_other(other.multiplier, both ? -1 : other.shift, 0);
    const ShortScale rescale_sum(p.multiplier, p.shift, p.range.zero_point);
    const int32_t x_start = exact.start(), y_start = other.start(), low = p.range.low, high = p.range.high;
    Walk<2> walk = p.walk;
    for (uint32_t axis = 0; axis < kWalkAxes; ++axis) {
        walk.stride[0][axis] = exact.stride[axis];
        walk.stride[1][axis] = other.stride[axis];
    }
    const auto sum = [&](int32_t a, int32_t y) {
        const int32_t x = x_start + a * (1 << (kAddLeftShift - 1));
        return static_cast<int8_t>(clamp(rescale_sum(add_wrapping(x, y)), low, high));
    };
    if (both) {
        return walk_pairs(walk, exact.in, other.in, out, [&](int32_t a, int32_t b) {
            return sum(a, y_start + b * (1 << (kAddLeftShift - 1)));
        });
    }
    walk_pairs(walk, exact.in, other.in, out, [&](int32_t a, int32_t b) {
        const int32_t y = (y_start + b * (1 << (kAddLeftShift - 1))) * 4;
        return sum(a, divide_by_power_short(smmulr(y, rescale_other.multiplier), rescale_other.nudge,
                                            rescale_other.bits));
    });
}

inline void run_add_cortex_m(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    const AddOperand a{call.in<int8_t>(0), p.a_zero_point, p.a_multiplier, p.a_shift, p.walk.stride[0]};
    const AddOperand b{call.in<int8_t>(1), p.b_zero_point, p.b_multiplier, p.b_shift, p.walk.stride[1]};
    if (!(p.facts & kShortRequantise) || (!a.halved() && !b.halved())) return run_add(call);
    const AddOperand &exact = a.halved() ? a : b, &other = a.halved() ? b : a;
    if (!is_side_by_side(p)) return add_rows(p, exact, other, call.out<int8_t>(2));
    (other.halved() ? add_halves : add_side_by_side)(p, exact, other, call.out<int8_t>(2));
}

JATAI_HOT_END

#else

inline void run_add_cortex_m(const Call& call) { run_add(call); }

#endif

constexpr Kernel kAddInt8CortexM{{Op::Add, Type::Int8, 1}, fits_add, run_add_cortex_m};

}  // namespace jatai
