// byte_sum.h: sums and differences of two tensors of bytes for Cortex-M with DSP.
//
//     if (sum.is_short() && is_byte_pair_walk(walk)) run_byte_sum<PlainRows, -1>(sum, walk, {a, b, out}); //
//     a - b
//
//     out = zero + rescale(rescale((a - zero_a) * 2^20) +- rescale((b - zero_b) * 2^20))
//
// The operand of the larger scale is halved exactly, so only the other one and the sum need rounding, each in
// the short way (dsp.h). Registers in the loop: a, b, output, end; two starts; multiplier, nudge, bits of the
// other operand and of the sum. Cost: 17 instructions an element (scales alike: 12), 15 or 11 where an
// operand is repeated along a row.
#pragma once

#include "device/cortex_m/held_rows.h"
#include "device/kernels/add.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// An operand with the factor that brings it to the scale of the sum.
struct SumOperand {
    int32_t zero_point, multiplier, shift;

    // 1/2 exactly: (x - zero) * 2^20 / 2 leaves nothing to round.
    bool halved() const { return multiplier == 1 << 30 && shift == 0; }
    bool shorts() const { return is_byte(zero_point) && (halved() || multiplier == 0 || shift <= -1); }
    // Differences stay below 2^28: what is shifted by 29 or more is nothing.
    int32_t held_shift() const { return multiplier == 0 || shift < -29 ? -29 : shift; }
};

struct ByteSum {
    SumOperand a, b;
    int32_t multiplier, shift, zero_point;

    bool is_short() const {
        return a.shorts() && b.shorts() && (a.halved() || b.halved()) && is_byte(zero_point) && shift <= -1 &&
               shift >= -22;
    }
};

// Twice what a byte stands for in the sum, exactly. Signs are 1 or -1.
template <int32_t kSign>
struct HalvedByte {
    int32_t start;

    explicit HalvedByte(const SumOperand& x) : start(-kSign * x.zero_point * (1 << kAddLeftShift)) {}
    int32_t operator()(int32_t x) const { return start + kSign * x * (1 << kAddLeftShift); }
};

// The same where the other operand's start holds this one's.
template <int32_t kSign>
struct ShiftedByte {
    int32_t operator()(int32_t x) const { return kSign * x * (1 << kAddLeftShift); }
};

// The same of the operand of the smaller scale, rounded.
template <int32_t kSign>
struct RescaledByte {
    int32_t start;
    ShortScale scale;

    explicit RescaledByte(const SumOperand& x)
        : start(-x.zero_point * (1 << (kAddLeftShift + 1))), scale(x.multiplier, x.held_shift(), 0) {}
    int32_t operator()(int32_t x) const {
        return kSign * 2 * rescale_doubled(start + x * (1 << (kAddLeftShift + 1)), scale);
    }
};

template <typename Left, typename Right>
struct SumOfBytes {
    Left of_a;
    Right of_b;
    ShortScale scale;

    int32_t left(int32_t a) const { return of_a(a); }
    int32_t right(int32_t b) const { return of_b(b); }
    int8_t finish(int32_t a, int32_t b) const {
        return static_cast<int8_t>(ssat8(rescale_doubled(a + b, scale)));
    }
};

// How rows are walked over: as they are, or held.
struct PlainRows {
    static bool knows(const Walk<2>& walk) { return is_byte_pair_walk(walk); }
    template <typename Each>
    JATAI_INLINE static void walk_over(const Walk<2>& walk, BytePair at, const Each& each) {
        walk_byte_pairs(walk, at, each);
    }
};
struct ShortRows {
    static bool knows(const Walk<2>& walk) { return is_held_rows(walk); }
    template <typename Each>
    JATAI_INLINE static void walk_over(const Walk<2>& walk, BytePair at, const Each& each) {
        walk_held_rows(walk, at, each);
    }
};

// kASign * a + kBSign * b. Needs: a is halved.
template <typename Rows, int32_t kASign, int32_t kBSign>
JATAI_NOINLINE void sum_bytes(const ByteSum& sum, const Walk<2>& walk, BytePair at) {
    using Halved = HalvedByte<kASign>;
    const ShortScale scale(sum.multiplier, sum.shift, sum.zero_point);
    if (sum.b.halved()) {
        using Right = ShiftedByte<kBSign>;
        Halved left(sum.a);
        left.start += HalvedByte<kBSign>(sum.b).start;
        return Rows::walk_over(walk, at, SumOfBytes<Halved, Right>{left, Right(), scale});
    }
    using Right = RescaledByte<kBSign>;
    Rows::walk_over(walk, at, SumOfBytes<Halved, Right>{Halved(sum.a), Right(sum.b), scale});
}

// a + kSign * b, the halved operand first. Needs: sum.is_short(), a walk the rows know.
template <typename Rows, int32_t kSign>
JATAI_INLINE void run_byte_sum(const ByteSum& sum, const Walk<2>& walk, BytePair at) {
    if (sum.a.halved()) return sum_bytes<Rows, 1, kSign>(sum, walk, at);
    sum_bytes<Rows, kSign, 1>({sum.b, sum.a, sum.multiplier, sum.shift, sum.zero_point}, exchanged(walk),
                              {at.b, at.a, at.out});
}

JATAI_HOT_END

#endif

}  // namespace jatai
