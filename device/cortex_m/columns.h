// columns.h: pixels as columns of 16-bit numbers, and the products of two columns with two rows of weights.
//
//     widen(pixel, depth, columns);               // first pixel of the pair
//     widen(next_pixel, depth, columns + 1);      // second
//     dot_2x2(weights, weights + depth, columns, columns_end, sums);
//
// Four numbers k..k+3 of two pixels p, q lie as four words: p(k, k+2), q(k, k+2), p(k+1, k+3), q(k+1, k+3):
// the order SXTB16 leaves them in, so that one LDM feeds eight SMLAD. Cost: 0.94 instructions per
// multiply-accumulate in the loop; CMSIS-NN's has 1.25.
#pragma once

#include "device/cortex_m/dsp.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// `depth` bytes into every second word of `column`; the last four are filled up with zeros.
inline void widen(const int8_t* in, uint32_t depth, uint32_t* column) {
    for (uint32_t k = depth >> 2; k != 0; --k, in += 4, column += 4) {
        const uint32_t x = load4(in);
        column[0] = sxtb16(x);
        column[2] = sxtb16_odd(x);
    }
    if ((depth & 3) != 0) {
        const uint32_t x = load_tail(in, depth & 3);
        column[0] = sxtb16(x);
        column[2] = sxtb16_odd(x);
    }
}

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

// What dot_2x2 reads and adds to. sums: row 0 * p, row 0 * q, row 1 * p, row 1 * q.
struct Dot2x2 {
    const uint32_t* columns;
    const uint32_t* columns_end;  // of the whole fours
    uint32_t tail_shift;          // 0; or 8 * the bytes that the last four lacks
    int32_t sums[4];
};

// Needs: rows of 4 or more weights. Reads no byte outside them: the last word is read so that it ends with
// the row, and shifted into place.
__attribute__((naked, noinline)) inline void dot_2x2(const int8_t* /*row_0*/, const int8_t* /*row_1*/,
                                                     Dot2x2* /*dot*/) {
    __asm volatile(
        "push {r2, r4-r11, lr}\n\t"
        "add r12, r2, #12\n\t"
        "ldrd r2, r3, [r2]\n\t"
        "ldmia r12, {r4-r7}\n\t"
        // Two fours a turn; an odd number of them enters in the middle.
        "sub r12, r3, r2\n\t"
        "tst r12, #16\n\t"
        "bne 2f\n\t"
        "1:\n\t" JATAI_TWO_ROWS
        "2:\n\t" JATAI_TWO_ROWS
        "cmp r2, r3\n\t"
        "bne 1b\n\t"
        "ldr r3, [sp]\n\t"
        "ldr r3, [r3, #8]\n\t"
        "cbz r3, 3f\n\t"
        "ldmia r2, {r8-r11}\n\t"
        "lsr r2, r3, #3\n\t"
        "sub r0, r0, r2\n\t"
        "sub r1, r1, r2\n\t"
        "ldr r12, [r0]\n\t"
        "lsr r12, r12, r3\n\t" JATAI_PRODUCTS("r4", "r5")
        "ldr r12, [r1]\n\t"
        "lsr r12, r12, r3\n\t" JATAI_PRODUCTS("r6", "r7")
        "3:\n\t"
        "pop {r12}\n\t"
        "add r12, r12, #12\n\t"
        "stmia r12, {r4-r7}\n\t"
        "pop {r4-r11, pc}\n\t");
}

#undef JATAI_TWO_ROWS
#undef JATAI_PRODUCTS

JATAI_HOT_END

}  // namespace jatai

#endif
