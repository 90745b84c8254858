// conv2d_blocks.h: CONV_2D in blocks of four channels for Cortex-M with DSP: the answers of
// device/kernels/conv2d_blocks.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dLinesInt8CortexM, ...};      // written by the compiler
//
// Two output pixels (p, q) and four output channels (A to D) at a time. Registers in the loop: r0 columns, r1
// blocks, r2 two taps of p, r3 of q, r12 weights AB and lr CD of these taps, first as they are, then with A
// and C alone; sums r4 A p, r5 A q, r6 and r7 A + 256 B, r8-r11 the same for C and D.
// Operands: those of the reference. Without the DSP extension the reference does it.
// Cost: 0.75 instructions per multiply-accumulate in the loop, 6.5 per output besides (two roundings: 10).
// One pixel alone: 1 with a zero point of the weights, else that of two.
#pragma once

#include "device/cortex_m/byte_pairs.h"
#include "device/cortex_m/pixel_pairs.h"
#include "device/kernels/conv2d_blocks.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below are given.
struct BlockPass {
    int8_t* p;  // where the first channel of the two pixels goes
    int8_t* q;
    const uint32_t* blocks_end;
    const uint32_t* columns;
    const uint32_t* columns_end;
    uint32_t entry;  // block_entry()
    const uint32_t* blocks;
};
static_assert(sizeof(BlockPass) == 28, "the layout the code below reads");

// A turn of the loop takes sixteen taps; a block's first turn enters where what is over comes out even: so
// far behind the loop's beginning. Instructions: of four taps, of four bytes each; 1: Thumb code.
constexpr uint32_t block_entry(uint32_t taps, uint32_t instructions) {
    return (0u - (taps + 3) / 4) % 4 * instructions * 4 + 1;
}
constexpr uint32_t kPairInstructions = 24, kOneInstructions = 16;

#define JATAI_TWO_TAPS           \
    "ldrd r2, r3, [r0], #8\n\t"  \
    "ldrd r12, lr, [r1], #8\n\t" \
    "smlad r6, r12, r2, r6\n\t"  \
    "smlad r7, r12, r3, r7\n\t"  \
    "sxtb16 r12, r12\n\t"        \
    "smlad r4, r12, r2, r4\n\t"  \
    "smlad r5, r12, r3, r5\n\t"  \
    "smlad r10, lr, r2, r10\n\t" \
    "smlad r11, lr, r3, r11\n\t" \
    "sxtb16 lr, lr\n\t"          \
    "smlad r8, lr, r2, r8\n\t"   \
    "smlad r9, lr, r3, r9\n\t"
#define JATAI_FOUR_TAPS JATAI_TWO_TAPS JATAI_TWO_TAPS
// The same of p alone; q's sums hold anything, and its bytes are those p's come over.
#define JATAI_TWO_TAPS_OF_ONE    \
    "ldr r2, [r0], #8\n\t"       \
    "ldrd r12, lr, [r1], #8\n\t" \
    "smlad r6, r12, r2, r6\n\t"  \
    "sxtb16 r12, r12\n\t"        \
    "smlad r4, r12, r2, r4\n\t"  \
    "smlad r10, lr, r2, r10\n\t" \
    "sxtb16 lr, lr\n\t"          \
    "smlad r8, lr, r2, r8\n\t"
#define JATAI_FOUR_TAPS_OF_ONE JATAI_TWO_TAPS_OF_ONE JATAI_TWO_TAPS_OF_ONE
// All blocks, both pixels: q is stored first; where there is no second pixel, q is p. On the stack: p, q, end
// of the blocks, columns, their end, where a block's first turn enters.
#define JATAI_BLOCK_PASS(taps, begin, finish_ab, finish_cd) \
    "push {r4-r11, lr}\n\t"                                 \
    "ldmia r0, {r1-r7}\n\t"                                 \
    "adr r0, 2f\n\t"                                        \
    "add r6, r6, r0\n\t"                                    \
    "push {r1-r6}\n\t"                                      \
    "mov r1, r7\n\t"                                        \
    "1:\n\t"                                                \
    "ldr r0, [sp, #12]\n\t" begin                           \
    "ldr pc, [sp, #20]\n\t"                                 \
    ".balign 4\n\t"                                         \
    "2:\n\t" taps taps taps taps                            \
    "ldr lr, [sp, #16]\n\t"                                 \
    "cmp r0, lr\n\t"                                        \
    "bne 2b\n\t" finish_ab finish_cd                        \
    "bfi r5, r7, #8, #8\n\t"                                \
    "bfi r5, r9, #16, #8\n\t"                               \
    "bfi r5, r11, #24, #8\n\t"                              \
    "bfi r4, r6, #8, #8\n\t"                                \
    "bfi r4, r8, #16, #8\n\t"                               \
    "bfi r4, r10, #24, #8\n\t"                              \
    "ldmia sp, {r0, r2, r3}\n\t"                            \
    "str r5, [r2], #4\n\t"                                  \
    "str r4, [r0], #4\n\t"                                  \
    "strd r0, r2, [sp]\n\t"                                 \
    "cmp r1, r3\n\t"                                        \
    "bne 1b\n\t"                                            \
    "add sp, #24\n\t"                                       \
    "pop {r4-r11, pc}\n\t"
