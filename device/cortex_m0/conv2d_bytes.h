// conv2d_bytes.h: CONV_2D and FULLY_CONNECTED in unsigned bytes for cores with the Armv6-M instructions: the
// answers of device/kernels/conv2d_bytes.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dByteLinesInt8CortexM0, ...};      // written by the compiler
//
// Two output pixels p, q and four output channels (A to D) at a time: weight * (p + 2^16 q) is both products
// side by side, since each is below 2^16. T sums them as they are, H their upper halves: H is q's sum, T -
// 2^16 H is p's. Registers in the loop: r0 numbers, r1 weights, r2 a number, r3 a weight, then a product,
// r4-r7 T of A to D, r8-r11 H, r12 the end of the numbers. A single pixel has T alone. A line's product of 32
// bits by 32 comes from four of 16 by 16. Operands: those of the reference. Needs, for lines: slopes below
// 2^30, values on the line below 2^29. Cost: 2.72 instructions per multiply-accumulate (a single pixel:
// 3.34), 26 per output besides, 4 per number of a window.
#pragma once

#include <stddef.h>

#include "device/cortex_m0/byte_windows.h"
#include "device/cortex_m0/long_product.h"

namespace jatai {

#if JATAI_HAS_THUMB

JATAI_HOT_BEGIN

// What the functions below read.
struct BytePass {
    const uint32_t* numbers;
    const uint32_t* numbers_end;
    const uint32_t* blocks;
    const uint32_t* blocks_end;
    int8_t* p;
    int8_t* q;
    uint32_t t_start;  // -(128 + zero point of the weights) * the sum of the numbers, of both pixels
    uint32_t h_start;  // of q
    int32_t* sums;
    Range range;
};
static_assert(offsetof(BytePass, sums) == 32, "the layout the code below reads");

// One weight times the number in r2, to `t`; of two pixels also to `h`.
#define JATAI_ONE(at, t, h) "ldrb r3, [r1, #" at "]\n\tmuls r3, r2\n\tadds " t ", " t ", r3\n\t"
#define JATAI_TWO(at, t, h) JATAI_ONE(at, t, h) "lsrs r3, r3, #16\n\tadd " h ", r3\n\t"
#define JATAI_TAP(product, a, b, c, d)                                                          \
    "ldmia r0!, {r2}\n\t" product(a, "r4", "r8") product(b, "r5", "r9") product(c, "r6", "r10") \
        product(d, "r7", "r11")
// All numbers from r0 to r12.
#define JATAI_TAPS(product) \
    "2:\n\t" JATAI_TAP(product, "0", "1", "2", "3") JATAI_TAP(product, "4", "5", "6", "7")       \
    JATAI_TAP(product, "8", "9", "10", "11") JATAI_TAP(product, "12", "13", "14", "15")          \
    "adds r1, #16\n\t"                                                                           \
    "cmp r0, r12\n\t"                                                                            \
    "bne 2b\n\t"
// The same, eight a turn; an odd number of fours enters in the middle.
#define JATAI_EIGHT_TAPS(product)                                                                          \
    "mov r2, r12\n\tsubs r2, r2, r0\n\tlsrs r2, r2, #5\n\tbcc 2f\n\tsubs r1, #16\n\tb 3f\n\t"              \
    "2:\n\t" JATAI_TAP(product, "0", "1", "2", "3") JATAI_TAP(product, "4", "5", "6", "7")                 \
        JATAI_TAP(product, "8", "9", "10", "11")                                                           \
            JATAI_TAP(product, "12", "13", "14", "15") "3:\n\t" JATAI_TAP(product, "16", "17", "18", "19") \
                JATAI_TAP(product, "20", "21", "22", "23") JATAI_TAP(product, "24", "25", "26", "27")      \
                    JATAI_TAP(product, "28", "29", "30", "31") "adds r1, #32\n\tcmp r0, r12\n\tbne 2b\n\t"
// `sum` along the line at r1 + `at`: 256-fold and with its start; then the upper word of a long product,
// shifted, saturated.
#define JATAI_START(sum, at) \
    "lsls " sum ", " sum ", #8\n\tldr r0, [r1, #" at "]\n\tadds " sum ", " sum ", r0\n\t"
#define JATAI_ALONG(sum, at, label)                                        \
    "uxth r0, " sum "\n\tasrs " sum ", " sum ", #16\n\tldrh r2, [r1, #" at \
    "+4]\n\t"                                                              \
    "movs r3, r2\n\tmuls r3, r0\n\tlsrs r3, r3, #16\n\tmuls r2, " sum      \
    "\n\tadds r3, r3, r2\n\t"                                              \
    "ldrh r2, [r1, #" at                                                   \
    "+6]\n\tmuls r0, r2\n\tadds r3, r3, r0\n\tasrs r3, r3, #16\n\t"        \
    "muls " sum ", r2\n\tadds " sum ", " sum ", r3\n\tasrs " sum ", " sum  \
    ", #10\n\t"                                                            \
    "sxtb r0, " sum "\n\tcmp r0, " sum "\n\tbeq " label                    \
    "f\n\t"                                                                \
    "asrs " sum ", " sum ", #31\n\tmovs r0, #127\n\teors " sum ", r0\n\t" label ":\n\t"
// T and H of one channel to the sums of p, in `t`, and of q, in r2.
#define JATAI_PART(t, h) "mov r2, " h "\n\tlsls r0, r2, #16\n\tsubs " t ", " t ", r0\n\t"
// One channel of both pixels. On the stack: where p's and q's outputs go.
#define JATAI_BOTH(t, h, at, out)                                                                        \
    JATAI_PART(t, h)                                                                                     \
    JATAI_START(t, at)                                                                                   \
    "lsls r2, r2, #8\n\tadds r2, r2, r0\n\tmov " h                                                       \
    ", r2\n\t" JATAI_ALONG(t, at, "5") "ldr r0, [sp, #8]\n\tstrb " t ", [r0, #" out "]\n\tmov " t ", " h \
                                       "\n\t" JATAI_ALONG(t, at, "6") "ldr r0, [sp, #12]\n\tstrb " t     \
                                                                      ", [r0, #" out "]\n\t"
#define JATAI_ALONE(t, at, out) \
    JATAI_START(t, at) JATAI_ALONG(t, at, "5") "ldr r0, [sp, #8]\n\tstrb " t ", [r0, #" out "]\n\t"
#define JATAI_SAVE                                                                                      \
    ".syntax unified\n\tpush {r4-r7, lr}\n\tmov r4, r8\n\tmov r5, r9\n\tmov r6, r10\n\tmov r7, r11\n\t" \
    "push {r4-r7}\n\t"
#define JATAI_RESTORE \
    "pop {r4-r7}\n\tmov r8, r4\n\tmov r9, r5\n\tmov r10, r6\n\tmov r11, r7\n\tpop {r4-r7, pc}\n\t"
#define JATAI_START_T "movs r4, r0\n\tmovs r5, r0\n\tmovs r6, r0\n\tmovs r7, r0\n\t"
#define JATAI_START_H "mov r8, r0\n\tmov r9, r0\n\tmov r10, r0\n\tmov r11, r0\n\t"
#define JATAI_FORWARD(at) "ldr r0, [sp, #" at "]\n\tadds r0, #4\n\tstr r0, [sp, #" at "]\n\t"

// All blocks. On the stack: numbers, end of the blocks, outputs of p and of q, starts of T and of H.
#define JATAI_BYTE_PASS(begin, taps, finish, forward)                          \
    JATAI_SAVE                                                                 \
    "ldmia r0!, {r1-r7}\n\t"                                                   \
    "mov r12, r2\n\t"                                                          \
    "ldr r2, [r0]\n\t"                                                         \
    "push {r2}\n\t"                                                            \
    "push {r4-r7}\n\t"                                                         \
    "push {r1}\n\t"                                                            \
    "mov r1, r3\n\t"                                                           \
    "1:\n\t"                                                                   \
    "ldr r0, [sp, #16]\n\t" JATAI_START_T begin "ldr r0, [sp]\n\t" taps finish \
    "adds r1, #32\n\t" JATAI_FORWARD("8") forward                              \
        "ldr r0, [sp, #4]\n\t"                                                 \
        "cmp r1, r0\n\t"                                                       \
        "beq 8f\n\t"                                                           \
        "b 1b\n\t"                                                             \
        "8:\n\t"                                                               \
        "add sp, #24\n\t" JATAI_RESTORE

__attribute__((naked, noinline)) inline void pass_two_pixels(const BytePass* /*pass*/) {
    __asm volatile(JATAI_BYTE_PASS("ldr r0, [sp, #20]\n\t" JATAI_START_H, JATAI_TAPS(JATAI_TWO),
                                   JATAI_BOTH("r4", "r8", "0", "0") JATAI_BOTH("r5", "r9", "8", "1")
                                       JATAI_BOTH("r6", "r10", "16", "2") JATAI_BOTH("r7", "r11", "24", "3"),
                                   JATAI_FORWARD("12")));
}

__attribute__((naked, noinline)) inline void pass_one_pixel(const BytePass* /*pass*/) {
    __asm volatile(JATAI_BYTE_PASS("", JATAI_EIGHT_TAPS(JATAI_ONE),
                                   JATAI_ALONE("r4", "0", "0") JATAI_ALONE("r5", "8", "1")
                                       JATAI_ALONE("r6", "16", "2") JATAI_ALONE("r7", "24", "3"),
                                   ""));
}

// The sums of one block, of p, then of q.
__attribute__((naked, noinline)) inline void sum_two_pixels(const BytePass* /*pass*/) {
    __asm volatile(JATAI_SAVE
                   "ldr r4, [r0, #32]\n\t"
                   "ldr r3, [r0, #28]\n\t"
                   "push {r4}\n\t"
                   "ldr r4, [r0, #24]\n\t"
                   "ldmia r0, {r0-r2}\n\t"
                   "mov r12, r1\n\t"
                   "mov r1, r2\n\t"
                   "mov r2, r0\n\t"
                   "mov r0, r3\n\t" JATAI_START_H
                   "mov r0, r4\n\t" JATAI_START_T
                   "mov r0, r2\n\t" JATAI_TAPS(JATAI_TWO)
                   "pop {r1}\n\t" JATAI_PART("r4", "r8") "str r2, [r1, #16]\n\t"
                   JATAI_PART("r5", "r9") "str r2, [r1, #20]\n\t"
                   JATAI_PART("r6", "r10") "str r2, [r1, #24]\n\t"
                   JATAI_PART("r7", "r11") "str r2, [r1, #28]\n\t"
                   "stmia r1!, {r4-r7}\n\t" JATAI_RESTORE);
}
__attribute__((naked, noinline)) inline void sum_one_pixel(const BytePass* /*pass*/) {
    __asm volatile(JATAI_SAVE
                   "ldr r4, [r0, #32]\n\t"
                   "push {r4}\n\t"
                   "ldr r4, [r0, #24]\n\t"
                   "ldmia r0, {r0-r2}\n\t"
                   "mov r12, r1\n\t"
                   "mov r1, r2\n\t"
                   "movs r2, r0\n\t"
                   "movs r0, r4\n\t" JATAI_START_T
                   "movs r0, r2\n\t" JATAI_EIGHT_TAPS(JATAI_ONE)
                   "pop {r1}\n\t"
                   "stmia r1!, {r4-r7}\n\t" JATAI_RESTORE);
}
#undef JATAI_BYTE_PASS
#undef JATAI_FORWARD
#undef JATAI_START_H
#undef JATAI_START_T
#undef JATAI_RESTORE
#undef JATAI_SAVE
#undef JATAI_ALONE
#undef JATAI_BOTH
#undef JATAI_PART
#undef JATAI_ALONG
#undef JATAI_START
#undef JATAI_EIGHT_TAPS
#undef JATAI_TAPS
#undef JATAI_TAP
#undef JATAI_TWO
#undef JATAI_ONE

// All output channels of `count` pixels along their lines.
inline void finish_pixels(const ByteBlocks<ScaleLine>& layout, BytePass pass, uint32_t count) {
    const auto run = count == 2 ? pass_two_pixels : pass_one_pixel;
    pass.blocks_end = pass.blocks + layout.out_c / 4 * layout.block_words();
    run(&pass);
    if (layout.out_c % 4 == 0) return;
    pass.p += layout.out_c - 4;  // the last four channels, some of them again
    pass.q += layout.out_c - 4;
    pass.blocks = pass.blocks_end;
    pass.blocks_end += layout.block_words();
    run(&pass);
}

inline void round_four(const int32_t* sums, const int32_t* scale, Range range, int8_t* out) {
    for (uint32_t i = 0; i < 4; ++i, scale += 4) {
        const int32_t t = high_product_rounded(add_wrapping(shift_left(sums[i], 1), scale[0]), scale[1]);
        const int32_t y = add_wrapping(add_wrapping(t, t >> 31), scale[2]) >> (scale[3] & 31);
        out[i] = static_cast<int8_t>(clamp(y, range.low, range.high));
    }
}

inline void finish_pixels(const ByteBlocks<RoundedScale>& layout, BytePass pass, uint32_t count) {
    int32_t sums[8];
    pass.sums = sums;
    for (uint32_t b = 0; b < layout.count(); ++b, pass.blocks += layout.block_words()) {
        (count == 2 ? sum_two_pixels : sum_one_pixel)(&pass);
        const int32_t* scales = reinterpret_cast<const int32_t*>(pass.blocks + layout.weight_words());
        round_four(sums, scales, pass.range, pass.p + layout.channel(b));
        if (count == 2) round_four(sums + 4, scales, pass.range, pass.q + layout.channel(b));
    }
}

template <typename Scale>
inline void run_conv2d_bytes_cortex_m0(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const ByteBlocks<Scale> layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    ByteWindows windows(p, call.in<int8_t>(0), call.out<uint32_t>(3));
    BytePass pass{};
    pass.numbers = call.out<uint32_t>(3);
    pass.numbers_end = pass.numbers + layout.weight_words();
    pass.blocks = call.in<uint32_t>(1);
    pass.p = call.out<int8_t>(2);
    pass.range = p.range;
    const uint32_t higher = 128u + static_cast<uint32_t>(int32_t{p.weight_zero_point});
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t count = left == 1 ? 1 : 2;
        const PixelSums sums = windows.fill(count);
        pass.h_start = 0u - higher * sums.q;
        pass.t_start = (pass.h_start << 16) - higher * sums.p;
        pass.q = pass.p + w.out_c;
        finish_pixels(layout, pass, count);
        pass.p += count * w.out_c;
        left -= count;
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
    {Op::Conv2d, Type::Int8, 9}, fits_conv2d_bytes<ScaleLine>, run_conv2d_bytes_cortex_m0<ScaleLine>};
constexpr Kernel kConv2dByteRoundedInt8CortexM0{
    {Op::Conv2d, Type::Int8, 10}, fits_conv2d_bytes<RoundedScale>, run_conv2d_bytes_cortex_m0<RoundedScale>};

}  // namespace jatai
