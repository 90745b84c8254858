// depthwise_strips.h: DEPTHWISE_CONV_2D 3x3 for cores with the Armv6-M instructions: the answers of
// device/kernels/depthwise_strips.h, sooner.
//
//     const Kernel* const kernels[] = {&kDepthwiseLinesInt8CortexM0, ...};      // written by the compiler
//
// Four channels at a time. Three rows of the image lie as words, column by column, so that the nine numbers
// of a window follow each other; a new row takes the place of the oldest one, and the weights are there in
// three orders, one for each place of the top row. Registers in the loop: r0 sum, r1 numbers, r2 weights
// (times 512), r3-r5 numbers, r6 r7 weights, r8 start, r9 r10 halves of the slope, r11 output, r12 step to
// the next output, lr where the row ends. Operands: those of the reference, with scratch of
// depthwise_words_scratch_bytes(). Needs: slopes below 2^30, values on the line below 2^29. Cost: 55
// instructions an output, 6 for each number of the image, 45 for each channel of a row.
#pragma once

#include "device/cortex_m0/conv2d_bytes.h"
#include "device/kernels/depthwise_strips.h"

namespace jatai {

inline bool fits_depthwise_words(const Claim& claim) {
    return fits_depthwise_strips<ScaleLine>(claim) &&
           fills(claim, 4, depthwise_words_scratch_bytes(*claim.parameters<DepthwiseConv2dParams>()));
}

#if JATAI_HAS_THUMB

JATAI_HOT_BEGIN

// One channel of one row of outputs.
struct WordPass {
    int32_t start;
    uint32_t slope_low, slope_high;
    int8_t* out;
    uint32_t out_step;
    const int32_t* numbers;
    const int32_t* weights;
    const int32_t* numbers_end;
};

#define JATAI_THREE           \
    "ldmia r1!, {r3-r5}\n\t"  \
    "ldmia r2!, {r6, r7}\n\t" \
    "muls r3, r6\n\t"         \
    "muls r4, r7\n\t"         \
    "adds r0, r0, r3\n\t"     \
    "adds r0, r0, r4\n\t"     \
    "ldmia r2!, {r6}\n\t"     \
    "muls r5, r6\n\t"         \
    "adds r0, r0, r5\n\t"
// `back`: bytes from the end of a window to the next one.
#define JATAI_SLIDE(back)                                \
    ".syntax unified\n\t"                                \
    "push {r4-r7, lr}\n\t"                               \
    "mov r4, r8\n\t"                                     \
    "mov r5, r9\n\t"                                     \
    "mov r6, r10\n\t"                                    \
    "mov r7, r11\n\t"                                    \
    "push {r4-r7}\n\t"                                   \
    "ldmia r0!, {r1-r5}\n\t"                             \
    "mov r8, r1\n\t"                                     \
    "mov r9, r2\n\t"                                     \
    "mov r10, r3\n\t"                                    \
    "mov r11, r4\n\t"                                    \
    "mov r12, r5\n\t"                                    \
    "ldmia r0!, {r1-r3}\n\t"                             \
    "mov lr, r3\n\t"                                     \
    "1:\n\t"                                             \
    "mov r0, r8\n\t" JATAI_THREE JATAI_THREE JATAI_THREE \
    "uxth r3, r0\n\t"                                    \
    "asrs r0, r0, #16\n\t"                               \
    "mov r4, r9\n\t"                                     \
    "movs r5, r4\n\t"                                    \
    "muls r5, r3\n\t"                                    \
    "lsrs r5, r5, #16\n\t"                               \
    "muls r4, r0\n\t"                                    \
    "adds r5, r5, r4\n\t"                                \
    "mov r4, r10\n\t"                                    \
    "muls r3, r4\n\t"                                    \
    "adds r5, r5, r3\n\t"                                \
    "asrs r5, r5, #16\n\t"                               \
    "muls r0, r4\n\t"                                    \
    "adds r0, r0, r5\n\t"                                \
    "asrs r0, r0, #11\n\t"                               \
    "sxtb r3, r0\n\t"                                    \
    "cmp r3, r0\n\t"                                     \
    "beq 2f\n\t"                                         \
    "asrs r0, r0, #31\n\t"                               \
    "movs r3, #127\n\t"                                  \
    "eors r0, r3\n\t"                                    \
    "2:\n\t"                                             \
    "mov r3, r11\n\t"                                    \
    "strb r0, [r3]\n\t"                                  \
    "add r3, r12\n\t"                                    \
    "mov r11, r3\n\t"                                    \
    "subs r2, #36\n\t"                                   \
    "subs r1, #" back                                    \
    "\n\t"                                               \
    "cmp r1, lr\n\t"                                     \
    "bne 1b\n\t"                                         \
    "pop {r4-r7}\n\t"                                    \
    "mov r8, r4\n\t"                                     \
    "mov r9, r5\n\t"                                     \
    "mov r10, r6\n\t"                                    \
    "mov r11, r7\n\t"                                    \
    "pop {r4-r7, pc}\n\t"

__attribute__((naked, noinline)) inline void slide_words_1(const WordPass* /*pass*/) {
    __asm volatile(JATAI_SLIDE("24"));
}
__attribute__((naked, noinline)) inline void slide_words_2(const WordPass* /*pass*/) {
    __asm volatile(JATAI_SLIDE("12"));
}
#undef JATAI_SLIDE
#undef JATAI_THREE

// One row of four channels: `count` columns, `step` bytes apart, to words three apart; `plane` bytes from one
// channel's words to the next one's.
struct WordRow {
    const int8_t* in;
    uint32_t step;
    uint32_t count;
    int32_t* to;
    uint32_t plane;
};
__attribute__((naked, noinline)) inline void pack_words(const WordRow* /*row*/) {
#define JATAI_NUMBER(channel) \
    "movs r5, #" channel      \
    "\n\t"                    \
    "ldrsb r6, [r0, r5]\n\t"  \
    "str r6, [r7]\n\t"        \
    "adds r7, r7, r4\n\t"
    __asm volatile(
        ".syntax unified\n\t"
        "push {r4-r7, lr}\n\t"
        "ldmia r0!, {r1-r5}\n\t"
        "movs r0, r1\n\t"
        "movs r1, r2\n\t"
        "movs r2, r3\n\t"
        "movs r3, r4\n\t"
        "movs r4, r5\n\t"
        "1:\n\t"
        "movs r7, r3\n\t" JATAI_NUMBER("0") JATAI_NUMBER("1") JATAI_NUMBER("2") JATAI_NUMBER("3")
        "adds r3, #12\n\t"
        "adds r0, r0, r1\n\t"
        "subs r2, #1\n\t"
        "bne 1b\n\t"
        "pop {r4-r7, pc}\n\t");
#undef JATAI_NUMBER
}

// Four channels of one image, row by row.
struct WordRows {
    const Window& w;
    const int8_t* image;  // channel 0 of the four
    uint32_t outside;     // four bytes of the input's zero point
    int32_t* words;
    uint32_t columns;

