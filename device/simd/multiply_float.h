// multiply_float.h: CONV_2D, DEPTHWISE_CONV_2D and FULLY_CONNECTED, float32, in vectors: the answers of
// device/kernels/multiply_float.h, bit for bit.
//
//     constexpr Kernel kConv2dFloatAvx2{kConv2dFloat.key, fits_float_conv2d, run_float_conv2d_lanes<Avx2>};
//
// Every output channel keeps a lane of its own, in which products are added one by one in the reference's
// order; none is fused. In the loop of a convolution: four vectors of sums, one number for all lanes, a
// product. Groups, depth multipliers and more than kFloatTaps taps go to the reference. Cost     13
// instructions for 32 multiply-accumulates of a convolution (AVX2). Memory   100 KB of stack.
#pragma once

#include <string.h>

#include "device/kernels/multiply_float.h"
#include "device/simd/target.h"

namespace jatai {

constexpr uint32_t kFloatTaps = 768;

template <typename V>
JATAI_SIMD_INLINE typename V::Floats load_floats(const float* from) {
    typename V::Floats x;
    memcpy(&x, from, sizeof x);
    return x;
}

// `count` sums, from channel o on, to the output.
inline void finish_floats(const FloatProducts& products, const float* sums, uint32_t o, uint32_t count,
                          uint32_t at) {
    for (uint32_t i = 0; i < count; ++i) products.finish(sums[i], o + i, at + i);
}

// Adds `taps` numbers, one after the other, times their rows of weights.
template <typename V>
JATAI_SIMD_INLINE void add_taps(const float* in, const float (*weights)[4 * V::kLanes], uint32_t taps,
                                typename V::Floats* sums) {
    typename V::Floats a = sums[0], b = sums[1], c = sums[2], d = sums[3];
    for (uint32_t k = 0; k < taps; ++k) {
        const float x = in[k];
        a += x * load_floats<V>(weights[k]);
        b += x * load_floats<V>(weights[k] + V::kLanes);
        c += x * load_floats<V>(weights[k] + 2 * V::kLanes);
        d += x * load_floats<V>(weights[k] + 3 * V::kLanes);
    }
    sums[0] = a, sums[1] = b, sums[2] = c, sums[3] = d;
}

// What the window at a place adds. `image`: the batch's first pixel.
template <typename V>
JATAI_SIMD_INLINE void add_window(const Window& w, const float* image, OutputPlace place,
                                  const float (*weights)[4 * V::kLanes], typename V::Floats* sums) {
    const int32_t top = first_tap(place.y, w.stride_h, w.pad_top);
    const int32_t left = first_tap(place.x, w.stride_w, w.pad_left);
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weights += w.in_c) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) continue;
            const uint64_t pixel = uint64_t{static_cast<uint32_t>(iy)} * w.in_w + static_cast<uint32_t>(ix);
            add_taps<V>(image + pixel * w.in_c, weights, w.in_c, sums);
        }
    }
}

template <typename V>
JATAI_SIMD void run_float_conv2d_lanes(const Call& call) {
    constexpr uint32_t kChannels = 4 * V::kLanes;
    const FloatConvParams& p = call.parameters<FloatConvParams>();
    const Window& w = p.window;
    const uint64_t taps = uint64_t{w.kernel_h} * w.kernel_w * w.in_c;
    if (w.groups != 1 || taps > kFloatTaps) return run_float_conv2d(call);
    const FloatProducts products = float_products(call, p.low, p.high);
    float weights[kFloatTaps][kChannels];
    for (uint32_t o = 0; o < w.out_c; o += kChannels) {
        const uint32_t count = w.out_c - o < kChannels ? w.out_c - o : kChannels;
        for (uint32_t k = 0; k < taps; ++k) {
            for (uint32_t i = 0; i < kChannels; ++i)
                weights[k][i] = i < count ? products.weights[(o + i) * taps + k] : 0.0f;
        }
        const uint32_t places = uint32_t{w.batches} * w.out_h * w.out_w;
        for (uint32_t at = 0; at < places; ++at) {
            const OutputPlace place{at / w.out_w / w.out_h, at / w.out_w % w.out_h, at % w.out_w};
            typename V::Floats sums[4] = {};
            add_window<V>(w, products.in + uint64_t{place.n} * w.in_h * w.in_w * w.in_c, place, weights,
                          sums);
            finish_floats(products, reinterpret_cast<const float*>(sums), o, count, at * w.out_c + o);
        }
    }
}

