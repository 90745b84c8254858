// multiply_float.h: CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV and FULLY_CONNECTED, float32.
//
//     out[..,o] = clamp(bias[o] + sum over the taps of weight * in)       in single precision, one by one
//
// Operands: 0 input NHWC, 1 weights as in the int8 kernels (constant or computed), 2 bias[out_c] or absent, 3
// output. Sums are rounded after every product, in the order of products.h. Formula:
// docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/products.h"

namespace jatai {

struct FloatConvParams {
    Window window;
    float low, high;  // what the fused activation leaves
};
static_assert(sizeof(FloatConvParams) == 40, "the layout in flash");

struct FloatDenseParams {
    Dense dense;
    float low, high;
};
static_assert(sizeof(FloatDenseParams) == 20, "the layout in flash");

struct FloatProducts {
    using Sum = float;
    using Number = float;
    static constexpr bool kHasOutside = false;  // 0 times an infinite weight is no number
    const float* in;
    const float* weights;
    const float* bias;  // null: none
    float* out;
    float low, high;

    float zero() const { return 0.0f; }
    float outside() const { return 0.0f; }
    float add(float sum, uint32_t in_at, uint32_t weight_at) const {
        return sum + in[in_at] * weights[weight_at];
    }
    void finish(float sum, uint32_t o, uint32_t at) const {
        const float y = bias == nullptr ? sum : sum + bias[o];
        out[at] = y < low ? low : (y > high ? high : y);
    }
};

// How many floats each operand has to hold.
struct FloatSizes {
    uint64_t in, weights, bias, out;
};

inline bool holds_floats(const Claim& claim, const FloatSizes& sizes) {
    const uint64_t bias = claim.operand_count > 2 ? claim.operand_bytes[2] : 0;
    return fills(claim, 3, sizes.out * sizeof(float)) && holds(claim, 0, sizes.in * sizeof(float)) &&
           holds(claim, 1, sizes.weights * sizeof(float)) &&
           (bias == 0 || bias >= sizes.bias * sizeof(float));
}

inline bool fits_float_conv2d(const Claim& claim) {
    const FloatConvParams* p = claim.parameters<FloatConvParams>();
    if (p == nullptr || !conv2d_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_floats(claim, {input_bytes(w), conv2d_weight_elements(w), w.out_c, output_bytes(w)});
}

inline bool fits_float_depthwise(const Claim& claim) {
    const FloatConvParams* p = claim.parameters<FloatConvParams>();
    if (p == nullptr || !depthwise_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_floats(claim, {input_bytes(w), depthwise_weight_elements(w), w.out_c, output_bytes(w)});
}

inline bool fits_float_transpose_conv(const Claim& claim) {
    const FloatConvParams* p = claim.parameters<FloatConvParams>();
    if (p == nullptr || !transpose_conv_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_floats(claim, {input_bytes(w), transpose_conv_weight_elements(w), w.out_c, output_bytes(w)});
}

inline bool fits_float_dense(const Claim& claim) {
    const FloatDenseParams* p = claim.parameters<FloatDenseParams>();
    if (p == nullptr || !dense_fits(p->dense)) return false;
    const Dense& d = p->dense;
    return holds_floats(claim, {uint64_t{d.batches} * d.depth, uint64_t{d.outputs} * d.depth, d.outputs,
                                uint64_t{d.batches} * d.outputs});
}

inline FloatProducts float_products(const Call& call, float low, float high) {
    return {call.in<float>(0), call.in<float>(1), call.in<float>(2), call.out<float>(3), low, high};
}

JATAI_HOT_BEGIN

inline void run_float_conv2d(const Call& call) {
    const FloatConvParams& p = call.parameters<FloatConvParams>();
    walk_conv2d(p.window, float_products(call, p.low, p.high));
}
inline void run_float_depthwise(const Call& call) {
    const FloatConvParams& p = call.parameters<FloatConvParams>();
    walk_depthwise(p.window, float_products(call, p.low, p.high));
}
inline void run_float_transpose_conv(const Call& call) {
    const FloatConvParams& p = call.parameters<FloatConvParams>();
    walk_transpose_conv(p.window, float_products(call, p.low, p.high));
}
inline void run_float_dense(const Call& call) {
    const FloatDenseParams& p = call.parameters<FloatDenseParams>();
    walk_dense(p.dense, float_products(call, p.low, p.high));
}

JATAI_HOT_END

constexpr Kernel kConv2dFloat{{Op::Conv2d, Type::Float32, 1}, fits_float_conv2d, run_float_conv2d};
constexpr Kernel kDepthwiseConv2dFloat{
    {Op::DepthwiseConv2d, Type::Float32, 1}, fits_float_depthwise, run_float_depthwise};
constexpr Kernel kTransposeConvFloat{
    {Op::TransposeConv, Type::Float32, 1}, fits_float_transpose_conv, run_float_transpose_conv};
constexpr Kernel kFullyConnectedFloat{
    {Op::FullyConnected, Type::Float32, 1}, fits_float_dense, run_float_dense};

}  // namespace jatai
