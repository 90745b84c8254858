// conv2d_short.h: CONV_2D of windows of at most twelve numbers for Cortex-M with DSP: the answers of
// device/kernels/conv2d_short.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dShort8Int8CortexM, ...};      // written by the compiler
//
// One output pixel at a time, whose window stays in registers while all channels go over it; windows that
// leave the image are collected first. Registers of two words (three): r0 channels, r1 output, r4-r7 (r4-r9)
// the window as 16-bit numbers, r2 r3 r8 r9 (r2 r3 r10 r11) weights, lr the sum, r10 slope, r11 r12 start and
// product. Operands: those of the reference. Without the DSP extension the reference does it.
// Cost: an output 8.75 (11.75) instructions, a pixel 16 (19) besides.
#pragma once

#include "device/cortex_m/pixel_pairs.h"
#include "device/kernels/conv2d_short.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below are given.
struct ShortPass {
    int8_t* out;
    const uint32_t* channels;
    const uint32_t* channels_end;
    const int8_t* window;
    uint32_t word_step;         // bytes from one word of the window to the next one
    const int8_t* windows_end;  // one pixel_step behind the last window
    uint32_t pixel_step;
    uint32_t entry;  // short_entry()
};
static_assert(sizeof(ShortPass) == 32, "the layout the code below reads");

// A turn of the loop does four channels; the first turn enters so far behind the loop's beginning that what
// is over comes out even. Every instruction has four bytes; 1: Thumb code.
constexpr uint32_t short_entry(uint32_t out_c, uint32_t channel_instructions) {
    return (0u - out_c) % 4 * channel_instructions * 4 + 1;
}

// All pixels. On the stack: channels, their end, window, word step, end of the windows, pixel step, entry.
#define JATAI_SHORT_PASS(widen, channel)     \
    "push {r4-r11, lr}\n\t"                  \
    "ldmia r0, {r1-r8}\n\t"                  \
    "adr r0, 2f\n\t"                         \
    "add r8, r8, r0\n\t"                     \
    "push {r2-r8}\n\t"                       \
    "1:\n\t"                                 \
    "ldrd r2, r3, [sp, #8]\n\t" widen        \
    "ldr r3, [sp, #20]\n\t"                  \
    "ldr r0, [sp]\n\t"                       \
    "add r2, r2, r3\n\t"                     \
    "str r2, [sp, #8]\n\t"                   \
    "ldr pc, [sp, #24]\n\t"                  \
    ".balign 4\n\t"                          \
    "2:\n\t" channel channel channel channel \
    "ldr r2, [sp, #4]\n\t"                   \
    "cmp r0, r2\n\t"                         \
    "bne 2b\n\t"                             \
    "ldr r2, [sp, #8]\n\t"                   \
    "ldr r3, [sp, #16]\n\t"                  \
    "cmp r2, r3\n\t"                         \
    "bne 1b\n\t"                             \
    "add sp, #28\n\t"                        \
    "pop {r4-r11, pc}\n\t"
#define JATAI_WIDEN(even, odd) "sxtb16 " odd ", " even ", ror #8\n\tsxtb16 " even ", " even "\n\t"
#define JATAI_TWO_WORDS "ldr r4, [r2]\n\tldr r6, [r2, r3]\n\t" JATAI_WIDEN("r4", "r5") JATAI_WIDEN("r6", "r7")
#define JATAI_THREE_WORDS JATAI_TWO_WORDS "ldr r8, [r2, r3, lsl #1]\n\t" JATAI_WIDEN("r8", "r9")
// The sum in lr along the line to a byte: slope in r10, start in r11 and r12.
#define JATAI_FINE_LINE "smlal r11, r12, lr, r10\n\tssat r12, #8, r12, asr #9\n\tstrb.w r12, [r1], #1\n\t"
#define JATAI_CHANNEL_OF_TWO                       \
    "ldmia.w r0!, {r2, r3, r8-r12}\n\t"            \
    "smuad lr, r2, r4\n\tsmlad lr, r3, r5, lr\n\t" \
    "smlad lr, r8, r6, lr\n\tsmlad lr, r9, r7, lr\n\t" JATAI_FINE_LINE
