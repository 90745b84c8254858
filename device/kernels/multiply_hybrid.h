// multiply_hybrid.h: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED of floats by int8 weights.
//
//     out[..,o] = clamp(bias[o] + (sum of weight * (q - zero)) * scale * scales[o])
//
// q is the input brought to int8 while the model runs, with one scale for each image (dense: each row):
// either around zero, max |x| on 127, or from the least to the greatest value on -128..127, each taken with
// 0. Operands: 0 input, 1 weights int8, 2 bias or absent, 3 scales of the weights [out_c], 4 output, 5
// scratch int8: one image (dense: one row). Formula: docs/reference/ops.md#floats-by-int8-weights.
#pragma once

#include "device/kernels/products.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct HybridConvParams {
    Window window;
    float low, high;      // what the fused activation leaves
    uint32_t asymmetric;  // 1: from the least to the greatest value; 0: around zero
};
static_assert(sizeof(HybridConvParams) == 44, "the layout in flash");

struct HybridDenseParams {
    Dense dense;
    float low, high;
    uint32_t asymmetric;
};
static_assert(sizeof(HybridDenseParams) == 24, "the layout in flash");

// How many elements each operand has to hold.
struct HybridSizes {
    uint64_t in, weights, channels, out, scratch;
};

inline bool holds_hybrid(const Claim& claim, const HybridSizes& sizes) {
    constexpr uint64_t kFloat = sizeof(float);
    const uint64_t bias = claim.operand_count > 2 ? claim.operand_bytes[2] : 0;
    return holds(claim, 0, sizes.in * kFloat) && holds(claim, 1, sizes.weights) &&
           (bias == 0 || bias >= sizes.channels * kFloat) && holds(claim, 3, sizes.channels * kFloat) &&
           fills(claim, 4, sizes.out * kFloat) && fills(claim, 5, sizes.scratch);
}

inline uint64_t hybrid_image(const Window& w) { return uint64_t{w.in_h} * w.in_w * w.in_c; }