// Along the line: slope in r2 (a) and r3 (b), `shift` bits below the point.
#define JATAI_ALONG(a_p, a_q, b_p, b_q, slope_a, slope_b, shift)                                        \
    "smmul " a_p ", " a_p ", " slope_a "\n\tsmmul " a_q ", " a_q ", " slope_a "\n\tsmmul " b_p ", " b_p \
    ", " slope_b "\n\tsmmul " b_q ", " b_q ", " slope_b "\n\tssat " a_p ", #8, " a_p ", asr #" shift    \
    "\n\tssat " a_q ", #8, " a_q ", asr #" shift "\n\tssat " b_p ", #8, " b_p ", asr #" shift           \
    "\n\tssat " b_q ", #8, " b_q ", asr #" shift "\n\t"
// A's sums become 256-fold; B's are that already, and hold their start from the beginning.
#define JATAI_LINES(a_p, a_q, b_p, b_q)                                                       \
    "ldmia r1!, {r0, r2, r3}\n\t"                                                             \
    "sub " b_p ", " b_p ", " a_p "\n\tsub " b_q ", " b_q ", " a_q "\n\tadd " a_p ", r0, " a_p \
    ", lsl #8\n\tadd " a_q ", r0, " a_q ", lsl #8\n\t" JATAI_ALONG(a_p, a_q, b_p, b_q, "r2", "r3", "10")
// One sum, doubled and with its start: multiplier in r2, nudge in r3, bits in r12.
#define JATAI_ROUND(sum)                                                                         \
    "smmulr " sum ", " sum ", r2\n\tadd " sum ", " sum ", " sum ", asr #31\n\tadd " sum ", " sum \
    ", r3\n\tasr " sum ", " sum ", r12\n\tssat " sum ", #8, " sum "\n\t"
// B first: its sums need A's as they are.
#define JATAI_ROUNDED(a_p, a_q, b_p, b_q) \
    "sub " b_p ", " b_p ", " a_p "\n\tsub " b_q ", " b_q ", " a_q "\n\tldmia r1!, {r0, r2, r3, r12}\n\t" \
    "add " a_p ", r0, " a_p ", lsl #1\n\tadd " a_q ", r0, " a_q ", lsl #1\n\t"                  \
    JATAI_ROUND(a_p) JATAI_ROUND(a_q)                                                           \
    "ldmia r1!, {r0, r2, r3, r12}\n\t"                                                          \
    "add " b_p ", r0, " b_p ", asr #7\n\tadd " b_q ", r0, " b_q ", asr #7\n\t"                  \
    JATAI_ROUND(b_p) JATAI_ROUND(b_q)

#define JATAI_LINE_PASS(taps, begin) \
    JATAI_BLOCK_PASS(taps, begin, JATAI_LINES("r4", "r5", "r6", "r7"), JATAI_LINES("r8", "r9", "r10", "r11"))
#define JATAI_ROUNDED_PASS(taps, begin)                                  \
    JATAI_BLOCK_PASS(taps, begin, JATAI_ROUNDED("r4", "r5", "r6", "r7"), \
                     JATAI_ROUNDED("r8", "r9", "r10", "r11"))

__attribute__((naked, noinline)) inline void pass_lines(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_LINE_PASS(
        JATAI_FOUR_TAPS,
        "ldmia r1!, {r6, r10}\n\t"
        "movs r4, #0\n\tmovs r5, #0\n\tmov r8, r4\n\tmov r9, r4\n\tmov r7, r6\n\tmov r11, r10\n\t"));
}

__attribute__((naked, noinline)) inline void pass_rounded(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_ROUNDED_PASS(JATAI_FOUR_TAPS,
                                      "movs r4, #0\n\tmovs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\t"
                                      "mov r8, r4\n\tmov r9, r4\n\tmov r10, r4\n\tmov r11, r4\n\t"));
}

// Weights with a zero point: what the sums of p and q begin with lies before the columns.
#define JATAI_ZEROED "ldrd r4, r5, [r0, #-8]\n\tmov r8, r4\n\tmov r9, r5\n\t"
#define JATAI_ZEROED_PAIR(p, q)                                                                     \
    "add " p ", " p ", r4\n\tadd " q ", " q ", r5\n\tadd " p ", " p ", r4, lsl #8\n\tadd " q ", " q \
    ", r5, lsl #8\n\t"
