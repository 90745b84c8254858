// patches.h: the part of an image under a window, as columns of 16-bit numbers, and the way back to bytes.
//
//     Patches patches(params, in);
//     patches.fill_column(bytes, columns);       // of the first output
//     patches.step();                            // to the next one
//
// A window of one pixel that never leaves the image is read as it lies; any other is collected into `bytes`
// first, with the input's zero point where it leaves the image.
#pragma once

#include "device/cortex_m/columns.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

inline int8_t* fill_bytes(int8_t* to, int32_t value, uint32_t count) {
    for (int8_t* const end = to + count; to != end; ++to) {
        *to = static_cast<int8_t>(value);
        __asm volatile("" ::: "memory");  // a call of memset would cost more than these few bytes
    }
    return to;
}

inline int8_t* copy_bytes(int8_t* to, const int8_t* from, uint32_t count) {
    for (uint32_t words = count >> 2; words != 0; --words, from += 4, to += 4) {
        const uint32_t x = load4(from);
        __builtin_memcpy(to, &x, 4);
    }
    if (count & 2) {
        to[0] = from[0];
        to[1] = from[1];
        to += 2;
        from += 2;
    }
    if (count & 1) *to++ = *from;
    return to;
}

// `count` bytes, 4 or more, word by word; the last word overlaps the one before it.
JATAI_INLINE int8_t* copy_words(int8_t* to, const int8_t* from, uint32_t count) {
    int8_t* const end = to + count;
    const int8_t* const last = from + count - 4;
    do {
        const uint32_t x = load4(from);
        __builtin_memcpy(to, &x, 4);
        from += 4;
        to += 4;
    } while (from < last);
    const uint32_t x = load4(last);
    __builtin_memcpy(end - 4, &x, 4);
    return end;
}

// 1 to 3 bytes.
JATAI_INLINE int8_t* copy_few(int8_t* to, const int8_t* from, uint32_t count) {
    to[0] = from[0];
    if (count > 1) to[1] = from[1];
    if (count > 2) to[2] = from[2];
    return to + count;
}

// The same value `count` times, 4 or more.
JATAI_INLINE int8_t* fill_words(int8_t* to, int32_t value, uint32_t count) {
    const uint32_t x = static_cast<uint8_t>(value) * 0x01010101u;
    int8_t* const end = to + count;
    for (; to < end - 4; to += 4) __builtin_memcpy(to, &x, 4);
    __builtin_memcpy(end - 4, &x, 4);
    return end;
}

// Walks over output pixels, and collects the numbers each one's window covers.
struct Patches {
    const ConvParams& p;
    const int8_t* image;  // of the batch
    uint32_t x, y;
    uint32_t taps;
    uint32_t row_bytes;  // of a window's row; 0: there are gaps between its taps
    bool one_pixel;

    Patches(const ConvParams& params, const int8_t* in) : p(params), image(in), x(0), y(0) {
        const Window& w = p.window;
        taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
        row_bytes = w.dilation_w == 1 ? uint32_t{w.kernel_w} * w.in_c : 0;
        one_pixel = w.kernel_h == 1 && w.kernel_w == 1 && w.pad_top == 0 && w.pad_left == 0 &&
                    (w.out_h - 1u) * w.stride_h < w.in_h && (w.out_w - 1u) * w.stride_w < w.in_w;
    }

    // The window of the present output, into every second word of `column`. `bytes`: room for its taps.
    void fill_column(int8_t* bytes, uint32_t* column) const {
        if (!one_pixel) collect(bytes);
        widen(one_pixel ? pixel() : bytes, taps, column);
    }

    void step() {
        const Window& w = p.window;
        if (++x != w.out_w) return;
        x = 0;
        if (++y != w.out_h) return;
        y = 0;
        image += uint32_t{w.in_h} * w.in_w * w.in_c;
    }

    // The first byte under the window, where that lies in the image.
    const int8_t* pixel() const {
        const Window& w = p.window;
        return image + (y * w.stride_h * w.in_w + x * w.stride_w) * w.in_c;
    }

    int8_t* collect_row(const int8_t* row, int32_t left, int8_t* to) const {
        const Window& w = p.window;
        if (w.dilation_w == 1) {  // the taps inside lie side by side
            const Span columns = inside(left, w.kernel_w, w.in_w);
            const uint32_t within = columns.end - columns.begin;
            const uint32_t before =
                within == 0 ? w.kernel_w : static_cast<uint32_t>(static_cast<int32_t>(columns.begin) - left);
            to = fill_bytes(to, p.input_zero_point, before * w.in_c);
            to = copy_bytes(to, row + columns.begin * w.in_c, within * w.in_c);
            return fill_bytes(to, p.input_zero_point, (w.kernel_w - before - within) * w.in_c);
        }
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            to = ix >= 0 && ix < w.in_w ? copy_bytes(to, row + static_cast<uint32_t>(ix) * w.in_c, w.in_c)
                                        : fill_bytes(to, p.input_zero_point, w.in_c);
        }
        return to;
    }

    // Of a window that leaves the image neither left nor right; `row` may point above or below the image.
    void collect_rows(const int8_t* row, int32_t iy, int8_t* to) const {
        const Window& w = p.window;
        const uint32_t row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        for (uint32_t ky = w.kernel_h; ky != 0; --ky, iy += w.dilation_h, row += row_step) {
            const bool within = iy >= 0 && iy < w.in_h;
            if (row_bytes < 4) {
                to = within ? copy_few(to, row, row_bytes) : fill_bytes(to, p.input_zero_point, row_bytes);
            } else {
                to = within ? copy_words(to, row, row_bytes) : fill_words(to, p.input_zero_point, row_bytes);
            }
        }
    }

    // All the window's numbers, in the order of the weights.
    void collect(int8_t* to) const {
        const Window& w = p.window;
        const int32_t left = first_tap(x, w.stride_w, w.pad_left);
        int32_t iy = first_tap(y, w.stride_h, w.pad_top);
        if (row_bytes != 0 && left >= 0 && left + w.kernel_w <= w.in_w)
            return collect_rows(image + (iy * w.in_w + left) * w.in_c, iy, to);
        for (uint32_t ky = 0; ky < w.kernel_h; ++ky, iy += w.dilation_h) {
            to = iy >= 0 && iy < w.in_h
                     ? collect_row(image + static_cast<uint32_t>(iy) * w.in_w * w.in_c, left, to)
                     : fill_bytes(to, p.input_zero_point, uint32_t{w.kernel_w} * w.in_c);
        }
    }
};

// One output channel at two places. q first: where there is no second place both are the same.
JATAI_NOINLINE void finish_pair(Finish finish, const Channel& c, Range range, const int32_t* sums, int8_t* p,
                                int8_t* q) {
    if (finish == Finish::Any) {
        *q = to_int8(sums[1], c.multiplier, c.shift, range);
        *p = to_int8(sums[0], c.multiplier, c.shift, range);
        return;
    }
    const ShortScale scale(c.multiplier, c.shift, range.zero_point);
    const int32_t at_q = scale(sums[1]);
    const int32_t at_p = scale(sums[0]);
    const bool full = finish == Finish::ShortFull;
    *q = static_cast<int8_t>(full ? ssat8(at_q) : clamp(at_q, range.low, range.high));
    *p = static_cast<int8_t>(full ? ssat8(at_p) : clamp(at_p, range.low, range.high));
}

JATAI_HOT_END

}  // namespace jatai

#endif
