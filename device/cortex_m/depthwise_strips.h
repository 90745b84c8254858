// depthwise_strips.h: DEPTHWISE_CONV_2D 3x3 for Cortex-M with DSP: the answers of
// device/kernels/depthwise_strips.h, sooner.
//
//     const Kernel* const kernels[] = {&kDepthwiseLinesInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time. Two rows of the image become a strip: for each channel, a word per column with the
// number of the upper row in the low half, times 256, of the lower row in the high half. Then two strips hold
// what the windows of one row of outputs (stride 2) or of two (stride 1) cover, and SMLAD multiplies two rows
// at once. Registers in the loop: r0, r1 the two strips, r2 output, r3 r12 lr three columns, r4-r6 weights of
// rows 0 and 1 for each column, r7-r9 of rows 1 and 2 (lines: times 2); r10, r11 sums of the two rows of
// outputs (of one row r11 is where the strip ends). Operands: those of the reference. Without the DSP
// extension the reference does it. Cost: 29 instructions for two outputs (stride 2: 18 for one; with two
// roundings 4 more for each), 1.75 for each input (with a depth multiplier 4.5), 18 for each channel of a
// row.
#pragma once

#include "device/cortex_m/byte_pairs.h"
#include "device/kernels/depthwise_strips.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below read: four channels of one or two rows of outputs.
struct StripPass {
    uint32_t row_bytes;  // from one row of outputs to the next
    uint32_t out_c;
    uint32_t strip_end;     // of the first channel, as an address
    const uint32_t* upper;  // of channel 0
    const uint32_t* lower;  // the strip below it
    int8_t* out;            // channel 0 of the first output
    const void* scales;     // of channel 0
    const uint32_t* weights;
    uint32_t strip_step;  // bytes from the strip of one channel to that of the next
};

// r0 is the structure. On the stack: 0 slope or multiplier, 4 bytes to the next row of outputs, 8 bytes to
// the next output, 12 start, 16 where the strip ends, 28 output, 32 scales, 36 weights, 40 step, 44 channels
// left, 48 nudge, 52 bits. `end` holds where the strip ends after `turn`; `advance`: bytes of a strip to the
// next output, `skip`: from where the outputs end to the next channel's strip.
#define JATAI_STRIP_PASS(scale, load_end, turn, end, advance, skip) \
    "push {r4-r11, lr}\n\t"                                         \
    "sub sp, #56\n\t"                                               \
    "ldmia r0, {r1-r9}\n\t"                                         \
    "strd r1, r2, [sp, #4]\n\t"                                     \
    "mov r0, r4\n\tmov r1, r5\n\tmov r2, r6\n\tmovs r4, #4\n\t"     \
    "str r3, [sp, #16]\n\t"                                         \
    "str r6, [sp, #28]\n\t"                                         \
    "strd r7, r8, [sp, #32]\n\t"                                    \
    "strd r9, r4, [sp, #40]\n\t"                                    \
    "1:\n\t"                                                        \
    "ldrd r10, r12, [sp, #32]\n\t" scale                            \
    "ldmia r12!, {r4-r9}\n\t"                                       \
    "strd r10, r12, [sp, #32]\n\t" load_end                         \
    "2:\n\t"                                                        \
    "ldr r10, [sp, #12]\n\t" turn                                   \
    "add r2, r2, lr\n\t"                                            \
    "adds r0, #" advance                                            \
    "\n\t"                                                          \
    "adds r1, #" advance                                            \
    "\n\t"                                                          \
    "cmp r0, " end                                                  \
    "\n\t"                                                          \
    "bne 2b\n\t"                                                    \
    "ldrd r12, lr, [sp, #40]\n\t"                                   \
    "ldr r2, [sp, #28]\n\t"                                         \
    "adds r0, #" skip                                               \
    "\n\t"                                                          \
    "adds r1, #" skip                                               \
    "\n\t"                                                          \
    "add " end ", " end                                             \
    ", r12\n\t"                                                     \
    "adds r2, #1\n\t"                                               \
    "str " end                                                      \
    ", [sp, #16]\n\t"                                               \
    "subs lr, lr, #1\n\t"                                           \
    "str r2, [sp, #28]\n\t"                                         \
    "str lr, [sp, #44]\n\t"                                         \
    "bne 1b\n\t"                                                    \
    "add sp, #56\n\t"                                               \
    "pop {r4-r11, pc}\n\t"
