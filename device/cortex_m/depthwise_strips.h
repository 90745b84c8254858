// depthwise_strips.h: DEPTHWISE_CONV_2D 3x3 for Cortex-M with DSP: the answers of
// device/kernels/depthwise_strips.h, sooner.
//
//     const Kernel* const kernels[] = {&kDepthwiseLinesInt8CortexM, ...};      // written by the compiler
//
// Four channels at a time. Two rows of the image become a strip: for each channel, a word per column with the
// number of the upper row in the low half, times 256, of the lower row in the high half. Then two strips hold
// what the windows of one row of outputs (stride 2) or of two (stride 1) cover, and SMLAD multiplies two rows
// at once. Registers in the loop: r0, r1 the two strips, r2 output, r3 r12 lr three columns, r10 sum. Of two
// rows of outputs r4-r6 are weights of rows 0 and 1 for each column, r7-r9 of rows 1 and 2, all times 2, and
// r11 the other sum; of one row r7 and r9 are weights of row 2, r8 the start and r11 where the strip ends.
// Operands: those of the reference. Without the DSP extension the reference does it. Cost: 29 instructions
// for two outputs (of one row 17 for one; with two roundings 5 or 6 more for each), 1.75 for each input (with
// a depth multiplier 4.5; 0.75 a column of two rows that lie outside), 15 for each channel of two rows (of
// one 16), 55 for the four of them, 200 for four channels.
#pragma once

#include "device/cortex_m/byte_pairs.h"
#include "device/kernels/depthwise_strips.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below read: four channels of one or two rows of outputs. It lies on their stack as it
// stands here; what begins with `channel_` they write themselves.
struct StripPass {
    uint32_t row_bytes;  // from one row of outputs to the next; for one row: of a strip to the next output
    uint32_t out_c;
    uint32_t channel_slope, channel_start, channel_end;  // end: of the outputs in the upper strip
    const uint32_t* weights_end;
    const uint32_t* weights;  // of channel 0
    const void* scales;       // of channel 0
    uint32_t skip;            // bytes from where the outputs of a channel end to the next channel's strip
    uint32_t width;           // bytes of a strip that outputs begin in
    uint32_t rewind;          // bytes from the next channel's first output to where this one's end
};

// r0 upper strip, r1 lower strip, both `skip` before channel 0; r2 output, `rewind` behind; r3 the structure.
// On the stack it has two words more: 44 nudge, 48 bits. `scale` leaves the start in r12; `hold` has what a
// channel needs besides: r11 is where its outputs end.
#define JATAI_STRIP_PASS(scale, hold, turn, end)              \
    "push {r4-r11, lr}\n\t"                                   \
    "sub sp, #52\n\t"                                         \
    "ldmia r3, {r3-r12, lr}\n\t"                              \
    "stmia sp, {r3-r12, lr}\n\t"                              \
    "1:\n\t"                                                  \
    "add r3, sp, #24\n\t"                                     \
    "ldmia r3, {r4-r8}\n\t" scale                             \
    "adds r4, #24\n\t"                                        \
    "add r0, r6\n\t"                                          \
    "add r1, r6\n\t"                                          \
    "sub r2, r2, r8\n\t"                                      \
    "add r11, r0, r7\n\t"                                     \
    "stmia r3, {r4, r5}\n\t"                                  \
    "ldmdb r4, {r4-r9}\n\t" hold "2:\n\t" turn "cmp r0, " end \
    "\n\t"                                                    \
    "bne 2b\n\t"                                              \
    "ldrd r3, r12, [sp, #20]\n\t"                             \
    "cmp r3, r12\n\t"                                         \
    "bne 1b\n\t"                                              \
    "add sp, #52\n\t"                                         \
    "pop {r4-r11, pc}\n\t"
// The scale of the next channel. Two roundings begin with 512 * bias.
#define JATAI_LOAD_LINE "ldrd r12, lr, [r5], #8\n\tstrd lr, r12, [sp, #8]\n\t"
#define JATAI_LOAD_ROUNDED                                         \
    "ldmia r5!, {r9, r10, r12, lr}\n\tstrd r12, lr, [sp, #44]\n\t" \
    "lsl r12, r9, #8\n\tstrd r10, r12, [sp, #8]\n\t"
