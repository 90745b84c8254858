// table_move.h: blocks of bytes to or from the places that tables name: RESIZE_NEAREST_NEIGHBOR, MIRROR_PAD,
// SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND.
//
//     gather    out[i,j,k,l] = in [t0[i] + t1[j] + t2[k] + t3[l]]     a block each; the output lies in order
//     scatter   out[t0[i] + t1[j] + t2[k] + t3[l]] = in[i,j,k,l]      the input does; the output is filled
//     first
//
// The tables are made when the model is compiled: what is a formula there is an addition here.
// Params: TableMoveParams, then the four tables, uint32_t counted in blocks.
// Operands: 0 in, 1 out, 2 one element that fills (only where fill_width > 0).
// Formula: docs/reference/ops.md#moving-bytes.
#pragma once

#include "device/kernels/copy_bytes.h"
#include "device/kernels/move.h"

namespace jatai {

constexpr uint32_t kTableAxes = 4;

struct TableMoveParams {
    uint32_t block;               // bytes
    uint32_t extent[kTableAxes];  // entries of each table
    uint32_t fill_bytes;
    uint8_t fill_width;
    uint8_t scatter;  // 1: the tables name places of the output
    uint8_t reserved[2];
};
static_assert(sizeof(TableMoveParams) == 28, "the layout in flash");

inline const uint32_t* tables_of(const TableMoveParams& p) {
    return reinterpret_cast<const uint32_t*>(&p + 1);
}

// The entries of the four tables; 0 when there are too many to lie in `bytes` bytes, or blocks to count.
inline uint64_t table_entries(const TableMoveParams& p, uint32_t bytes) {
    uint64_t entries = 0;
    uint64_t blocks = p.block;
    for (uint32_t k = 0; k < kTableAxes; ++k) {
        if (p.extent[k] == 0) return 0;
        entries += p.extent[k];
        blocks *= p.extent[k];
        if (blocks > 0xFFFFFFFFu) return 0;
    }
    return bytes >= sizeof(TableMoveParams) + entries * sizeof(uint32_t) ? entries : 0;
}

// One more than the largest place the tables name, in blocks.
inline uint64_t end_of_places(const TableMoveParams& p) {
    const uint32_t* table = tables_of(p);
    uint64_t sum = 0;
    for (uint32_t k = 0; k < kTableAxes; ++k) {
        uint32_t largest = 0;
        for (uint32_t i = 0; i < p.extent[k]; ++i) largest = table[i] > largest ? table[i] : largest;
        table += p.extent[k];
        sum += largest;
    }
    return sum + 1;
}

inline bool fits_table_move(const Claim& claim) {
    const TableMoveParams* p = claim.parameters<TableMoveParams>();
    if (p == nullptr || p->block == 0 || table_entries(*p, claim.params_bytes) == 0) return false;
    if (p->fill_width > 8 ||
        (p->fill_width > 0 && (p->fill_bytes % p->fill_width != 0 || !holds(claim, 2, p->fill_width) ||
                               !fills(claim, 1, p->fill_bytes)))) {
        return false;
    }
    uint64_t in_order = p->block;
    for (uint32_t k = 0; k < kTableAxes; ++k) in_order *= p->extent[k];
    const uint64_t named = end_of_places(*p) * p->block;  // at most 2^34 places of less than 2^32 bytes
    return named <= 0xFFFFFFFFu && holds(claim, 0, p->scatter ? in_order : named) &&
           fills(claim, 1, p->scatter ? named : in_order);
}

JATAI_HOT_BEGIN

// The innermost table: blocks from or to `place` onwards. Gives where the side in order has come to.
inline uint8_t* move_places(const TableMoveParams& p, const uint32_t* table, uint8_t* places,
                            uint8_t* ordered) {
    for (uint32_t l = 0; l < p.extent[3]; ++l) {
        uint8_t* place = places + table[l] * p.block;
        if (p.scatter) {
            copy_bytes(place, ordered, p.block);
        } else {
            copy_bytes(ordered, place, p.block);
        }
        ordered += p.block;
    }
    return ordered;
}

JATAI_NOINLINE void run_table_move(const Call& call) {
    const TableMoveParams& p = call.parameters<TableMoveParams>();
    const uint32_t* t0 = tables_of(p);
    const uint32_t* t1 = t0 + p.extent[0];
    const uint32_t* t2 = t1 + p.extent[1];
    const uint32_t* t3 = t2 + p.extent[2];
    uint8_t* places = call.out<uint8_t>(p.scatter ? 1 : 0);
    uint8_t* ordered = call.out<uint8_t>(p.scatter ? 0 : 1);
    if (p.fill_width > 0) fill_with(call.out<uint8_t>(1), p.fill_bytes, call.in<uint8_t>(2), p.fill_width);
    for (uint32_t i = 0; i < p.extent[0]; ++i) {
        for (uint32_t j = 0; j < p.extent[1]; ++j) {
            for (uint32_t k = 0; k < p.extent[2]; ++k) {
                ordered = move_places(p, t3, places + (t0[i] + t1[j] + t2[k]) * p.block, ordered);
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kTableMove{{Op::ResizeNearestNeighbor, Type::Int8, 1}, fits_table_move, run_table_move};

}  // namespace jatai
