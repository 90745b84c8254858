// columns.h: the products of two columns of 16-bit numbers with two rows of weights.
//
//     pairs.fill(2);             // pixel_pairs.h: the columns of two pixels
//     convolve_pair(&dot);       // or dot_2x2(), two channels at a time
//
// The words of two columns lie so that one LDM feeds eight SMLAD. Registers in the loop: r0 r1 the two rows
// of weights, r2 columns, r3 their end, r4-r7 sums, r8-r11 four numbers of p and of q, r12 four weights, then
// two of them in lanes, lr the other two. Cost: 0.94 instructions per multiply-accumulate in the loop;
// CMSIS-NN's has 1.25.
#pragma once

#include "device/cortex_m/dsp.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// Four products of each of two columns with the weights in r12, into two sums.
#define JATAI_PRODUCTS(p, q)      \
    "sxtb16 lr, r12\n\t"          \
    "sxtb16 r12, r12, ror #8\n\t" \
    "smlad " p ", lr, r8, " p     \
    "\n\t"                        \
    "smlad " q ", lr, r9, " q     \
    "\n\t"                        \
    "smlad " p ", r12, r10, " p   \
    "\n\t"                        \
    "smlad " q ", r12, r11, " q "\n\t"
// The same for two rows of weights, at r0 and r1.
#define JATAI_TWO_ROWS        \
    "ldmia r2!, {r8-r11}\n\t" \
    "ldr r12, [r0], #4\n\t" JATAI_PRODUCTS("r4", "r5") "ldr r12, [r1], #4\n\t" JATAI_PRODUCTS("r6", "r7")
// r4-r7 += row r0 * p, row r0 * q, row r1 * p, row r1 * q, for columns from r2 to r3; then the last one to
// three of them, when the word at [shift] is not 0: those weights are read so that they end with the row, and
// shifted into place, so that no byte outside is read. Two fours a turn; an odd number of them enters in the
// middle.
#define JATAI_DOT(shift) \
    "sub r12, r3, r2\n\t"                       \
    "tst r12, #16\n\t"                          \
    "bne 2f\n\t"                                \
    "1:\n\t" JATAI_TWO_ROWS                     \
    "2:\n\t" JATAI_TWO_ROWS                     \
    "cmp r2, r3\n\t"                            \
    "bne 1b\n\t"                                \
    "ldr lr, [sp]\n\t"                          \
    "ldr r3, " shift "\n\t"                     \
    "cbz r3, 3f\n\t"                            \
    "ldmia r2, {r8-r11}\n\t"                    \
    "lsr r2, r3, #3\n\t"                        \
    "sub r0, r0, r2\n\t"                        \
    "sub r1, r1, r2\n\t"                        \
    "ldr r12, [r0], #4\n\t"                     \
    "lsr r12, r12, r3\n\t" JATAI_PRODUCTS("r4", "r5") \
    "ldr r12, [r1], #4\n\t"                     \
    "lsr r12, r12, r3\n\t" JATAI_PRODUCTS("r6", "r7") \
    "ldr lr, [sp]\n\t"                          \
    "3:\n\t"

// What the two functions below read; the second one counts its pointers on.
struct Dot2x2 {
    const int8_t* row;  // weights of a channel; those of the next one follow
    uint32_t taps;      // weights in a row
    const uint32_t* columns;
    const uint32_t* columns_end;  // of the whole fours
    const Channel* channel;
    int8_t* p;  // where channel 0 of the two pixels goes
    int8_t* q;
    int32_t nudge;        // 2 * zero point + 1
    uint32_t tail_shift;  // 0; or 8 * the bytes that the last four lacks
    const Channel* channel_end;
    int32_t sums[4];
};

// sums += row_0 * p, row_0 * q, row_1 * p, row_1 * q. Needs: rows of 4 or more weights.
__attribute__((naked, noinline)) inline void dot_2x2(const int8_t* /*row_0*/, const int8_t* /*row_1*/,
                                                     Dot2x2* /*dot*/) {
    __asm volatile(
        "push {r2, r4-r11, lr}\n\t"
        "add r12, r2, #40\n\t"
        "ldrd r2, r3, [r2, #8]\n\t"
        "ldmia r12, {r4-r7}\n\t" JATAI_DOT("[lr, #32]")
        "pop {r12}\n\t"
        "add r12, r12, #40\n\t"
        "stmia r12, {r4-r7}\n\t"
        "pop {r4-r11, pc}\n\t");
}

// The sum in `acc`, requantised: kShortRequantise, and a range of -128..127. r0 factor, r1 nudge, r2 bits.
#define JATAI_REQUANTISE(acc)    \
    "lsl " acc ", " acc          \
    ", #1\n\t"                   \
    "smmulr " acc ", " acc       \
    ", r0\n\t"                   \
    "add " acc ", " acc ", " acc \
    ", asr #31\n\t"              \
    "add " acc ", " acc          \
    ", r1\n\t"                   \
    "asr " acc ", " acc          \
    ", r2\n\t"                   \
    "ssat " acc ", #8, " acc "\n\t"

// All channels from `channel` to `channel_end`, two at a time, of two pixels: sums, requantised and stored. q
// is stored first: where there is no second pixel, q is p. Needs: rows of 4 or more weights,
// kShortRequantise, no clamping.
__attribute__((naked, noinline)) inline void convolve_pair(Dot2x2* /*dot*/) {
    __asm volatile(
        "push {r0, r4-r11, lr}\n\t"
        "4:\n\t"
        "ldr lr, [sp]\n\t"
        "ldmia lr, {r0-r3, r12}\n\t"
        "add r1, r0\n\t"
        "ldr r4, [r12]\n\t"
        "ldr r6, [r12, #12]\n\t"
        "mov r5, r4\n\t"
        "mov r7, r6\n\t" JATAI_DOT("[lr, #32]")
        "str r1, [lr]\n\t"
        "ldr r12, [lr, #16]\n\t"
        "add r12, r12, #4\n\t"
        "ldmia r12!, {r0, r2, r3, r8, r9}\n\t"
        "str r12, [lr, #16]\n\t"
        "ldrd r10, r11, [lr, #20]\n\t"
        "ldr r3, [lr, #28]\n\t"
        "mvn r1, r2\n\t"
        "lsl r1, r3, r1\n\t"
        "rsb r2, r2, #0\n\t" JATAI_REQUANTISE("r4") JATAI_REQUANTISE("r5")
        "mov r0, r8\n\t"
        "mvn r1, r9\n\t"
        "lsl r1, r3, r1\n\t"
        "rsb r2, r9, #0\n\t" JATAI_REQUANTISE("r6") JATAI_REQUANTISE("r7")
        "strb r7, [r11, #1]\n\t"
        "strb r5, [r11], #2\n\t"
        "strb r6, [r10, #1]\n\t"
        "strb r4, [r10], #2\n\t"
        "strd r10, r11, [lr, #20]\n\t"
        "ldr r0, [lr, #36]\n\t"
        "cmp r12, r0\n\t"
        "bne 4b\n\t"
        "pop {r0, r4-r11, pc}\n\t");
}

#undef JATAI_REQUANTISE
#undef JATAI_DOT
#undef JATAI_TWO_ROWS
#undef JATAI_PRODUCTS

JATAI_HOT_END

}  // namespace jatai

#endif