#define JATAI_HOLD_END "str r11, [sp, #16]\n\t"
// Of one row three registers hold the weights of row 1 and 2: r7 row 2 of columns 0 and 1, r9 of column 2.
#define JATAI_HOLD_START "pkhtb r7, r7, r8, asr #16\n\tmov r8, r12\n\t"
// The sums of two rows of outputs in r10 and r11, of one in r10.
#define JATAI_TWO_ROWS                                        \
    "ldr r10, [sp, #12]\n\t"                                  \
    "ldmia r0, {r3, r12, lr}\n\t"                             \
    "mov r11, r10\n\t"                                        \
    "smlad r10, r3, r4, r10\n\tsmlatb r11, r3, r4, r11\n\t"   \
    "smlad r10, r12, r5, r10\n\tsmlatb r11, r12, r5, r11\n\t" \
    "smlad r10, lr, r6, r10\n\tsmlatb r11, lr, r6, r11\n\t"   \
    "ldmia r1, {r3, r12, lr}\n\t"                             \
    "smlabt r10, r3, r7, r10\n\tsmlad r11, r3, r7, r11\n\t"   \
    "smlabt r10, r12, r8, r10\n\tsmlad r11, r12, r8, r11\n\t" \
    "smlabt r10, lr, r9, r10\n\tsmlad r11, lr, r9, r11\n\t"
#define JATAI_ONE_ROW                                                                \
    "ldmia r0, {r3, r12, lr}\n\t"                                                    \
    "smlad r10, r3, r4, r8\n\tsmlad r10, r12, r5, r10\n\tsmlad r10, lr, r6, r10\n\t" \
    "ldmia r1, {r3, r12, lr}\n\t"                                                    \
    "smlabt r10, r3, r7, r10\n\tsmlabb r10, r12, r7, r10\n\tsmlabt r10, lr, r9, r10\n\t"
// 512 * sum in `sum` to a byte: multiplier in r3, nudge in r12, bits in lr.
#define JATAI_ROUND(sum)                                                                    \
    "asr " sum ", " sum ", #8\n\tsmmulr " sum ", " sum ", r3\n\tadd " sum ", " sum ", " sum \
    ", asr #31\n\tadd " sum ", " sum ", r12\n\tasr " sum ", " sum ", lr\n\tssat " sum ", #8, " sum "\n\t"
#define JATAI_LOAD_STEPS "ldrd r3, r12, [sp]\n\t"
// Steps in r3 and r12.
#define JATAI_STORE_TWO      \
    "strb r11, [r2, r3]\n\t" \
    "strb r10, [r2]\n\t"     \
    "ldr r3, [sp, #16]\n\t"  \
    "add r2, r12\n\t"        \
    "adds r0, #4\n\t"        \
    "adds r1, #4\n\t"
#define JATAI_STORE_ONE  \
    "strb r10, [r2]\n\t" \
    "add r2, r12\n\t"    \
    "add r0, r3\n\t"     \
    "add r1, r3\n\t"

using StripSlide = void(const uint32_t* upper, const uint32_t* lower, int8_t* out, const StripPass* pass);

// Two rows of outputs, strides of 1.
__attribute__((naked, noinline)) inline void slide_lines_2(const uint32_t* /*upper*/,
                                                           const uint32_t* /*lower*/, int8_t* /*out*/,
                                                           const StripPass* /*pass*/) {
    __asm volatile(
        JATAI_STRIP_PASS(JATAI_LOAD_LINE, JATAI_HOLD_END,
                         JATAI_TWO_ROWS
                         "ldmia sp, {r3, r12, lr}\n\t"
                         "smmul r10, r10, lr\n\tsmmul r11, r11, lr\n\t"
                         "ssat r10, #8, r10, asr #11\n\tssat r11, #8, r11, asr #11\n\t" JATAI_STORE_TWO,
                         "r3"));
}
// One row: strides of 2; the last of an odd number of rows.
__attribute__((naked, noinline)) inline void slide_lines_1(const uint32_t* /*upper*/,
                                                           const uint32_t* /*lower*/, int8_t* /*out*/,
                                                           const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_LINE, JATAI_HOLD_START,
                                    JATAI_ONE_ROW "ldmia sp, {r3, r12, lr}\n\t"
                                                  "smmul r10, r10, lr\n\t"
                                                  "ssat r10, #8, r10, asr #11\n\t" JATAI_STORE_ONE,
                                    "r11"));
}
__attribute__((naked, noinline)) inline void slide_rounded_2(const uint32_t* /*upper*/,
                                                             const uint32_t* /*lower*/, int8_t* /*out*/,
                                                             const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_ROUNDED, JATAI_HOLD_END,
                                    JATAI_TWO_ROWS "ldr r3, [sp, #8]\n\t"
                                                   "ldrd r12, lr, [sp, #44]\n\t" JATAI_ROUND("r10")
                                                       JATAI_ROUND("r11") JATAI_LOAD_STEPS JATAI_STORE_TWO,
                                    "r3"));
}
__attribute__((naked, noinline)) inline void slide_rounded_1(const uint32_t* /*upper*/,
                                                             const uint32_t* /*lower*/, int8_t* /*out*/,
                                                             const StripPass* /*pass*/) {
    __asm volatile(JATAI_STRIP_PASS(JATAI_LOAD_ROUNDED, JATAI_HOLD_START,
                                    JATAI_ONE_ROW "ldr r3, [sp, #8]\n\t"
                                                  "ldrd r12, lr, [sp, #44]\n\t" JATAI_ROUND("r10")
                                                      JATAI_LOAD_STEPS JATAI_STORE_ONE,
                                    "r11"));
}

