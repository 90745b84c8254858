// multiply_int16.h: CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED, int16 by int8 weights.
//
//     out[..,o] = clamp(rescale(bias[o] + sum over the taps of weight * in))      zero points are 0
//
// Version 1 sums in 32 bits and rescales as int8 does. Version 2 sums in 64 bits and multiplies by 16 bits:
//     (sum * multiplier + 2^(shift - 1)) / 2^shift                                halves up
// TFLite takes the first for a bias of int32, or none, in CONV_2D and FULLY_CONNECTED; else the second.
// Operands: 0 input int16, 1 weights int8 as in the int8 kernels, 2 Channel[out_c] (version 1) or
// WideChannel[out_c] (2), 3 output int16. Formula: docs/reference/ops.md#int16.
#pragma once

#include "device/kernels/products.h"

namespace jatai {

struct Int16ConvParams {
    Window window;
    int16_t low, high;
};
static_assert(sizeof(Int16ConvParams) == 36, "the layout in flash");

struct Int16DenseParams {
    Dense dense;
    int16_t low, high;
};
static_assert(sizeof(Int16DenseParams) == 16, "the layout in flash");

// Two halves of the bias: nothing in flash needs to lie on 8 bytes.
struct WideChannel {
    uint32_t bias_low;
    uint32_t bias_high;
    int32_t multiplier;  // 16 bits
    int32_t shift;       // to the right, 1..62
};
static_assert(sizeof(WideChannel) == 16, "the layout in flash");

JATAI_HOT_BEGIN

// sum * multiplier / 2^shift to the nearest, halves up; what does not fit 32 bits wraps.
inline int32_t rescale_wide(uint64_t sum, int32_t multiplier, int32_t shift) {
    const uint32_t right = static_cast<uint32_t>(shift) & 63u;
    const uint64_t half = right == 0 ? 0 : uint64_t{1} << (right - 1);
    const uint64_t product = sum * static_cast<uint64_t>(int64_t{multiplier}) + half;
    return static_cast<int32_t>(static_cast<int64_t>(product) >> right);
}

struct Int16Products {
    using Sum = uint32_t;
    using Number = int16_t;
    static constexpr bool kHasOutside = true;
    const int16_t* in;
    const int8_t* weights;
    const Channel* channels;
    int16_t* out;
    int16_t low, high;

    Sum zero() const { return 0; }
    int16_t outside() const { return 0; }
    Sum add(Sum sum, uint32_t in_at, uint32_t weight_at) const {
        return sum + static_cast<uint32_t>(in[in_at] * weights[weight_at]);
    }
    void finish(Sum sum, uint32_t o, uint32_t at) const {
        const Channel& c = channels[o];
        const int32_t total = add_wrapping(static_cast<int32_t>(sum), c.bias);
        out[at] = static_cast<int16_t>(clamp(rescale(total, c.multiplier, c.shift), low, high));
    }
};

struct WideProducts {
    using Sum = uint64_t;
    using Number = int16_t;
    static constexpr bool kHasOutside = true;
    const int16_t* in;
    const int8_t* weights;
    const WideChannel* channels;
    int16_t* out;
    int16_t low, high;

