// conv2d_bytes.h: CONV_2D and FULLY_CONNECTED in unsigned bytes for cores with the Armv6-M instructions: the
// answers of device/kernels/conv2d_bytes.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dByteLinesInt8CortexM0, ...};      // written by the compiler
//
// One output pixel and four output channels (A to D) at a time, its window's numbers as words, times 256.
// Registers in the loop: r0 numbers, r1 weights, r2 a number, r3 a weight, then a product, r4-r7 the sums of
// A to D, r8 the end of the numbers. A line's product of 32 bits by 32 comes from four of 16 by 16. Operands:
// those of the reference. Needs, for lines: slopes below 2^30, values on the line below 2^29. Cost: 3.35
// instructions per multiply-accumulate, 28 per output besides, 5 per number of a window.
#pragma once

#include "device/cortex_m0/long_product.h"
#include "device/kernels/conv2d_bytes.h"

#if defined(__thumb__)
#define JATAI_HAS_THUMB 1
#else
#define JATAI_HAS_THUMB 0
#endif

namespace jatai {

#if JATAI_HAS_THUMB

JATAI_HOT_BEGIN

// What the functions below read.
struct BytePass {
    const int32_t* numbers;
    const int32_t* numbers_end;
    const uint32_t* blocks;
    const uint32_t* blocks_end;
    int8_t* out;
    int32_t correction;  // -128 * 256 * the sum of the numbers
    int32_t* sums;
};

#define JATAI_TAP(at)     \
    "ldmia r0!, {r2}\n\t" \
    "ldrb r3, [r1, #" at  \
    "+0]\n\t"             \
    "muls r3, r2\n\t"     \
    "adds r4, r4, r3\n\t" \
    "ldrb r3, [r1, #" at  \
    "+1]\n\t"             \
    "muls r3, r2\n\t"     \
    "adds r5, r5, r3\n\t" \
    "ldrb r3, [r1, #" at  \
    "+2]\n\t"             \
    "muls r3, r2\n\t"     \
    "adds r6, r6, r3\n\t" \
    "ldrb r3, [r1, #" at  \
    "+3]\n\t"             \
    "muls r3, r2\n\t"     \
    "adds r7, r7, r3\n\t"
// All numbers from r0 to r8: eight a turn; an odd number of fours enters in the middle.
#define JATAI_TAPS \
    "mov r2, r8\n\t"                                                          \
    "subs r2, r2, r0\n\t"                                                     \
    "lsrs r2, r2, #5\n\t"                                                     \
    "bcc 2f\n\t"                                                              \
    "subs r1, #16\n\t"                                                        \
    "b 3f\n\t"                                                                \
    "2:\n\t" JATAI_TAP("0") JATAI_TAP("4") JATAI_TAP("8") JATAI_TAP("12")     \
    "3:\n\t" JATAI_TAP("16") JATAI_TAP("20") JATAI_TAP("24") JATAI_TAP("28")  \
    "adds r1, #32\n\t"                                                        \
    "cmp r0, r8\n\t"                                                          \
    "bne 2b\n\t"
// The sum along its line, whose slope lies at r1 + `at`: the upper word of a long product, shifted,
// saturated.
#define JATAI_ALONG(sum, at, label) \
    "uxth r0, " sum                 \
    "\n\t"                          \
    "asrs " sum ", " sum            \
    ", #16\n\t"                     \
    "ldrh r2, [r1, #" at            \
    "]\n\t"                         \
    "movs r3, r2\n\t"               \
    "muls r3, r0\n\t"               \
    "lsrs r3, r3, #16\n\t"          \
    "muls r2, " sum                 \
    "\n\t"                          \
    "adds r3, r3, r2\n\t"           \
    "ldrh r2, [r1, #" at            \
    "+2]\n\t"                       \
    "muls r0, r2\n\t"               \
    "adds r3, r3, r0\n\t"           \
    "asrs r3, r3, #16\n\t"          \
    "muls " sum                     \
    ", r2\n\t"                      \
    "adds " sum ", " sum            \
    ", r3\n\t"                      \
    "asrs " sum ", " sum            \
    ", #10\n\t"                     \
    "sxtb r0, " sum                 \
    "\n\t"                          \
    "cmp r0, " sum                  \
    "\n\t"                          \
    "beq " label                    \
    "f\n\t"                         \
    "asrs " sum ", " sum            \
    ", #31\n\t"                     \
    "movs r0, #127\n\t"             \
    "eors " sum ", r0\n\t" label ":\n\t"
#define JATAI_SAVE         \
    ".syntax unified\n\t"  \
    "push {r4-r7, lr}\n\t" \
    "mov r4, r8\n\t"       \
    "mov r5, r9\n\t"       \
    "mov r6, r10\n\t"      \
    "mov r7, r11\n\t"      \
    "push {r4-r7}\n\t"
#define JATAI_RESTORE \
    "pop {r4-r7}\n\t" \
    "mov r8, r4\n\t"  \
    "mov r9, r5\n\t"  \
    "mov r10, r6\n\t" \
    "mov r11, r7\n\t" \
    "pop {r4-r7, pc}\n\t"

// All blocks of one pixel. r9 numbers, r10 correction, r11 output, r12 end of the blocks.
__attribute__((naked, noinline)) inline void pass_byte_lines(const BytePass* /*pass*/) {
    __asm volatile(JATAI_SAVE
                   "ldmia r0!, {r1-r7}\n\t"
                   "mov r9, r1\n\t"
                   "mov r8, r2\n\t"
                   "mov r1, r3\n\t"
                   "mov r12, r4\n\t"
                   "mov r11, r5\n\t"
                   "mov r10, r6\n\t"
                   "1:\n\t"
                   "ldmia r1!, {r4-r7}\n\t"
                   "mov r2, r10\n\t"
                   "mov r0, r9\n\t"
                   "adds r4, r4, r2\n\t"
                   "adds r5, r5, r2\n\t"
                   "adds r6, r6, r2\n\t"
                   "adds r7, r7, r2\n\t" JATAI_TAPS
                   JATAI_ALONG("r4", "0", "4") JATAI_ALONG("r5", "4", "5")
                   JATAI_ALONG("r6", "8", "6") JATAI_ALONG("r7", "12", "7")
                   "adds r1, #16\n\t"
                   "mov r0, r11\n\t"
                   "strb r4, [r0]\n\t"
                   "strb r5, [r0, #1]\n\t"
                   "strb r6, [r0, #2]\n\t"
                   "strb r7, [r0, #3]\n\t"
                   "adds r0, #4\n\t"
                   "mov r11, r0\n\t"
                   "cmp r1, r12\n\t"
                   "beq 8f\n\t"
                   "b 1b\n\t"
                   "8:\n\t" JATAI_RESTORE);
}

// The sums of one block, times 256, without correction.
__attribute__((naked, noinline)) inline void sum_bytes(const BytePass* /*pass*/) {
    __asm volatile(JATAI_SAVE
                   "ldr r1, [r0, #24]\n\t"
                   "mov r9, r1\n\t"
                   "ldmia r0!, {r1-r3}\n\t"
                   "mov r0, r1\n\t"
                   "mov r8, r2\n\t"
                   "mov r1, r3\n\t"
                   "movs r4, #0\n\tmovs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\t" JATAI_TAPS
                   "mov r0, r9\n\t"
                   "stmia r0!, {r4-r7}\n\t" JATAI_RESTORE);
}

// `count` bytes to words, times 256; adds them to *sum; returns where the next ones go.
__attribute__((naked, noinline)) inline int32_t* widen_bytes(const int8_t* /*in*/, uint32_t /*count*/,
                                                             int32_t* /*to*/, int32_t* /*sum*/) {
#define JATAI_BYTE(number, index)   \
    "ldrsb " number ", [r0, " index \
    "]\n\t"                         \
    "lsls " number ", " number      \
    ", #8\n\t"                      \
    "adds r3, r3, " number "\n\t"
    __asm volatile(
        ".syntax unified\n\t"
        "push {r3-r7, lr}\n\t"
        "ldr r3, [r3]\n\t"
        "movs r4, #0\n\t"
        "lsrs r5, r1, #2\n\t"
        "beq 2f\n\t"
        "mov r12, r5\n\t"
        "1:\n\t"
        "movs r4, #0\n\t" JATAI_BYTE("r5", "r4")
        "movs r4, #1\n\t" JATAI_BYTE("r6", "r4")
        "movs r4, #2\n\t" JATAI_BYTE("r7", "r4")
        "stmia r2!, {r5-r7}\n\t"
        "movs r4, #3\n\t" JATAI_BYTE("r5", "r4")
        "stmia r2!, {r5}\n\t"
        "adds r0, #4\n\t"
        "mov r5, r12\n\t"
        "subs r5, #1\n\t"
        "mov r12, r5\n\t"
        "bne 1b\n\t"
        "2:\n\t"
        "movs r4, #0\n\t"
        "lsls r1, r1, #30\n\t"
        "lsrs r1, r1, #30\n\t"
        "beq 4f\n\t"
        "3:\n\t" JATAI_BYTE("r5", "r4")
        "stmia r2!, {r5}\n\t"
        "adds r0, #1\n\t"
        "subs r1, #1\n\t"
        "bne 3b\n\t"
        "4:\n\t"
        "mov r0, r2\n\t"
        "pop {r4}\n\t"
        "str r3, [r4]\n\t"
        "pop {r4-r7, pc}\n\t");
#undef JATAI_BYTE
}
#undef JATAI_RESTORE
#undef JATAI_SAVE
#undef JATAI_ALONG
#undef JATAI_TAPS
#undef JATAI_TAP

// Walks over output pixels, and collects the numbers each one's window covers.
struct WordWindows {
    const ConvParams& p;
    const int8_t* image;  // of the batch
    int32_t* numbers;
    uint32_t x, y;
    bool pixels;  // every window is a pixel of the image

