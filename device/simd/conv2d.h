// conv2d.h: CONV_2D, int8, in vectors: every version of its kernel, the answers of device/kernels/.
//
//     constexpr Kernel kConv2dInt8Avx2{kConv2dInt8.key, fits_conv2d, run_conv2d_rows<Avx2>};
//
// Operands: those of the version; scratch is not used. Groups of fewer than four output channels go to the
// reference kernel. The loop, its registers and its cost: panels.h.
#pragma once

#include "device/kernels/conv2d_pairs.h"
#include "device/simd/layers.h"
#include "device/simd/places.h"

namespace jatai {

// Taps of one output channel.
inline uint32_t taps_of(const Window& w) { return uint32_t{w.kernel_h} * w.kernel_w * (w.in_c / w.groups); }

template <typename V>
JATAI_SIMD void run_conv2d_rows(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const uint32_t per_group = w.out_c / w.groups;
    if (w.groups != 1 && per_group < 4) return run_conv2d(call);
    const uint32_t taps = taps_of(w);
    for (uint32_t g = 0; g < w.groups; ++g) {
        const RowLayer<ScaleOfChannel> layer{taps,
                                             per_group,
                                             call.in<int8_t>(1) + uint64_t{g} * per_group * taps,
                                             {call.in<Channel>(2) + g * per_group}};
        multiply_panels<V, ChannelScales<V>>(
            layer, ConvPlaces(p, call.in<int8_t>(0), g),
            PanelOutput{p.range, per_group, call.out<int8_t>(3) + g * per_group, w.out_c});
    }
}

template <typename V>
JATAI_SIMD void run_conv2d_pairs(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const PairLayer<ScaleOfChannel> layer{taps_of(w),
                                          w.out_c,
                                          call.in<uint32_t>(1),
                                          PairLayout{taps_of(w)}.words_per_block(),
                                          {call.in<Channel>(2)}};
    multiply_panels<V, ChannelScales<V>>(layer, ConvPlaces(p, call.in<int8_t>(0), 0),
                                         PanelOutput{p.range, w.out_c, call.out<int8_t>(3), w.out_c});
}

// Versions whose weights and scales are one stream.
template <typename V, typename Scales, typename Layer>
JATAI_SIMD void run_conv2d_stream(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    Layer layer;
    layer.taps = taps_of(w);
    layer.out_c = w.out_c;
    layer.words = call.in<uint32_t>(1);
    multiply_panels<V, Scales>(layer, ConvPlaces(p, call.in<int8_t>(0), 0),
                               PanelOutput{p.range, w.out_c, call.out<int8_t>(2), w.out_c});
}

template <typename V>
using BlockLineScales = LineScales<V, kBlockLine.sum_bits, kBlockLine.shift>;

template <typename V>
JATAI_SIMD void run_conv2d_lines(const Call& call) {
    run_conv2d_stream<V, BlockLineScales<V>, LineBlockLayer>(call);
}
template <typename V>
JATAI_SIMD void run_conv2d_rounded(const Call& call) {
    run_conv2d_stream<V, RoundedScales<V>, RoundedBlockLayer>(call);
}

template <typename V>
JATAI_SIMD void run_conv2d_held_simd(const Call& call) {
    run_conv2d_rounded<V>(call);
    hold_outputs(call);
}

}  // namespace jatai