#undef JATAI_STORE_ONE
#undef JATAI_STORE_TWO
#undef JATAI_LOAD_STEPS
#undef JATAI_ROUND
#undef JATAI_ONE_ROW
#undef JATAI_TWO_ROWS
#undef JATAI_HOLD_START
#undef JATAI_HOLD_END
#undef JATAI_LOAD_ROUNDED
#undef JATAI_LOAD_LINE
#undef JATAI_STRIP_PASS

// Two rows of four channels, which become strips.
struct RowPair {
    const int8_t* upper;   // channel 0 of the first column in the image
    int32_t y;             // of the upper row, which need not be in the image
    uint32_t offset;       // bytes from `to` to what columns of the image become, and to the strips
    uint32_t columns;      // in the image; none: rows == 0
    uint32_t step;         // bytes from one column to the next, not 0
    uint32_t row_bytes;    // and from one row to the next
    uint32_t strip_bytes;  // of one channel
    uint32_t rows;         // in the image
    uint32_t outside;      // four bytes of the input's zero point
    uint32_t skip;         // bytes from `to` to the strips
};

#define JATAI_PACK_COLUMN              \
    "pkhbt r12, r10, r11, lsl #16\n\t" \
    "pkhtb r10, r11, r10, asr #16\n\t" \
    "and lr, r5, r12, lsl #8\n\t"      \
    "and r12, r5, r12\n\t"             \
    "and r11, r5, r10, lsl #8\n\t"     \
    "and r10, r5, r10\n\t"             \
    "str r12, [r2, r9]\n\t"            \
    "str r11, [r2, r9, lsl #1]\n\t"    \
    "str r10, [r2, r3]\n\t"            \
    "str lr, [r2], #4\n\t"
// Four channels of two rows of the image, a word each, to four words a column, times 256; the pair moves to
// the next two rows. Two rows of no image are written across the whole strips.
__attribute__((naked, noinline)) inline void pack_rows(RowPair* /*pair*/, uint32_t* /*to*/) {
    __asm volatile(
        "push {r4-r11, lr}\n\t"
        "mov r3, r0\n\t"
        "ldmia r3, {r0, r4-r10}\n\t"
        "add r2, r1, r5\n\t"
        "add r11, r0, r8, lsl #1\n\t"
        "add r12, r4, #2\n\t"
        "strd r11, r12, [r3]\n\t"
        "add r12, r0, r8\n\t"
        "mov r8, r7\n\t"
        "cmp r4, r10\n\t"
        "bcs 4f\n\t"
        "1:\n\t"
        "adds r4, #1\n\t"
        "cmp r4, r10\n\t"
        "bcs 5f\n\t"
        "2:\n\t"
        "mov r1, r12\n\t"
        "add r3, r9, r9, lsl #1\n\t"
        "mov r5, #0xFF00FF00\n\t"
        "lsrs r6, r6, #1\n\t"
        "bcc 3f\n\t"
        "ldr r10, [r0]\n\t"
        "ldr r11, [r1]\n\t"
        "add r0, r7\n\t"
        "add r1, r8\n\t" JATAI_PACK_COLUMN
        "cbz r6, 7f\n\t"
        "3:\n\t"
        "ldr r10, [r0]\n\t"
        "ldr r11, [r1]\n\t" JATAI_PACK_COLUMN
        "ldr r10, [r0, r7]\n\t"
        "ldr r11, [r1, r8]\n\t"
        "add r0, r0, r7, lsl #1\n\t"
        "add r1, r1, r8, lsl #1\n\t" JATAI_PACK_COLUMN
        "subs r6, #1\n\t"
        "bne 3b\n\t"
        "7:\n\t"
        "pop {r4-r11, pc}\n\t"
        // The upper row is not in the image.
        "4:\n\t"
        "add r0, r3, #32\n\t"
        "movs r7, #0\n\t"
        "b 1b\n\t"
        // The lower one is not.
        "5:\n\t"
        "cbz r7, 6f\n\t"
        "add r12, r3, #32\n\t"
        "mov r8, #0\n\t"
        "b 2b\n\t"
        // Neither is.
        "6:\n\t"
        "ldrd r4, r5, [r3, #32]\n\t"
        "add r1, r5\n\t"
        "and r4, r4, #0xFF00FF00\n\t"
        "mov r5, r4\n\t"
        "mov r6, r4\n\t"
        "mov r7, r4\n\t"
        "8:\n\t"
        "stmia r1!, {r4-r7}\n\t"
        "subs r9, r9, #4\n\t"
        "bne 8b\n\t"
        "pop {r4-r11, pc}\n\t");
}
#undef JATAI_PACK_COLUMN

