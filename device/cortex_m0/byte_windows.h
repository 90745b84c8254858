// byte_windows.h: the numbers that one output's window covers, or two outputs' windows side by side, as
// words.
//
//     ByteWindows windows(params, in, scratch);
//     const PixelSums sums = windows.fill(2);        // of the next two outputs; fill(1): of the next one
//
// A word holds a number of p, times 2^16 one of q, both 128 higher than they are: 0 to 255. Outside the image
// they are the input's zero point. Registers in the loop: r0 r1 bytes of p and q, r2 how many are left, r3
// where words go, r4 what makes them 128 higher, r5 r6 a number of each, r7 sum. Memory:
// conv2d_bytes_scratch_bytes(). Cost: 4 instructions a number of two windows, 5 of one; 60 for a row of a
// window besides.
#pragma once

#include "device/kernels/conv2d_bytes.h"

#if defined(__thumb__)
#define JATAI_HAS_THUMB 1
#else
#define JATAI_HAS_THUMB 0
#endif

#if JATAI_HAS_THUMB

namespace jatai {

JATAI_HOT_BEGIN

// Of all numbers of a window.
struct PixelSums {
    uint32_t p, q;
};

// `count` (1 or more) bytes to words; returns the sum of the words. r4 what makes them 128 higher, r7 sum.
#define JATAI_WIDEN(mask, number, next) \
    ".syntax unified\n\t"                                                 \
    "push {r4-r7, lr}\n\t" mask                                           \
    "movs r7, #0\n\t"                                                     \
    "subs r2, #4\n\t"                                                     \
    "bcc 2f\n\t"                                                          \
    "1:\n\t" number("0") number("1") number("2") number("3") next("4")    \
    "subs r2, #4\n\t"                                                     \
    "bcs 1b\n\t"                                                          \
    "2:\n\t"                                                              \
    "adds r2, #4\n\t"                                                     \
    "beq 4f\n\t"                                                          \
    "3:\n\t" number("0") next("1")                                        \
    "subs r2, #1\n\t"                                                     \
    "bne 3b\n\t"                                                          \
    "4:\n\t"                                                              \
    "movs r0, r7\n\t"                                                     \
    "pop {r4-r7, pc}\n\t"
#define JATAI_OF_TWO(at)                                      \
    "ldrb r5, [r0, #" at "]\n\tldrb r6, [r1, #" at            \
    "]\n\tlsls r6, r6, #16\n\torrs r5, r6\n\teors r5, r4\n\t" \
    "stmia r3!, {r5}\n\tadds r7, r7, r5\n\t"
#define JATAI_NEXT_TWO(count) "adds r0, #" count "\n\tadds r1, #" count "\n\t"
#define JATAI_OF_ONE(at) "ldrb r5, [r0, #" at "]\n\teors r5, r4\n\tstmia r3!, {r5}\n\tadds r7, r7, r5\n\t"
#define JATAI_NEXT_ONE(count) "adds r0, #" count "\n\t"

// Needs: at most 256, so that the sums do not meet.
__attribute__((naked, noinline)) inline uint32_t widen_two(const int8_t* /*p*/, const int8_t* /*q*/,
                                                           uint32_t /*count*/, uint32_t* /*to*/) {
    __asm volatile(
        JATAI_WIDEN("movs r4, #128\n\tlsls r5, r4, #16\n\torrs r4, r5\n\t", JATAI_OF_TWO, JATAI_NEXT_TWO));
}
__attribute__((naked, noinline)) inline uint32_t widen_one(const int8_t* /*p*/, const int8_t* /*unused*/,
                                                           uint32_t /*count*/, uint32_t* /*to*/) {
    __asm volatile(JATAI_WIDEN("movs r4, #128\n\t", JATAI_OF_ONE, JATAI_NEXT_ONE));
}
#undef JATAI_WIDEN
#undef JATAI_OF_TWO
#undef JATAI_NEXT_TWO
#undef JATAI_OF_ONE
#undef JATAI_NEXT_ONE

// Walks over output pixels, and collects the numbers their windows cover.
class ByteWindows {
  public:
    ByteWindows(const ConvParams& params, const int8_t* in, uint32_t* scratch)
        : w_(params.window), image_(in), numbers_(scratch) {
        const uint32_t taps = uint32_t{w_.kernel_h} * w_.kernel_w * w_.in_c;
        const uint32_t words = static_cast<uint32_t>(round_up4(taps));
        for (uint32_t k = taps; k < words; ++k) numbers_[k] = 0;
        outside_ = reinterpret_cast<int8_t*>(numbers_ + words);
        if (!stays_inside(w_)) memset(outside_, params.input_zero_point, uint32_t{w_.kernel_w} * w_.in_c);
        pixels_ = w_.kernel_h == 1 && w_.kernel_w == 1 && w_.stride_h == 1 && w_.stride_w == 1 &&
                  w_.pad_top == 0 && w_.pad_left == 0 && w_.out_h == w_.in_h && w_.out_w == w_.in_w;
    }

