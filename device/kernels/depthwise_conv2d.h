// depthwise_conv2d.h: DEPTHWISE_CONV_2D, int8.
//
//     out[n,y,x,o] = clamp(zero + rescale(bias[o] + sum over ky,kx of weight[ky,kx,o] * in[n,.,.,o / m]))
//
// m = out_c / in_c, the depth multiplier. A tap outside the image reads the input's zero point.
// Version 7: the weights' zero point is taken from each first.
// Operands: 0 input NHWC int8, 1 weights [1, kernel_h, kernel_w, out_c] int8, 2 Channel[out_c], 3 output NHWC
// int8, 4 scratch of a fast version. Formula: docs/reference/ops.md#depthwise_conv_2d.
// Order    With strides of 1, input and output of the same width and channels in fours, the output may begin
//          pad_top + 1 rows before the input it lies on (src/graph/passes/depthwise_in_place.h): for each
//          channel, row y of outputs is written when no row of inputs above y - pad_top is read any more.
//          Every version of versions 1, 5 and 6 keeps to that.
#pragma once

#include "device/kernels/window.h"

namespace jatai {

using DepthwiseConv2dParams = ConvParams;

inline bool fits_depthwise_conv2d(const Claim& claim) {
    const DepthwiseConv2dParams* p = claim.parameters<DepthwiseConv2dParams>();
    if (p == nullptr || !window_fits(p->window)) return false;
    const Window& w = p->window;
    if (w.out_c % w.in_c != 0) return false;
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, uint64_t{w.out_c} * w.kernel_h * w.kernel_w) &&
           holds(claim, 2, uint64_t{w.out_c} * sizeof(Channel)) && fills(claim, 3, output_bytes(w));
}

JATAI_HOT_BEGIN

// The sum of one output channel at one place. `plane`: the input channel at the batch's first pixel.
inline int32_t convolve_plane(const DepthwiseConv2dParams& p, const int8_t* plane, const int8_t* weights,
                              int32_t top, int32_t left, int32_t weight_zero_point = 0) {
    const Window& w = p.window;
    uint32_t sum = 0;
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weights += w.out_c) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            const bool inside = iy >= 0 && iy < w.in_h && ix >= 0 && ix < w.in_w;
            const int32_t value =
                inside ? plane[(static_cast<uint32_t>(iy) * w.in_w + static_cast<uint32_t>(ix)) * w.in_c]
                       : p.input_zero_point;
            sum += static_cast<uint32_t>((*weights - weight_zero_point) * value);
        }
    }
    return static_cast<int32_t>(sum);
}

inline void run_depthwise_planes(const Call& call, int32_t weight_zero_point) {
    const DepthwiseConv2dParams& p = call.parameters<DepthwiseConv2dParams>();
    const Window& w = p.window;
    const Channel* channels = call.in<Channel>(2);
    int8_t* out = call.out<int8_t>(3);
    const uint32_t multiplier = w.out_c / w.in_c;
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const int32_t top = first_tap(y, w.stride_h, w.pad_top);
                const int32_t left = first_tap(x, w.stride_w, w.pad_left);
                for (uint32_t o = 0; o < w.out_c; ++o) {
                    const int32_t sum = convolve_plane(p, image + o / multiplier, call.in<int8_t>(1) + o, top,
                                                       left, weight_zero_point);
                    const Channel& c = channels[o];
                    *out++ = to_int8(add_wrapping(c.bias, sum), c.multiplier, c.shift, p.range);
                }
            }
        }
    }
}

inline void run_depthwise_conv2d(const Call& call) { run_depthwise_planes(call, 0); }
inline void run_depthwise_zeroed(const Call& call) {
    run_depthwise_planes(call, call.parameters<DepthwiseConv2dParams>().weight_zero_point);
}

JATAI_HOT_END

constexpr Kernel kDepthwiseConv2dInt8{
    {Op::DepthwiseConv2d, Type::Int8, 1}, fits_depthwise_conv2d, run_depthwise_conv2d};
constexpr Kernel kDepthwiseConv2dZeroedInt8{
    {Op::DepthwiseConv2d, Type::Int8, 7}, fits_depthwise_conv2d, run_depthwise_zeroed};

}  // namespace jatai
