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
#include "device/cortex_m/split_taps.h"
#include "device/kernels/scratch.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

JATAI_NOINLINE void fill_words(int8_t* to, int32_t byte, uint32_t words) {
    const uint32_t four = static_cast<uint8_t>(byte) * 0x01010101u;
    for (; words != 0; --words, to += 4) {
        store4(to, four);
        __asm volatile("" ::: "memory");  // a call of memset would cost more than these few words
    }
}

// Rows of an image.
struct CopiedRows {
    uint32_t bytes;   // of a row; 1 or more
    uint32_t gap;     // from the end of a row to the next one
    uint32_t count;   // 1 or more
    uint32_t gap_to;  // the same where they go
};

// One row after the other, word by word; what is over as a halfword and a byte.
__attribute__((naked, noinline)) inline void copy_rows(int8_t* /*to*/, const int8_t* /*from*/,
                                                       const CopiedRows* /*rows*/) {
    __asm volatile(
        "push {r4, r5, r6, r7, lr}\n\t"
        "ldmia r2, {r2, r4, r5, r7}\n\t"
        "1:\n\t"
        "lsrs r3, r2, #2\n\t"
        "beq 3f\n\t"
        "2:\n\t"
        "ldr r6, [r1], #4\n\t"
        "subs r3, #1\n\t"
        "str r6, [r0], #4\n\t"
        "bne 2b\n\t"
        "3:\n\t"
        "lsls r3, r2, #31\n\t"
        "bcc 4f\n\t"
        "ldrh r6, [r1], #2\n\t"
        "strh r6, [r0], #2\n\t"
        "4:\n\t"
        "bpl 5f\n\t"
        "ldrb r6, [r1], #1\n\t"
        "strb r6, [r0], #1\n\t"
        "5:\n\t"
        "add r0, r7\n\t"
        "add r1, r4\n\t"
        "subs r5, #1\n\t"
        "bne 1b\n\t"
        "pop {r4, r5, r6, r7, pc}\n\t");
}

// Rows of two windows.
struct WidenedRows {
    uint32_t words;  // of a row; 1 or more
    uint32_t gap;    // from the end of a row to the next one
    uint32_t count;  // 1 or more
};

// The numbers of p and of q to columns, row by row.
__attribute__((naked, noinline)) inline uint32_t* widen_both(const int8_t* /*p*/, const int8_t* /*q*/,
                                                             uint32_t* /*columns*/,
                                                             const WidenedRows* /*rows*/) {
#define JATAI_WIDEN              \
    "ldr r12, [r0], #4\n\t"      \
    "ldr lr, [r1], #4\n\t"       \
    "sxtb16 r4, r12\n\t"         \
    "sxtb16 r5, lr\n\t"          \
    "sxtb16 r6, r12, ror #8\n\t" \
    "sxtb16 r7, lr, ror #8\n\t"  \
    "stmia r2!, {r4-r7}\n\t"
    __asm volatile(
        "push {r4-r10, lr}\n\t"
        "ldmia r3, {r8-r10}\n\t"
        "1:\n\t"
        "lsrs r3, r8, #1\n\t"
        "bcc 2f\n\t" JATAI_WIDEN
        "cbz r3, 3f\n\t"
        "2:\n\t" JATAI_WIDEN JATAI_WIDEN
        "subs r3, #1\n\t"
        "bne 2b\n\t"
        "3:\n\t"
        "add r0, r9\n\t"
        "add r1, r9\n\t"
        "subs r10, r10, #1\n\t"
        "bne 1b\n\t"
        "mov r0, r2\n\t"
        "pop {r4-r10, pc}\n\t");
#undef JATAI_WIDEN
}

// Walks over output pixels, two at a time.
struct PixelPairs {
    const ConvParams& p;
    const int8_t* image;  // of the batch
    uint32_t row_bytes;   // of a window's row; 0: there are gaps between its taps
    uint32_t row_step;    // bytes to the window's next row
    uint32_t taps;
    bool whole_words;   // its rows are words, or may be read as such; others are collected first
    WidenedRows rows;   // of a window as it lies, or is collected
    int8_t* collected;  // q's bytes; those of p behind them
    // Of the image, and of the output; where windows are pixels one after the other, all are one row.
    int32_t in_w;
    uint32_t out_w, out_h;
    uint32_t y;
    int32_t top;            // of this row's windows
    uint32_t quick_in_row;  // windows that leave the image at no side, and the next one neither
    uint32_t quick;         // the same of this row
    uint32_t after_quick;   // windows of a row from the last of them on
    uint32_t ahead;         // windows of this row still to come
    const int8_t* corner;   // of the present one
    uint32_t pixel_step;    // bytes to the next one
    uint32_t* columns;