    int32_t* fill_outside(int32_t* to, uint32_t count, int32_t* sum) const {
        const int32_t value = p.input_zero_point * 256;
        for (; count != 0; --count, *sum += value) *to++ = value;
        return to;
    }

    int32_t* collect_row(const int8_t* row, int32_t left, int32_t* to, int32_t* sum) const {
        const Window& w = p.window;
        if (w.dilation_w == 1) {  // the taps inside lie side by side
            const Span columns = inside(left, w.kernel_w, w.in_w);
            const uint32_t within = columns.end - columns.begin;
            const uint32_t before =
                within == 0 ? w.kernel_w : static_cast<uint32_t>(static_cast<int32_t>(columns.begin) - left);
            to = fill_outside(to, before * w.in_c, sum);
            to = widen_bytes(row + columns.begin * w.in_c, within * w.in_c, to, sum);
            return fill_outside(to, (w.kernel_w - before - within) * w.in_c, sum);
        }
        for (uint32_t kx = w.kernel_w; kx != 0; --kx, left += w.dilation_w) {
            to = left >= 0 && left < w.in_w
                     ? widen_bytes(row + static_cast<uint32_t>(left) * w.in_c, w.in_c, to, sum)
                     : fill_outside(to, w.in_c, sum);
        }
        return to;
    }

