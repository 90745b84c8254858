// add.h: ADD for cores with the Armv6-M instructions: the answers of device/kernels/add.h, sooner.
//
//     const Kernel* const kernels[] = {&kAddInt8CortexM0, ...};      // written by the compiler
//
// The operand of the larger scale is halved exactly, so only the other one and the sum are multiplied, each
// by four products of 16 by 16 bits. Registers in the loop: r5 r7 the two inputs, r8 r9 halves of the sum's
// multiplier, r10 its nudge, the rest for products; the other factor lies on the stack. Operands: those of
// the reference. Broadcasting and scales that are far apart go to the reference. Cost: 87 instructions an
// element.
#pragma once

#include "device/cortex_m0/long_product.h"
#include "device/kernels/add.h"
#include "device/kernels/scales.h"
#include "device/kernels/window.h"

namespace jatai {

JATAI_HOT_BEGIN

// A factor below 1, its rounding prepared.
struct ShortFactor {
    int32_t multiplier, nudge, bits;

    ShortFactor(int32_t factor, int32_t shift, int32_t zero_point)
        : multiplier(factor),
          nudge(shift_left(2 * zero_point + 1, static_cast<uint32_t>(~shift) & 31)),
          bits(static_cast<int32_t>((0u - static_cast<uint32_t>(shift)) & 31)) {}

    // Of a number that is doubled already.
    int32_t operator()(int32_t doubled) const {
        const int32_t t = high_product_rounded(doubled, multiplier);
        return add_wrapping(add_wrapping(t, t >> 31), nudge) >> bits;
    }
};

// `exact` is halved, `other` is rescaled; both lie contiguous.
struct PlainOperand {
    const int8_t* in;
    int32_t zero_point;
    int32_t multiplier, shift;

    // A factor of 1/2 exactly: (x - zero) * 2^20 / 2 leaves nothing to round.
    bool is_half() const { return multiplier == 1 << 30 && shift == 0; }
};

inline void add_plain(const AddParams& p, const PlainOperand& exact, const PlainOperand& other,
                      uint32_t count, int8_t* out) {
    constexpr int32_t kHalf = 1 << (kAddLeftShift - 1);
    const bool both = other.is_half();
    const ShortFactor rescale_other(other.multiplier, both ? -1 : other.shift, 0);
    const ShortFactor rescale_sum(p.multiplier, p.shift, p.range.zero_point);
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t x = (exact.in[i] - exact.zero_point) * kHalf;
        int32_t y = (other.in[i] - other.zero_point) * kHalf;
        if (!both) y = rescale_other(y * 4);
        const int32_t sum = rescale_sum(shift_left(add_wrapping(x, y), 1));
        out[i] = static_cast<int8_t>(clamp(sum, p.range.low, p.range.high));
    }
}

inline void run_add_cortex_m0(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    const uint32_t* shape = p.walk.shape;
    const bool contiguous = shape[0] == 1 && shape[1] == 1 && shape[2] == 1 && p.walk.stride[0][3] == 1 &&
                            p.walk.stride[1][3] == 1;
    const PlainOperand a{call.in<int8_t>(0), p.a_zero_point, p.a_multiplier, p.a_shift};
    const PlainOperand b{call.in<int8_t>(1), p.b_zero_point, p.b_multiplier, p.b_shift};
    if (!contiguous || !(p.facts & kShortRequantise) || (!a.is_half() && !b.is_half())) return run_add(call);
    add_plain(p, a.is_half() ? a : b, a.is_half() ? b : a, shape[3], call.out<int8_t>(2));
}

JATAI_HOT_END

constexpr Kernel kAddInt8CortexM0{{Op::Add, Type::Int8, 1}, fits_add, run_add_cortex_m0};

}  // namespace jatai
