// panels.h: many output channels at many places: the matrix product behind convolutions and dense layers.
//
//     multiply_panels<V, ChannelScales<V>>(layer, places, {range, out_c, out, out_stride});
//
// A panel is 2 * V::kLanes output channels. Its weights are laid out as 16-bit numbers, two taps of a channel
// side by side, so that one add_dot() takes both for V::kLanes channels; four places are worked on at once:
// in the loop eight vectors of sums, two of weights, one of two numbers repeated. `layer` knows how weights
// and scales lie in flash (layers.h), `places` what the taps read (places.h). Cost     22 instructions for
// 128 multiply-accumulates (AVX2); 0.4 a weight to lay it out. Memory   34 KB of stack: hosts and browsers,
// not chips.
#pragma once

#include "device/simd/finish.h"

namespace jatai {

constexpr uint32_t kTapChunk = 768;    // of weights laid out at once; a multiple of four
constexpr uint32_t kPlaceChunk = 64;   // of sums kept while the taps come in chunks
constexpr uint32_t kColumnSlack = 32;  // a column is written in whole vectors

struct TapRange {
    uint32_t begin, end;
    uint32_t count() const { return end - begin; }
};

struct PanelOutput {
    Range range;
    uint32_t channels;
    int8_t* to;       // channel 0 of place 0
    uint32_t stride;  // from place to place
};

// What the loops below share: about 30 KB.
template <typename V>
struct PanelMemory {
    static constexpr uint32_t kChannels = 2 * V::kLanes;
    int16_t panel[kTapChunk * kChannels];
    int16_t columns[4][kTapChunk + kColumnSlack];
    typename V::Sums sums[kPlaceChunk][2];
};

template <typename V>
JATAI_SIMD_INLINE void sum_four(const PanelMemory<V>& memory, uint32_t pairs, typename V::Sums (*sums)[2]) {
    typename V::Sums a0 = sums[0][0], a1 = sums[0][1], b0 = sums[1][0], b1 = sums[1][1];
    typename V::Sums c0 = sums[2][0], c1 = sums[2][1], d0 = sums[3][0], d1 = sums[3][1];
    const int16_t* weights = memory.panel;
    for (uint32_t k = 0; k < pairs; ++k, weights += 4 * V::kLanes) {
        const typename V::Halves w0 = V::load(weights), w1 = V::load(weights + 2 * V::kLanes);
        typename V::Halves x = V::repeat_two(memory.columns[0] + 2 * k);
        a0 = V::add_dot(a0, w0, x), a1 = V::add_dot(a1, w1, x);
        x = V::repeat_two(memory.columns[1] + 2 * k);
        b0 = V::add_dot(b0, w0, x), b1 = V::add_dot(b1, w1, x);
        x = V::repeat_two(memory.columns[2] + 2 * k);
        c0 = V::add_dot(c0, w0, x), c1 = V::add_dot(c1, w1, x);
        x = V::repeat_two(memory.columns[3] + 2 * k);
        d0 = V::add_dot(d0, w0, x), d1 = V::add_dot(d1, w1, x);
    }
    sums[0][0] = a0, sums[0][1] = a1, sums[1][0] = b0, sums[1][1] = b1;
    sums[2][0] = c0, sums[2][1] = c1, sums[3][0] = d0, sums[3][1] = d1;
}

template <typename V>
JATAI_SIMD_INLINE void sum_one(const PanelMemory<V>& memory, uint32_t pairs, typename V::Sums* sums) {
    typename V::Sums a0 = sums[0], a1 = sums[1];
    const int16_t* weights = memory.panel;
    for (uint32_t k = 0; k < pairs; ++k, weights += 4 * V::kLanes) {
        const typename V::Halves x = V::repeat_two(memory.columns[0] + 2 * k);
        a0 = V::add_dot(a0, V::load(weights), x);
        a1 = V::add_dot(a1, V::load(weights + 2 * V::kLanes), x);
    }
    sums[0] = a0, sums[1] = a1;
}

// The weights of the channels from `first` on: row k of the panel holds taps 2k and 2k + 1.
template <typename V, typename Layer>
JATAI_SIMD_INLINE void lay_out_panel(const Layer& layer, uint32_t first, TapRange taps, int16_t* panel) {
    constexpr uint32_t kChannels = 2 * V::kLanes;
    for (uint32_t i = 0; i < kChannels; i += 4) {
        int16_t* quad = panel + place_of(i).vector * kChannels + 2 * place_of(i).lane;
        if (first + i < layer.out_c) {
            layer.lay_out_quad(first + i, taps, quad, 2 * kChannels);
        } else {
            for (uint32_t k = 0; 2 * k < taps.count(); ++k) memset(quad + 2 * k * kChannels, 0, 16);
        }
    }
}

// Adds what these taps give at `count` places.
template <typename V, typename Places>
JATAI_SIMD_INLINE void sum_places(const Places& places, uint32_t first, uint32_t count, TapRange taps,
                                  PanelMemory<V>& memory) {
    const uint32_t pairs = (taps.count() + 1) / 2;
    uint32_t i = 0;
    for (; i + 4 <= count; i += 4) {
        for (uint32_t k = 0; k < 4; ++k) places.template gather<V>(first + i + k, taps, memory.columns[k]);
        sum_four<V>(memory, pairs, memory.sums + i);
    }
    for (; i < count; ++i) {
        places.template gather<V>(first + i, taps, memory.columns[0]);
        sum_one<V>(memory, pairs, memory.sums[i]);
    }
}

template <typename V, typename Scales, typename Layer, typename Places>
JATAI_SIMD void multiply_panels(const Layer& layer, const Places& places, const PanelOutput& out) {
    constexpr uint32_t kChannels = 2 * V::kLanes;
    PanelMemory<V> memory;
    for (uint32_t o = 0; o < out.channels; o += kChannels) {
        const uint32_t channels = out.channels - o < kChannels ? out.channels - o : kChannels;
        Scales scales(out.range);
        for (uint32_t i = 0; i < channels; ++i) scales.set(i, layer.scale(o + i));
        for (uint32_t first = 0; first < places.count; first += kPlaceChunk) {
            const uint32_t count = places.count - first < kPlaceChunk ? places.count - first : kPlaceChunk;
            memset(memory.sums, 0, count * sizeof memory.sums[0]);
            for (uint32_t k = 0; k < layer.taps; k += kTapChunk) {
                const TapRange taps{k, layer.taps - k < kTapChunk ? layer.taps : k + kTapChunk};
                if (first == 0 || layer.taps > kTapChunk) lay_out_panel<V>(layer, o, taps, memory.panel);
                sum_places<V>(places, first, count, taps, memory);
            }
            for (uint32_t i = 0; i < count; ++i)
                finish_panel<V>(scales, memory.sums[i], out.to + uint64_t{first + i} * out.stride + o,
                                channels);
        }
    }
}

}  // namespace jatai