#define JATAI_END "ldr r3, [sp, #16]\n\t"
#define JATAI_HOLD_END "ldr r11, [sp, #16]\n\t"
// The scale of the next channel. Two roundings begin with 256 * bias.
#define JATAI_LOAD_LINE "ldmia r10!, {r3, lr}\n\tstr r3, [sp, #12]\n\tstr lr, [sp]\n\t"
#define JATAI_LOAD_ROUNDED                                                                     \
    "ldmia r10!, {r3, r4, r5, r6}\n\tlsls r3, r3, #7\n\tstr r3, [sp, #12]\n\tstr r4, [sp]\n\t" \
    "strd r5, r6, [sp, #48]\n\t"
// The sums of two rows of outputs in r10 and r11, of one in r10.
#define JATAI_TWO_ROWS                                        \
    "ldmia r0, {r3, r12, lr}\n\t"                             \
    "mov r11, r10\n\t"                                        \
    "smlad r10, r3, r4, r10\n\tsmlatb r11, r3, r4, r11\n\t"   \
    "smlad r10, r12, r5, r10\n\tsmlatb r11, r12, r5, r11\n\t" \
    "smlad r10, lr, r6, r10\n\tsmlatb r11, lr, r6, r11\n\t"   \
    "ldmia r1, {r3, r12, lr}\n\t"                             \
    "smlabt r10, r3, r7, r10\n\tsmlad r11, r3, r7, r11\n\t"   \
    "smlabt r10, r12, r8, r10\n\tsmlad r11, r12, r8, r11\n\t" \
    "smlabt r10, lr, r9, r10\n\tsmlad r11, lr, r9, r11\n\t"
#define JATAI_ONE_ROW                                                                 \
    "ldmia r0, {r3, r12, lr}\n\t"                                                     \
    "smlad r10, r3, r4, r10\n\tsmlad r10, r12, r5, r10\n\tsmlad r10, lr, r6, r10\n\t" \
    "ldmia r1, {r3, r12, lr}\n\t"                                                     \
    "smlabt r10, r3, r7, r10\n\tsmlabt r10, r12, r8, r10\n\tsmlabt r10, lr, r9, r10\n\t"
// 256 * sum in `sum` to a byte: multiplier in r3, nudge in r12, bits in lr.
#define JATAI_ROUND(sum)                                                                    \
    "asr " sum ", " sum ", #7\n\tsmmulr " sum ", " sum ", r3\n\tadd " sum ", " sum ", " sum \
    ", asr #31\n\tadd " sum ", " sum ", r12\n\tasr " sum ", " sum ", lr\n\tssat " sum ", #8, " sum "\n\t"
#define JATAI_STORE_TWO "strb r11, [r2, r12]\n\tstrb r10, [r2]\n\t"

#define JATAI_LINE_ONE               \
    JATAI_ONE_ROW                    \
    "ldmia sp, {r3, r12, lr}\n\t"    \
    "smmul r10, r10, r3\n\t"         \
    "ssat r10, #8, r10, asr #11\n\t" \
    "strb r10, [r2]\n\t"
#define JATAI_ROUNDED_ONE \
    JATAI_ONE_ROW         \
    "ldr r3, [sp]\n\t"                             \
    "ldrd r12, lr, [sp, #48]\n\t" JATAI_ROUND("r10") \
    "ldr lr, [sp, #8]\n\t"                         \
    "strb r10, [r2]\n\t"