inline bool fits_hybrid_conv2d(const Claim& claim) {
    const HybridConvParams* p = claim.parameters<HybridConvParams>();
    if (p == nullptr || !conv2d_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_hybrid(
        claim, {input_bytes(w), conv2d_weight_elements(w), w.out_c, output_bytes(w), hybrid_image(w)});
}

inline bool fits_hybrid_depthwise(const Claim& claim) {
    const HybridConvParams* p = claim.parameters<HybridConvParams>();
    if (p == nullptr || !depthwise_fits(p->window)) return false;
    const Window& w = p->window;
    return holds_hybrid(
        claim, {input_bytes(w), depthwise_weight_elements(w), w.out_c, output_bytes(w), hybrid_image(w)});
}

inline bool fits_hybrid_dense(const Claim& claim) {
    const HybridDenseParams* p = claim.parameters<HybridDenseParams>();
    if (p == nullptr || !dense_fits(p->dense)) return false;
    const Dense& d = p->dense;
    return holds_hybrid(claim, {uint64_t{d.batches} * d.depth, uint64_t{d.outputs} * d.depth, d.outputs,
                                uint64_t{d.batches} * d.outputs, d.depth});
}

JATAI_HOT_BEGIN

// What the numbers of one image were divided by, and where their 0 lies.
struct HybridScale {
    float scale;
    int32_t zero;
};

// To the nearest, halves away from zero, held in int8.
inline int8_t hybrid_stored(float x, int32_t least) {
    const float low = static_cast<float>(least);
    if (!(x > low)) return static_cast<int8_t>(least);
    if (x >= 127.0f) return 127;
    const int32_t whole = static_cast<int32_t>(x);  // towards zero
    const float rest = x - static_cast<float>(whole);
    return static_cast<int8_t>(whole + (rest >= 0.5f ? 1 : (rest <= -0.5f ? -1 : 0)));
}

// Around zero.
inline HybridScale hybrid_symmetric(float least, float greatest, float& inverse) {
    const float reach = -least > greatest ? -least : greatest;
    if (!(reach > 0.0f)) return {1.0f, 0};
    inverse = 127.0f / reach;
    return {reach / 127.0f, 0};
}

// From the least to the greatest. The place of 0 is reckoned from the end nearer to it. In double precision,
// as TFLite does: one rounding more would move whole images by a step.
inline HybridScale hybrid_asymmetric(float least, float greatest, float& inverse) {
    const double low = least, high = greatest;
    if (!(low < high)) return {1.0f, 0};
    const double step = (high - low) / 255.0;
    const bool from_least = 128.0 - low / step < 127.0 + high / step;
    const double place = from_least ? -128.0 - low / step : 127.0 - high / step;
    const double held = place < -128.0 ? -128.0 : (place > 127.0 ? 127.0 : place);
    inverse = 1.0f / static_cast<float>(step);
    return {static_cast<float>(step), static_cast<int32_t>(held < 0.0 ? held - 0.5 : held + 0.5)};
}

inline HybridScale hybrid_quantise(const float* in, uint32_t count, bool asymmetric, int8_t* out) {
    float least = 0.0f, greatest = 0.0f, inverse = 0.0f;
    for (uint32_t i = 0; i < count; ++i) {
        least = in[i] < least ? in[i] : least;
        greatest = in[i] > greatest ? in[i] : greatest;
    }
    const HybridScale scale =
        asymmetric ? hybrid_asymmetric(least, greatest, inverse) : hybrid_symmetric(least, greatest, inverse);
    const float zero = static_cast<float>(scale.zero);
    for (uint32_t i = 0; i < count; ++i)
        out[i] = hybrid_stored(zero + in[i] * inverse, asymmetric ? -128 : -127);
    return scale;
}

struct HybridProducts {
    using Sum = uint32_t;
    using Number = int8_t;
    static constexpr bool kHasOutside = true;
    const int8_t* in;
    const int8_t* weights;
    const float* bias;  // null: none
    const float* scales;
    float* out;
    float low, high;
    HybridScale scale;

    Sum zero() const { return 0; }
    int8_t outside() const { return static_cast<int8_t>(scale.zero); }
    Sum add(Sum sum, uint32_t in_at, uint32_t weight_at) const {
        return sum + static_cast<uint32_t>((in[in_at] - scale.zero) * weights[weight_at]);
    }
    void finish(Sum sum, uint32_t o, uint32_t at) const {
        const float product = static_cast<float>(static_cast<int32_t>(sum)) * scales[o] * scale.scale;
        const float y = bias == nullptr ? product : product + bias[o];
        out[at] = y < low ? low : (y > high ? high : y);
    }
};

// One image (or row) after the other: work(products) multiplies it.
template <typename Work>
inline void each_hybrid(const Call& call, uint32_t images, uint32_t in_each, uint32_t out_each,
                        HybridProducts products, bool asymmetric, Work work) {
    int8_t* quantised = call.out<int8_t>(5);
    products.in = quantised;
    for (uint32_t n = 0; n < images; ++n) {
        products.scale = hybrid_quantise(call.in<float>(0) + n * in_each, in_each, asymmetric, quantised);
        products.out = call.out<float>(4) + n * out_each;
        work(products);
    }
}

inline HybridProducts hybrid_products(const Call& call, float low, float high) {
    return {nullptr, call.in<int8_t>(1), call.in<float>(2), call.in<float>(3), nullptr, low, high, {0.0f, 0}};
}

template <void (*Walk)(const Window&, const HybridProducts&)>
inline void run_hybrid_conv(const Call& call) {
    const HybridConvParams& p = call.parameters<HybridConvParams>();
    Window one = p.window;
    one.batches = 1;
    each_hybrid(call, p.window.batches, static_cast<uint32_t>(hybrid_image(one)),
                static_cast<uint32_t>(output_bytes(one)), hybrid_products(call, p.low, p.high),
                p.asymmetric != 0, [&one](const HybridProducts& products) { Walk(one, products); });
}

inline void run_hybrid_dense(const Call& call) {
    const HybridDenseParams& p = call.parameters<HybridDenseParams>();
    const Dense one{1, p.dense.depth, p.dense.outputs};
    each_hybrid(call, p.dense.batches, one.depth, one.outputs, hybrid_products(call, p.low, p.high),
                p.asymmetric != 0, [&one](const HybridProducts& products) { walk_dense(one, products); });
}

JATAI_HOT_END

constexpr Kernel kConv2dHybrid{
    {Op::Conv2d, Type::Float32, 2}, fits_hybrid_conv2d, run_hybrid_conv<walk_conv2d<HybridProducts>>};
constexpr Kernel kDepthwiseHybrid{{Op::DepthwiseConv2d, Type::Float32, 2},
                                  fits_hybrid_depthwise,
                                  run_hybrid_conv<walk_depthwise<HybridProducts>>};
constexpr Kernel kFullyConnectedHybrid{
    {Op::FullyConnected, Type::Float32, 2}, fits_hybrid_dense, run_hybrid_dense};

}  // namespace jatai
