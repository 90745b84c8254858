// windows.h: depthwise windows of three columns, four channels at a time, from sums to stored bytes.
//
//     Windows windows{start, in, weights, step, ...};
//     slide_three(&windows);         // `count` outputs, `x_step` bytes of input apart
//
// A window's row has three taps inside the image, or two where it leaves the image at one side: then the
// caller has added the third one's constant part to `start`, and `weight_skip` passes over its weights.
// Registers in the loop: r0 taps, r1 weights, r2 from one tap to the next, r3 rows left, r4-r7 sums, r8 r9
// four channels in lanes, r10 r11 their weights, r12 from one row to the next, lr the structure. Cost: 27
// instructions a row of three taps and 49 a window for four outputs, 130 for 3x3.
#pragma once

#include "device/cortex_m/dsp.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// The sums of four channels while a window is read.
struct FourSums {
    int32_t a, b, c, d;
};

struct Windows {
    FourSums start;           // what every window's sums begin with
    const int8_t* in;         // first tap of the first window
    const uint32_t* weights;  // two words a tap: lanes of channels 0 and 2, of 1 and 3
    uint32_t step;            // bytes from one tap to the next
    uint32_t rows;            // of taps; 1 or more
    uint32_t row_step;        // bytes from one row of taps to the next
    uint32_t x_step;          // bytes from one window to the next
    int8_t* out;              // four channels of the first output
    uint32_t out_step;
    uint32_t count;        // outputs; 1 or more
    uint32_t weight_skip;  // bytes of weights after each row of two
    ShortScale scales[4];
};
static_assert(sizeof(Windows) == 104, "the layout the code below reads");

// r4-r7 += four channels of a tap * its weights at r1.
#define JATAI_TAP(address)        \
    "ldr r9, " address            \
    "\n\t"                        \
    "ldrd r10, r11, [r1], #8\n\t" \
    "sxtb16 r8, r9\n\t"           \
    "sxtb16 r9, r9, ror #8\n\t"   \
    "smlabb r4, r8, r10, r4\n\t"  \
    "smlatt r6, r8, r10, r6\n\t"  \
    "smlabb r5, r9, r11, r5\n\t"  \
    "smlatt r7, r9, r11, r7\n\t"
// `sum` to a byte; its scale is the next one at r3.
#define JATAI_FINISH(sum)        \
    "ldmia r3!, {r8-r10}\n\t"    \
    "lsl " sum ", " sum          \
    ", #1\n\t"                   \
    "smmulr " sum ", " sum       \
    ", r8\n\t"                   \
    "add " sum ", " sum ", " sum \
    ", asr #31\n\t"              \
    "add " sum ", " sum          \
    ", r9\n\t"                   \
    "asr " sum ", " sum          \
    ", r10\n\t"                  \
    "ssat " sum ", #8, " sum "\n\t"
// r0 taps, r1 weights, r2 step, r3 rows left, r12 row step, lr the structure.
#define JATAI_SLIDE(row) \
    "push {r0, r4-r11, lr}\n\t"                 \
    "mov lr, r0\n\t"                            \
    "ldr r2, [lr, #24]\n\t"                     \
    "ldr r12, [lr, #32]\n\t"                    \
    "1:\n\t"                                    \
    "ldmia lr, {r4-r7}\n\t"                     \
    "ldrd r0, r1, [lr, #16]\n\t"                \
    "ldr r3, [lr, #28]\n\t"                     \
    "2:\n\t" row                                \
    "add r0, r12\n\t"                           \
    "subs r3, #1\n\t"                           \
    "bne 2b\n\t"                                \
    "add r3, lr, #56\n\t"                       \
    JATAI_FINISH("r4") JATAI_FINISH("r5") JATAI_FINISH("r6") JATAI_FINISH("r7") \
    "ldrd r8, r9, [lr, #36]\n\t"                \
    "strb r4, [r9]\n\t"                         \
    "strb r5, [r9, #1]\n\t"                     \
    "strb r6, [r9, #2]\n\t"                     \
    "strb r7, [r9, #3]\n\t"                     \
    "ldr r0, [lr, #16]\n\t"                     \
    "ldrd r10, r11, [lr, #44]\n\t"              \
    "add r0, r8\n\t"                            \
    "add r9, r10\n\t"                           \
    "str r0, [lr, #16]\n\t"                     \
    "str r9, [lr, #40]\n\t"                     \
    "subs r11, r11, #1\n\t"                     \
    "str r11, [lr, #48]\n\t"                    \
    "bne 1b\n\t"                                \
    "pop {r0, r4-r11, pc}\n\t"

// Windows of three taps a row. Needs: kShortRequantise, no clamping.
__attribute__((naked, noinline)) inline void slide_three(Windows* /*windows*/) {
    __asm volatile(JATAI_SLIDE(JATAI_TAP("[r0]") JATAI_TAP("[r0, r2]") JATAI_TAP("[r0, r2, lsl #1]")));
}

// Windows of two taps a row.
__attribute__((naked, noinline)) inline void slide_two(Windows* /*windows*/) {
    __asm volatile(
        JATAI_SLIDE(JATAI_TAP("[r0]") JATAI_TAP("[r0, r2]") "ldr r10, [lr, #52]\n\tadd r1, r10\n\t"));
}

#undef JATAI_SLIDE
#undef JATAI_FINISH
#undef JATAI_TAP

JATAI_HOT_END

}  // namespace jatai

#endif
