// multiply_int8.h: the rarer forms of CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED and TRANSPOSE_CONV, int8.
//
//     out[..,o] = clamp(zero + rescale(bias[o] + sum over the taps of (weight - zero_w) * (in - zero_in)))
//
// Version 3: weights with a zero point, or computed by another layer, one byte each. Version 4: constant
// weights of 4 bits, two to a byte, the first in the low half, as they lie in TensorFlow Lite files.
// Operands: 0 input int8, 1 weights, 2 Channel[out_c] with the plain bias, 3 output int8.
// Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/products.h"

namespace jatai {

// Zero points of both factors, and what becomes of the sum.
struct ZeroedRange {
    int8_t input_zero_point;
    int8_t weight_zero_point;
    Range range;
    uint8_t reserved[3];
};
static_assert(sizeof(ZeroedRange) == 8, "the layout in flash");

struct ZeroedConvParams {
    Window window;
    ZeroedRange zeroed;
};
static_assert(sizeof(ZeroedConvParams) == 40, "the layout in flash");

struct ZeroedDenseParams {
    Dense dense;
    ZeroedRange zeroed;
};
static_assert(sizeof(ZeroedDenseParams) == 20, "the layout in flash");

// Weights as they are read: one by one.
struct ByteWeights {
    const int8_t* bytes;
    int32_t operator[](uint32_t i) const { return bytes[i]; }
    static uint64_t bytes_of(uint64_t elements) { return elements; }
};
struct NibbleWeights {
    const int8_t* bytes;
    int32_t operator[](uint32_t i) const {
        const int32_t pair = bytes[i >> 1];
        return (i & 1) != 0 ? pair >> 4 : static_cast<int8_t>(static_cast<uint32_t>(pair) << 4) >> 4;
    }
    static uint64_t bytes_of(uint64_t elements) { return (elements + 1) / 2; }
};

JATAI_HOT_BEGIN

template <typename Weights>
struct ZeroedProducts {
    using Sum = uint32_t;
    using Number = int8_t;
    static constexpr bool kHasOutside = true;
    const int8_t* in;
    Weights weights;
    const Channel* channels;
    int8_t* out;
    ZeroedRange zeroed;