// Four channels of one image, strip by strip: two of them, one after the other.
struct StripPacker {
    const Window& w;
    uint32_t image_bytes;
    int32_t above;  // bytes from where the image begins to the first pair's upper row
    RowPair pair;

    StripPacker(const DepthwiseConv2dParams& p, uint32_t* strips, uint32_t columns, uint32_t skip)
        : w(p.window) {
        pair.upper = nullptr;
        pair.y = 0;
        pair.rows = 0;
        const uint32_t left = w.pad_left < columns ? w.pad_left : columns;
        const uint32_t inner = w.in_w < columns - left ? w.in_w : columns - left;
        pair.offset = 4 * left + skip;
        pair.columns = inner;
        pair.step = w.in_c;
        pair.row_bytes = uint32_t{w.in_w} * w.in_c;
        pair.strip_bytes = 4 * columns;
        pair.outside = static_cast<uint8_t>(p.input_zero_point) * 0x01010101u;
        pair.skip = skip;
        for (uint32_t i = 0; i < 2; ++i) pack_rows(&pair, strips + i * slot_words() - skip / 4);
        if (inner != 0) pair.rows = w.in_h;
        image_bytes = w.in_h * pair.row_bytes;
        above = -static_cast<int32_t>(w.pad_top * pair.row_bytes);
    }

    // Of a strip of all four channels.
    uint32_t slot_words() const { return pair.strip_bytes; }

    void begin(const int8_t* batch, uint32_t o) {
        pair.y = -static_cast<int32_t>(w.pad_top);
        pair.upper = batch + o + above;
    }

    // The next two rows, to the strip that lies `skip` behind.
    JATAI_INLINE void pack(uint32_t* to) { pack_rows(&pair, to); }
};

// The same where several of the four channels read one: each row is laid out in words of four first.
struct SpreadPacker : StripPacker {
    uint32_t multiplier;
    uint32_t of[4];  // bytes from the first one's channel to each one's
    uint32_t* rows;  // two, of the inner columns
    const int8_t* image;

    SpreadPacker(const DepthwiseConv2dParams& p, uint32_t* strips, uint32_t columns, uint32_t skip)
        : StripPacker(p, strips, columns, skip),
          multiplier(p.window.out_c / p.window.in_c),
          of{},
          rows(strips + 8 * columns),
          image(nullptr) {
        pair.step = 4;
        pair.row_bytes = 4 * pair.columns;
    }

    void begin(const int8_t* batch, uint32_t o) {
        pair.y = -static_cast<int32_t>(w.pad_top);
        image = batch + o / multiplier;
        for (uint32_t i = 0; i < 4; ++i) of[i] = (o + i) / multiplier - o / multiplier;
    }

    JATAI_NOINLINE void lay_out(int32_t y, uint32_t* to) const {
        if (static_cast<uint32_t>(y) >= w.in_h) return;
        const uint32_t step = w.in_c, b = of[1], c = of[2], d = of[3];
        const int8_t* in = image + static_cast<uint32_t>(y) * w.in_w * step;
        for (uint32_t* const end = to + pair.columns; to != end; in += step) {
            const uint32_t low =
                static_cast<uint8_t>(in[0]) | static_cast<uint32_t>(static_cast<uint8_t>(in[b])) << 8;
            const uint32_t high =
                static_cast<uint8_t>(in[c]) | static_cast<uint32_t>(static_cast<uint8_t>(in[d])) << 8;
            *to++ = pkhbt(low, high);
        }
    }

