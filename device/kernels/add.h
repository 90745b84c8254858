// add.h: ADD, int8, with broadcasting.
//
//     out = clamp(zero + rescale(rescale((a - zero_a) * 2^20) + rescale((b - zero_b) * 2^20)))
//
// The shapes are joined into at most four axes; a stride of 0 repeats an operand along an axis.
// Operands: 0 a int8, 1 b int8, 2 output int8. Formula: docs/reference/ops.md#add.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

constexpr uint32_t kAddAxes = 4;
constexpr uint32_t kAddLeftShift = 20;

struct AddParams {
    uint32_t shape[kAddAxes];
    uint32_t a_stride[kAddAxes];  // in elements
    uint32_t b_stride[kAddAxes];
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

// Every index `run` can form lies below the number of elements the operand has.
inline bool strides_fit(const uint32_t* shape, const uint32_t* stride, uint64_t elements) {
    uint64_t last = 0;
    for (uint32_t i = 0; i < kAddAxes; ++i) {
        const uint64_t reach = uint64_t{shape[i] - 1} * stride[i];
        if (reach > 0xFFFFFFFFu) return false;
        last += reach;
    }
    return last < elements;
}

inline bool fits_add(const Claim& claim) {
    const AddParams* p = claim.parameters<AddParams>();
    if (p == nullptr || claim.operand_count < 3) return false;
    uint64_t total = 1;
    for (uint32_t i = 0; i < kAddAxes; ++i) {
        if (p->shape[i] == 0) return false;
        total *= p->shape[i];
        if (total > 0xFFFFFFFFu) return false;
    }
    return strides_fit(p->shape, p->a_stride, claim.operand_bytes[0]) &&
           strides_fit(p->shape, p->b_stride, claim.operand_bytes[1]) && fills(claim, 2, total);
}

JATAI_HOT_BEGIN

inline int8_t add_one(const AddParams& p, int32_t a, int32_t b) {
    const int32_t x = rescale((a - p.a_zero_point) * (1 << kAddLeftShift), p.a_multiplier, p.a_shift);
    const int32_t y = rescale((b - p.b_zero_point) * (1 << kAddLeftShift), p.b_multiplier, p.b_shift);
    return to_int8(add_wrapping(x, y), p.multiplier, p.shift, p.range);
}

JATAI_NOINLINE void run_add(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    int8_t* out = call.out<int8_t>(2);
    for (uint32_t i = 0; i < p.shape[0]; ++i) {
        for (uint32_t j = 0; j < p.shape[1]; ++j) {
            for (uint32_t k = 0; k < p.shape[2]; ++k) {
                const int8_t* a =
                    call.in<int8_t>(0) + i * p.a_stride[0] + j * p.a_stride[1] + k * p.a_stride[2];
                const int8_t* b =
                    call.in<int8_t>(1) + i * p.b_stride[0] + j * p.b_stride[1] + k * p.b_stride[2];
                for (uint32_t l = 0; l < p.shape[3]; ++l)
                    *out++ = add_one(p, a[l * p.a_stride[3]], b[l * p.b_stride[3]]);
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kAddInt8{{Op::Add, Type::Int8, 1}, fits_add, run_add};

}  // namespace jatai
