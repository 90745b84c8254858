// conv2d_few.h: CONV_2D of one to three output channels, int8, weights as 16-bit numbers.
//
//     out[n,y,x,o] = to_int8(bias[o] + sum over ky,kx,i of weight[o,ky,kx,i] * in[n,.,.,i])
//
// Version 15. The weights' zero point is taken from them already: they have up to nine bits. No groups.
// Operands: 0 input NHWC int8, 1 words as FewLayout says, 2 Channel[out_c], 3 output NHWC int8, 4 scratch of
// conv2d_scratch_bytes(). Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/conv2d.h"
#include "device/kernels/scratch.h"

namespace jatai {

constexpr uint32_t kFewChannels = 3;

// For every four taps k..k+3 of the window, two words of each channel: (k, k+2) and (k+1, k+3), the first of
// a pair in the low half. Taps are filled up to a multiple of four with zeros.
struct FewLayout {
    uint32_t taps, out_c;

    uint32_t words() const { return static_cast<uint32_t>(round_up4(taps)) / 2 * out_c; }
    // The word of channel o, tap k; how far to the right its lane lies.
    uint32_t word(uint32_t o, uint32_t k) const { return (k / 4 * out_c + o) * 2 + (k & 1); }
    static uint32_t lane_shift(uint32_t k) { return (k & 2) * 8; }
};

inline bool fits_conv2d_few(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1) return false;
    const Window& w = p->window;
    const uint64_t taps = round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c);
    return w.out_c <= kFewChannels && holds(claim, 0, input_bytes(w)) &&
           holds(claim, 1, taps * w.out_c * 2) && holds(claim, 2, uint64_t{w.out_c} * sizeof(Channel)) &&
           fills(claim, 3, output_bytes(w)) && fills(claim, 4, conv2d_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

inline void run_conv2d_few(const Call& call) {
    const Window& w = call.parameters<Conv2dParams>().window;
    const FewLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    const uint32_t* words = call.in<uint32_t>(1);
    int16_t* row = call.out<int16_t>(4);
    for (uint32_t o = 0; o < w.out_c; ++o) {
        for (uint32_t k = 0; k < layout.taps; ++k)
            row[k] = static_cast<int16_t>(words[layout.word(o, k)] >> FewLayout::lane_shift(k));
        convolve_channel(call, o, row);
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dFewInt8{{Op::Conv2d, Type::Int8, 15}, fits_conv2d_few, run_conv2d_few};

}  // namespace jatai
