// move.h: bytes from one tensor to another in another order: the work of TRANSPOSE, SLICE, TILE, PAD and
// more.
//
//     to[p.to + sum of i_k * axis_k.to + j] = from[p.from + sum of i_k * axis_k.from + j]      0 <= j < block
//
// for every i_k below axis_k.extent. A stride of 0 in `from` repeats, a negative one walks backwards. Where
// the moved bytes do not cover the output, operand 2 fills it first, over and over.
// Params: MoveParams, then `axes` times MoveAxis, outermost first.
// Operands: 0 from, 1 to, 2 one element that fills (only where fill_width > 0).
// Formula: docs/reference/ops.md#moving-bytes.
#pragma once

#include <string.h>

#include "device/hot.h"
#include "device/kernels/check.h"
#include "device/kernels/copy_bytes.h"

namespace jatai {

constexpr uint32_t kMoveAxes = 8;

struct MoveAxis {
    uint32_t extent;
    int32_t from, to;  // strides in bytes
};
static_assert(sizeof(MoveAxis) == 12, "the layout in flash");

struct MoveParams {
    uint32_t block;       // bytes that lie side by side in both
    uint32_t from, to;    // offsets of the first block
    uint32_t fill_bytes;  // how much of the output operand 2 fills
    uint8_t axes;
    uint8_t unit;        // 1, 2 or 4: divides the block, the offsets and the strides
    uint8_t fill_width;  // bytes of operand 2; 0: nothing is filled
    uint8_t reserved;
};
static_assert(sizeof(MoveParams) == 20, "the layout in flash");

inline const MoveAxis* axes_of(const MoveParams& p) { return reinterpret_cast<const MoveAxis*>(&p + 1); }

// The blocks of one side lie inside an operand of `bytes` bytes, each at a multiple of the unit.
inline bool side_fits(const MoveParams& p, uint32_t offset, int32_t MoveAxis::*stride, uint64_t bytes) {
    constexpr int64_t kFar = 0xFFFFFFFF;
    int64_t low = offset;
    int64_t high = int64_t{offset} + p.block;
    if (offset % p.unit != 0) return false;
    for (uint32_t k = 0; k < p.axes; ++k) {
        const MoveAxis& axis = axes_of(p)[k];
        const int64_t reach = static_cast<int64_t>(axis.extent - 1) * (axis.*stride);
        if (reach > kFar || reach < -kFar || axis.*stride % p.unit != 0) return false;
        (reach < 0 ? low : high) += reach;
    }
    return low >= 0 && high <= static_cast<int64_t>(bytes);
}

inline bool fill_fits(const Claim& claim, const MoveParams& p) {
    if (p.fill_width == 0) return true;
    return p.fill_width <= 8 && p.fill_bytes % p.fill_width == 0 && holds(claim, 2, p.fill_width) &&
           fills(claim, 1, p.fill_bytes);
}

inline bool fits_move(const Claim& claim) {
    const MoveParams* p = claim.parameters<MoveParams>();
    if (p == nullptr || claim.operand_count < 2 || p->axes > kMoveAxes ||
        claim.params_bytes < sizeof(MoveParams) + p->axes * sizeof(MoveAxis)) {
        return false;
    }
    if ((p->unit != 1 && p->unit != 2 && p->unit != 4) || p->block == 0 || p->block % p->unit != 0)
        return false;
    uint64_t total = p->block;
    for (uint32_t k = 0; k < p->axes; ++k) {
        if (axes_of(*p)[k].extent == 0) return false;
        total *= axes_of(*p)[k].extent;
        if (total > 0xFFFFFFFFu) return false;
    }
    return fills(claim, 1, total) && fill_fits(claim, *p) &&
           side_fits(*p, p->from, &MoveAxis::from, claim.operand_bytes[0]) &&
           side_fits(*p, p->to, &MoveAxis::to, claim.operand_bytes[1]);
}

JATAI_HOT_BEGIN

// `bytes` bytes of `to` become the first `width` bytes of `element`, over and over.
inline void fill_with(uint8_t* to, uint32_t bytes, const uint8_t* element, uint32_t width) {
    bool alike = true;
    for (uint32_t i = 1; i < width; ++i) alike = alike && element[i] == element[0];
    if (alike) {
        memset(to, element[0], bytes);
        return;
    }
    for (uint32_t at = 0; at < bytes; at += width) copy_bytes(to + at, element, width);
}

// Elements of the width of T, which lies at multiples of it in both tensors.
template <typename T>
JATAI_INLINE void move_elements(const MoveAxis& axis, const uint8_t* from, uint8_t* to) {
    for (uint32_t i = 0; i < axis.extent; ++i) {
        __builtin_memcpy(__builtin_assume_aligned(to, sizeof(T)), __builtin_assume_aligned(from, sizeof(T)),
                         sizeof(T));
        from += axis.from;
        to += axis.to;
    }
}

// The innermost axis.
inline void move_row(const MoveParams& p, const MoveAxis& axis, const uint8_t* from, uint8_t* to) {
    if (p.block == 1) return move_elements<uint8_t>(axis, from, to);
    if (p.block == 2 && p.unit == 2) return move_elements<uint16_t>(axis, from, to);
    if (p.block == 4 && p.unit == 4) return move_elements<uint32_t>(axis, from, to);
    for (uint32_t i = 0; i < axis.extent; ++i) {
        copy_bytes(to, from, p.block);
        from += axis.from;
        to += axis.to;
    }
}

JATAI_NOINLINE void run_move(const Call& call) {
    const MoveParams& p = call.parameters<MoveParams>();
    const MoveAxis one{1, 0, 0};
    const MoveAxis* axes = axes_of(p);
    const uint32_t outer = p.axes > 0 ? p.axes - 1u : 0u;
    const MoveAxis& inner = p.axes > 0 ? axes[outer] : one;
    uint32_t index[kMoveAxes] = {};
    uint32_t from = p.from;  // offsets wrap on the way, and are right where they are used
    uint32_t to = p.to;
    if (p.fill_width > 0) fill_with(call.out<uint8_t>(1), p.fill_bytes, call.in<uint8_t>(2), p.fill_width);
    for (;;) {
        move_row(p, inner, call.in<uint8_t>(0) + from, call.out<uint8_t>(1) + to);
        uint32_t k = outer;
        for (; k > 0; --k) {
            const MoveAxis& axis = axes[k - 1];
            from += static_cast<uint32_t>(axis.from);
            to += static_cast<uint32_t>(axis.to);
            if (++index[k - 1] < axis.extent) break;
            index[k - 1] = 0;
            from -= static_cast<uint32_t>(axis.from) * axis.extent;
            to -= static_cast<uint32_t>(axis.to) * axis.extent;
        }
        if (k == 0) return;
    }
}

JATAI_HOT_END

constexpr Kernel kMove{{Op::Transpose, Type::Int8, 1}, fits_move, run_move};

}  // namespace jatai