// Two rows of outputs, strides of 1.
__attribute__((naked, noinline)) inline void slide_lines_1(const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(
        JATAI_LOAD_LINE, "",
        JATAI_TWO_ROWS
        "ldmia sp, {r3, r12, lr}\n\t"
        "smmul r10, r10, r3\n\tsmmul r11, r11, r3\n\t"
        "ssat r10, #8, r10, asr #11\n\tssat r11, #8, r11, asr #11\n\t" JATAI_STORE_TWO JATAI_END,
        "r3", "4", "8"));
}
// One row: strides of 2; the last of an odd number of rows.
__attribute__((naked, noinline)) inline void slide_lines_2(const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_LINE, JATAI_HOLD_END, JATAI_LINE_ONE, "r11", "8", "4"));
}
__attribute__((naked, noinline)) inline void slide_lines_last(const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_LINE, JATAI_HOLD_END, JATAI_LINE_ONE, "r11", "4", "8"));
}
__attribute__((naked, noinline)) inline void slide_rounded_1(const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_ROUNDED, "",
                                    JATAI_TWO_ROWS
                                    "ldr r3, [sp]\n\t"
                                    "ldrd r12, lr, [sp, #48]\n\t" JATAI_ROUND("r10") JATAI_ROUND(
                                        "r11") "ldrd r12, lr, [sp, #4]\n\t" JATAI_STORE_TWO JATAI_END,
                                    "r3", "4", "8"));
}
__attribute__((naked, noinline)) inline void slide_rounded_2(const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_ROUNDED, JATAI_HOLD_END, JATAI_ROUNDED_ONE, "r11", "8", "4"));
}

#undef JATAI_ROUNDED_ONE
#undef JATAI_LINE_ONE
#undef JATAI_STORE_TWO
#undef JATAI_ROUND
#undef JATAI_ONE_ROW
#undef JATAI_TWO_ROWS
#undef JATAI_LOAD_ROUNDED
#undef JATAI_LOAD_LINE
#undef JATAI_HOLD_END
#undef JATAI_END
#undef JATAI_STRIP_PASS

// How columns become strips.
struct PackShape {
    uint32_t columns;                 // 1 or more
    uint32_t upper_step, lower_step;  // bytes from one column to the next
    uint32_t strip_bytes;             // of one channel
    uint32_t mask;
};

#define JATAI_PACK_COLUMN              \
    "pkhbt r12, r10, r11, lsl #16\n\t" \
    "pkhtb r10, r11, r10, asr #16\n\t" \
    "and lr, r8, r12, lsl #8\n\t"      \
    "and r12, r8, r12\n\t"             \
    "and r11, r8, r10, lsl #8\n\t"     \
    "and r10, r8, r10\n\t"             \
    "str r12, [r2, r7]\n\t"            \
    "str r11, [r2, r7, lsl #1]\n\t"    \
    "str r10, [r2, r9]\n\t"            \
    "str lr, [r2], #4\n\t"
// Four channels of two rows of the image, a word each, to four words a column, times 256.
__attribute__((naked, noinline)) inline void pack_columns(const int8_t* /*upper*/, const int8_t* /*lower*/,
                                                          uint32_t* /*to*/, const PackShape* /*shape*/) {
    __asm volatile(
        "push {r4-r11, lr}\n\t"
        "ldmia r3, {r4-r8}\n\t"
        "add r9, r7, r7, lsl #1\n\t"
        "lsrs r4, r4, #1\n\t"
        "bcc 1f\n\t"
        "ldr r10, [r0]\n\t"
        "ldr r11, [r1]\n\t"
        "add r0, r5\n\t"
        "add r1, r6\n\t" JATAI_PACK_COLUMN
        "cbz r4, 2f\n\t"
        "1:\n\t"
        "ldr r10, [r0]\n\t"
        "ldr r11, [r1]\n\t" JATAI_PACK_COLUMN
        "ldr r10, [r0, r5]\n\t"
        "ldr r11, [r1, r6]\n\t"
        "add r0, r0, r5, lsl #1\n\t"
        "add r1, r1, r6, lsl #1\n\t" JATAI_PACK_COLUMN
        "subs r4, #1\n\t"
        "bne 1b\n\t"
        "2:\n\t"
        "pop {r4-r11, pc}\n\t");
}
#undef JATAI_PACK_COLUMN

