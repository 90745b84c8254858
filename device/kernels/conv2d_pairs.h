// conv2d_pairs.h: CONV_2D, int8, with the weights of two output channels in one 16-bit lane.
//
//     out as in conv2d.h; only the weights lie otherwise
//
// Why and when: channel_pairs.h; else version 1 (conv2d.h).
// Operands: 0 input NHWC int8, 1 weights in words as PairLayout says, 2 Channel[out_c], 3 output NHWC int8, 4
// scratch of conv2d_scratch_bytes(). No groups. Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/channel_pairs.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/scratch.h"

namespace jatai {

inline bool fits_conv2d_pairs(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1) return false;
    const Window& w = p->window;
    const uint64_t taps = round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c);
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, round_up4(w.out_c) * taps) &&
           holds(claim, 2, uint64_t{w.out_c} * sizeof(Channel)) && fills(claim, 3, output_bytes(w)) &&
           fills(claim, 4, conv2d_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

inline void run_conv2d_pairs(const Call& call) {
    const Window& w = call.parameters<Conv2dParams>().window;
    const PairLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c};
    int8_t* row = call.out<int8_t>(4);
    for (uint32_t o = 0; o < w.out_c; ++o) {
        unpack_row(call.in<uint32_t>(1), layout, o, row);
        convolve_channel(call, o, row);
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dPairsInt8{{Op::Conv2d, Type::Int8, 2}, fits_conv2d_pairs, run_conv2d_pairs};

}  // namespace jatai