    JATAI_NOINLINE void pack(uint32_t* to) {
        lay_out(pair.y, rows);
        lay_out(pair.y + 1, rows + pair.columns);
        pair.upper = reinterpret_cast<const int8_t*>(rows);
        pack_rows(&pair, to);
    }
};

// The weights of four channels: for each, three words of rows 0 and 1, three of rows 1 and 2, less their zero
// point, times 2.
struct WeightWidener {
    uint32_t out_c, minus;  // the zero point below 0, in both lanes

    WeightWidener(uint32_t channels, int8_t zero)
        : out_c(channels), minus(static_cast<uint16_t>(-zero) * 0x00010001u) {}

    JATAI_INLINE static uint32_t twice(uint32_t lanes) { return sadd16(lanes, lanes); }

    // A column of two rows.
    JATAI_INLINE void put(uint32_t upper, uint32_t lower, uint32_t* to) const {
        const uint32_t low = pkhbt(upper, lower), high = pkhtb(lower, upper);
        to[0] = twice(sxtab16(minus, low));
        to[6] = twice(sxtab16_odd(minus, low));
        to[12] = twice(sxtab16(minus, high));
        to[18] = twice(sxtab16_odd(minus, high));
    }
    JATAI_INLINE void operator()(const int8_t* weights, uint32_t* to) const {
        for (uint32_t* const end = to + 3; to != end; weights += out_c, ++to) {
            const uint32_t middle = load4(weights + 3 * out_c);
            put(load4(weights), middle, to);
            put(middle, load4(weights + 6 * out_c), to + 3);
        }
    }
};

// How a row and two rows of outputs are made, and the bytes of a scale.
struct StripCode {
    StripSlide *one, *two;
    uint32_t scale_bytes;
    StripWeights weights;
};

// Four channels of one image; returns where the next image's go. `upper`: the first strip, less the skip.
template <typename Packer>
JATAI_INLINE int8_t* run_strip_rows(const Window& w, const StripCode& code, Packer& packer, uint32_t* upper,
                                    int8_t* out, StripPass& pass) {
    const uint32_t row_bytes = pass.rewind + 1, stride = w.stride_h;
    uint32_t* lower = upper + packer.slot_words();
    uint32_t left = w.out_h, rows = 2;
    StripSlide* slide = code.two;
    pass.row_bytes = row_bytes;
    packer.pack(upper);
    while (left != 0) {
        if (left < rows || stride == 2) {
            rows = 1;
            slide = code.one;
            pass.row_bytes = 4 * stride;
        }
        packer.pack(lower);
        slide(upper, lower, out, &pass);
        out += rows * row_bytes;
        left -= rows;
        uint32_t* const next = lower;
        lower = upper;
        upper = next;
    }
    return out;
}

template <typename Packer>
JATAI_NOINLINE void run_strips(const Call& call, const StripCode& code) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    uint32_t *weights = call.out<uint32_t>(4), *strips = weights + 24;
    StripPass pass;  // run_strip_rows() adds what is missing
    pass.out_c = w.out_c;
    pass.weights = weights;
    pass.weights_end = strips;
    pass.skip = 4 * (3 - w.stride_w);
    pass.width = 4u * w.out_w * w.stride_w;
    pass.rewind = uint32_t{w.out_w} * w.out_c - 1;
    Packer packer(p, strips, strip_columns(w), pass.skip);
    const WeightWidener widen(w.out_c,
                              code.weights == StripWeights::Zeroed ? p.weight_zero_point : int8_t{0});
    for (uint32_t o = 0; o < w.out_c; o += 4) {
        if (w.out_c - o < 4) o = w.out_c - 4;  // some channels twice
        widen(call.in<int8_t>(1) + o, weights);
        pass.scales = call.in<int8_t>(2) + o * code.scale_bytes;
        const int8_t* image = call.in<int8_t>(0);
        int8_t* out = call.out<int8_t>(3) + o + pass.rewind;
        for (uint32_t left = w.batches; left != 0; --left, image += packer.image_bytes) {
            packer.begin(image, o);
            out = run_strip_rows(w, code, packer, strips - pass.skip / 4, out, pass);
        }
    }
}

template <StripWeights kWeights, typename Packer = StripPacker>
inline void run_depthwise_lines_cortex_m(const Call& call) {
    run_strips<Packer>(call, {slide_lines_1, slide_lines_2, sizeof(ScaleLine), kWeights});
}
template <StripWeights kWeights, typename Packer = StripPacker>
inline void run_depthwise_rounded_cortex_m(const Call& call) {
    run_strips<Packer>(call, {slide_rounded_1, slide_rounded_2, sizeof(RoundedScale), kWeights});
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
