// select.h: SELECT and SELECT_V2, of any type: for every element one of two inputs, as a third says.
//
//     out = condition ? a : b
//
// Operands: 0 condition bool, 1 a, 2 b, 3 output of their type, broadcast by walk.h.
// Formula: docs/reference/ops.md#select.
#pragma once

#include "device/kernels/walk.h"

namespace jatai {

struct SelectParams {
    Walk<3> walk;
};
static_assert(sizeof(SelectParams) == 64, "the layout in flash");

template <typename T>
inline bool fits_select(const Claim& claim) {
    const SelectParams* p = claim.parameters<SelectParams>();
    return p != nullptr && walk_fits(claim, p->walk, {1, sizeof(T), sizeof(T)}, sizeof(T));
}

JATAI_HOT_BEGIN

template <typename T>
inline void run_select(const Call& call) {
    const Walk<3>& walk = call.parameters<SelectParams>().walk;
    T* out = call.out<T>(3);
    walk_rows(walk, [&](const uint32_t* offset) {
        const uint8_t* condition = call.in<uint8_t>(0) + offset[0];
        const T* a = call.in<T>(1) + offset[1];
        const T* b = call.in<T>(2) + offset[2];
        for (uint32_t l = 0; l < walk.shape[kWalkAxes - 1]; ++l) {
            *out++ = *condition != 0 ? *a : *b;
            condition += walk.stride[0][kWalkAxes - 1];
            a += walk.stride[1][kWalkAxes - 1];
            b += walk.stride[2][kWalkAxes - 1];
        }
    });
}

JATAI_HOT_END

// By the bytes of an element, not by its meaning.
constexpr Kernel kSelect1{{Op::SelectV2, Type::Int8, 1}, fits_select<uint8_t>, run_select<uint8_t>};
constexpr Kernel kSelect2{{Op::SelectV2, Type::Int16, 1}, fits_select<uint16_t>, run_select<uint16_t>};
constexpr Kernel kSelect4{{Op::SelectV2, Type::Int32, 1}, fits_select<uint32_t>, run_select<uint32_t>};
constexpr Kernel kSelect8{{Op::SelectV2, Type::Int64, 1}, fits_select<uint64_t>, run_select<uint64_t>};

}  // namespace jatai
