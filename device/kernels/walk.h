// walk.h: the one walk of all operators that take their operands element by element and broadcast them.
//
//     walk_pairs(p.walk, call.in<float>(0), call.in<float>(1), call.out<float>(2),
//                [](float a, float b) { return a + b; });
//
// The axes of the output are joined into at most four; a stride of 0 repeats an operand along an axis. The
// output is written in order, and element i of an operand of its shape is read before element i is written.
#pragma once

#include "device/hot.h"
#include "device/kernels/check.h"

namespace jatai {

constexpr uint32_t kWalkAxes = 4;

// How `N` operands move while the output is filled.
template <uint32_t N>
struct Walk {
    uint32_t shape[kWalkAxes];      // of the output
    uint32_t stride[N][kWalkAxes];  // in elements
};

// How many elements the output has; 0: none, or more than 32 bits can count.
inline uint64_t walked_elements(const uint32_t* shape) {
    uint64_t total = 1;
    for (uint32_t i = 0; i < kWalkAxes; ++i) {
        total *= shape[i];
        if (total > 0xFFFFFFFFu) return 0;
    }
    return total;
}

// Every index the walk forms for operand `i` lies inside it; the operand's elements have `size` bytes.
inline bool walk_holds(const Claim& claim, uint32_t i, uint32_t size, const uint32_t* shape,
                       const uint32_t* stride) {
    uint64_t last = 0;
    for (uint32_t axis = 0; axis < kWalkAxes; ++axis) {
        const uint64_t reach = uint64_t{shape[axis] - 1} * stride[axis];
        if (reach > 0xFFFFFFFFu) return false;
        last += reach;
    }
    return holds(claim, i, (last + 1) * size);
}

// Operands 0..N-1 have elements of `in_sizes` bytes, operand N is the output with elements of `out_size`.
template <uint32_t N>
inline bool walk_fits(const Claim& claim, const Walk<N>& walk, const uint32_t (&in_sizes)[N],
                      uint32_t out_size) {
    const uint64_t total = walked_elements(walk.shape);
    if (total == 0) return false;
    for (uint32_t i = 0; i < N; ++i) {
        if (!walk_holds(claim, i, in_sizes[i], walk.shape, walk.stride[i])) return false;
    }
    return fills(claim, N, total * out_size);
}

// Rows of up to so many elements may be held (device/cortex_m/held_rows.h).
constexpr uint32_t kHeldElements = 64;
constexpr uint32_t kShortRow = 5;

// Whether operand `i` is repeated across rows that can be held, or along short ones, and the other is not.
inline bool is_held_by_rows(const Walk<2>& walk, uint32_t i) {
    const uint32_t count = walk.shape[3];
    const uint32_t* other = walk.stride[1 - i];
    const uint32_t* held = walk.stride[i];
    if (count < 2 || walk.shape[2] < 2 || other[3] != 1 || other[2] != count) return false;
    return held[3] == 0 ? count <= kShortRow : held[3] == 1 && held[2] == 0 && count <= kHeldElements;
}
inline bool is_held_rows(const Walk<2>& walk) { return is_held_by_rows(walk, 0) || is_held_by_rows(walk, 1); }

JATAI_HOT_BEGIN

// Calls row(offsets) for every row of the output, in order: offsets[k] is where operand k begins.
template <uint32_t N, typename Row>
JATAI_INLINE void walk_rows(const Walk<N>& walk, const Row& row) {
    uint32_t offset[N];
    for (uint32_t i = 0; i < walk.shape[0]; ++i) {
        for (uint32_t j = 0; j < walk.shape[1]; ++j) {
            for (uint32_t k = 0; k < walk.shape[2]; ++k) {
                for (uint32_t n = 0; n < N; ++n)
                    offset[n] = i * walk.stride[n][0] + j * walk.stride[n][1] + k * walk.stride[n][2];
                row(offset);
            }
        }
    }
}

// out = each(a, b) for every element.
template <typename A, typename B, typename Out, typename Each>
JATAI_INLINE void walk_pairs(const Walk<2>& walk, const A* a, const B* b, Out* out, const Each& each) {
    const uint32_t count = walk.shape[kWalkAxes - 1];
    const uint32_t a_step = walk.stride[0][kWalkAxes - 1];
    const uint32_t b_step = walk.stride[1][kWalkAxes - 1];
    walk_rows(walk, [&](const uint32_t* offset) {
        const A* x = a + offset[0];
        const B* y = b + offset[1];
        for (uint32_t l = 0; l < count; ++l, x += a_step, y += b_step) *out++ = each(*x, *y);
    });
}

JATAI_HOT_END

}  // namespace jatai
