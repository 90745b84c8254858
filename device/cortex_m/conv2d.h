// conv2d.h: CONV_2D for Cortex-M with DSP: the answers of device/kernels/conv2d.h, sooner.
//
//     const Kernel* const kernels[] = {&kConv2dInt8CortexM, ...};      // written by the compiler
//
// Two output pixels at a time are collected into columns of 16-bit numbers (a 1x1 convolution reads the image
// as it lies) and multiplied with two rows of weights at a time. The loop and its registers: columns.h.
// Operands: those of the reference, and 4 scratch of conv2d_scratch_bytes(). Groups and windows of fewer than
// four numbers go to the reference kernel; without the DSP extension everything does. Cost: 0.94 instructions
// per multiply-accumulate in the loop, 14 per output besides.
#pragma once

#include "device/cortex_m/columns.h"
#include "device/cortex_m/pixel_pairs.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/scratch.h"

namespace jatai {

inline bool fits_conv2d_cortex_m(const Claim& claim) {
    return fits_conv2d(claim) && fills(claim, 4, conv2d_scratch_bytes(*claim.parameters<Conv2dParams>()));
}

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// All output channels at the two places whose columns `dot` points at.
inline void multiply_columns(const Call& call, Dot2x2 dot, int8_t* p, int8_t* q) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Finish finish = finish_of(params.facts, params.range);
    const uint32_t pairs = params.window.out_c / 2u;
    const Channel* c = call.in<Channel>(2);
    dot.channel = c;
    dot.channel_end = c + 2 * pairs;
    dot.p = p;
    dot.q = q;
    if (finish == Finish::ShortFull && pairs != 0) {
        convolve_pair(&dot);
    } else {
        for (; dot.channel != dot.channel_end;
             dot.channel += 2, dot.row += 2 * dot.taps, dot.p += 2, dot.q += 2) {
            c = dot.channel;
            dot.sums[0] = dot.sums[1] = c[0].bias;
            dot.sums[2] = dot.sums[3] = c[1].bias;
            dot_2x2(dot.row, dot.row + dot.taps, &dot);
            finish_pair(finish, c[0], params.range, dot.sums, dot.p, dot.q);
            finish_pair(finish, c[1], params.range, dot.sums + 2, dot.p + 1, dot.q + 1);
        }
    }
    if (params.window.out_c % 2 == 0) return;
    dot.sums[0] = dot.sums[1] = dot.channel->bias;
    dot_2x2(dot.row, dot.row, &dot);
    finish_pair(finish, *dot.channel, params.range, dot.sums, dot.p, dot.q);
}

inline void run_conv2d_cortex_m(const Call& call) {
    const Conv2dParams& params = call.parameters<Conv2dParams>();
    const Window& w = params.window;
    const uint32_t taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
    if (w.groups != 1 || taps < 4) return run_conv2d(call);
    uint32_t* columns = call.out<uint32_t>(4);
    Dot2x2 dot{};
    dot.row = call.in<int8_t>(1);
    dot.taps = taps;
    dot.columns = columns;
    dot.columns_end = columns + (taps & ~3u);
    dot.nudge = 2 * params.range.zero_point + 1;
    dot.tail_shift = (taps & 3) == 0 ? 0 : 8 * (4 - (taps & 3));
    PixelPairs pairs(params, call.in<int8_t>(0), columns);
    int8_t* out = call.out<int8_t>(3);
    for (uint32_t left = uint32_t{w.batches} * w.out_h * w.out_w; left != 0;) {
        const uint32_t pair = left == 1 ? 1 : 2;
        pairs.fill(pair);
        multiply_columns(call, dot, out, pair == 2 ? out + w.out_c : out);
        out += pair * w.out_c;
        left -= pair;
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dInt8CortexM{{Op::Conv2d, Type::Int8, 1}, fits_conv2d_cortex_m, run_conv2d_cortex_m};

#else

constexpr Kernel kConv2dInt8CortexM{{Op::Conv2d, Type::Int8, 1}, fits_conv2d_cortex_m, run_conv2d};

#endif

}  // namespace jatai