// Four channels of one image, strip by strip.
struct StripPacker {
    const Window& w;
    const int8_t* image;  // channel 0 of the four
    uint32_t outside;     // four bytes of the input's zero point
    uint32_t* strips;     // two of them, one after the other
    uint32_t columns;     // of a strip
    uint32_t left;        // of them before the image
    PackShape shape;

    StripPacker(const DepthwiseConv2dParams& p, uint32_t* to)
        : w(p.window),
          image(nullptr),
          outside(static_cast<uint8_t>(p.input_zero_point) * 0x01010101u),
          strips(to),
          columns(strip_columns(p.window)),
          left(w.pad_left < columns ? w.pad_left : columns),
          shape{0, 0, 0, 4 * columns, 0xFF00FF00u} {
        const uint32_t inner = w.in_w < columns - left ? w.in_w : columns - left;
        fill(strips, left);
        fill(strips + 4 * columns, left);
        fill(strips + left + inner, columns - left - inner);
        fill(strips + 4 * columns + left + inner, columns - left - inner);
        shape.columns = inner;
    }

    // Columns where there is no image, in any row.
    JATAI_NOINLINE void fill(uint32_t* to, uint32_t count) {
        const int8_t* const nothing = reinterpret_cast<const int8_t*>(&outside);
        shape.columns = count;
        if (count != 0) pack_columns(nothing, nothing, to, &shape);
    }

    void begin(const int8_t* batch, uint32_t o) { image = batch + o; }

    // Rows 2 i - pad and the one below, to strip i modulo 2.
    JATAI_NOINLINE void pack(uint32_t i) {
        if (shape.columns == 0) return;
        const int32_t y = static_cast<int32_t>(2 * i) - w.pad_top;
        const uint32_t row_bytes = uint32_t{w.in_w} * w.in_c;
        const int8_t *upper = image + y * static_cast<int32_t>(row_bytes), *lower = upper + row_bytes;
        shape.upper_step = shape.lower_step = w.in_c;
        pack_rows(i, upper, lower);
    }

    // Two rows, of which there may be none in the image.
    JATAI_INLINE void pack_rows(uint32_t i, const int8_t* upper, const int8_t* lower) {
        const int32_t y = static_cast<int32_t>(2 * i) - w.pad_top;
        if (static_cast<uint32_t>(y) >= w.in_h) {
            upper = reinterpret_cast<const int8_t*>(&outside);
            shape.upper_step = 0;
        }
        if (static_cast<uint32_t>(y + 1) >= w.in_h) {
            lower = reinterpret_cast<const int8_t*>(&outside);
            shape.lower_step = 0;
        }
        pack_columns(upper, lower, strips + (i & 1) * 4 * columns + left, &shape);
    }
};

// The same where several of the four channels read one: each row is laid out in words of four first.
struct SpreadPacker : StripPacker {
    uint32_t multiplier;
    uint32_t of[4];  // bytes from the first one's channel to each one's
    uint32_t* rows;  // two, of the inner columns

    SpreadPacker(const DepthwiseConv2dParams& p, uint32_t* to)
        : StripPacker(p, to), multiplier(p.window.out_c / p.window.in_c), of{}, rows(to + 8 * columns) {}

    void begin(const int8_t* batch, uint32_t o) {
        image = batch + o / multiplier;
        for (uint32_t i = 0; i < 4; ++i) of[i] = (o + i) / multiplier - o / multiplier;
    }

    JATAI_NOINLINE void lay_out(int32_t y, uint32_t* to) const {
        if (static_cast<uint32_t>(y) >= w.in_h) return;
        const uint32_t step = w.in_c, b = of[1], c = of[2], d = of[3];
        const int8_t* in = image + static_cast<uint32_t>(y) * w.in_w * step;
        for (uint32_t* const end = to + shape.columns; to != end; in += step) {
            const uint32_t low =
                static_cast<uint8_t>(in[0]) | static_cast<uint32_t>(static_cast<uint8_t>(in[b])) << 8;
            const uint32_t high =
                static_cast<uint8_t>(in[c]) | static_cast<uint32_t>(static_cast<uint8_t>(in[d])) << 8;
            *to++ = pkhbt(low, high);
        }
    }

