// pixel_pairs.h: what the windows of two outputs cover, side by side as columns of 16-bit numbers, and the
// way back to bytes.
//
//     PixelPairs pairs(params, in, columns);
//     pairs.fill(2);                             // of the next two outputs; fill(1): the last one twice
//
// Rows of a window whose bytes are a multiple of four are widened as they lie in the image; others, and
// windows that leave it at a side, are collected first, with the input's zero point where there is no image.
// Four numbers k..k+3 of two pixels p, q lie as four words: p(k, k+2), q(k, k+2), p(k+1, k+3), q(k+1, k+3):
// the order SXTB16 leaves them in. Behind the last number lies anything: its weights are 0, or it is not
// read. Memory: conv2d_scratch_bytes() from `columns` on: the columns, of which the last quarter holds the
// bytes of q until they are widened, then the bytes of p. Cost: 8 instructions for eight numbers as they lie,
// 4 more for a word that is collected.
#pragma once

#include "device/cortex_m/dsp.h"
#include "device/kernels/scratch.h"

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

// Word by word; what is over as a halfword and a byte.
JATAI_INLINE int8_t* copy_bytes(int8_t* to, const int8_t* from, uint32_t count) {
    for (uint32_t words = count >> 2; words != 0; --words) {
        store4(to, load4(from));
        from += 4;
        to += 4;
    }
    if ((count & 2) != 0) {
        store2(to, load2(from));
        from += 2;
        to += 2;
    }
    if ((count & 1) != 0) *to++ = *from;
    return to;
}

// `words` (1 or more) times four numbers of p and of q to columns; returns where the next ones go.
__attribute__((naked, noinline)) inline uint32_t* widen_both(const int8_t* /*p*/, const int8_t* /*q*/,
                                                             uint32_t /*words*/, uint32_t* /*columns*/) {
#define JATAI_WIDEN              \
    "ldr r12, [r0], #4\n\t"      \
    "ldr lr, [r1], #4\n\t"       \
    "sxtb16 r4, r12\n\t"         \
    "sxtb16 r5, lr\n\t"          \
    "sxtb16 r6, r12, ror #8\n\t" \
    "sxtb16 r7, lr, ror #8\n\t"  \
    "stmia r3!, {r4-r7}\n\t"
    __asm volatile(
        "push {r4-r7, lr}\n\t"
        "lsrs r2, r2, #1\n\t"
        "bcc 1f\n\t" JATAI_WIDEN
        "cbz r2, 2f\n\t"
        "1:\n\t" JATAI_WIDEN JATAI_WIDEN
        "subs r2, #1\n\t"
        "bne 1b\n\t"
        "2:\n\t"
        "mov r0, r3\n\t"
        "pop {r4-r7, pc}\n\t");
#undef JATAI_WIDEN
}

// Walks over output pixels, two at a time.
struct PixelPairs {
    const ConvParams& p;
    const int8_t* image;  // of the batch
    uint32_t* columns;
    uint32_t taps;
    uint32_t row_bytes;  // of a window's row; 0: there are gaps between its taps
    uint32_t x, y;
    int32_t top, left;  // of the present window
    const int8_t* corner;

    PixelPairs(const ConvParams& params, const int8_t* in, uint32_t* to) : p(params), image(in), columns(to) {
        const Window& w = p.window;
        taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
        row_bytes = w.dilation_w == 1 ? uint32_t{w.kernel_w} * w.in_c : 0;
        y = 0;
        begin_row();
    }

    // A window's first tap, which may lie outside the image.
    struct Place {
        const int8_t* corner;
        int32_t top, left;
        bool between;  // it leaves the image neither left nor right
    };

    void begin_row() {
        const Window& w = p.window;
        x = 0;
        top = first_tap(y, w.stride_h, w.pad_top);
        left = -int32_t{w.pad_left};
        corner = image + (top * w.in_w + left) * w.in_c;
    }

    Place next() {
        const Window& w = p.window;
        const Place place{corner, top, left, row_bytes != 0 && left >= 0 && left + w.kernel_w <= w.in_w};
        left += w.stride_w;
        corner += uint32_t{w.stride_w} * w.in_c;
        if (++x != w.out_w) return place;
        if (++y == w.out_h) {
            y = 0;
            image += uint32_t{w.in_h} * w.in_w * w.in_c;
        }
        begin_row();
        return place;
    }

    int8_t* collect_row(const int8_t* row, int32_t first, int8_t* to) const {
        const Window& w = p.window;
        for (uint32_t kx = w.kernel_w; kx != 0; --kx, first += w.dilation_w, row += w.dilation_w * w.in_c) {
            to = first >= 0 && first < w.in_w ? copy_bytes(to, row, w.in_c)
                                              : fill_bytes(to, p.input_zero_point, w.in_c);
        }
        return to;
    }

    // All the window's numbers, in the order of the weights.
    JATAI_NOINLINE void collect(const Place& place, int8_t* to) const {
        const Window& w = p.window;
        const uint32_t row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        const int8_t* row = place.corner;
        int32_t iy = place.top;
        if (place.between && iy >= 0 && iy + (w.kernel_h - 1) * w.dilation_h < w.in_h) {
            for (uint32_t ky = w.kernel_h; ky != 0; --ky, row += row_step)
                to = copy_bytes(to, row, row_bytes);
            return;
        }
        for (uint32_t ky = w.kernel_h; ky != 0; --ky, iy += w.dilation_h, row += row_step) {
            if (iy < 0 || iy >= w.in_h) {
                to = fill_bytes(to, p.input_zero_point, uint32_t{w.kernel_w} * w.in_c);
            } else {
                to = place.between ? copy_bytes(to, row, row_bytes) : collect_row(row, place.left, to);
            }
        }
    }

    void widen_rows(const Place& a, const Place& b, int8_t* outside) const {
        const Window& w = p.window;
        const uint32_t row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        const int8_t *row_a = a.corner, *row_b = b.corner;
        int32_t y_a = a.top, y_b = b.top;
        uint32_t* to = columns;
        if (y_a < 0 || y_b < 0 || y_a + (w.kernel_h - 1) * w.dilation_h >= w.in_h ||
            y_b + (w.kernel_h - 1) * w.dilation_h >= w.in_h)
            fill_bytes(outside, p.input_zero_point, row_bytes);
        for (uint32_t ky = w.kernel_h; ky != 0; --ky) {
            to = widen_both(y_a >= 0 && y_a < w.in_h ? row_a : outside,
                            y_b >= 0 && y_b < w.in_h ? row_b : outside, row_bytes >> 2, to);
            y_a += w.dilation_h;
            y_b += w.dilation_h;
            row_a += row_step;
            row_b += row_step;
        }
    }

    // The windows of the next `count` outputs, 1 or 2, to columns.
    JATAI_NOINLINE void fill(uint32_t count) {
        const Place a = next();
        const Place b = count == 2 ? next() : a;
        const uint32_t words = (taps + 3) >> 2;
        int8_t* bytes = reinterpret_cast<int8_t*>(columns + 4 * words);
        if (a.between && b.between && (row_bytes & 3) == 0) return widen_rows(a, b, bytes);
        collect(a, bytes);
        collect(b, bytes - 4 * words);
        widen_both(bytes, bytes - 4 * words, words, columns);
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
