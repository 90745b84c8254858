// arg_max.h: ARG_MAX and ARG_MIN: where along one dimension the largest, or smallest, element is; the first
// of equals.
//
//     out[o,i] = the smallest k with in[o,k,i] >= in[o,j,i] for all j
//
// Operands: 0 in, 1 out int32 or int64. Formula: docs/reference/ops.md#arg_max.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"

namespace jatai {

struct ArgMaxParams {
    uint32_t outer, extent, inner;
    uint8_t smallest;  // 1: ARG_MIN
    uint8_t wide;      // 1: answers of 64 bits
    uint8_t reserved[2];
};
static_assert(sizeof(ArgMaxParams) == 16, "the layout in flash");

template <typename T>
bool fits_arg_max(const Claim& claim) {
    const ArgMaxParams* p = claim.parameters<ArgMaxParams>();
    if (p == nullptr || !none_zero(p->outer, p->extent, p->inner)) return false;
    const uint64_t rows = uint64_t{p->outer} * p->inner;
    if (rows > 0xFFFFFFFFu || rows * p->extent > 0xFFFFFFFFu) return false;
    return holds(claim, 0, rows * p->extent * sizeof(T)) && fills(claim, 1, rows * (p->wide ? 8 : 4));
}

JATAI_HOT_BEGIN

template <typename T>
uint32_t place_of_most(const ArgMaxParams& p, const T* in) {
    uint32_t place = 0;
    T most = in[0];
    for (uint32_t k = 1; k < p.extent; ++k) {
        const T x = in[k * p.inner];
        if (p.smallest ? x < most : x > most) {
            most = x;
            place = k;
        }
    }
    return place;
}

template <typename T>
void run_arg_max(const Call& call) {
    const ArgMaxParams& p = call.parameters<ArgMaxParams>();
    uint32_t at = 0;
    for (uint32_t o = 0; o < p.outer; ++o) {
        for (uint32_t i = 0; i < p.inner; ++i) {
            const uint32_t place = place_of_most(p, call.in<T>(0) + o * p.extent * p.inner + i);
            if (p.wide) {
                call.out<int64_t>(1)[at++] = place;
            } else {
                call.out<int32_t>(1)[at++] = static_cast<int32_t>(place);
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kArgMaxInt8{{Op::ArgMax, Type::Int8, 1}, fits_arg_max<int8_t>, run_arg_max<int8_t>};
constexpr Kernel kArgMaxUInt8{{Op::ArgMax, Type::UInt8, 1}, fits_arg_max<uint8_t>, run_arg_max<uint8_t>};
constexpr Kernel kArgMaxInt32{{Op::ArgMax, Type::Int32, 1}, fits_arg_max<int32_t>, run_arg_max<int32_t>};
constexpr Kernel kArgMaxFloat32{{Op::ArgMax, Type::Float32, 1}, fits_arg_max<float>, run_arg_max<float>};

}  // namespace jatai
