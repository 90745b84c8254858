// held_rows.h: two tensors of bytes to one where rows are short and one operand is repeated along or across
// them.
//
//     if (is_held_rows(p.walk)) walk_held_rows(p.walk, {a, b, out}, ProductOfBytes{...});
//
// What an operand repeated across rows stands for is worked out once and held, in words, for up to 64
// elements; the other one runs over them as one long row, four elements a turn. Along a row of two to five
// elements it is worked out once, and the row has no loop. Memory: 264 bytes of stack. Cost: 3.75
// instructions an element besides those of the other operand and of finish(); along rows 2, and for each row
// 4 and those of the operand.
#pragma once

#include "device/cortex_m/byte_pairs.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// Another `Each`, its operands exchanged.
template <typename Each>
struct Exchanged {
    Each each;

    int32_t left(int32_t b) const { return each.right(b); }
    int32_t right(int32_t a) const { return each.left(a); }
    int8_t finish(int32_t b, int32_t a) const { return each.finish(a, b); }
};

// What the bytes at `from` stand for, again and again. Needs: room for a word more than `words`.
template <typename Each>
JATAI_NOINLINE void hold_row(const int8_t* from, uint32_t count, const Each* parameters, int32_t* to,
                             uint32_t words) {
    const Each each = *parameters;
    int32_t* const end = to + words;
    int32_t* const again = to + count;
    const int32_t* first = to;
    do {
        *to++ = each.right(*from++);
    } while (to != again);
    while (to < end) {
        int32_t x, y;
        __asm volatile("ldrd %0, %1, [%2], #8\n\tstrd %0, %1, [%3], #8"
                       : "=&r"(x), "=&r"(y), "+r"(first), "+r"(to)
                       :
                       : "memory");
    }
}

// out = finish(left(a), held) of `count` elements, 1 or more.
template <typename Each>
JATAI_NOINLINE void finish_held(const int8_t* a, const int32_t* held, int8_t* out, uint32_t count,
                                const Each* parameters) {
    const Each each = *parameters;
    int8_t* const end = out + count;
    for (count &= 3; count != 0; --count) *out++ = each.finish(each.left(*a++), *held++);
    while (out != end) {
        *out++ = each.finish(each.left(*a++), *held++);
        *out++ = each.finish(each.left(*a++), *held++);
        *out++ = each.finish(each.left(*a++), *held++);
        *out++ = each.finish(each.left(*a++), *held++);
    }
}

// Operand b is the one that is repeated, across rows.
template <typename Each>
JATAI_NOINLINE void held_plane(const Walk<2>& walk, BytePair at, const void* parameters) {
    const Each* const each = static_cast<const Each*>(parameters);
    int32_t words[kHeldElements + 2];
    const uint32_t rows = walk.shape[2], count = walk.shape[3];
    const uint32_t most = kHeldElements / count, turns = (rows + most - 1) / most;
    uint32_t now = (rows + turns - 1) / turns * count;
    hold_row(at.b, count, each, words, now);
    uint32_t left = rows * count;
    for (; left != 0; left -= now, at.a += now, at.out += now) {
        if (now > left) now = left;
        finish_held(at.a, words, at.out, now, each);
    }
}

// A row of `kCount` without a loop.
template <uint32_t kCount>
struct ShortRow {
    template <typename Each>
    JATAI_INLINE static void finish(const Each& each, const int8_t* a, int32_t right, int8_t* out) {
        *out = each.finish(each.left(*a), right);
        ShortRow<kCount - 1>::finish(each, a + 1, right, out + 1);
    }
};
template <>
struct ShortRow<0> {
    template <typename Each>
    JATAI_INLINE static void finish(const Each&, const int8_t*, int32_t, int8_t*) {}
};

// Operand b is repeated along rows of `kCount`.
template <uint32_t kCount, typename Each>
JATAI_NOINLINE void short_rows(const Walk<2>& walk, BytePair at, const void* parameters) {
    const Each each = *static_cast<const Each*>(parameters);
    const uint32_t step = walk.stride[1][2];
    int8_t* const end = at.out + walk.shape[2] * kCount;
    do {
        const int32_t right = each.right(*at.b);
        at.b += step;
        ShortRow<kCount>::finish(each, at.a, right, at.out);
        at.a += kCount;
        at.out += kCount;
    } while (at.out != end);
}

template <typename Each>
JATAI_INLINE BytePairRows held_by(const Walk<2>& walk) {
    if (walk.stride[1][3] != 0) return held_plane<Each>;
    switch (walk.shape[3]) {
        case 2:
            return short_rows<2, Each>;
        case 3:
            return short_rows<3, Each>;
        case 4:
            return short_rows<4, Each>;
        default:
            return short_rows<kShortRow, Each>;
    }
}

inline Walk<2> exchanged(const Walk<2>& walk) {
    Walk<2> other = walk;
    for (uint32_t axis = 0; axis < kWalkAxes; ++axis) {
        other.stride[0][axis] = walk.stride[1][axis];
        other.stride[1][axis] = walk.stride[0][axis];
    }
    return other;
}

// Needs: is_held_rows(walk).
template <typename Each>
JATAI_INLINE void walk_held_rows(const Walk<2>& walk, BytePair at, const Each& each) {
    if (is_held_by_rows(walk, 1)) return byte_pair_planes(walk, at, held_by<Each>(walk), &each);
    const Exchanged<Each> turned{each};
    const Walk<2> other = exchanged(walk);
    byte_pair_planes(other, {at.b, at.a, at.out}, held_by<Exchanged<Each>>(other), &turned);
}

JATAI_HOT_END

#endif

}  // namespace jatai