// The sums of V::kLanes channels at one place.
template <typename V>
JATAI_SIMD_INLINE typename V::Floats depthwise_lanes(const Window& w, const FloatProducts& products,
                                                     OutputPlace place, uint32_t o) {
    const int32_t top = first_tap(place.y, w.stride_h, w.pad_top);
    const int32_t left = first_tap(place.x, w.stride_w, w.pad_left);
    const float* image = products.in + uint64_t{place.n} * w.in_h * w.in_w * w.in_c + o;
    const float* weights = products.weights + o;
    typename V::Floats sums{};
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, weights += w.out_c) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) continue;
            const uint64_t pixel = uint64_t{static_cast<uint32_t>(iy)} * w.in_w + static_cast<uint32_t>(ix);
            sums += load_floats<V>(image + pixel * w.in_c) * load_floats<V>(weights);
        }
    }
    return sums;
}

template <typename V>
JATAI_SIMD void run_float_depthwise_lanes(const Call& call) {
    const FloatConvParams& p = call.parameters<FloatConvParams>();
    const Window& w = p.window;
    if (w.in_c != w.out_c) return run_float_depthwise(call);
    const FloatProducts products = float_products(call, p.low, p.high);
    uint32_t at = 0;
    for (uint32_t place = 0; place < uint32_t{w.batches} * w.out_h * w.out_w; ++place, at += w.out_c) {
        const OutputPlace where{place / w.out_w / w.out_h, place / w.out_w % w.out_h, place % w.out_w};
        uint32_t o = 0;
        for (; o + V::kLanes <= w.out_c; o += V::kLanes) {
            const typename V::Floats sums = depthwise_lanes<V>(w, products, where, o);
            finish_floats(products, reinterpret_cast<const float*>(&sums), o, V::kLanes, at + o);
        }
        const InsideTaps inside(w, where);
        for (; o < w.out_c; ++o) depthwise_channels<1>(w, products, inside, where.n, o, at + o);
    }
}

// One row of input times kLanes rows of weights, twice.
template <typename V>
JATAI_SIMD_INLINE void add_rows(const float* in, const float* weights, uint32_t depth,
                                typename V::Floats* sums) {
    typename V::Floats a{}, b{};
    for (uint32_t k = 0; k < depth; ++k) {
        float x[2 * V::kLanes];
        for (uint32_t i = 0; i < 2 * V::kLanes; ++i) x[i] = weights[uint64_t{i} * depth + k];
        a += in[k] * load_floats<V>(x);
        b += in[k] * load_floats<V>(x + V::kLanes);
    }
    sums[0] = a, sums[1] = b;
}

template <typename V>
JATAI_SIMD void run_float_dense_lanes(const Call& call) {
    constexpr uint32_t kOutputs = 2 * V::kLanes;
    const FloatDenseParams& p = call.parameters<FloatDenseParams>();
    const Dense& d = p.dense;
    const FloatProducts products = float_products(call, p.low, p.high);
    for (uint32_t n = 0; n < d.batches; ++n) {
        uint32_t o = 0;
        for (; d.outputs - o >= kOutputs; o += kOutputs) {
            typename V::Floats sums[2];
            add_rows<V>(products.in + uint64_t{n} * d.depth, products.weights + uint64_t{o} * d.depth,
                        d.depth, sums);
            finish_floats(products, reinterpret_cast<const float*>(sums), o, kOutputs, n * d.outputs + o);
        }
        for (; o < d.outputs; ++o) {
            float sum = products.zero();
            for (uint32_t i = 0; i < d.depth; ++i) sum = products.add(sum, n * d.depth + i, o * d.depth + i);
            products.finish(sum, o, n * d.outputs + o);
        }
    }
}

}  // namespace jatai
