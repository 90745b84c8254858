// finish.h: sums of many channels to stored bytes, in vectors.
//
//     ChannelScales<V> scales(range);
//     scales.set(i, channel);  ...  scales.ready();
//     V::store_bytes(bytes, scales.finish(sums0, 0), scales.finish(sums1, 1));
//
// The same three ways as one by one: to_int8() of requantize.h and the two of scales.h, bit for bit, whatever
// the arguments. Channel i of a panel lies in vector place_of(i).vector, lane place_of(i).lane: the order in
// which V::zip_low and V::zip_high leave channels and V::store_bytes takes them.
#pragma once

#include <string.h>

#include "device/kernels/scales.h"
#include "device/simd/target.h"

namespace jatai {

struct LanePlace {
    uint32_t vector, lane;
};
constexpr LanePlace place_of(uint32_t i) { return {i / 4 & 1, i / 8 * 4 + (i & 3)}; }

// One number for each channel of a panel.
template <typename V>
struct LaneNumbers {
    int32_t numbers[2][V::kLanes];

    void set(uint32_t i, int32_t value) { numbers[place_of(i).vector][place_of(i).lane] = value; }
    JATAI_SIMD_INLINE typename V::Sums get(uint32_t vector) const {
        typename V::Sums x;
        memcpy(&x, numbers[vector], sizeof x);
        return x;
    }
};

template <typename V>
JATAI_SIMD_INLINE typename V::Sums all_lanes(int32_t x) {
    return x - typename V::Sums{};
}

template <typename V>
JATAI_SIMD_INLINE typename V::Sums pick(typename V::Sums where, typename V::Sums yes, typename V::Sums no) {
    return (where & yes) | (~where & no);
}

// clamp() of requantize.h, where low may lie above high.
template <typename V>
JATAI_SIMD_INLINE typename V::Sums clamp_lanes(typename V::Sums x, int32_t low, int32_t high) {
    const typename V::Sums least = all_lanes<V>(low);
    return pick<V>(x < least, least, V::smaller(x, all_lanes<V>(high)));
}

template <typename V>
JATAI_SIMD_INLINE typename V::Sums add_lanes(typename V::Sums a, typename V::Sums b) {
    return reinterpret_cast<typename V::Sums>(reinterpret_cast<typename V::Bits>(a) +
                                              reinterpret_cast<typename V::Bits>(b));
}

// rescale() of requantize.h; `left` and `right` as it derives them from the shift.
template <typename V>
JATAI_SIMD_INLINE typename V::Sums rescale_lanes(typename V::Sums x, typename V::Sums multiplier,
                                                 typename V::Sums left, typename V::Sums right) {
    using Sums = typename V::Sums;
    const Sums high = V::template multiply_high<31>(V::shift_left(x, left), multiplier, 1 << 30);
    const Sums mask = ~V::shift_left(all_lanes<V>(-1), right);
    const Sums half = (mask >> 1) - (high < 0);
    return V::shift_right(high, right) - ((high & mask) > half);
}

constexpr int32_t left_of(int32_t shift) { return shift > 0 ? shift & 31 : 0; }
constexpr int32_t right_of(int32_t shift) {
    return shift > 0 ? 0 : static_cast<int32_t>((0u - static_cast<uint32_t>(shift)) & 31);
}

template <typename V>
struct ChannelScales {
    using Scale = Channel;
    Range range;
    LaneNumbers<V> bias, multiplier, left, right;

    explicit ChannelScales(Range r) : range(r) { memset(&bias, 0, 4 * sizeof bias); }
    void set(uint32_t i, const Channel& c) {
        bias.set(i, c.bias);
        multiplier.set(i, c.multiplier);
        left.set(i, left_of(c.shift));
        right.set(i, right_of(c.shift));
    }
    JATAI_SIMD_INLINE typename V::Sums finish(typename V::Sums sums, uint32_t vector) const {
        const typename V::Sums y =
            rescale_lanes<V>(add_lanes<V>(sums, bias.get(vector)), multiplier.get(vector), left.get(vector),
                             right.get(vector));
        return clamp_lanes<V>(add_lanes<V>(y, all_lanes<V>(range.zero_point)), range.low, range.high);
    }
};

template <typename V, uint32_t kSumBits, uint32_t kShift>
struct LineScales {
    using Scale = ScaleLine;
    LaneNumbers<V> start, slope;

    explicit LineScales(Range /*unused*/) { memset(&start, 0, 2 * sizeof start); }
    void set(uint32_t i, const ScaleLine& line) {
        start.set(i, line.start);
        slope.set(i, line.slope);
    }
    JATAI_SIMD_INLINE typename V::Sums finish(typename V::Sums sums, uint32_t vector) const {
        using Bits = typename V::Bits;
        const auto x = reinterpret_cast<typename V::Sums>((reinterpret_cast<Bits>(sums) << kSumBits) +
                                                          reinterpret_cast<Bits>(start.get(vector)));
        return clamp_lanes<V>(V::template multiply_high<32>(x, slope.get(vector), 0) >> kShift, -128, 127);
    }
};

template <typename V>
struct RoundedScales {
    using Scale = RoundedScale;
    LaneNumbers<V> start, multiplier, nudge, bits;

    explicit RoundedScales(Range /*unused*/) { memset(&start, 0, 4 * sizeof start); }
    void set(uint32_t i, const RoundedScale& scale) {
        start.set(i, scale.start);
        multiplier.set(i, scale.multiplier);
        nudge.set(i, scale.nudge);
        bits.set(i, scale.bits & 31);
    }
    JATAI_SIMD_INLINE typename V::Sums finish(typename V::Sums sums, uint32_t vector) const {
        using Bits = typename V::Bits;
        const auto x = reinterpret_cast<typename V::Sums>((reinterpret_cast<Bits>(sums) << 1) +
                                                          reinterpret_cast<Bits>(start.get(vector)));
        const typename V::Sums t = V::template multiply_high<32>(x, multiplier.get(vector), int64_t{1} << 31);
        const typename V::Sums y = add_lanes<V>(add_lanes<V>(t, t >> 31), nudge.get(vector));
        return clamp_lanes<V>(V::shift_right(y, bits.get(vector)), -128, 127);
    }
};

// The bytes of one panel: `count` of them, from channel 0 on.
template <typename V, typename Scales>
JATAI_SIMD_INLINE void finish_panel(const Scales& scales, const typename V::Sums* sums, int8_t* out,
                                    uint32_t count) {
    constexpr uint32_t kChannels = 2 * V::kLanes;
    const typename V::Sums a = scales.finish(sums[0], 0), b = scales.finish(sums[1], 1);
    if (count == kChannels) return V::store_bytes(out, a, b);
    int8_t bytes[kChannels];
    V::store_bytes(bytes, a, b);
    memcpy(out, bytes, count);
}

}  // namespace jatai
