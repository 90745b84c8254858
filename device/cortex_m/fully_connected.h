// fully_connected.h: FULLY_CONNECTED for Cortex-M with DSP: the answers of device/kernels/fully_connected.h,
// sooner.
//
//     const Kernel* const kernels[] = {&kFullyConnectedInt8CortexM, ...};      // written by the compiler
//
// The input is widened to 16 bits once; then four rows of weights at a time take one load each per four
// products; what is left of the rows is done by dot_bytes.h. Registers in the loop: r0-r2 weights of four
// rows, r8 r9 the column and its end, r10 r11 four inputs, r12 lr weights, r4-r7 sums. Operands: those of the
// reference, and 4 scratch of fully_connected_scratch_bytes(depth). Fewer
// than four inputs go to the reference; without the DSP extension everything does. Cost: 1.4 instructions per
// multiply-accumulate (2.2 in rows left over), 2 for each input.
#pragma once

#include "device/cortex_m/dot_bytes.h"
#include "device/kernels/fully_connected.h"
#include "device/kernels/scratch.h"

namespace jatai {

inline bool fits_fully_connected_cortex_m(const Claim& claim, bool (*reference)(const Claim&)) {
    return reference(claim) &&
           fills(claim, 4, fully_connected_scratch_bytes(claim.parameters<FullyConnectedParams>()->depth));
}

inline bool fits_fully_connected_one_scale_cortex_m(const Claim& claim) {
    return fits_fully_connected_cortex_m(claim, fits_fully_connected_one_scale);
}
inline bool fits_fully_connected_per_channel_cortex_m(const Claim& claim) {
    return fits_fully_connected_cortex_m(claim, fits_fully_connected_per_channel);
}

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What dot_4x1 reads and adds to.
struct Dot4x1 {
    const uint32_t* column;      // two words per four inputs: lanes (k, k+2) and (k+1, k+3)
    const uint32_t* column_end;  // of the whole fours
    uint32_t tail_shift;         // 0; or 8 * the bytes that the last four lacks
    int32_t sums[4];
};

// sums[i] += row i * column, for rows at `weights`, + depth, + 2 * depth and weights_3.
// Needs: rows of 4 or more weights; reads no byte outside them.
__attribute__((naked, noinline)) inline void dot_4x1(const int8_t* /*weights*/, uint32_t /*depth*/,
                                                     const int8_t* /*weights_3*/, Dot4x1* /*dot*/) {
#define JATAI_ROW(sum)             \
    "sxtb16 lr, r12\n\t"           \
    "sxtb16 r12, r12, ror #8\n\t"  \
    "smlad " sum ", lr, r10, " sum \
    "\n\t"                         \
    "smlad " sum ", r12, r11, " sum "\n\t"
#define JATAI_FOUR_ROWS                                                                \
    "ldrd r10, r11, [r8], #8\n\t"                                                      \
    "ldr r12, [r0, r1]\n\t" JATAI_ROW("r5") "ldr r12, [r0, r1, lsl #1]\n\t" JATAI_ROW( \
        "r6") "ldr r12, [r0], #4\n\t" JATAI_ROW("r4") "ldr r12, [r2], #4\n\t" JATAI_ROW("r7")
    __asm volatile(
        "push {r3-r11, lr}\n\t"
        "add r12, r3, #12\n\t"
        "ldrd r8, r9, [r3]\n\t"
        "ldmia r12, {r4-r7}\n\t"
        // Two fours a turn; an odd number of them enters in the middle.
        "sub r12, r9, r8\n\t"
        "tst r12, #8\n\t"
        "bne 2f\n\t"
        "1:\n\t" JATAI_FOUR_ROWS
        "2:\n\t" JATAI_FOUR_ROWS
        "cmp r8, r9\n\t"
        "bne 1b\n\t"
        "ldr r9, [r3, #8]\n\t"
        "cmp r9, #0\n\t"
        "beq 3f\n\t"
        "ldrd r10, r11, [r8]\n\t"
        "lsr r8, r9, #3\n\t"
        "sub r0, r0, r8\n\t"
        "sub r2, r2, r8\n\t"
        "ldr r12, [r0]\n\t"
        "lsr r12, r12, r9\n\t" JATAI_ROW("r4")
        "ldr r12, [r0, r1]\n\t"
        "lsr r12, r12, r9\n\t" JATAI_ROW("r5")
        "ldr r12, [r0, r1, lsl #1]\n\t"
        "lsr r12, r12, r9\n\t" JATAI_ROW("r6")
        "ldr r12, [r2]\n\t"
        "lsr r12, r12, r9\n\t" JATAI_ROW("r7")
        "3:\n\t"
        "pop {r12}\n\t"
        "add r12, r12, #12\n\t"
        "stmia r12, {r4-r7}\n\t"
        "pop {r4-r11, pc}\n\t");
#undef JATAI_FOUR_ROWS
#undef JATAI_ROW
}

// `depth` bytes into two words per four of them; the last four are filled up with zeros.
inline void widen_column(const int8_t* in, uint32_t depth, uint32_t* column) {
    for (uint32_t k = depth >> 2; k != 0; --k, in += 4, column += 2) {
        const uint32_t x = load4(in);
        column[0] = sxtb16(x);
        column[1] = sxtb16_odd(x);
    }
    if ((depth & 3) != 0) {
        const uint32_t x = load_tail(in, depth & 3);
        column[0] = sxtb16(x);
        column[1] = sxtb16_odd(x);
    }
}

// Where the bias, and with `words` of 3 the factor, of each output stands: a row of `words` numbers per
// output.
struct OutputTable {
    const int32_t* entry;
    uint32_t words;  // 1: int32 bias; 3: Channel
};

// Four sums, or fewer, to bytes.
JATAI_INLINE void finish_rows(const FullyConnectedParams& p, const ShortScale& layer,
                              const OutputTable& table, uint32_t rows, const int32_t* sums, int8_t* out) {
    const int32_t* entry = table.entry;
    for (uint32_t i = 0; i < rows; ++i, entry += table.words) {
        if (!(p.facts & kShortRequantise)) {
            const bool one_scale = table.words == 1;
            out[i] = to_int8(sums[i], one_scale ? p.multiplier : entry[1], one_scale ? p.shift : entry[2],
                             p.range);
            continue;
        }
        const ShortScale scale =
            table.words == 1 ? layer : ShortScale(entry[1], entry[2], p.range.zero_point);
        out[i] = static_cast<int8_t>(clamp(scale(sums[i]), p.range.low, p.range.high));
    }
}

JATAI_NOINLINE void run_fully_connected_cortex_m(const Call& call, uint32_t words) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    uint32_t* column = call.out<uint32_t>(4);
    const int8_t* in = call.in<int8_t>(0);
    int8_t* out = call.out<int8_t>(3);
    const ShortScale layer(p.multiplier, p.shift, p.range.zero_point);
    Dot4x1 dot{column, column + (p.depth >> 2) * 2, (p.depth & 3) == 0 ? 0 : 8 * (4 - (p.depth & 3)), {}};
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth) {
        if (p.outputs >= 4) widen_column(in, p.depth, column);
        const int8_t* row = call.in<int8_t>(1);
        OutputTable table{call.in<int32_t>(2), words};
        uint32_t left = p.outputs;
        for (; left >= 4; left -= 4, row += 4 * p.depth, out += 4, table.entry += 4 * words) {
            for (uint32_t i = 0; i < 4; ++i) dot.sums[i] = table.entry[i * words];
            dot_4x1(row, p.depth, row + 3 * p.depth, &dot);
            finish_rows(p, layer, table, 4, dot.sums, out);
        }
        for (uint32_t i = 0; i < left; ++i)
            dot.sums[i] = add_wrapping(table.entry[i * words], dot_bytes(row + i * p.depth, in, p.depth));
        finish_rows(p, layer, table, left, dot.sums, out);
        out += left;
    }
}

inline void run_fully_connected_one_scale_cortex_m(const Call& call) {
    if (call.parameters<FullyConnectedParams>().depth < 4) return run_fully_connected_one_scale(call);
    run_fully_connected_cortex_m(call, 1);
}

inline void run_fully_connected_per_channel_cortex_m(const Call& call) {
    if (call.parameters<FullyConnectedParams>().depth < 4) return run_fully_connected_per_channel(call);
    run_fully_connected_cortex_m(call, 3);
}

JATAI_HOT_END

#else

inline void run_fully_connected_one_scale_cortex_m(const Call& call) { run_fully_connected_one_scale(call); }
inline void run_fully_connected_per_channel_cortex_m(const Call& call) {
    run_fully_connected_per_channel(call);
}

#endif

constexpr Kernel kFullyConnectedInt8CortexM{{Op::FullyConnected, Type::Int8, 1},
                                            fits_fully_connected_one_scale_cortex_m,
                                            run_fully_connected_one_scale_cortex_m};
constexpr Kernel kFullyConnectedPerChannelInt8CortexM{{Op::FullyConnected, Type::Int8, 2},
                                                      fits_fully_connected_per_channel_cortex_m,
                                                      run_fully_connected_per_channel_cortex_m};

}  // namespace jatai