#define JATAI_CHANNEL_OF_THREE                           \
    "ldmia.w r0!, {r2, r3, r10, r11}\n\t"                \
    "smuad lr, r2, r4\n\tsmlad lr, r3, r5, lr\n\t"       \
    "smlad lr, r10, r6, lr\n\tsmlad lr, r11, r7, lr\n\t" \
    "ldmia.w r0!, {r2, r3, r10-r12}\n\t"                 \
    "smlad lr, r2, r8, lr\n\tsmlad lr, r3, r9, lr\n\t" JATAI_FINE_LINE

struct TwoWords {
    static constexpr uint32_t kInstructions = 8;  // of a channel
    __attribute__((naked, noinline)) static void run(const ShortPass* /*pass*/) {
        __asm volatile(JATAI_SHORT_PASS(JATAI_TWO_WORDS, JATAI_CHANNEL_OF_TWO));
    }
};
struct ThreeWords {
    static constexpr uint32_t kInstructions = 11;
    __attribute__((naked, noinline)) static void run(const ShortPass* /*pass*/) {
        __asm volatile(JATAI_SHORT_PASS(JATAI_THREE_WORDS, JATAI_CHANNEL_OF_THREE));
    }
};

#undef JATAI_CHANNEL_OF_THREE
#undef JATAI_CHANNEL_OF_TWO
#undef JATAI_FINE_LINE
#undef JATAI_THREE_WORDS
#undef JATAI_TWO_WORDS
#undef JATAI_WIDEN
#undef JATAI_SHORT_PASS

// Windows of one word read it twice; what the second one adds weighs nothing.
template <typename Words, uint32_t kWords>
inline void run_conv2d_short_cortex_m(const Call& call) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    PixelPairs pixels(params, call.in<int8_t>(0), nullptr);
    const uint32_t collected_step = pixels.taps > 4 ? 4 : 0;
    ShortPass pass;
    pass.out = call.out<int8_t>(2);
    pass.channels = call.in<uint32_t>(1);
    pass.channels_end = pass.channels + w.out_c * ShortLayout<kWords>::kChannelWords;
    pass.pixel_step = pixels.pixel_step;
    pass.entry = short_entry(w.out_c, Words::kInstructions);
    int8_t collected[4 * kWords] = {};
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        uint32_t count = pixels.count_quick();
        pass.word_step = collected_step;
        if (count != 0) {
            pass.window = pixels.corner;
            if (w.kernel_h != 1) pass.word_step = pixels.row_step;
            pixels.step(count);
        } else {
            pixels.collect(pixels.next(), collected);
            pass.window = collected;
            count = 1;
        }
        pass.windows_end = pass.window + count * pass.pixel_step;
        Words::run(&pass);
        pass.out += count * w.out_c;
        left -= count;
    }
}

inline void run_conv2d_short8_cortex_m(const Call& call) { run_conv2d_short_cortex_m<TwoWords, 2>(call); }
inline void run_conv2d_short12_cortex_m(const Call& call) { run_conv2d_short_cortex_m<ThreeWords, 3>(call); }

JATAI_HOT_END

#else

inline void run_conv2d_short8_cortex_m(const Call& call) { run_conv2d_short<2>(call); }
inline void run_conv2d_short12_cortex_m(const Call& call) { run_conv2d_short<3>(call); }

#endif

constexpr Kernel kConv2dShort8Int8CortexM{
    {Op::Conv2d, Type::Int8, 16}, fits_conv2d_short<2>, run_conv2d_short8_cortex_m};
constexpr Kernel kConv2dShort12Int8CortexM{
    {Op::Conv2d, Type::Int8, 17}, fits_conv2d_short<3>, run_conv2d_short12_cortex_m};

}  // namespace jatai