#define JATAI_ZEROED_LINES                                                                              \
    "ldmia r1!, {r6, r10}\n\tmov r7, r6\n\tmov r11, r10\n\t" JATAI_ZEROED JATAI_ZEROED_PAIR("r6", "r7") \
        JATAI_ZEROED_PAIR("r10", "r11")
#define JATAI_ZEROED_ROUNDED \
    JATAI_ZEROED "add r6, r4, r4, lsl #8\n\tadd r7, r5, r5, lsl #8\n\tmov r10, r6\n\tmov r11, r7\n\t"

__attribute__((naked, noinline)) inline void pass_zeroed_lines(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_LINE_PASS(JATAI_FOUR_TAPS, JATAI_ZEROED_LINES));
}

__attribute__((naked, noinline)) inline void pass_zeroed_rounded(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_ROUNDED_PASS(JATAI_FOUR_TAPS, JATAI_ZEROED_ROUNDED));
}

__attribute__((naked, noinline)) inline void pass_one_zeroed_lines(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_LINE_PASS(JATAI_FOUR_TAPS_OF_ONE, JATAI_ZEROED_LINES));
}

__attribute__((naked, noinline)) inline void pass_one_zeroed_rounded(const BlockPass* /*pass*/) {
    __asm volatile(JATAI_ROUNDED_PASS(JATAI_FOUR_TAPS_OF_ONE, JATAI_ZEROED_ROUNDED));
}

#undef JATAI_ZEROED_ROUNDED
#undef JATAI_ZEROED_LINES
#undef JATAI_ZEROED_PAIR
#undef JATAI_ZEROED
#undef JATAI_ROUNDED_PASS
#undef JATAI_LINE_PASS
#undef JATAI_ROUNDED
#undef JATAI_ROUND
#undef JATAI_LINES
#undef JATAI_ALONG
#undef JATAI_BLOCK_PASS
#undef JATAI_FOUR_TAPS_OF_ONE
#undef JATAI_TWO_TAPS_OF_ONE
#undef JATAI_FOUR_TAPS
#undef JATAI_TWO_TAPS

// All output channels of two pixels whose columns are full.
JATAI_INLINE void multiply_blocks(void (*run)(const BlockPass*), BlockPass& pass, uint32_t out_c,
                                  uint32_t block_words) {
    run(&pass);
    if (out_c % 4 == 0) return;
    pass.p += out_c - 4;  // the last four channels, some of them again
    pass.q += out_c - 4;
    pass.blocks = pass.blocks_end;
    pass.blocks_end += block_words;
    run(&pass);
}

// The columns of two pixels, and behind them their sums times -zero point of the weights.
struct PlainColumns {
    static constexpr uint32_t kWordsBefore = 0;
    static constexpr bool kHasOne = false;  // such a layer of one pixel is dense (conv_as_dense)
    static void prepare(const ConvParams&, uint32_t, uint32_t*) {}
};
struct ZeroedColumns {
    static constexpr uint32_t kWordsBefore = 2;
    static constexpr bool kHasOne = true;
    static void prepare(const ConvParams& p, uint32_t taps, uint32_t* columns) {
        constexpr uint32_t kOnes = 0x00010001;
        const uint32_t over = taps & 3;
        int32_t sums[2] = {0, 0};
        uint32_t* const end = columns + (taps - over);
        const uint32_t* word = columns;
        for (; word != end; word += 4) {
            for (uint32_t i = 0; i < 4; ++i) sums[i & 1] = smlad(word[i], kOnes, sums[i & 1]);
        }
        for (uint32_t i = 0; over != 0 && i < 2; ++i) {
            sums[i] += static_cast<int16_t>(word[i]);
            if (over > 1) sums[i] += static_cast<int16_t>(word[2 + i]);
            if (over > 2) sums[i] += static_cast<int32_t>(word[i]) >> 16;
        }
        for (uint32_t i = 0; i < 2; ++i)
            columns[static_cast<int32_t>(i) - 2] = static_cast<uint32_t>(-p.weight_zero_point * sums[i]);
    }
};

// What multiplies two pixels, and one where there is no second; null: the same twice.
struct BlockCode {
    void (*pair)(const BlockPass*);
    void (*one)(const BlockPass*);
};

