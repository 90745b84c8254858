// conv2d_pairs.h: CONV_2D in channel pairs for Cortex-M with DSP: the answers of
// device/kernels/conv2d_pairs.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dPairsInt8CortexM, ...};      // written by the compiler
//
// Two output pixels and four output channels at a time: thirteen instructions for sixteen products, because a
// word of weights serves SMLAD as it is and needs one SXTB16 for the other channel. Registers in the loop: r0
// columns, r1 weights, r2 r3 two taps of p and q, r12 weights AB or CD as they are, lr with A or C alone;
// sums r4 r5 A at p and q, r6 r7 A + 256 B, r8-r11 the same for C and D. Operands: those of the reference.
// Without the DSP extension the reference does it. Cost: 0.86 instructions per multiply-accumulate, 14 per
// output besides (conv2d.h: 0.94 and 14; CMSIS-NN: 1.3 and 50).
#pragma once

#include "device/cortex_m/pixel_pairs.h"
#include "device/kernels/conv2d_pairs.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below read; they count their pointers on.
struct PairBlocks {
    const uint32_t* columns;
    const uint32_t* weights;  // of a block of four channels
    const Channel* channel;
    int8_t* p;  // where channel 0 of the two pixels goes
    int8_t* q;
    int32_t nudge;  // 2 * zero point + 1
    const Channel* channel_end;
    const uint32_t* columns_end;
    int32_t sums[8];  // without bias: A at p, A at q, then S = A + 256 B at p and q; the same for C and D
};
static_assert(sizeof(PairBlocks) == 64, "the layout the code below reads");

// Two taps of four channels at two pixels: columns at r0, weights at r1, sums in r4-r11.
#define JATAI_TWO_TAPS            \
    "ldrd r2, r3, [r0], #8\n\t"   \
    "ldr r12, [r1], #4\n\t"       \
    "sxtb16 lr, r12\n\t"          \
    "smlad r4, lr, r2, r4\n\t"    \
    "smlad r5, lr, r3, r5\n\t"    \
    "smlad r6, r12, r2, r6\n\t"   \
    "smlad r7, r12, r3, r7\n\t"   \
    "ldr r12, [r1], #4\n\t"       \
    "sxtb16 lr, r12\n\t"          \
    "smlad r8, lr, r2, r8\n\t"    \
    "smlad r9, lr, r3, r9\n\t"    \
    "smlad r10, r12, r2, r10\n\t" \
    "smlad r11, r12, r3, r11\n\t"
#define JATAI_FOUR_TAPS JATAI_TWO_TAPS JATAI_TWO_TAPS
// A block: columns from r0 to the address at [sp, #4]. Sixteen taps a turn; the first turn starts where what
// is over (bits 4 and 5 of the distance: fours modulo four) comes out even.
#define JATAI_BLOCK                                                                                     \
    "ldr lr, [sp, #4]\n\t"                                                                              \
    "sub lr, lr, r0\n\t"                                                                                \
    "lsls lr, lr, #27\n\t"                                                                              \
    "bpl 6f\n\t"                                                                                        \
    "bcs 3f\n\t"                                                                                        \
    "b 5f\n\t"                                                                                          \
    "6:\n\t"                                                                                            \
    "bcs 4f\n\t"                                                                                        \
    "2:\n\t" JATAI_FOUR_TAPS "3:\n\t" JATAI_FOUR_TAPS "4:\n\t" JATAI_FOUR_TAPS "5:\n\t" JATAI_FOUR_TAPS \
    "ldr lr, [sp, #4]\n\t"                                                                              \
    "cmp r0, lr\n\t"                                                                                    \
    "bne 2b\n\t"

// The sums of one block.
__attribute__((naked, noinline)) inline void sum_block(PairBlocks* /*blocks*/) {
    __asm volatile(
        "ldr r1, [r0, #28]\n\t"
        "push {r0, r1, r4-r11, lr}\n\t"
        "movs r4, #0\n\tmovs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\t"
        "mov r8, r4\n\tmov r9, r4\n\tmov r10, r4\n\tmov r11, r4\n\t"
        "ldrd r0, r1, [r0]\n\t" JATAI_BLOCK
        "ldr r0, [sp]\n\t"
        "add r0, r0, #32\n\t"
        "stmia r0, {r4-r11}\n\t"
        "pop {r0, r1, r4-r11, pc}\n\t");
}

// The sums of channel B in `s`, from A + 256 B in it, A in `a`, bias in r12.
#define JATAI_SECOND(s, a) \
    "sub " s ", " s ", " a \
    "\n\t"                 \
    "add " s ", r12, " s ", asr #8\n\t"
#define JATAI_REQUANTISE(sum)    \
    "lsl " sum ", " sum          \
    ", #1\n\t"                   \
    "smmulr " sum ", " sum       \
    ", r0\n\t"                   \
    "add " sum ", " sum ", " sum \
    ", asr #31\n\t"              \
    "add " sum ", " sum          \
    ", r3\n\t"                   \
    "asr " sum ", " sum          \
    ", r1\n\t"                   \
    "ssat " sum ", #8, " sum "\n\t"
// One channel at both pixels: its factor and shift at [r2, #at], the nudge in r12.
#define JATAI_CHANNEL(at, p, q) \
    "ldrd r0, r1, [r2, #" at    \
    "]\n\t"                     \
    "mvn r3, r1\n\t"            \
    "lsl r3, r12, r3\n\t"       \
    "rsb r1, r1, #0\n\t" JATAI_REQUANTISE(p) JATAI_REQUANTISE(q)