    Sum zero() const { return 0; }
    int8_t outside() const { return zeroed.input_zero_point; }
    Sum add(Sum sum, uint32_t in_at, uint32_t weight_at) const {
        return sum + static_cast<uint32_t>((in[in_at] - zeroed.input_zero_point) *
                                           (weights[weight_at] - zeroed.weight_zero_point));
    }
    void finish(Sum sum, uint32_t o, uint32_t at) const {
        const Channel& c = channels[o];
        const int32_t total = add_wrapping(static_cast<int32_t>(sum), c.bias);
        out[at] = to_int8(total, c.multiplier, c.shift, zeroed.range);
    }
};

JATAI_HOT_END

struct ZeroedSizes {
    uint64_t in, weights, channels, out;
};

template <typename Weights>
bool holds_zeroed(const Claim& claim, const ZeroedSizes& sizes) {
    return holds(claim, 0, sizes.in) && holds(claim, 1, Weights::bytes_of(sizes.weights)) &&
           holds(claim, 2, sizes.channels * sizeof(Channel)) && fills(claim, 3, sizes.out);
}

template <typename Weights>
bool fits_zeroed_conv2d(const Claim& claim) {
    const ZeroedConvParams* p = claim.parameters<ZeroedConvParams>();
    if (p == nullptr || !conv2d_fits(p->window)) return false;
    const Window& w = p->window;
    return conv2d_weight_elements(w) <= 0xFFFFFFFFu &&
           holds_zeroed<Weights>(claim,
                                 {input_bytes(w), conv2d_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Weights>
bool fits_zeroed_depthwise(const Claim& claim) {
    const ZeroedConvParams* p = claim.parameters<ZeroedConvParams>();
    if (p == nullptr || !depthwise_fits(p->window)) return false;
    const Window& w = p->window;
    return depthwise_weight_elements(w) <= 0xFFFFFFFFu &&
           holds_zeroed<Weights>(claim,
                                 {input_bytes(w), depthwise_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Weights>
bool fits_zeroed_transpose_conv(const Claim& claim) {
    const ZeroedConvParams* p = claim.parameters<ZeroedConvParams>();
    if (p == nullptr || !transpose_conv_fits(p->window)) return false;
    const Window& w = p->window;
    return transpose_conv_weight_elements(w) <= 0xFFFFFFFFu &&
           holds_zeroed<Weights>(
               claim, {input_bytes(w), transpose_conv_weight_elements(w), w.out_c, output_bytes(w)});
}

template <typename Weights>
bool fits_zeroed_dense(const Claim& claim) {
    const ZeroedDenseParams* p = claim.parameters<ZeroedDenseParams>();
    if (p == nullptr || !dense_fits(p->dense)) return false;
    const Dense& d = p->dense;
    return holds_zeroed<Weights>(claim, {uint64_t{d.batches} * d.depth, uint64_t{d.outputs} * d.depth,
                                         d.outputs, uint64_t{d.batches} * d.outputs});
}

template <typename Weights>
ZeroedProducts<Weights> zeroed_products(const Call& call, const ZeroedRange& zeroed) {
    return {call.in<int8_t>(0), {call.in<int8_t>(1)}, call.in<Channel>(2), call.out<int8_t>(3), zeroed};
}

JATAI_HOT_BEGIN

template <typename Weights>
void run_zeroed_conv2d(const Call& call) {
    const ZeroedConvParams& p = call.parameters<ZeroedConvParams>();
    walk_conv2d(p.window, zeroed_products<Weights>(call, p.zeroed));
}
template <typename Weights>
void run_zeroed_depthwise(const Call& call) {
    const ZeroedConvParams& p = call.parameters<ZeroedConvParams>();
    walk_depthwise(p.window, zeroed_products<Weights>(call, p.zeroed));
}
template <typename Weights>
void run_zeroed_transpose_conv(const Call& call) {
    const ZeroedConvParams& p = call.parameters<ZeroedConvParams>();
    walk_transpose_conv(p.window, zeroed_products<Weights>(call, p.zeroed));
}
template <typename Weights>
void run_zeroed_dense(const Call& call) {
    const ZeroedDenseParams& p = call.parameters<ZeroedDenseParams>();
    walk_dense(p.dense, zeroed_products<Weights>(call, p.zeroed));
}

JATAI_HOT_END

constexpr Kernel kConv2dZeroed{
    {Op::Conv2d, Type::Int8, 3}, fits_zeroed_conv2d<ByteWeights>, run_zeroed_conv2d<ByteWeights>};
constexpr Kernel kDepthwiseConv2dZeroed{{Op::DepthwiseConv2d, Type::Int8, 3},
                                        fits_zeroed_depthwise<ByteWeights>,
                                        run_zeroed_depthwise<ByteWeights>};
constexpr Kernel kTransposeConvInt8{{Op::TransposeConv, Type::Int8, 3},
                                    fits_zeroed_transpose_conv<ByteWeights>,
                                    run_zeroed_transpose_conv<ByteWeights>};
constexpr Kernel kFullyConnectedZeroed{
    {Op::FullyConnected, Type::Int8, 3}, fits_zeroed_dense<ByteWeights>, run_zeroed_dense<ByteWeights>};
constexpr Kernel kConv2dInt4{
    {Op::Conv2d, Type::Int8, 4}, fits_zeroed_conv2d<NibbleWeights>, run_zeroed_conv2d<NibbleWeights>};
constexpr Kernel kDepthwiseConv2dInt4{{Op::DepthwiseConv2d, Type::Int8, 4},
                                      fits_zeroed_depthwise<NibbleWeights>,
                                      run_zeroed_depthwise<NibbleWeights>};
constexpr Kernel kFullyConnectedInt4{
    {Op::FullyConnected, Type::Int8, 4}, fits_zeroed_dense<NibbleWeights>, run_zeroed_dense<NibbleWeights>};

}  // namespace jatai