    // The window of the present output; returns the sum of its numbers, times 256. Goes on to the next
    // output.
    int32_t fill() {
        const Window& w = p.window;
        int32_t sum = 0;
        int32_t* to = numbers;
        if (pixels) {
            widen_bytes(image, w.in_c, to, &sum);
            image += w.in_c;
            return sum;
        }
        int32_t iy = first_tap(y, w.stride_h, w.pad_top);
        const int32_t left = first_tap(x, w.stride_w, w.pad_left);
        for (uint32_t ky = w.kernel_h; ky != 0; --ky, iy += w.dilation_h) {
            to = iy >= 0 && iy < w.in_h
                     ? collect_row(image + static_cast<uint32_t>(iy) * w.in_w * w.in_c, left, to, &sum)
                     : fill_outside(to, uint32_t{w.kernel_w} * w.in_c, &sum);
        }
        if (++x == w.out_w) {
            x = 0;
            if (++y == w.out_h) {
                y = 0;
                image += uint32_t{w.in_h} * w.in_w * w.in_c;
            }
        }
        return sum;
    }
};

// All output channels of one pixel along their lines.
inline void finish_pixel(const ByteBlocks<ScaleLine>& layout, BytePass pass) {
    pass.blocks_end = pass.blocks + layout.out_c / 4 * layout.block_words();
    pass_byte_lines(&pass);
    if (layout.out_c % 4 == 0) return;
    pass.out += layout.out_c - 4;  // the last four channels, some of them again
    pass.blocks = pass.blocks_end;
    pass.blocks_end += layout.block_words();
    pass_byte_lines(&pass);
}

inline void finish_pixel(const ByteBlocks<RoundedScale>& layout, BytePass pass) {
    int32_t sums[4];
    pass.sums = sums;
    for (uint32_t b = 0; b < layout.count(); ++b, pass.blocks += layout.block_words()) {
        sum_bytes(&pass);
        const int32_t* scale = reinterpret_cast<const int32_t*>(pass.blocks + layout.weight_words());
        int8_t* out = pass.out + layout.channel(b);
        for (uint32_t i = 0; i < 4; ++i, scale += 4) {
            const int32_t doubled = add_wrapping(sums[i], pass.correction) >> 7;
            const int32_t t = high_product_rounded(add_wrapping(doubled, scale[0]), scale[1]);
            const int32_t y = add_wrapping(add_wrapping(t, t >> 31), scale[2]) >> (scale[3] & 31);
            *out++ = static_cast<int8_t>(clamp(y, -128, 127));
        }
    }
}

template <typename Scale>
inline void run_conv2d_bytes_cortex_m0(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    int32_t* numbers = call.out<int32_t>(3);
    const ByteBlocks<Scale> layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    const bool pixels = w.kernel_h == 1 && w.kernel_w == 1 && w.stride_h == 1 && w.stride_w == 1 &&
                        w.pad_top == 0 && w.pad_left == 0 && w.out_h == w.in_h && w.out_w == w.in_w;
    WordWindows windows{p, call.in<int8_t>(0), numbers, 0, 0, pixels};
    BytePass pass{};
    pass.numbers = numbers;
    pass.numbers_end = numbers + layout.weight_words();
    pass.blocks = call.in<uint32_t>(1);
    pass.out = call.out<int8_t>(2);
    for (uint32_t k = layout.taps; k < layout.weight_words(); ++k) numbers[k] = 0;
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0; --left, pass.out += w.out_c) {
        pass.correction = static_cast<int32_t>(0u - (static_cast<uint32_t>(windows.fill()) << 7));
        finish_pixel(layout, pass);
    }
}

JATAI_HOT_END

#else

template <typename Scale>
inline void run_conv2d_bytes_cortex_m0(const Call& call) {
    run_conv2d_bytes<Scale>(call);
}

#endif

constexpr Kernel kConv2dByteLinesInt8CortexM0{
    {Op::Conv2d, Type::Int8, 7}, fits_conv2d_bytes<ScaleLine>, run_conv2d_bytes_cortex_m0<ScaleLine>};
constexpr Kernel kConv2dByteRoundedInt8CortexM0{
    {Op::Conv2d, Type::Int8, 8}, fits_conv2d_bytes<RoundedScale>, run_conv2d_bytes_cortex_m0<RoundedScale>};

}  // namespace jatai