// All blocks from `channel` to `channel_end`: sums, requantised and stored, q first (where there is no second
// pixel, q is p). Needs: kShortRequantise, no clamping.
__attribute__((naked, noinline)) inline void finish_blocks(PairBlocks* /*blocks*/) {
    __asm volatile(
        "ldr r1, [r0, #28]\n\t"
        "push {r0, r1, r4-r11, lr}\n\t"
        "1:\n\t"
        "ldr lr, [sp]\n\t"
        "ldmia lr, {r0-r2}\n\t"
        "ldr r4, [r2]\n\t"
        "ldr r8, [r2, #24]\n\t"
        "mov r5, r4\n\tmov r6, r4\n\tmov r7, r4\n\t"
        "mov r9, r8\n\tmov r10, r8\n\tmov r11, r8\n\t" JATAI_BLOCK
        "ldr lr, [sp]\n\t"
        "str r1, [lr, #4]\n\t"
        "ldr r2, [lr, #8]\n\t"
        "ldr r12, [r2, #12]\n\t" JATAI_SECOND("r6", "r4") JATAI_SECOND("r7", "r5")
        "ldr r12, [r2, #36]\n\t" JATAI_SECOND("r10", "r8") JATAI_SECOND("r11", "r9")
        "ldr r12, [lr, #20]\n\t"
        JATAI_CHANNEL("4", "r4", "r5") JATAI_CHANNEL("16", "r6", "r7")
        JATAI_CHANNEL("28", "r8", "r9") JATAI_CHANNEL("40", "r10", "r11")
        "ldrd r0, r1, [lr, #12]\n\t"
        "bfi r5, r7, #8, #8\n\t"
        "bfi r5, r9, #16, #8\n\t"
        "bfi r5, r11, #24, #8\n\t"
        "str r5, [r1], #4\n\t"
        "bfi r4, r6, #8, #8\n\t"
        "bfi r4, r8, #16, #8\n\t"
        "bfi r4, r10, #24, #8\n\t"
        "str r4, [r0], #4\n\t"
        "strd r0, r1, [lr, #12]\n\t"
        "add r2, r2, #48\n\t"
        "ldr r12, [lr, #24]\n\t"
        "str r2, [lr, #8]\n\t"
        "cmp r2, r12\n\t"
        "bne 1b\n\t"
        "pop {r0, r1, r4-r11, pc}\n\t");
}

#undef JATAI_CHANNEL
#undef JATAI_REQUANTISE
#undef JATAI_SECOND
#undef JATAI_BLOCK
#undef JATAI_FOUR_TAPS
#undef JATAI_TWO_TAPS

// A block of `count` channels whose sums stand in `blocks`.
inline void finish_block(const Conv2dParams& p, Finish finish, const PairBlocks& blocks, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t* sums = blocks.sums + (i & 2) * 2;
        const int32_t bias = blocks.channel[i].bias;
        int32_t pair[2];
        for (uint32_t pixel = 0; pixel < 2; ++pixel) {
            const int32_t second =
                add_wrapping(sums[2 + pixel],
                             static_cast<int32_t>(0u - static_cast<uint32_t>(sums[pixel]))) >>
                8;
            pair[pixel] = add_wrapping(bias, (i & 1) == 0 ? sums[pixel] : second);
        }
        finish_pair(finish, blocks.channel[i], p.range, pair, blocks.p + i, blocks.q + i);
    }
}

// All output channels at the two places whose columns `blocks` points at.
inline void multiply_pairs(const Conv2dParams& params, PairBlocks* blocks) {
    const Finish finish = finish_of(params.facts, params.range);
    uint32_t left = params.window.out_c;
    if (finish == Finish::ShortFull && left >= 4) {
        finish_blocks(blocks);
        left %= 4;
    }
    const uint32_t words_per_block = static_cast<uint32_t>(blocks->columns_end - blocks->columns);
    while (left != 0) {
        const uint32_t count = left < 4 ? left : 4;
        sum_block(blocks);
        finish_block(params, finish, *blocks, count);
        blocks->weights += words_per_block;
        blocks->channel += count;
        blocks->p += count;
        blocks->q += count;
        left -= count;
    }
}

inline void run_conv2d_pairs_cortex_m(const Call& call) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    uint32_t* columns = call.out<uint32_t>(4);
    PixelPairs pairs(params, call.in<int8_t>(0), columns);
    PairBlocks blocks;
    blocks.columns = columns;
    blocks.columns_end = columns + PairLayout{pairs.taps}.words_per_block();
    blocks.nudge = 2 * params.range.zero_point + 1;
    blocks.channel_end = call.in<Channel>(2) + (w.out_c & ~3u);
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t pair = left == 1 ? 1 : 2;
        pairs.fill(pair);
        blocks.weights = call.in<uint32_t>(1);
        blocks.channel = call.in<Channel>(2);
        blocks.p = out;
        blocks.q = pair == 2 ? out + w.out_c : out;
        multiply_pairs(params, &blocks);
        out += pair * w.out_c;
        left -= pair;
    }
}

JATAI_HOT_END

#else

inline void run_conv2d_pairs_cortex_m(const Call& call) { run_conv2d_pairs(call); }

#endif

constexpr Kernel kConv2dPairsInt8CortexM{
    {Op::Conv2d, Type::Int8, 2}, fits_conv2d_pairs, run_conv2d_pairs_cortex_m};

}  // namespace jatai