template <typename Columns>
JATAI_NOINLINE void run_blocks(const Call& call, BlockScale scale, BlockCode code) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    const uint32_t out_c = w.out_c;
    uint32_t* columns = call.out<uint32_t>(3) + Columns::kWordsBefore;
    PixelPairs pairs(params, call.in<int8_t>(0), columns);
    const BlockLayout layout{pairs.taps, out_c, scale};
    const uint32_t* const blocks = call.in<uint32_t>(1);
    const uint32_t* const blocks_end = blocks + out_c / 4 * layout.block_words();
    BlockPass pass;
    pass.columns = columns;
    pass.columns_end = columns + layout.weight_words();
    pass.entry = block_entry(pairs.taps, kPairInstructions);
    int8_t* p = call.out<int8_t>(2);
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t count = left == 1 ? 1 : 2;
        pairs.fill(count);
        Columns::prepare(params, pairs.taps, columns);
        pass.p = p;
        pass.q = count == 2 ? p + out_c : p;
        pass.blocks = blocks;
        pass.blocks_end = blocks_end;
        p = pass.q + out_c;
        left -= count;
        if (Columns::kHasOne && count == 1) {
            pass.entry = block_entry(pairs.taps, kOneInstructions);
            code.pair = code.one;
        }
        multiply_blocks(code.pair, pass, out_c, layout.block_words());
    }
}

inline void run_conv2d_lines_cortex_m(const Call& call) {
    run_blocks<PlainColumns>(call, BlockScale::Line, {pass_lines, nullptr});
}
inline void run_conv2d_rounded_cortex_m(const Call& call) {
    run_blocks<PlainColumns>(call, BlockScale::Rounded, {pass_rounded, nullptr});
}
inline void run_conv2d_zeroed_lines_cortex_m(const Call& call) {
    run_blocks<ZeroedColumns>(call, BlockScale::Line, {pass_zeroed_lines, pass_one_zeroed_lines});
}
inline void run_conv2d_zeroed_rounded_cortex_m(const Call& call) {
    run_blocks<ZeroedColumns>(call, BlockScale::Rounded, {pass_zeroed_rounded, pass_one_zeroed_rounded});
}
inline void hold_range(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    hold_bytes(call.out<int8_t>(2), static_cast<uint32_t>(output_bytes(p.window)), p.range.low, p.range.high);
}
inline void run_conv2d_held_cortex_m(const Call& call) {
    run_conv2d_rounded_cortex_m(call);
    hold_range(call);
}
inline void run_conv2d_zeroed_held_cortex_m(const Call& call) {
    run_conv2d_zeroed_rounded_cortex_m(call);
    hold_range(call);
}

JATAI_HOT_END

#else

inline void run_conv2d_lines_cortex_m(const Call& call) { run_conv2d_blocks<BlockScale::Line>(call); }
inline void run_conv2d_rounded_cortex_m(const Call& call) { run_conv2d_blocks<BlockScale::Rounded>(call); }
inline void run_conv2d_zeroed_lines_cortex_m(const Call& call) {
    run_conv2d_blocks<BlockScale::Line, BlockWeights::Zeroed>(call);
}
inline void run_conv2d_zeroed_rounded_cortex_m(const Call& call) {
    run_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>(call);
}
inline void run_conv2d_held_cortex_m(const Call& call) { run_conv2d_held<BlockWeights::Plain>(call); }
inline void run_conv2d_zeroed_held_cortex_m(const Call& call) { run_conv2d_held<BlockWeights::Zeroed>(call); }

#endif

constexpr Kernel kConv2dLinesInt8CortexM{
    {Op::Conv2d, Type::Int8, 5}, fits_conv2d_blocks<BlockScale::Line>, run_conv2d_lines_cortex_m};
constexpr Kernel kConv2dRoundedInt8CortexM{
    {Op::Conv2d, Type::Int8, 6}, fits_conv2d_blocks<BlockScale::Rounded>, run_conv2d_rounded_cortex_m};
constexpr Kernel kConv2dZeroedLinesInt8CortexM{{Op::Conv2d, Type::Int8, 11},
                                               fits_conv2d_blocks<BlockScale::Line, BlockWeights::Zeroed>,
                                               run_conv2d_zeroed_lines_cortex_m};
constexpr Kernel kConv2dZeroedRoundedInt8CortexM{
    {Op::Conv2d, Type::Int8, 12},
    fits_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>,
    run_conv2d_zeroed_rounded_cortex_m};

constexpr Kernel kConv2dHeldInt8CortexM{
    {Op::Conv2d, Type::Int8, 13}, fits_conv2d_blocks<BlockScale::Rounded>, run_conv2d_held_cortex_m};
constexpr Kernel kConv2dZeroedHeldInt8CortexM{{Op::Conv2d, Type::Int8, 14},
                                              fits_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>,
                                              run_conv2d_zeroed_held_cortex_m};

}  // namespace jatai