    Sum zero() const { return 0; }
    int16_t outside() const { return 0; }
    Sum add(Sum sum, uint32_t in_at, uint32_t weight_at) const {
        return sum + static_cast<uint64_t>(int64_t{in[in_at] * weights[weight_at]});
    }
    void finish(Sum sum, uint32_t o, uint32_t at) const {
        const WideChannel& c = channels[o];
        const uint64_t total = sum + ((uint64_t{c.bias_high} << 32) | c.bias_low);
        out[at] = static_cast<int16_t>(clamp(rescale_wide(total, c.multiplier, c.shift), low, high));
    }
};

JATAI_HOT_END

// Elements of input, weights and output, and the channels between.
struct Int16Sizes {
    uint64_t in, weights, channels, out;
};

template <typename Entry>
bool holds_int16(const Claim& claim, const Int16Sizes& sizes) {
    return holds(claim, 0, sizes.in * sizeof(int16_t)) && holds(claim, 1, sizes.weights) &&
           holds(claim, 2, sizes.channels * sizeof(Entry)) && fills(claim, 3, sizes.out * sizeof(int16_t));
}

template <typename Entry>
bool fits_int16_conv2d(const Claim& claim) {
    const Int16ConvParams* p = claim.parameters<Int16ConvParams>();
    if (p == nullptr || !conv2d_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_int16<Entry>(claim, {input_bytes(w), conv2d_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Entry>
bool fits_int16_depthwise(const Claim& claim) {
    const Int16ConvParams* p = claim.parameters<Int16ConvParams>();
    if (p == nullptr || !depthwise_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_int16<Entry>(claim,
                              {input_bytes(w), depthwise_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Entry>
bool fits_int16_transpose_conv(const Claim& claim) {
    const Int16ConvParams* p = claim.parameters<Int16ConvParams>();
    if (p == nullptr || !transpose_conv_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_int16<Entry>(claim,
                              {input_bytes(w), transpose_conv_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Entry>
bool fits_int16_dense(const Claim& claim) {
    const Int16DenseParams* p = claim.parameters<Int16DenseParams>();
    if (p == nullptr || !dense_fits(p->dense)) return false;
    const Dense& d = p->dense;
    return holds_int16<Entry>(claim, {uint64_t{d.batches} * d.depth, uint64_t{d.outputs} * d.depth, d.outputs,
                                      uint64_t{d.batches} * d.outputs});
}

inline Int16Products int16_products(const Call& call, int16_t low, int16_t high) {
    return {call.in<int16_t>(0), call.in<int8_t>(1), call.in<Channel>(2), call.out<int16_t>(3), low, high};
}
inline WideProducts wide_products(const Call& call, int16_t low, int16_t high) {
    return {
        call.in<int16_t>(0), call.in<int8_t>(1), call.in<WideChannel>(2), call.out<int16_t>(3), low, high};
}

JATAI_HOT_BEGIN

inline void run_int16_conv2d(const Call& call) {
    const Int16ConvParams& p = call.parameters<Int16ConvParams>();
    walk_conv2d(p.window, int16_products(call, p.low, p.high));
}
inline void run_wide_conv2d(const Call& call) {
    const Int16ConvParams& p = call.parameters<Int16ConvParams>();
    walk_conv2d(p.window, wide_products(call, p.low, p.high));
}
inline void run_wide_depthwise(const Call& call) {
    const Int16ConvParams& p = call.parameters<Int16ConvParams>();
    walk_depthwise(p.window, wide_products(call, p.low, p.high));
}
inline void run_wide_transpose_conv(const Call& call) {
    const Int16ConvParams& p = call.parameters<Int16ConvParams>();
    walk_transpose_conv(p.window, wide_products(call, p.low, p.high));
}
inline void run_int16_dense(const Call& call) {
    const Int16DenseParams& p = call.parameters<Int16DenseParams>();
    walk_dense(p.dense, int16_products(call, p.low, p.high));
}
inline void run_wide_dense(const Call& call) {
    const Int16DenseParams& p = call.parameters<Int16DenseParams>();
    walk_dense(p.dense, wide_products(call, p.low, p.high));
}

JATAI_HOT_END

constexpr Kernel kConv2dInt16{{Op::Conv2d, Type::Int16, 1}, fits_int16_conv2d<Channel>, run_int16_conv2d};
constexpr Kernel kConv2dWide{{Op::Conv2d, Type::Int16, 2}, fits_int16_conv2d<WideChannel>, run_wide_conv2d};
constexpr Kernel kDepthwiseConv2dWide{
    {Op::DepthwiseConv2d, Type::Int16, 2}, fits_int16_depthwise<WideChannel>, run_wide_depthwise};
constexpr Kernel kTransposeConvWide{
    {Op::TransposeConv, Type::Int16, 2}, fits_int16_transpose_conv<WideChannel>, run_wide_transpose_conv};
constexpr Kernel kFullyConnectedInt16{
    {Op::FullyConnected, Type::Int16, 1}, fits_int16_dense<Channel>, run_int16_dense};
constexpr Kernel kFullyConnectedWide{
    {Op::FullyConnected, Type::Int16, 2}, fits_int16_dense<WideChannel>, run_wide_dense};

}  // namespace jatai
