// softmax_table.h: SOFTMAX on int8, its exponentials from a table made by the compiler.
//
//     out[r,i] = round(256 * e / sum of e over i) - 128,  e = table[max - in[r,i]], beyond the table 0
//
// The factor that takes a difference to Q5.26 is known before the model runs, so that there are 256
// exponentials at most: entry d is that of softmax.h for the difference -d, in Q0.31. The answers are those
// of softmax.h. Operands: 0 input [rows, depth], 1 table [entries] int32, 2 output. Formula:
// docs/reference/ops.md#softmax. Cost: 52 Cortex-M4 instructions an element, beside 366 (M0+: 112, 1263).
#pragma once

#include "device/kernels/softmax.h"

namespace jatai {

struct SoftmaxTableParams {
    uint32_t rows;
    uint32_t depth;
    uint32_t entries;
};
static_assert(sizeof(SoftmaxTableParams) == 12, "the layout in flash");

inline bool fits_softmax_table(const Claim& claim) {
    const SoftmaxTableParams* p = claim.parameters<SoftmaxTableParams>();
    if (p == nullptr || p->depth == 0 || p->entries == 0 || p->entries > 256) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    return holds(claim, 0, count) && holds(claim, 1, uint64_t{p->entries} * 4) && fills(claim, 2, count);
}

JATAI_HOT_BEGIN

inline int32_t largest_of(const int8_t* in, uint32_t depth) {
    int32_t largest = in[0];
    for (uint32_t i = 1; i < depth; ++i) largest = in[i] > largest ? in[i] : largest;
    return largest;
}

inline void softmax_row_by_table(const SoftmaxTableParams& p, const int8_t* in, const int32_t* table,
                                 int8_t* out) {
    const int32_t largest = largest_of(in, p.depth);
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const uint32_t d = static_cast<uint32_t>(largest - in[i]);
        if (d < p.entries) sum += (static_cast<uint32_t>(table[d]) + (1u << 11)) >> 12;
    }
    const SoftmaxScale scale(sum, 8);
    for (uint32_t i = 0; i < p.depth; ++i) {
        const uint32_t d = static_cast<uint32_t>(largest - in[i]);
        const int32_t y = d < p.entries ? scale(table[d]) : 0;
        out[i] = static_cast<int8_t>(clamp(add_wrapping(y, -128), -128, 127));
    }
}

inline void run_softmax_table(const Call& call) {
    const SoftmaxTableParams& p = call.parameters<SoftmaxTableParams>();
    const int8_t* in = call.in<int8_t>(0);
    int8_t* out = call.out<int8_t>(2);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth)
        softmax_row_by_table(p, in, call.in<int32_t>(1), out);
}

JATAI_HOT_END

constexpr Kernel kSoftmaxTableInt8{{Op::Softmax, Type::Int8, 3}, fits_softmax_table, run_softmax_table};

}  // namespace jatai
