// depthwise_conv2d.h: DEPTHWISE_CONV_2D, int8, in vectors: every version, the answers of device/kernels/.
//
//     constexpr Kernel kDepthwiseConv2dInt8Avx2{kDepthwiseConv2dInt8.key, fits_depthwise_conv2d,
//                                               run_depthwise_channels<Avx2>};
//
// 2 * V::kLanes channels side by side; two taps at a time are zipped, so that one add_dot() takes both: in
// the loop two vectors of sums, two of inputs, two of weights. Depth multipliers other than 1 and windows of
// more than kMostTaps go to the reference. Operands: those of the version; scratch is not used. Cost: 8
// instructions for 32 multiply-accumulates (AVX2).
#pragma once

#include "device/kernels/depthwise_strips.h"
#include "device/simd/panels.h"

namespace jatai {

constexpr uint32_t kMostTaps = 128;

// Some channels of a layer, and where the taps of one place lie.
template <typename V>
struct DepthwiseBlock {
    static constexpr uint32_t kChannels = 2 * V::kLanes;
    const ConvParams& p;
    const int8_t* image;  // the first channel of the batch's first pixel
    const int8_t* end;    // of the input
    uint32_t channels;    // kChannels, or fewer when the layer has no more
    uint32_t taps, pairs;
    int16_t weights[kMostTaps + 1][kChannels];  // of taps 2k and 2k + 1, zipped: quads 0 and 2, quads 1 and 3
    const int8_t* tap[kMostTaps + 1];
    uint32_t step[kMostTaps + 1];             // from one place to the next in a row
    int8_t outside[kChannels];                // what a tap outside the image reads
    int8_t copies[kMostTaps + 1][kChannels];  // of pixels near the end of the input

