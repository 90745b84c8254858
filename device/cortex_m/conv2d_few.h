// conv2d_few.h: CONV_2D of one to three output channels for Cortex-M with DSP: the answers of
// device/kernels/conv2d_few.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dFewInt8CortexM, ...};      // written by the compiler
//
// Two output pixels (p, q) and all channels at a time. Registers in the loop: r0 columns, r1 weights, r2-r5
// four taps of p and q, r6 and r7 the same taps' weights, r8-r12 and lr the sums of p and q, channel by
// channel. Operands: those of the reference. Without the DSP extension the reference does it.
// Cost: 0.94, 0.78 and 0.73 instructions per multiply-accumulate of one, two and three channels in the loop,
// 1 for every number of a window besides (pixel_pairs.h), and 15 for an output.
#pragma once

#include "device/cortex_m/pixel_pairs.h"
#include "device/kernels/conv2d_few.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// What the functions below are given. Sums: p and q of the first channel, then of the next.
struct FewPass {
    const uint32_t* columns;
    const uint32_t* weights;
    const uint32_t* columns_end;
    int32_t sums[2 * kFewChannels];
};
static_assert(sizeof(FewPass) == 36, "the layout the code below reads");

// Four taps of one channel; then of so many.
#define JATAI_FEW(p, q)                                                                                  \
    "ldrd r6, r7, [r1], #8\n\t"                                                                          \
    "smlad " p ", r2, r6, " p "\n\tsmlad " q ", r3, r6, " q "\n\tsmlad " p ", r4, r7, " p "\n\tsmlad " q \
    ", r5, r7, " q "\n\t"
#define JATAI_FEW_1 "ldmia r0!, {r2-r5}\n\t" JATAI_FEW("r8", "r9")
#define JATAI_FEW_2 JATAI_FEW_1 JATAI_FEW("r10", "r11")
#define JATAI_FEW_3 JATAI_FEW_2 JATAI_FEW("r12", "lr")
// Eight taps a turn; where the fours are odd (bit 4 of the distance), the first turn begins in its middle.
#define JATAI_FEW_PASS(taps)        \
    "ldr r1, [r0, #8]\n\t"          \
    "push {r0, r1, r4-r11, lr}\n\t" \
    "add r2, r0, #12\n\t"           \
    "ldrd r0, r3, [r0]\n\t"         \
    "sub r1, r1, r0\n\t"            \
    "ldmia r2, {r8-r12, lr}\n\t"    \
    "lsls r1, r1, #27\n\t"          \
    "mov r1, r3\n\t"                \
    "bmi 2f\n\t"                    \
    "1:\n\t" taps "2:\n\t" taps     \
    "ldr r2, [sp, #4]\n\t"          \
    "cmp r0, r2\n\t"                \
    "bne 1b\n\t"                    \
    "ldr r0, [sp]\n\t"              \
    "add r0, r0, #12\n\t"           \
    "stmia r0, {r8-r12, lr}\n\t"    \
    "pop {r0, r1, r4-r11, pc}\n\t"

__attribute__((naked, noinline)) inline void pass_one(FewPass* /*pass*/) {
    __asm volatile(JATAI_FEW_PASS(JATAI_FEW_1));
}
__attribute__((naked, noinline)) inline void pass_two(FewPass* /*pass*/) {
    __asm volatile(JATAI_FEW_PASS(JATAI_FEW_2));
}
__attribute__((naked, noinline)) inline void pass_three(FewPass* /*pass*/) {
    __asm volatile(JATAI_FEW_PASS(JATAI_FEW_3));
}

#undef JATAI_FEW_PASS
#undef JATAI_FEW_3
#undef JATAI_FEW_2
#undef JATAI_FEW_1
#undef JATAI_FEW

// How the sums of all channels become bytes.
struct FewFinish {
    const Channel* channels;
    uint32_t count;
    Finish finish;
    Range range;
    ShortScale scales[kFewChannels];

    FewFinish(const Conv2dParams& p, const Channel* all)
        : channels(all), count(p.window.out_c), finish(finish_of(p.facts, p.range)), range(p.range) {
        for (uint32_t o = 0; o < count; ++o)
            scales[o] = ShortScale(all[o].multiplier, all[o].shift, range.zero_point);
    }
    void start(int32_t* sums) const {
        for (uint32_t o = 0; o < count; ++o) sums[2 * o] = sums[2 * o + 1] = channels[o].bias;
    }
    // q first: where there is no second pixel both are the same.
    JATAI_NOINLINE void operator()(const int32_t* sums, int8_t* p, int8_t* q) const {
        for (uint32_t o = 0; o < count; ++o, sums += 2) {
            if (finish == Finish::Any) {
                finish_pair(finish, channels[o], range, sums, p + o, q + o);
                continue;
            }
            const int32_t at_p = scales[o](sums[0]), at_q = scales[o](sums[1]);
            const bool full = finish == Finish::ShortFull;
            q[o] = static_cast<int8_t>(full ? ssat8(at_q) : clamp(at_q, range.low, range.high));
            p[o] = static_cast<int8_t>(full ? ssat8(at_p) : clamp(at_p, range.low, range.high));
        }
    }
};

inline void run_conv2d_few_cortex_m(const Call& call) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    uint32_t* columns = call.out<uint32_t>(4);
    PixelPairs pairs(params, call.in<int8_t>(0), columns);
    const FewFinish finish(params, call.in<Channel>(2));
    const auto run = w.out_c == 1 ? pass_one : (w.out_c == 2 ? pass_two : pass_three);
    FewPass pass{columns, call.in<uint32_t>(1), columns + round_up4(pairs.taps), {}};
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t count = left == 1 ? 1 : 2;
        pairs.fill(count);
        finish.start(pass.sums);
        run(&pass);
        finish(pass.sums, out, count == 2 ? out + w.out_c : out);
        out += count * w.out_c;
        left -= count;
    }
}

JATAI_HOT_END

#else

inline void run_conv2d_few_cortex_m(const Call& call) { run_conv2d_few(call); }

#endif

constexpr Kernel kConv2dFewInt8CortexM{
    {Op::Conv2d, Type::Int8, 15}, fits_conv2d_few, run_conv2d_few_cortex_m};

}  // namespace jatai