    JATAI_NOINLINE void pack(uint32_t i) {
        if (shape.columns == 0) return;
        const int32_t y = static_cast<int32_t>(2 * i) - w.pad_top;
        lay_out(y, rows);
        lay_out(y + 1, rows + shape.columns);
        shape.upper_step = shape.lower_step = 4;
        pack_rows(i, reinterpret_cast<const int8_t*>(rows),
                  reinterpret_cast<const int8_t*>(rows + shape.columns));
    }
};

// The weights of four channels: for each, three words of rows 0 and 1, three of rows 1 and 2, less their zero
// point, times 2^bits (0 or 1).
struct WeightWidener {
    uint32_t out_c, zeros, twice;  // twice: all ones, or none

    WeightWidener(uint32_t channels, int8_t zero, uint32_t bits)
        : out_c(channels), zeros(static_cast<uint16_t>(zero) * 0x00010001u), twice(0 - bits) {}

    uint32_t lanes(uint32_t pair) const {
        const uint32_t less = ssub16(pair, zeros);
        return sadd16(less, less & twice);
    }
    // Two channels of a column, in lanes: one to `to`, the other 12 words behind.
    JATAI_INLINE static void put(uint32_t top, uint32_t middle, uint32_t bottom, uint32_t* to) {
        to[0] = pkhbt(top, middle);
        to[3] = pkhbt(middle, bottom);
        to[12] = pkhtb(middle, top);
        to[15] = pkhtb(bottom, middle);
    }
    void operator()(const int8_t* weights, uint32_t* to) const {
        for (uint32_t kx = 0; kx < 3; ++kx, weights += out_c, ++to) {
            uint32_t top = load4(weights), middle = load4(weights + 3 * out_c),
                     bottom = load4(weights + 6 * out_c);
            for (uint32_t odd = 0; odd < 12; odd += 6) {
                put(lanes(sxtb16(top)), lanes(sxtb16(middle)), lanes(sxtb16(bottom)), to + odd);
                top >>= 8;
                middle >>= 8;
                bottom >>= 8;
            }
        }
    }
};

// How a row or two of outputs is made, by stride, and the last row of an odd number; the bytes of a scale,
// and how far the weights are shifted up.
struct StripCode {
    void (*slide[3])(const StripPass*);
    uint32_t scale_bytes;
    uint32_t weight_bits;
    StripWeights weights;
};

template <typename Packer>
JATAI_NOINLINE void run_strips(const Call& call, const StripCode& code) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    const uint32_t columns = strip_columns(w);
    uint32_t* weights = call.out<uint32_t>(4);
    Packer packer(p, weights + 24);
    const WeightWidener widen(w.out_c, code.weights == StripWeights::Zeroed ? p.weight_zero_point : int8_t{0},
                              code.weight_bits);
    StripPass pass{};
    pass.out_c = w.out_c;
    pass.weights = weights;
    pass.strip_step = 4 * columns;
    const uint32_t rows = w.stride_h == 1 ? 2 : 1;
    for (uint32_t o = 0; o < w.out_c; o += 4) {
        if (w.out_c - o < 4) o = w.out_c - 4;  // some channels twice
        widen(call.in<int8_t>(1) + o, weights);
        pass.scales = call.in<int8_t>(2) + o * code.scale_bytes;
        for (uint32_t n = 0; n < w.batches; ++n) {
            packer.begin(call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c, o);
            pass.out = call.out<int8_t>(3) + n * w.out_h * w.out_w * w.out_c + o;
            pass.row_bytes = uint32_t{w.out_w} * w.out_c;
            packer.pack(0);
            for (uint32_t y = 0, i = 0; y < w.out_h; y += rows, ++i) {
                packer.pack(i + 1);
                pass.upper = packer.strips + (i & 1) * 4 * columns;
                pass.lower = packer.strips + (~i & 1) * 4 * columns;
                pass.strip_end = static_cast<uint32_t>(
                    reinterpret_cast<uintptr_t>(pass.upper + uint32_t{w.out_w} * w.stride_w));
                const bool half = y + rows > w.out_h;
                if (half) pass.row_bytes = 0;  // of two rows the second is stored first
                code.slide[half ? 2 : w.stride_h - 1](&pass);
                pass.out += rows * pass.row_bytes;
            }
        }
    }
}

