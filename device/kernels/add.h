// add.h: ADD, int8, with broadcasting.
//
//     out = clamp(zero + rescale(rescale((a - zero_a) * 2^20) + rescale((b - zero_b) * 2^20)))
//
// Operands: 0 a int8, 1 b int8, 2 output int8. Formula: docs/reference/ops.md#add.
#pragma once

#include "device/kernels/requantize.h"
#include "device/kernels/walk.h"

namespace jatai {

constexpr uint32_t kAddLeftShift = 20;

struct AddParams {
    Walk<2> walk;
    int32_t a_multiplier, a_shift;
    int32_t b_multiplier, b_shift;
    int32_t multiplier, shift;
    int8_t a_zero_point;
    int8_t b_zero_point;
    uint8_t reserved[2];
    Range range;
    uint8_t facts;  // kShortRequantise: a_shift and b_shift in -22..0, shift in -22..-1
};
static_assert(sizeof(AddParams) == 80, "the layout in flash");

inline bool fits_add(const Claim& claim) {
    const AddParams* p = claim.parameters<AddParams>();
    return p != nullptr && walk_fits(claim, p->walk, {1, 1}, 1);
}

JATAI_HOT_BEGIN

inline int8_t add_one(const AddParams& p, int32_t a, int32_t b) {
    const int32_t x = rescale((a - p.a_zero_point) * (1 << kAddLeftShift), p.a_multiplier, p.a_shift);
    const int32_t y = rescale((b - p.b_zero_point) * (1 << kAddLeftShift), p.b_multiplier, p.b_shift);
    return to_int8(add_wrapping(x, y), p.multiplier, p.shift, p.range);
}

JATAI_NOINLINE void run_add(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    walk_pairs(p.walk, call.in<int8_t>(0), call.in<int8_t>(1), call.out<int8_t>(2),
               [&p](int32_t a, int32_t b) { return add_one(p, a, b); });
}

JATAI_HOT_END

constexpr Kernel kAddInt8{{Op::Add, Type::Int8, 1}, fits_add, run_add};
constexpr Kernel kAddHeldInt8{{Op::Add, Type::Int8, 2}, fits_add, run_add};

}  // namespace jatai