    JATAI_NOINLINE PixelPairs(const ConvParams& params, const int8_t* in, uint32_t* to)
        : p(params), image(in), columns(to) {
        const Window& w = p.window;
        taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
        row_bytes = w.dilation_w == 1 ? uint32_t{w.kernel_w} * w.in_c : 0;
        pixel_step = uint32_t{w.stride_w} * w.in_c;
        row_step = uint32_t{w.dilation_h} * w.in_w * w.in_c;
        rows = {(taps + 3) >> 2, 0, 1};
        collected = reinterpret_cast<int8_t*>(columns + 3 * rows.words);
        whole_words = (row_bytes & 3) == 0 || w.kernel_h == 1;
        if (whole_words) rows = {(row_bytes + 3) >> 2, row_step - row_bytes, w.kernel_h};
        in_w = w.in_w;
        out_w = w.out_w;
        out_h = w.out_h;
        if (one_row(w)) {
            out_w *= w.batches * out_h;
            in_w = static_cast<int32_t>(out_w);
            out_h = 1;
        }
        find_quick();
        y = UINT32_MAX;
        next_row();
    }

    bool one_row(const Window& w) const {
        return taps == w.in_c && pixel_step == w.in_c && w.stride_h == 1 && (w.pad_top | w.pad_left) == 0 &&
               w.in_h == w.out_h && w.in_w == w.out_w;
    }

    // From the first window that does not leave the image at its left on, while the next one lies in it. Of a
    // single row of taps whole words are read: more bytes than the window may have.
    void find_quick() {
        const Window& w = p.window;
        quick_in_row = after_quick = 0;
        const uint32_t bytes = whole_words ? 4 * rows.words : row_bytes;
        const int32_t places = in_w - static_cast<int32_t>((bytes + w.in_c - 1) / w.in_c) + w.pad_left;
        if (row_bytes == 0 || pixel_step == 0 || places < w.stride_w) return;
        const uint32_t first = (w.pad_left + w.stride_w - 1u) / w.stride_w;
        uint32_t end = static_cast<uint32_t>(places) / w.stride_w;
        if (end > out_w - 1) end = out_w - 1;
        if (end > first) quick_in_row = end - first;
        after_quick = out_w - end + 1;
    }

    // A window's first tap, which may lie outside the image.
    struct Place {
        const int8_t* corner;
        int32_t top, left;
    };

    JATAI_NOINLINE void next_row() {
        const Window& w = p.window;
        if (++y == out_h) {
            y = 0;
            image += uint32_t{w.in_h} * w.in_w * w.in_c;
        }
        ahead = out_w;
        top = first_tap(y, w.stride_h, w.pad_top);
        corner = image + (top * w.in_w - w.pad_left) * w.in_c;
        const bool inside = top >= 0 && top + (w.kernel_h - 1) * w.dilation_h < w.in_h;
        quick = inside ? quick_in_row : 0;
    }

    JATAI_INLINE void step(uint32_t windows) {
        corner += windows * pixel_step;
        ahead -= windows;
        if (ahead == 0) next_row();
    }

    // How many windows from the present one on are read as they lie, none left out; 0: this one is not.
    uint32_t count_quick() const {
        const uint32_t pairs_behind = ahead - after_quick;
        return pairs_behind >= quick || !whole_words ? 0 : pairs_behind + 2;
    }

    JATAI_NOINLINE Place next() {
        const Place place{corner, top, first_tap(out_w - ahead, p.window.stride_w, p.window.pad_left)};
        step(1);
        return place;
    }

    // All the window's numbers, in the order of the weights, and what is over of the last word.
    JATAI_NOINLINE void collect(const Place& place, int8_t* to) const {
        const Window& w = p.window;
        const Split across = split_taps(place.left, w.kernel_w, w.dilation_w, in_w);
        const Split down = split_taps(place.top, w.kernel_h, w.dilation_h, w.in_h);
        fill_words(to, p.input_zero_point, (taps + 3) >> 2);
        if (across.within == 0 || down.within == 0) return;
        const uint32_t pixel = w.in_c;
        const int8_t* from = place.corner + down.before * row_step + (across.first - place.left) * w.in_c;
        to += (down.before * w.kernel_w + across.before) * pixel;
        CopiedRows row{pixel, (w.dilation_w - 1u) * pixel, across.within, 0};
        uint32_t count = down.within;
        if (w.dilation_w == 1) {
            const uint32_t bytes = across.within * pixel;
            row = {bytes, row_step - bytes, count, w.kernel_w * pixel - bytes};
            count = 1;
        }
        for (; count != 0; --count, to += w.kernel_w * pixel, from += row_step) copy_rows(to, from, &row);
    }

    JATAI_NOINLINE void fill_any(uint32_t count) {
        const WidenedRows all{(taps + 3) >> 2, 0, 1};
        int8_t* const at_p = collected + 4 * all.words;
        const Place a = next();
        collect(a, at_p);
        collect(count == 2 ? next() : a, collected);
        widen_both(at_p, collected, columns, &all);
    }

    // The windows of the next `count` outputs, 1 or 2, to columns. Where all is inside the image, as it lies.
    JATAI_NOINLINE void fill(uint32_t count) {
        if (ahead - after_quick >= quick) return fill_any(count);
        const int8_t *at_p = corner, *at_q = corner + pixel_step;
        if (!whole_words) {
            const CopiedRows inside{row_bytes, row_step - row_bytes, p.window.kernel_h, 0};
            int8_t* const copied = collected + 4 * rows.words;
            copy_rows(copied, at_p, &inside);
            copy_rows(collected, at_q, &inside);
            at_p = copied;
            at_q = collected;
        }
        widen_both(at_p, at_q, columns, &rows);
        step(2);
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
