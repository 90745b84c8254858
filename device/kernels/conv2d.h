// conv2d.h: CONV_2D, int8.
//
//     out[n,y,x,o] = clamp(zero + rescale(bias[o] + sum over ky,kx,i of weight[o,ky,kx,i] * in[n,.,.,i]))
//
// A tap outside the image reads the input's zero point, whose part `bias` takes away again. With groups,
// output channel o sees only the input channels of its group. Operands: 0 input NHWC int8, 1 weights [out_c,
// kernel_h, kernel_w, in_c / groups] int8, 2 Channel[out_c], 3 output NHWC int8, 4 scratch of a fast version.
// Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/window.h"

namespace jatai {

using Conv2dParams = ConvParams;

inline bool fits_conv2d(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window)) return false;
    const Window& w = p->window;
    if (w.groups == 0 || w.in_c % w.groups != 0 || w.out_c % w.groups != 0) return false;
    return holds(claim, 0, input_bytes(w)) &&
           holds(claim, 1, uint64_t{w.out_c} * w.kernel_h * w.kernel_w * (w.in_c / w.groups)) &&
           holds(claim, 2, uint64_t{w.out_c} * sizeof(Channel)) && fills(claim, 3, output_bytes(w));
}

JATAI_HOT_BEGIN

template <typename Weight>
inline uint32_t dot(const Weight* a, const int8_t* b, uint32_t count) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(a[i] * b[i]);
    return sum;
}

template <typename Weight>
inline uint32_t dot_constant(const Weight* a, int32_t b, uint32_t count) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(a[i] * b);
    return sum;
}

// The sum of one output channel at one place. `image`: the group's first channel of the batch's first pixel.
template <typename Weight>
inline int32_t convolve(const Conv2dParams& p, const int8_t* image, const Weight* weights, int32_t top,
                        int32_t left) {
    const Window& w = p.window;
    const uint32_t depth = w.in_c / w.groups;
    uint32_t sum = 0;
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weights += depth) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            const bool inside = iy >= 0 && iy < w.in_h && ix >= 0 && ix < w.in_w;
            sum +=
                inside
                    ? dot(weights,
                          image + (static_cast<uint32_t>(iy) * w.in_w + static_cast<uint32_t>(ix)) * w.in_c,
                          depth)
                    : dot_constant(weights, p.input_zero_point, depth);
        }
    }
    return static_cast<int32_t>(sum);
}

// The sum of the numbers a window covers, of all channels.
inline int32_t sum_window(const Conv2dParams& p, const int8_t* image, int32_t top, int32_t left) {
    const Window& w = p.window;
    uint32_t sum = 0;
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            const bool inside = iy >= 0 && iy < w.in_h && ix >= 0 && ix < w.in_w;
            const uint32_t at = (static_cast<uint32_t>(iy) * w.in_w + static_cast<uint32_t>(ix)) * w.in_c;
            sum += inside ? dot_constant(image + at, 1, w.in_c)
                          : static_cast<uint32_t>(p.input_zero_point * w.in_c);
        }
    }
    return static_cast<int32_t>(sum);
}

// The bytes of one output channel, whose first is at `out`: answer(image, top, left) is that of one window.
template <typename Answer>
inline void fill_channel(const Call& call, int8_t* out, Answer answer) {
    const Window& w = call.parameters<Conv2dParams>().window;
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            const int32_t top = first_tap(y, w.stride_h, w.pad_top);
            for (uint32_t x = 0; x < w.out_w; ++x, out += w.out_c)
                *out = answer(image, top, first_tap(x, w.stride_w, w.pad_left));
        }
    }
}

// The same with the weights of all the channel's taps in a row. Operands: 2 Channel[out_c], 3 output.
template <typename Weight>
inline void convolve_channel(const Call& call, uint32_t o, const Weight* row) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Channel& c = call.in<Channel>(2)[o];
    fill_channel(call, call.out<int8_t>(3) + o, [&](const int8_t* image, int32_t top, int32_t left) {
        const int32_t sum = convolve(p, image, row, top, left);
        return to_int8(add_wrapping(c.bias, sum), c.multiplier, c.shift, p.range);
    });
}

JATAI_NOINLINE void run_conv2d(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const Channel* channels = call.in<Channel>(2);
    int8_t* out = call.out<int8_t>(3);
    const uint32_t depth = w.in_c / w.groups;
    const uint32_t per_group = w.out_c / w.groups;
    const uint32_t taps = uint32_t{w.kernel_h} * w.kernel_w * depth;
    for (uint32_t n = 0; n < w.batches; ++n) {
        const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
        for (uint32_t y = 0; y < w.out_h; ++y) {
            for (uint32_t x = 0; x < w.out_w; ++x) {
                const int8_t* weights = call.in<int8_t>(1);
                const int32_t top = first_tap(y, w.stride_h, w.pad_top);
                const int32_t left = first_tap(x, w.stride_w, w.pad_left);
                for (uint32_t o = 0; o < w.out_c; ++o, weights += taps) {
                    const int32_t sum = convolve(p, image + (o / per_group) * depth, weights, top, left);
                    const Channel& c = channels[o];
                    *out++ = to_int8(add_wrapping(c.bias, sum), c.multiplier, c.shift, p.range);
                }
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dInt8{{Op::Conv2d, Type::Int8, 1}, fits_conv2d, run_conv2d};

}  // namespace jatai
