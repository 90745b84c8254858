// slice.h: SLICE whose beginning is given while the model runs, and DYNAMIC_UPDATE_SLICE: a part of a tensor,
// taken out or put in.
//
//     out[i] = large[begin + i]                              kSlice: 0 large, 1 begin, 2 out
//     out = large, then out[begin + i] = small[i]            kDynamicUpdateSlice: 0 large, 1 small, 2 begin,
//                                                            3 out
//
// A beginning that would let the part reach outside is moved to the nearest that does not. `begin` is a list
// of int32 or int64, one for each dimension. Formula: docs/reference/ops.md#slice.
#pragma once

#include <string.h>

#include "device/hot.h"
#include "device/kernels/check.h"
#include "device/kernels/copy_bytes.h"

namespace jatai {

constexpr uint32_t kPartAxes = 8;

struct PartParams {
    uint32_t rank;
    uint32_t width;        // bytes of an element
    uint32_t index_bytes;  // of a number of `begin`: 4 or 8
    uint32_t large[kPartAxes];
    uint32_t small[kPartAxes];
};
static_assert(sizeof(PartParams) == 76, "the layout in flash");

// The bytes of the large tensor and of the part; 0: they do not belong together.
struct PartBytes {
    uint64_t large, small;
};

inline PartBytes part_bytes(const PartParams* p) {
    const PartBytes none{0, 0};
    if (p == nullptr || p->rank == 0 || p->rank > kPartAxes) return none;
    if (p->width == 0 || p->width > 8 || (p->index_bytes != 4 && p->index_bytes != 8)) return none;
    PartBytes bytes{p->width, p->width};
    for (uint32_t k = 0; k < p->rank; ++k) {
        if (p->small[k] == 0 || p->small[k] > p->large[k]) return none;
        bytes.large *= p->large[k];
        bytes.small *= p->small[k];
        if (bytes.large > 0xFFFFFFFFu) return none;
    }
    return bytes;
}

inline bool fits_slice(const Claim& claim) {
    const PartParams* p = claim.parameters<PartParams>();
    const PartBytes bytes = part_bytes(p);
    return bytes.large > 0 && holds(claim, 0, bytes.large) &&
           holds(claim, 1, uint64_t{p->rank} * p->index_bytes) && fills(claim, 2, bytes.small);
}

inline bool fits_update_slice(const Claim& claim) {
    const PartParams* p = claim.parameters<PartParams>();
    const PartBytes bytes = part_bytes(p);
    return bytes.large > 0 && holds(claim, 0, bytes.large) && holds(claim, 1, bytes.small) &&
           holds(claim, 2, uint64_t{p->rank} * p->index_bytes) && fills(claim, 3, bytes.large);
}

JATAI_HOT_BEGIN

inline int64_t begin_at(const PartParams& p, const void* begin, uint32_t k) {
    if (p.index_bytes == 4) return static_cast<const int32_t*>(begin)[k];
    int64_t wide;
    memcpy(&wide, static_cast<const uint8_t*>(begin) + 8 * k, sizeof wide);
    return wide;
}

// Where element [index] of the part lies in the large tensor, in bytes.
inline uint32_t place_in_large(const PartParams& p, const void* begin, const uint32_t* index) {
    uint32_t at = 0;
    for (uint32_t k = 0; k < p.rank; ++k) {
        const int64_t room = p.large[k] - p.small[k];
        const int64_t first = begin_at(p, begin, k);
        const int64_t held = first < 0 ? 0 : (first > room ? room : first);
        at = at * p.large[k] + static_cast<uint32_t>(held) + index[k];
    }
    return at * p.width;
}

// Row by row of the part: work(place in the large tensor, place in the part, bytes).
template <typename Work>
inline void each_row(const PartParams& p, const void* begin, Work work) {
    uint32_t index[kPartAxes] = {};
    const uint32_t row = p.small[p.rank - 1] * p.width;
    for (uint32_t at = 0;; at += row) {
        work(place_in_large(p, begin, index), at, row);
        uint32_t k = p.rank - 1;
        for (; k > 0; --k) {
            if (++index[k - 1] < p.small[k - 1]) break;
            index[k - 1] = 0;
        }
        if (k == 0) return;
    }
}

inline void run_slice(const Call& call) {
    const uint8_t* from = call.in<uint8_t>(0);
    uint8_t* to = call.out<uint8_t>(2);
    each_row(call.parameters<PartParams>(), call.in<uint8_t>(1),
             [from, to](uint32_t large, uint32_t small, uint32_t bytes) {
                 copy_bytes(to + small, from + large, bytes);
             });
}

inline void run_update_slice(const Call& call) {
    const PartParams& p = call.parameters<PartParams>();
    const uint8_t* from = call.in<uint8_t>(1);
    uint8_t* to = call.out<uint8_t>(3);
    copy_bytes(to, call.in<uint8_t>(0), static_cast<size_t>(part_bytes(&p).large));
    each_row(p, call.in<uint8_t>(2), [from, to](uint32_t large, uint32_t small, uint32_t bytes) {
        copy_bytes(to + large, from + small, bytes);
    });
}

JATAI_HOT_END

constexpr Kernel kSlice{{Op::Slice, Type::Int8, 1}, fits_slice, run_slice};
constexpr Kernel kDynamicUpdateSlice{
    {Op::DynamicUpdateSlice, Type::Int8, 1}, fits_update_slice, run_update_slice};

}  // namespace jatai
