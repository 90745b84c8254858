// topk_v2.h: TOPK_V2: the k largest of each row, the largest first, and where they are; the first of equals.
//
//     values[r,j] = in[r,where[r,j]], where[r,j] the j-th in the order "larger first, then further in front"
//
// Nothing is stored in between: each answer is the best of what comes after the one before it, so it costs k
// times the row. What is not a number comes after all numbers.
// Operands: 0 in, 1 values, 2 places int32. Formula: docs/reference/ops.md#topk_v2.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"

namespace jatai {

struct TopKParams {
    uint32_t rows, extent, k;
};
static_assert(sizeof(TopKParams) == 12, "the layout in flash");

template <typename T>
bool fits_topk(const Claim& claim) {
    const TopKParams* p = claim.parameters<TopKParams>();
    if (p == nullptr || !none_zero(p->rows, p->k) || p->k > p->extent) return false;
    const uint64_t found = uint64_t{p->rows} * p->k, all = uint64_t{p->rows} * p->extent;
    if (all > 0xFFFFFFFFu) return false;
    return holds(claim, 0, all * sizeof(T)) && fills(claim, 1, found * sizeof(T)) &&
           fills(claim, 2, found * 4);
}

JATAI_HOT_BEGIN

// Whether element i of the row comes before element j.
template <typename T>
inline bool comes_before(const T* row, uint32_t i, uint32_t j) {
    if (row[i] > row[j]) return true;
    const bool number = row[i] == row[i], other = row[j] == row[j];
    if (number != other) return number;
    return !(row[j] > row[i]) && i < j;
}

template <typename T>
void run_topk(const Call& call) {
    const TopKParams& p = call.parameters<TopKParams>();
    T* values = call.out<T>(1);
    int32_t* places = call.out<int32_t>(2);
    for (uint32_t r = 0; r < p.rows; ++r) {
        const T* row = call.in<T>(0) + r * p.extent;
        uint32_t last = p.extent;  // none yet
        for (uint32_t j = 0; j < p.k; ++j) {
            uint32_t best = p.extent;
            for (uint32_t i = 0; i < p.extent; ++i) {
                const bool left = last == p.extent || comes_before(row, last, i);
                if (left && i != last && (best == p.extent || comes_before(row, i, best))) best = i;
            }
            values[r * p.k + j] = row[best];
            places[r * p.k + j] = static_cast<int32_t>(best);
            last = best;
        }
    }
}

JATAI_HOT_END

constexpr Kernel kTopKInt8{{Op::TopKV2, Type::Int8, 1}, fits_topk<int8_t>, run_topk<int8_t>};
constexpr Kernel kTopKUInt8{{Op::TopKV2, Type::UInt8, 1}, fits_topk<uint8_t>, run_topk<uint8_t>};
constexpr Kernel kTopKInt16{{Op::TopKV2, Type::Int16, 1}, fits_topk<int16_t>, run_topk<int16_t>};
constexpr Kernel kTopKInt32{{Op::TopKV2, Type::Int32, 1}, fits_topk<int32_t>, run_topk<int32_t>};
constexpr Kernel kTopKInt64{{Op::TopKV2, Type::Int64, 1}, fits_topk<int64_t>, run_topk<int64_t>};
constexpr Kernel kTopKFloat32{{Op::TopKV2, Type::Float32, 1}, fits_topk<float>, run_topk<float>};

}  // namespace jatai