    DepthwiseBlock(const ConvParams& params, const int8_t* in)
        : p(params),
          end(in + input_bytes(params.window)),
          taps(uint32_t{params.window.kernel_h} * params.window.kernel_w),
          pairs((taps + 1) / 2) {
        memset(outside, params.input_zero_point, kChannels);
    }
};

template <typename V>
JATAI_SIMD_INLINE typename V::Halves widen_channels(const int8_t* from, uint32_t count) {
    if (count == 2 * V::kLanes) return V::widen(from);
    int8_t bytes[2 * V::kLanes] = {};
    memcpy(bytes, from, count);
    return V::widen(bytes);
}

// `weights`: of the first channel of the block.
template <typename V>
JATAI_SIMD_INLINE void zip_weights(const int8_t* weights, uint32_t stride, DepthwiseBlock<V>& block) {
    for (uint32_t k = 0; k < block.pairs; ++k) {
        const auto a = widen_channels<V>(weights + 2 * k * stride, block.channels);
        const auto b = 2 * k + 1 < block.taps
                           ? widen_channels<V>(weights + (2 * k + 1) * stride, block.channels)
                           : typename V::Halves{};
        V::store(block.weights[2 * k], V::zip_low(a, b));
        V::store(block.weights[2 * k + 1], V::zip_high(a, b));
    }
}

// Where the taps of place (y, x) lie.
template <typename V>
JATAI_SIMD_INLINE void find_taps(uint32_t y, uint32_t x, DepthwiseBlock<V>& block) {
    const Window& w = block.p.window;
    const int32_t top = first_tap(y, w.stride_h, w.pad_top), left = first_tap(x, w.stride_w, w.pad_left);
    uint32_t t = 0;
    for (uint32_t ky = 0; ky < w.kernel_h; ++ky) {
        const int32_t iy = top + static_cast<int32_t>(ky * w.dilation_h);
        for (uint32_t kx = 0; kx < w.kernel_w; ++kx, ++t) {
            const int32_t ix = left + static_cast<int32_t>(kx * w.dilation_w);
            const bool in = iy >= 0 && iy < w.in_h && ix >= 0 && ix < w.in_w;
            const uint64_t pixel = uint64_t{static_cast<uint32_t>(iy)} * w.in_w + static_cast<uint32_t>(ix);
            block.tap[t] = in ? block.image + pixel * w.in_c : block.outside;
            block.step[t] = in ? uint32_t{w.stride_w} * w.in_c : 0;
        }
    }
    if (t % 2 != 0) {
        block.tap[t] = block.outside;
        block.step[t] = 0;
    }
}

// Of a pixel that a whole vector does not fit behind, a copy.
template <typename V>
JATAI_SIMD_INLINE const int8_t* safe_tap(DepthwiseBlock<V>& block, uint32_t t) {
    const int8_t* from = block.tap[t];
    if (block.step[t] == 0 || block.end - from >= static_cast<int64_t>(2 * V::kLanes)) return from;
    memcpy(block.copies[t], from, block.channels);
    return block.copies[t];
}

template <typename V, typename Scales>
JATAI_SIMD_INLINE void weigh_place(DepthwiseBlock<V>& block, const Scales& scales, int8_t* out) {
    const bool whole = block.channels == 2 * V::kLanes;
    typename V::Sums sums[2] = {};
    for (uint32_t k = 0; k < block.pairs; ++k) {
        const auto a = V::widen(whole ? block.tap[2 * k] : safe_tap<V>(block, 2 * k));
        const auto b = V::widen(whole ? block.tap[2 * k + 1] : safe_tap<V>(block, 2 * k + 1));
        sums[0] = V::add_dot(sums[0], V::zip_low(a, b), V::load(block.weights[2 * k]));
        sums[1] = V::add_dot(sums[1], V::zip_high(a, b), V::load(block.weights[2 * k + 1]));
    }
    finish_panel<V>(scales, sums, out, block.channels);
}

// All places of one image. `out`: the block's first channel at the first of them.
template <typename V, typename Scales>
JATAI_SIMD_INLINE void weigh_image(DepthwiseBlock<V>& block, const Scales& scales, int8_t* out) {
    const Window& w = block.p.window;
    const uint32_t reach = (w.kernel_w - 1u) * w.dilation_w;
    for (uint32_t y = 0; y < w.out_h; ++y) {
        bool inner = false;  // all columns of the last place lay in the image
        for (uint32_t x = 0; x < w.out_w; ++x, out += w.out_c) {
            const int32_t left = first_tap(x, w.stride_w, w.pad_left);
            const bool next = left >= 0 && static_cast<uint32_t>(left) + reach < w.in_w;
            if (inner && next) {
                for (uint32_t t = 0; t < 2 * block.pairs; ++t) block.tap[t] += block.step[t];
            } else {
                find_taps<V>(y, x, block);
            }
            inner = next;
            weigh_place<V>(block, scales, out);
        }
    }
}

template <typename V, typename Scales>
JATAI_SIMD void run_depthwise_blocks(const Call& call, void (*reference)(const Call&)) {
    constexpr uint32_t kChannels = 2 * V::kLanes;
    const ConvParams& p = call.parameters<ConvParams>();
    const Window& w = p.window;
    const uint64_t taps = uint64_t{w.kernel_h} * w.kernel_w;
    if (w.in_c != w.out_c || taps > kMostTaps) return reference(call);
    const auto* all = call.in<typename Scales::Scale>(2);
    const auto* in = call.in<int8_t>(0);
    DepthwiseBlock<V> block(p, in);
    for (uint32_t c = 0; c < w.out_c; c += kChannels) {
        block.channels = w.out_c - c < kChannels ? w.out_c - c : kChannels;
        Scales scales(p.range);
        for (uint32_t i = 0; i < block.channels; ++i) scales.set(i, all[c + i]);
        zip_weights<V>(call.in<int8_t>(1) + c, w.out_c, block);
        for (uint32_t n = 0; n < w.batches; ++n) {
            block.image = in + uint64_t{n} * w.in_h * w.in_w * w.in_c + c;
            weigh_image<V>(block, scales,
                           call.out<int8_t>(3) + uint64_t{n} * w.out_h * w.out_w * w.out_c + c);
        }
    }
}

template <typename V>
JATAI_SIMD void run_depthwise_channels(const Call& call) {
    run_depthwise_blocks<V, ChannelScales<V>>(call, run_depthwise_conv2d);
}
template <typename V>
JATAI_SIMD void run_depthwise_lines(const Call& call) {
    run_depthwise_blocks<V, LineScales<V, kStripLine.sum_bits, kStripLine.shift>>(
        call, run_depthwise_strips<ScaleLine>);
}
template <typename V>
JATAI_SIMD void run_depthwise_rounded(const Call& call) {
    run_depthwise_blocks<V, RoundedScales<V>>(call, run_depthwise_strips<RoundedScale>);
}

}  // namespace jatai