    void clear() const {
        const int32_t value = static_cast<int8_t>(outside);
        for (int32_t* to = words; to != words + 12 * columns; ++to) *to = value;
    }

    // Row `row` of the padded image to place `place`, 0 to 2. What lies left and right of the image stays.
    void pack(uint32_t row, uint32_t place) const {
        const int32_t y = static_cast<int32_t>(row) - w.pad_top;
        if (w.pad_left >= columns) return;
        const uint32_t room = columns - w.pad_left;
        WordRow r{reinterpret_cast<const int8_t*>(&outside), 0, w.in_w < room ? w.in_w : room,
                  words + 3 * w.pad_left + place, 12 * columns};
        if (y >= 0 && y < w.in_h) {
            r.in = image + static_cast<uint32_t>(y) * w.in_w * w.in_c;
            r.step = w.in_c;
        }
        pack_words(&r);
    }
};

// The weights of four channels, times 512, in the order of the words when the top row is at place 0, 1, 2.
inline void order_weights(const int8_t* weights, uint32_t out_c, int32_t* to) {
    for (uint32_t top = 0; top < 3; ++top) {
        for (uint32_t i = 0; i < 4; ++i) {
            for (uint32_t kx = 0; kx < 3; ++kx) {
                uint32_t ky = top == 0 ? 0 : 3 - top;
                for (uint32_t place = 0; place < 3; ++place, ky = ky == 2 ? 0 : ky + 1)
                    *to++ = weights[(ky * 3 + kx) * out_c + i] * 512;
            }
        }
    }
}

// Four channels of one image, through the image. `pass`: start, slope and numbers of each channel.
JATAI_NOINLINE void pass_image(const Window& w, const WordRows& rows, const int32_t* weights, int8_t* out,
                               WordPass* pass) {
    const auto slide = w.stride_w == 1 ? slide_words_1 : slide_words_2;
    uint32_t packed = 0, place = 0;   // rows packed, where the next one goes
    const int32_t* of_top = weights;  // for the place of the window's first row
    for (uint32_t y = 0; y < w.out_h; ++y, out += w.out_w * w.out_c) {
        for (; packed < y * w.stride_h + 3; ++packed, place = place == 2 ? 0 : place + 1)
            rows.pack(packed, place);
        for (uint32_t i = 0; i < 4; ++i) {
            pass[i].out = out + i;
            pass[i].weights = of_top + 9 * i;
            slide(&pass[i]);
        }
        of_top += 36 * w.stride_h;
        if (of_top >= weights + 108) of_top -= 108;
    }
}

inline void run_depthwise_lines_cortex_m0(const Call& call) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    int32_t* weights = call.out<int32_t>(4);
    WordRows rows{w, nullptr, static_cast<uint8_t>(p.input_zero_point) * 0x01010101u, weights + 108,
                  strip_columns(w)};
    for (uint32_t o = 0; o < w.out_c; o += 4) {
        if (w.out_c - o < 4) o = w.out_c - 4;  // some channels twice
        order_weights(call.in<int8_t>(1) + o, w.out_c, weights);
        rows.clear();
        WordPass pass[4];
        for (uint32_t i = 0; i < 4; ++i) {
            const ScaleLine& line = call.in<ScaleLine>(2)[o + i];
            const uint32_t slope = static_cast<uint32_t>(line.slope);
            const int32_t* numbers = rows.words + 3 * rows.columns * i;
            pass[i] = {line.start, slope & 0xFFFF, slope >> 16, nullptr,
                       w.out_c,    numbers,        nullptr,     numbers + 3 * w.stride_w * w.out_w};
        }
        for (uint32_t n = 0; n < w.batches; ++n) {
            rows.image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c + o;
            pass_image(w, rows, weights, call.out<int8_t>(3) + n * w.out_h * w.out_w * w.out_c + o, pass);
        }
    }
}

JATAI_HOT_END

#else

inline void run_depthwise_lines_cortex_m0(const Call& call) { run_depthwise_strips<ScaleLine>(call); }

#endif

constexpr Kernel kDepthwiseLinesInt8CortexM0{
    {Op::DepthwiseConv2d, Type::Int8, 5}, fits_depthwise_words, run_depthwise_lines_cortex_m0};

}  // namespace jatai
