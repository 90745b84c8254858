// conv2d_short.h: CONV_2D of windows of at most twelve numbers, int8, by one straight line a channel.
//
//     out[n,y,x,o] = clamp((start[o] + slope[o] * sum over ky,kx,i of weight[o,ky,kx,i] * in[n,.,.,i]) /
//     2^41)
//
// Version 16: windows of one or two words, up to eight numbers; version 17: of three words, up to twelve. A
// window is one row, or up to three rows of four numbers each. Weights are less their zero point, and a power
// of two too large where the line's slope would be; bias, zero point and both roundings lie in
// its start (scales.h). The activation clamps at -128 and 127 only. No groups.
// Operands: 0 input NHWC int8, 1 words as ShortLayout says, 2 output NHWC int8.
// Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/conv2d.h"
#include "device/kernels/scales.h"

namespace jatai {

// The words of a window, four numbers each; 0: it has no such form.
inline uint32_t words_of_window(const Window& w) {
    const uint32_t row = uint32_t{w.kernel_w} * w.in_c;
    if (w.kernel_h == 1) return (row + 3) / 4;
    return row == 4 ? w.kernel_h : 0;
}

// Of each channel: for every four taps k..k+3 of the window two words, (k, k+2) and (k+1, k+3), the first of
// a pair in the low half; then its FineLine. Taps are filled up with zeros.
template <uint32_t kWords>
struct ShortLayout {
    static constexpr uint32_t kTaps = 4 * kWords;
    static constexpr uint32_t kWeightWords = 2 * kWords;
    static constexpr uint32_t kChannelWords = kWeightWords + sizeof(FineLine) / 4;

    static uint32_t word(uint32_t k) { return k / 4 * 2 + (k & 1); }
    static uint32_t lane_shift(uint32_t k) { return (k & 2) * 8; }
};

template <uint32_t kWords>
inline bool fits_conv2d_short(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1) return false;
    const Window& w = p->window;
    const uint32_t words = words_of_window(w);
    return words != 0 && (words == kWords || (kWords == 2 && words == 1)) &&
           holds(claim, 0, input_bytes(w)) &&
           holds(claim, 1, uint64_t{w.out_c} * ShortLayout<kWords>::kChannelWords * 4) &&
           fills(claim, 2, output_bytes(w));
}

JATAI_HOT_BEGIN

template <uint32_t kWords>
inline void run_conv2d_short(const Call& call) {
    using Layout = ShortLayout<kWords>;
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const uint32_t* words = call.in<uint32_t>(1);
    for (uint32_t o = 0; o < p.window.out_c; ++o, words += Layout::kChannelWords) {
        int16_t row[Layout::kTaps];
        for (uint32_t k = 0; k < Layout::kTaps; ++k)
            row[k] = static_cast<int16_t>(words[Layout::word(k)] >> Layout::lane_shift(k));
        const FineLine line{static_cast<int32_t>(words[Layout::kWeightWords]),
                            words[Layout::kWeightWords + 1],
                            static_cast<int32_t>(words[Layout::kWeightWords + 2])};
        fill_channel(call, call.out<int8_t>(2) + o, [&](const int8_t* image, int32_t top, int32_t left) {
            return to_int8(convolve(p, image, row, top, left), line);
        });
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dShort8Int8{{Op::Conv2d, Type::Int8, 16}, fits_conv2d_short<2>, run_conv2d_short<2>};
constexpr Kernel kConv2dShort12Int8{{Op::Conv2d, Type::Int8, 17}, fits_conv2d_short<3>, run_conv2d_short<3>};

}  // namespace jatai
