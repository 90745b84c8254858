// places.h: what the taps of a layer read at one place of its output, as a column of 16-bit numbers.
//
//     ConvPlaces places(params, image, group);       // or DensePlaces{batches, depth, in}
//     places.gather<V>(17, {0, taps}, column);       // the column of the 17th place
//
// Columns are written in whole vectors: up to 16 numbers beyond the last tap.
#pragma once

#include "device/kernels/window.h"
#include "device/simd/panels.h"

namespace jatai {

// `count` bytes from `from` on, widened; nothing at or behind `end` is read.
template <typename V>
JATAI_SIMD_INLINE void widen_bytes(const int8_t* from, uint32_t count, const int8_t* end, int16_t* to) {
    constexpr uint32_t kWidth = 2 * V::kLanes;
    uint32_t i = 0;
    for (; i < count && static_cast<uint64_t>(end - from) >= i + kWidth; i += kWidth)
        V::store(to + i, V::widen(from + i));
    for (; i < count; ++i) to[i] = from[i];
}

// Rows of a dense layer's input.
struct DensePlaces {
    uint32_t count, depth;
    const int8_t* in;

    template <typename V>
    JATAI_SIMD_INLINE void gather(uint32_t place, TapRange taps, int16_t* column) const {
        widen_bytes<V>(in + uint64_t{place} * depth + taps.begin, taps.count(), in + uint64_t{count} * depth,
                       column);
        column[taps.count()] = 0;
    }
};

// The window of a convolution, tap (ky, kx, i) at number (ky * kernel_w + kx) * depth + i.
struct ConvPlaces {
    const ConvParams& p;
    const int8_t* in;       // the group's first channel of the first pixel
    const int8_t* end;      // of the input
    uint32_t count, depth;  // depth: channels of the group

    ConvPlaces(const ConvParams& params, const int8_t* input, uint32_t group)
        : p(params), end(input + input_bytes(params.window)) {
        const Window& w = p.window;
        depth = w.in_c / w.groups;
        in = input + group * depth;
        count = uint32_t{w.batches} * w.out_h * w.out_w;
    }

    template <typename V>
    JATAI_SIMD_INLINE void gather(uint32_t place, TapRange taps, int16_t* column) const {
        const Window& w = p.window;
        const uint32_t x = place % w.out_w, row = place / w.out_w;
        const uint32_t y = row % w.out_h, n = row / w.out_h;
        const int32_t top = first_tap(y, w.stride_h, w.pad_top), left = first_tap(x, w.stride_w, w.pad_left);
        const int8_t* image = in + uint64_t{n} * w.in_h * w.in_w * w.in_c;
        const bool joined = w.dilation_w == 1 && w.groups == 1 && left >= 0 && left + w.kernel_w <= w.in_w;
        const uint32_t runs = joined ? 1u : w.kernel_w, run = joined ? depth * w.kernel_w : depth;
        uint32_t at = 0;
        for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
            const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
            for (uint32_t kx = 0; kx < runs; ++kx, at += run) {
                if (at + run <= taps.begin) continue;
                if (at >= taps.end) break;
                const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
                const uint32_t from = at < taps.begin ? taps.begin - at : 0;
                const uint32_t until = at + run < taps.end ? run : taps.end - at;
                int16_t* to = column + (at + from - taps.begin);
                if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) {
                    for (uint32_t i = 0; i < until - from; ++i) to[i] = p.input_zero_point;
                } else {
                    const int8_t* pixel =
                        image +
                        (uint64_t{static_cast<uint32_t>(iy)} * w.in_w + static_cast<uint32_t>(ix)) * w.in_c;
                    widen_bytes<V>(pixel + from, until - from, end, to);
                }
            }
        }
        column[taps.count()] = 0;
    }
};

}  // namespace jatai