template <StripWeights kWeights, typename Packer = StripPacker>
inline void run_depthwise_lines_cortex_m(const Call& call) {
    run_strips<Packer>(call,
                       {{slide_lines_1, slide_lines_2, slide_lines_last}, sizeof(ScaleLine), 1, kWeights});
}
template <StripWeights kWeights, typename Packer = StripPacker>
inline void run_depthwise_rounded_cortex_m(const Call& call) {
    run_strips<Packer>(
        call, {{slide_rounded_1, slide_rounded_2, slide_rounded_1}, sizeof(RoundedScale), 0, kWeights});
}

inline void hold_strips(const Call& call) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    hold_bytes(call.out<int8_t>(3), static_cast<uint32_t>(output_bytes(p.window)), p.range.low, p.range.high);
}
inline void run_spread_lines_cortex_m(const Call& call) {
    run_depthwise_lines_cortex_m<StripWeights::Zeroed, SpreadPacker>(call);
    hold_strips(call);
}
inline void run_spread_rounded_cortex_m(const Call& call) {
    run_depthwise_rounded_cortex_m<StripWeights::Zeroed, SpreadPacker>(call);
    hold_strips(call);
}

JATAI_HOT_END

#else

template <StripWeights kWeights>
inline void run_depthwise_lines_cortex_m(const Call& call) {
    run_depthwise_strips<ScaleLine, kWeights>(call);
}
template <StripWeights kWeights>
inline void run_depthwise_rounded_cortex_m(const Call& call) {
    run_depthwise_strips<RoundedScale, kWeights>(call);
}
inline void run_spread_lines_cortex_m(const Call& call) { run_spread_strips<ScaleLine>(call); }
inline void run_spread_rounded_cortex_m(const Call& call) { run_spread_strips<RoundedScale>(call); }

#endif

constexpr Kernel kDepthwiseLinesInt8CortexM{{Op::DepthwiseConv2d, Type::Int8, 5},
                                            fits_depthwise_strips<ScaleLine>,
                                            run_depthwise_lines_cortex_m<StripWeights::Plain>};
constexpr Kernel kDepthwiseRoundedInt8CortexM{{Op::DepthwiseConv2d, Type::Int8, 6},
                                              fits_depthwise_strips<RoundedScale>,
                                              run_depthwise_rounded_cortex_m<StripWeights::Plain>};
constexpr Kernel kDepthwiseZeroedLinesInt8CortexM{{Op::DepthwiseConv2d, Type::Int8, 8},
                                                  fits_depthwise_strips<ScaleLine>,
                                                  run_depthwise_lines_cortex_m<StripWeights::Zeroed>};
constexpr Kernel kDepthwiseZeroedRoundedInt8CortexM{{Op::DepthwiseConv2d, Type::Int8, 9},
                                                    fits_depthwise_strips<RoundedScale>,
                                                    run_depthwise_rounded_cortex_m<StripWeights::Zeroed>};
constexpr Kernel kDepthwiseSpreadLinesInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 10}, fits_spread_strips<ScaleLine>, run_spread_lines_cortex_m};
constexpr Kernel kDepthwiseSpreadRoundedInt8CortexM{
    {Op::DepthwiseConv2d, Type::Int8, 11}, fits_spread_strips<RoundedScale>, run_spread_rounded_cortex_m};

}  // namespace jatai