    PixelSums fill(uint32_t count) {
        PixelSums sums{0, 0};
        if (pixels_) {
            widen(image_, count == 2 ? image_ + w_.in_c : nullptr, w_.in_c, numbers_, &sums);
            image_ += count * w_.in_c;
            return sums;
        }
        const Place p = next();
        const Place q = count == 2 ? next() : p;
        uint32_t* to = numbers_;
        for (uint32_t ky = 0; ky < w_.kernel_h; ++ky) {
            const Row q_row = row_of(q, ky);
            to = fill_row(row_of(p, ky), count == 2 ? &q_row : nullptr, to, &sums);
        }
        return sums;
    }

  private:
    // A window's first tap, which may lie outside the image.
    struct Place {
        const int8_t* image;
        int32_t top, left;
    };
    // One row of a window; begin is null where it lies above or below the image.
    struct Row {
        const int8_t* begin;
        int32_t left;
    };

    Place next() {
        const Place place{image_, first_tap(y_, w_.stride_h, w_.pad_top),
                          first_tap(x_, w_.stride_w, w_.pad_left)};
        if (++x_ == w_.out_w) {
            x_ = 0;
            if (++y_ == w_.out_h) {
                y_ = 0;
                image_ += uint32_t{w_.in_h} * w_.in_w * w_.in_c;
            }
        }
        return place;
    }

    Row row_of(const Place& place, uint32_t ky) const {
        const int32_t y = place.top + static_cast<int32_t>(ky * w_.dilation_h);
        if (y < 0 || y >= w_.in_h) return {nullptr, place.left};
        return {place.image + static_cast<uint32_t>(y) * w_.in_w * w_.in_c, place.left};
    }

    // From tap kx on: how many lie side by side, all in the image or all outside; and where.
    uint32_t run_from(const Row& row, uint32_t kx, const int8_t** at) const {
        const int32_t x = row.left + static_cast<int32_t>(kx * w_.dilation_w);
        const uint32_t rest = w_.kernel_w - kx;
        const bool in = row.begin != nullptr && x >= 0 && x < w_.in_w;
        *at = in ? row.begin + static_cast<uint32_t>(x) * w_.in_c : outside_;
        if (w_.dilation_w != 1) return row.begin == nullptr ? rest : 1;
        if (row.begin == nullptr || x >= w_.in_w) return rest;
        const uint32_t most = static_cast<uint32_t>(x < 0 ? -x : w_.in_w - x);
        return most < rest ? most : rest;
    }

    uint32_t* fill_row(const Row& p, const Row* q, uint32_t* to, PixelSums* sums) const {
        for (uint32_t kx = 0; kx < w_.kernel_w;) {
            const int8_t *at_p, *at_q = nullptr;
            uint32_t taps = run_from(p, kx, &at_p);
            if (q != nullptr) {
                const uint32_t of_q = run_from(*q, kx, &at_q);
                if (of_q < taps) taps = of_q;
            }
            to = widen(at_p, at_q, taps * w_.in_c, to, sums);
            kx += taps;
        }
        return to;
    }

    static uint32_t* widen(const int8_t* p, const int8_t* q, uint32_t count, uint32_t* to, PixelSums* sums) {
        while (count != 0) {
            const uint32_t part = count < 256 ? count : 256;
            const uint32_t sum = (q != nullptr ? widen_two : widen_one)(p, q, part, to);
            sums->p += sum & 0xFFFF;
            sums->q += sum >> 16;
            p += part;
            if (q != nullptr) q += part;
            to += part;
            count -= part;
        }
        return to;
    }

    const Window& w_;
    const int8_t* image_;  // of the batch
    uint32_t* numbers_;
    int8_t* outside_;
    uint32_t x_ = 0, y_ = 0;
    bool pixels_;  // every window is a pixel of the image
};

JATAI_HOT_END

}  // namespace jatai

#endif
