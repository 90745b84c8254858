// byte_pairs.h: two tensors of bytes to one, element by element, broadcast, in few instructions each.
//
//     walk_byte_pairs(p.walk, {a, b, out}, ProductOfBytes{...});     // left(a), right(b), finish(left,
//     right) hold_bytes(out, elements, p.low, p.high);
//
// `Each` says what one element is; what an operand that is repeated along a row stands for is worked out once
// for the row. A range narrower than 8 bits is held afterwards, four bytes at a time: 2 instructions an
// element, 1.5 where only its low end is.
// Cost: 4 instructions an element besides those of Each and the loads, 12 a row.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/walk.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

inline bool is_byte(int32_t x) { return x == static_cast<int8_t>(x); }

// The larger of each byte and that of `low`.
inline uint32_t raise4(uint32_t bytes, uint32_t low) {
    uint32_t flags;
    __asm("ssub8 %1, %0, %2\n\tsel %0, %0, %2" : "+r"(bytes), "=&r"(flags) : "r"(low) : "cc");
    return bytes;
}

// The same, then the smaller of that and `high`'s.
inline uint32_t hold4(uint32_t bytes, uint32_t low, uint32_t high) {
    uint32_t flags;
    __asm("ssub8 %1, %0, %2\n\tsel %0, %0, %2\n\tssub8 %1, %0, %3\n\tsel %0, %3, %0"
          : "+r"(bytes), "=&r"(flags)
          : "r"(low), "r"(high)
          : "cc");
    return bytes;
}

// Holds bytes in low..high. Needs: both are bytes.
JATAI_NOINLINE void hold_bytes(int8_t* out, uint32_t count, int32_t low, int32_t high) {
    if (low == -128 && high == 127) return;
    const uint32_t lows = static_cast<uint8_t>(low) * 0x01010101u;
    const uint32_t highs = static_cast<uint8_t>(high) * 0x01010101u;
    int8_t* const end = out + count;
    int8_t* const words = out + count / 4 * 4;
    if (high == 127) {
        for (; out != words; out += 4) store4(out, raise4(load4(out), lows));
    }
    for (; out != words; out += 4) store4(out, hold4(load4(out), lows, highs));
    for (; out != end; ++out) *out = static_cast<int8_t>(clamp(*out, low, high));
}

struct BytePair {
    const int8_t *a, *b;
    int8_t* out;
};

// One plane of rows, whose operands move as the flags say.
template <bool kAMoves, bool kBMoves, typename Each>
JATAI_NOINLINE void byte_pair_rows(const Walk<2>& walk, BytePair at, const void* parameters) {
    const Each each = *static_cast<const Each*>(parameters);
    const uint32_t count = walk.shape[3];
    const uint32_t a_skip = walk.stride[0][2] - (kAMoves ? count : 0);
    const uint32_t b_skip = walk.stride[1][2] - (kBMoves ? count : 0);
    const int8_t *a = at.a, *b = at.b;
    int8_t* out = at.out;
    int8_t* const last = out + walk.shape[2] * count;
    do {
        int32_t left = kAMoves ? 0 : each.left(*a), right = kBMoves ? 0 : each.right(*b);
        int8_t* const end = out + count;
        do {
            if (kBMoves) right = each.right(*b++);
            if (kAMoves) left = each.left(*a++);
            *out++ = each.finish(left, right);
        } while (out != end);
        a += a_skip;
        b += b_skip;
    } while (out != last);
}

using BytePairRows = void (*)(const Walk<2>& walk, BytePair at, const void* parameters);

JATAI_NOINLINE void byte_pair_planes(const Walk<2>& walk, BytePair at, BytePairRows rows,
                                     const void* parameters) {
    int8_t* out = at.out;
    for (uint32_t i = 0; i < walk.shape[0]; ++i) {
        for (uint32_t j = 0; j < walk.shape[1]; ++j, out += walk.shape[2] * walk.shape[3]) {
            rows(walk,
                 {at.a + i * walk.stride[0][0] + j * walk.stride[0][1],
                  at.b + i * walk.stride[1][0] + j * walk.stride[1][1], out},
                 parameters);
        }
    }
}

// Needs: is_byte_pair_walk(walk).
template <typename Each>
JATAI_INLINE void walk_byte_pairs(const Walk<2>& walk, BytePair at, const Each& each) {
    BytePairRows rows = byte_pair_rows<true, true, Each>;
    if (walk.stride[0][3] == 0) rows = byte_pair_rows<false, true, Each>;
    if (walk.stride[1][3] == 0) rows = byte_pair_rows<true, false, Each>;
    byte_pair_planes(walk, at, rows, &each);
}

// Steps of 0 or 1 along a row, not both 0: the walks a compiler writes.
inline bool is_byte_pair_walk(const Walk<2>& walk) {
    const uint32_t a = walk.stride[0][3], b = walk.stride[1][3];
    return a <= 1 && b <= 1 && (a | b) != 0;
}

JATAI_HOT_END

#endif

}  // namespace jatai
