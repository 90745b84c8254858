// depthwise_strips.h: DEPTHWISE_CONV_2D 3x3, int8, with scales the compiler prepared.
//
//     out[n,y,x,c] = to_int8(sum over ky,kx of weight[ky,kx,c] * in[n,.,.,c], scale[c])
//
// The scales, a straight line (version 5) or two roundings (version 6): scales.h. Depth multiplier 1, four
// channels or more, no dilation, strides both 1 or both 2, no activation that clamps within -128..127.
// Versions 8 and 9 are these for weights with a zero point, which is taken from each first; 10 and 11 are 8
// and 9 for any depth multiplier and activation: the bytes are held in the range at the end. Operands: 0
// input NHWC int8, 1 weights [1, 3, 3, out_c] int8, 2 ScaleLine[out_c] or RoundedScale[out_c], 3 output NHWC
// int8, 4 scratch of depthwise_strips_scratch_bytes(), 10 and 11: spread_strips_scratch_bytes(). Formula:
// docs/reference/ops.md#depthwise_conv_2d.
#pragma once

#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/scales.h"
#include "device/kernels/scratch.h"

namespace jatai {

// A fast version turns three rows of four channels into columns of numbers side by side: two strips of two
// rows, so wide.
inline uint32_t strip_columns(const Window& w) { return (w.out_w - 1u) * w.stride_w + 3; }

// Two strips of four channels, a word for two rows; and the channels' weights, six words each.
inline uint64_t depthwise_strips_scratch_bytes(const ConvParams& p) {
    const Window& w = p.window;
    return ((uint64_t{w.out_w} - 1) * w.stride_w + 3) * 32 + 96;
}

// Another: three rows of four channels, a word for each number; and nine weights of four channels in three
// orders.
inline uint64_t depthwise_words_scratch_bytes(const ConvParams& p) {
    const Window& w = p.window;
    return ((uint64_t{w.out_w} - 1) * w.stride_w + 3) * 48 + 432;
}

// The same, and two rows of the image in words of four channels.
inline uint64_t spread_strips_scratch_bytes(const ConvParams& p) {
    return depthwise_strips_scratch_bytes(p) + uint64_t{p.window.in_w} * 8;
}

inline bool is_strip_window(const Window& w) {
    return w.out_c >= 4 && w.kernel_h == 3 && w.kernel_w == 3 && w.dilation_h == 1 && w.dilation_w == 1 &&
           w.stride_h == w.stride_w && (w.stride_h == 1 || w.stride_h == 2);
}

inline bool is_depthwise_strips(const Window& w) { return w.in_c == w.out_c && is_strip_window(w); }
inline bool is_spread_strips(const Window& w) {
    return w.in_c != 0 && w.out_c % w.in_c == 0 && is_strip_window(w);
}

// All but the scratch.
template <typename Scale>
inline bool holds_strips(const Claim& claim, const Window& w) {
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, uint64_t{w.out_c} * 9) &&
           holds(claim, 2, uint64_t{w.out_c} * sizeof(Scale)) && fills(claim, 3, output_bytes(w));
}

template <typename Scale>
inline bool fits_depthwise_strips(const Claim& claim) {
    const DepthwiseConv2dParams* p = claim.parameters<DepthwiseConv2dParams>();
    return p != nullptr && window_fits(p->window) && is_depthwise_strips(p->window) &&
           holds_strips<Scale>(claim, p->window) && fills(claim, 4, depthwise_strips_scratch_bytes(*p));
}

template <typename Scale>
inline bool fits_spread_strips(const Claim& claim) {
    const DepthwiseConv2dParams* p = claim.parameters<DepthwiseConv2dParams>();
    return p != nullptr && window_fits(p->window) && is_spread_strips(p->window) &&
           holds_strips<Scale>(claim, p->window) && fills(claim, 4, spread_strips_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

inline int8_t finish_strip(int32_t sum, const ScaleLine& line) { return to_int8(sum, line, kStripLine); }
inline int8_t finish_strip(int32_t sum, const RoundedScale& scale) { return to_int8(sum, scale); }

enum class StripWeights : uint8_t { Plain, Zeroed };

template <typename Scale, StripWeights kWeights = StripWeights::Plain>
inline void run_depthwise_strips(const Call& call) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    const Scale* scales = call.in<Scale>(2);
    int8_t* out = call.out<int8_t>(3);
    const uint32_t multiplier = w.out_c / w.in_c;
    const int32_t zero = kWeights == StripWeights::Zeroed ? p.weight_zero_point : 0;
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const int32_t top = first_tap(y, w.stride_h, w.pad_top);
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const int32_t left = first_tap(x, w.stride_w, w.pad_left);
                for (uint32_t c = 0; c < w.out_c; ++c)
                    *out++ = finish_strip(
                        convolve_plane(p, image + c / multiplier, call.in<int8_t>(1) + c, top, left, zero),
                        scales[c]);
            }
        }
    }
}

template <typename Scale>
inline void run_spread_strips(const Call& call) {
    run_depthwise_strips<Scale, StripWeights::Zeroed>(call);
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    int8_t* out = call.out<int8_t>(3);
    for (uint64_t left = output_bytes(p.window); left != 0; --left, ++out)
        *out = static_cast<int8_t>(clamp(*out, p.range.low, p.range.high));
}

JATAI_HOT_END

constexpr Kernel kDepthwiseLinesInt8{
    {Op::DepthwiseConv2d, Type::Int8, 5}, fits_depthwise_strips<ScaleLine>, run_depthwise_strips<ScaleLine>};
constexpr Kernel kDepthwiseRoundedInt8{{Op::DepthwiseConv2d, Type::Int8, 6},
                                       fits_depthwise_strips<RoundedScale>,
                                       run_depthwise_strips<RoundedScale>};
constexpr Kernel kDepthwiseZeroedLinesInt8{{Op::DepthwiseConv2d, Type::Int8, 8},
                                           fits_depthwise_strips<ScaleLine>,
                                           run_depthwise_strips<ScaleLine, StripWeights::Zeroed>};
constexpr Kernel kDepthwiseZeroedRoundedInt8{{Op::DepthwiseConv2d, Type::Int8, 9},
                                             fits_depthwise_strips<RoundedScale>,
                                             run_depthwise_strips<RoundedScale, StripWeights::Zeroed>};
constexpr Kernel kDepthwiseSpreadLinesInt8{
    {Op::DepthwiseConv2d, Type::Int8, 10}, fits_spread_strips<ScaleLine>, run_spread_strips<ScaleLine>};
constexpr Kernel kDepthwiseSpreadRoundedInt8{
    {Op::DepthwiseConv2d, Type::Int8, 11}, fits_spread_strips<RoundedScale>, run_spread_strips<RoundedScale>};

}  // namespace jatai
