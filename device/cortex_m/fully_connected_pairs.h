// fully_connected_pairs.h: FULLY_CONNECTED in channel pairs for Cortex-M with DSP: the answers of
// device/kernels/fully_connected_pairs.h, sooner.
//
//     const Kernel* const kernels[] = {&kFullyConnectedPairsInt8CortexM, ...};      // written by the
//     compiler
//
// Four outputs at a time: fourteen instructions for sixteen products, because a word of weights serves SMLAD
// as it is and needs one SXTB16 for the other channel (fully_connected.h: twenty). Registers in the loop: r0
// blocks, r1 the column, r2 its end, r3 A or C alone, r4-r7 sums A, A + 256 B, C, C + 256 D, r8 r9 four
// inputs, r10-r12 lr a block's weights. Operands: those of the reference. Without the DSP extension the
// reference does it. Cost: 0.94 instructions per multiply-accumulate, 20 per output besides.
#pragma once

#include "device/cortex_m/fully_connected.h"
#include "device/kernels/fully_connected_pairs.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// Four inputs, widened, against a block of four channels: sums A, A + 256 B, C, C + 256 D in r4-r7.
#define JATAI_FOUR_INPUTS                \
    "ldrd r8, r9, [r1], #8\n\t"          \
    "ldmia r0!, {r10, r11, r12, lr}\n\t" \
    "sxtb16 r3, r10\n\t"                 \
    "smlad r4, r3, r8, r4\n\t"           \
    "smlad r5, r10, r8, r5\n\t"          \
    "sxtb16 r3, r11\n\t"                 \
    "smlad r6, r3, r8, r6\n\t"           \
    "smlad r7, r11, r8, r7\n\t"          \
    "sxtb16 r3, r12\n\t"                 \
    "smlad r4, r3, r9, r4\n\t"           \
    "smlad r5, r12, r9, r5\n\t"          \
    "sxtb16 r3, lr\n\t"                  \
    "smlad r6, r3, r9, r6\n\t"           \
    "smlad r7, lr, r9, r7\n\t"

// sums: A, A + 256 B, C, C + 256 D of the block at `weights`, without bias. Needs: a column of 4 inputs or
// more.
__attribute__((naked, noinline)) inline void sum_four_outputs(const uint32_t* /*weights*/,
                                                              const uint32_t* /*column*/,
                                                              const uint32_t* /*column_end*/,
                                                              int32_t* /*sums*/) {
    __asm volatile(
        "push {r3-r11, lr}\n\t"
        "movs r4, #0\n\tmovs r5, #0\n\tmovs r6, #0\n\tmovs r7, #0\n\t"
        // Two fours a turn; an odd number of them enters in the middle.
        "sub r12, r2, r1\n\t"
        "tst r12, #8\n\t"
        "bne 2f\n\t"
        "1:\n\t" JATAI_FOUR_INPUTS "2:\n\t" JATAI_FOUR_INPUTS
        "cmp r1, r2\n\t"
        "bne 1b\n\t"
        "pop {r3}\n\t"
        "stmia r3, {r4-r7}\n\t"
        "pop {r4-r11, pc}\n\t");
}
#undef JATAI_FOUR_INPUTS

// B from A + 256 B and A.
inline int32_t second_of(int32_t both, int32_t first) {
    return static_cast<int32_t>(static_cast<uint32_t>(both) - static_cast<uint32_t>(first)) >> 8;
}

JATAI_NOINLINE void run_fully_connected_pairs_cortex_m(const Call& call, uint32_t words) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    uint32_t* column = call.out<uint32_t>(4);
    const uint32_t block_words = PairLayout{p.depth}.words_per_block();
    const uint32_t* const column_end = column + block_words / 2;
    const int8_t* in = call.in<int8_t>(0);
    int8_t* out = call.out<int8_t>(3);
    const ShortScale layer(p.multiplier, p.shift, p.range.zero_point);
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth) {
        widen_column(in, p.depth, column);
        const uint32_t* weights = call.in<uint32_t>(1);
        OutputTable table{call.in<int32_t>(2), words};
        for (uint32_t left = p.outputs; left != 0; weights += block_words) {
            const uint32_t rows = left < 4 ? left : 4;
            int32_t sums[4];
            sum_four_outputs(weights, column, column_end, sums);
            sums[1] = second_of(sums[1], sums[0]);
            sums[3] = second_of(sums[3], sums[2]);
            for (uint32_t i = 0; i < rows; ++i) sums[i] = add_wrapping(sums[i], table.entry[i * words]);
            finish_rows(p, layer, table, rows, sums, out);
            table.entry += rows * words;
            out += rows;
            left -= rows;
        }
    }
}

inline void run_fully_connected_pairs_one_scale_cortex_m(const Call& call) {
    run_fully_connected_pairs_cortex_m(call, 1);
}
inline void run_fully_connected_pairs_per_channel_cortex_m(const Call& call) {
    run_fully_connected_pairs_cortex_m(call, 3);
}

JATAI_HOT_END

#else

inline void run_fully_connected_pairs_one_scale_cortex_m(const Call& call) {
    run_fully_connected_pairs_one_scale(call);
}
inline void run_fully_connected_pairs_per_channel_cortex_m(const Call& call) {
    run_fully_connected_pairs_per_channel(call);
}

#endif

constexpr Kernel kFullyConnectedPairsInt8CortexM{{Op::FullyConnected, Type::Int8, 5},
                                                 fits_fully_connected_pairs_one_scale,
                                                 run_fully_connected_pairs_one_scale_cortex_m};
constexpr Kernel kFullyConnectedPairsPerChannelInt8CortexM{{Op::FullyConnected, Type::Int8, 6},
                                                           fits_fully_connected_pairs_per_channel,
                                                           run_fully_connected_pairs_per_channel_cortex_m};

}  // namespace jatai
