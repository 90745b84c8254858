// gather.h: GATHER, EMBEDDING_LOOKUP, GATHER_ND: the slices that indices name, of any type.
//
//     out[b,o,i] = from[b,o,index[b,i]]                kGather: a slice is `block` bytes
//     out[i]     = from[index[i,0], index[i,1], ...]   kGatherNd
//
// An index outside its dimension reads the nearest slice: TFLite stops there, a chip must go on.
// Operands: 0 from, 1 index int32, 2 output. Formula: docs/reference/ops.md#gather.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"
#include "device/kernels/copy_bytes.h"

namespace jatai {

struct GatherParams {
    uint32_t batches;  // each with indices of its own
    uint32_t outer;    // dimensions between the batches and the axis
    uint32_t extent;   // of the axis
    uint32_t indices;  // of one batch
    uint32_t block;    // bytes behind the axis
};
static_assert(sizeof(GatherParams) == 20, "the layout in flash");

constexpr uint32_t kGatherNdAxes = 8;

struct GatherNdParams {
    uint32_t slices;
    uint32_t depth;  // indices per slice
    uint32_t block;  // bytes of a slice
    uint32_t extent[kGatherNdAxes];
};
static_assert(sizeof(GatherNdParams) == 44, "the layout in flash");

// a * b, or far too much.
inline uint64_t times(uint64_t a, uint64_t b) {
    constexpr uint64_t kFar = uint64_t{1} << 62;
    return a != 0 && b > kFar / a ? kFar : a * b;
}

inline bool fits_gather(const Claim& claim) {
    const GatherParams* p = claim.parameters<GatherParams>();
    if (p == nullptr || !none_zero(p->batches, p->outer, p->extent, p->indices, p->block)) return false;
    const uint64_t slices = times(times(p->batches, p->outer), p->block);
    return holds(claim, 0, times(slices, p->extent)) &&
           holds(claim, 1, times(times(p->batches, p->indices), sizeof(int32_t))) &&
           fills(claim, 2, times(slices, p->indices));
}

inline bool fits_gather_nd(const Claim& claim) {
    const GatherNdParams* p = claim.parameters<GatherNdParams>();
    if (p == nullptr || p->depth > kGatherNdAxes || p->block == 0) return false;
    uint64_t from = p->block;
    for (uint32_t k = 0; k < p->depth; ++k) {
        if (p->extent[k] == 0) return false;
        from = times(from, p->extent[k]);
    }
    return holds(claim, 0, from) && holds(claim, 1, times(times(p->slices, p->depth), sizeof(int32_t))) &&
           fills(claim, 2, times(p->slices, p->block));
}

JATAI_HOT_BEGIN

inline uint32_t nearest(int32_t index, uint32_t extent) {
    if (index < 0) return 0;
    return static_cast<uint32_t>(index) < extent ? static_cast<uint32_t>(index) : extent - 1;
}

inline void run_gather(const Call& call) {
    const GatherParams& p = call.parameters<GatherParams>();
    const int32_t* index = call.in<int32_t>(1);
    const uint8_t* from = call.in<uint8_t>(0);
    uint8_t* to = call.out<uint8_t>(2);
    for (uint32_t b = 0; b < p.batches; ++b) {
        for (uint32_t o = 0; o < p.outer; ++o) {
            for (uint32_t i = 0; i < p.indices; ++i) {
                copy_bytes(to, from + nearest(index[i], p.extent) * p.block, p.block);
                to += p.block;
            }
            from += p.extent * p.block;
        }
        index += p.indices;
    }
}

inline void run_gather_nd(const Call& call) {
    const GatherNdParams& p = call.parameters<GatherNdParams>();
    const int32_t* index = call.in<int32_t>(1);
    uint8_t* to = call.out<uint8_t>(2);
    for (uint32_t i = 0; i < p.slices; ++i) {
        uint32_t slice = 0;
        for (uint32_t k = 0; k < p.depth; ++k) slice = slice * p.extent[k] + nearest(*index++, p.extent[k]);
        copy_bytes(to, call.in<uint8_t>(0) + slice * p.block, p.block);
        to += p.block;
    }
}

JATAI_HOT_END

constexpr Kernel kGather{{Op::Gather, Type::Int8, 1}, fits_gather, run_gather};
constexpr Kernel kGatherNd{{Op::GatherNd, Type::Int8, 1}, fits_gather_nd, run_gather_nd};

}  // namespace jatai
