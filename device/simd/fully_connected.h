// fully_connected.h: FULLY_CONNECTED, int8, in vectors: every version, the answers of device/kernels/.
//
//     constexpr Kernel kFullyConnectedInt8Avx2{kFullyConnectedInt8.key, fits_fully_connected_one_scale,
//                                              run_dense_rows<Avx2, false>};
//
// A few rows of input are multiplied with the weights as they lie: to lay a weight out costs more than to use
// it once or twice: four outputs at a time, a vector of sums each, one of inputs, one of weights. More rows
// go through panels.h. Operands: those of the version; scratch is not used. Cost: 16 instructions for 64
// multiply-accumulates of a row, 13 for 32 where weights lie in pairs (AVX2).
#pragma once

#include "device/kernels/fully_connected_pairs.h"
#include "device/simd/layers.h"
#include "device/simd/places.h"

namespace jatai {

constexpr uint32_t kFewRows = 2;
constexpr uint32_t kPairDepth = 4096;  // taps whose input is put in the order of channel pairs at once

// The totals of four vectors.
template <typename V>
JATAI_SIMD_INLINE typename V::FourSums totals(typename V::Sums a, typename V::Sums b, typename V::Sums c,
                                              typename V::Sums d) {
    const auto p = V::fold(a), q = V::fold(b), r = V::fold(c), s = V::fold(d);
    const auto pq = __builtin_shufflevector(p, q, 0, 4, 1, 5) + __builtin_shufflevector(p, q, 2, 6, 3, 7);
    const auto rs = __builtin_shufflevector(r, s, 0, 4, 1, 5) + __builtin_shufflevector(r, s, 2, 6, 3, 7);
    return __builtin_shufflevector(pq, rs, 0, 1, 4, 5) + __builtin_shufflevector(pq, rs, 2, 3, 6, 7);
}

// One row of input times four rows of weights.
template <typename V>
JATAI_SIMD void dot_four(const int8_t* in, const int8_t* const* row, uint32_t depth, int32_t* sums) {
    constexpr uint32_t kWidth = 2 * V::kLanes;
    typename V::Sums a{}, b{}, c{}, d{};
    uint32_t k = 0;
    for (; depth - k >= kWidth; k += kWidth) {
        const typename V::Halves x = V::widen(in + k);
        a = V::add_dot(a, x, V::widen(row[0] + k));
        b = V::add_dot(b, x, V::widen(row[1] + k));
        c = V::add_dot(c, x, V::widen(row[2] + k));
        d = V::add_dot(d, x, V::widen(row[3] + k));
    }
    const typename V::FourSums all = totals<V>(a, b, c, d);
    memcpy(sums, &all, sizeof all);
    for (; k < depth; ++k) {
        for (uint32_t i = 0; i < 4; ++i) sums[i] = add_wrapping(sums[i], in[k] * row[i][k]);
    }
}

inline void finish_sums(const int32_t* sums, uint32_t count, const Channel* scales, Range range,
                        int8_t* out) {
    for (uint32_t i = 0; i < count; ++i)
        out[i] = to_int8(add_wrapping(scales[i].bias, sums[i]), scales[i].multiplier, scales[i].shift, range);
}

template <typename V, typename ScaleOf>
JATAI_SIMD void multiply_rows(const FullyConnectedParams& p, const int8_t* in, const int8_t* weights,
                              ScaleOf scale_of, int8_t* out) {
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth, out += p.outputs) {
        for (uint32_t o = 0; o < p.outputs; o += 4) {
            const uint32_t count = p.outputs - o < 4 ? p.outputs - o : 4;
            const int8_t* row[4];
            Channel scales[4];
            for (uint32_t i = 0; i < 4; ++i) {
                row[i] = weights + uint64_t{i < count ? o + i : o} * p.depth;
                scales[i] = scale_of(i < count ? o + i : o);
            }
            int32_t sums[4];
            dot_four<V>(in, row, p.depth, sums);
            finish_sums(sums, count, scales, p.range, out + o);
        }
    }
}

// For every four numbers of a row: 0 2 0 2 1 3 1 3, as the words of channel pairs hold them.
inline void order_as_pairs(const int8_t* in, uint32_t depth, int16_t* out) {
    for (uint32_t k = 0; k < depth; k += 4, out += 8) {
        int8_t x[4] = {};
        memcpy(x, in + k, depth - k < 4 ? depth - k : 4);
        out[0] = out[2] = x[0];
        out[1] = out[3] = x[2];
        out[4] = out[6] = x[1];
        out[5] = out[7] = x[3];
    }
}

// A vector of words: channels A and C to sums[0], B and D to sums[1].
template <typename V>
JATAI_SIMD_INLINE void add_block(const int16_t* lanes, const int16_t* in, typename V::Sums* sums) {
    const typename V::Halves pairs = V::load(lanes), x = V::load(in);
    const auto bits = reinterpret_cast<typename V::HalfBits>(pairs);
    sums[0] = V::add_dot(sums[0], first_of_pair<typename V::Halves>(bits), x);
    sums[1] = V::add_dot(sums[1], second_of_pair<typename V::Halves>(bits), x);
}

// One row of input times a block of four channels in pairs; `in` as order_as_pairs() left it, then zeros.
template <typename V>
JATAI_SIMD void dot_block(const int16_t* in, const uint32_t* block, uint32_t words, int32_t* totals) {
    typename V::Sums sums[2] = {};
    const auto* lanes = reinterpret_cast<const int16_t*>(block);
    uint32_t k = 0;
    for (; words - k >= V::kLanes; k += V::kLanes) {
        add_block<V>(lanes + 2 * k, in + 2 * k, sums);
    }
    if (k < words) {
        int16_t rest[2 * V::kLanes] = {};
        memcpy(rest, lanes + 2 * k, (words - k) * 4);
        add_block<V>(rest, in + 2 * k, sums);
    }
    const auto a = V::fold(sums[0]), b = V::fold(sums[1]);  // A C A C, B D B D
    totals[0] = static_cast<int32_t>(a[0] + a[2]);
    totals[1] = static_cast<int32_t>(b[0] + b[2]);
    totals[2] = static_cast<int32_t>(a[1] + a[3]);
    totals[3] = static_cast<int32_t>(b[1] + b[3]);
}

template <typename V, typename ScaleOf>
JATAI_SIMD void multiply_blocks(const FullyConnectedParams& p, const int8_t* in, const uint32_t* weights,
                                ScaleOf scale_of, int8_t* out) {
    int16_t ordered[2 * kPairDepth + 2 * V::kLanes];
    const uint32_t words = PairLayout{p.depth}.words_per_block();
    for (uint32_t n = 0; n < p.batches; ++n, in += p.depth, out += p.outputs) {
        order_as_pairs(in, p.depth, ordered);
        memset(ordered + 2 * words, 0, 4 * V::kLanes);
        for (uint32_t o = 0; o < p.outputs; o += 4) {
            const uint32_t count = p.outputs - o < 4 ? p.outputs - o : 4;
            Channel scales[4];
            for (uint32_t i = 0; i < count; ++i) scales[i] = scale_of(o + i);
            int32_t sums[4];
            dot_block<V>(ordered, weights + uint64_t{o / 4} * words, words, sums);
            finish_sums(sums, count, scales, p.range, out + o);
        }
    }
}

// Calls use(scale_of) with what gives the scale of an output.
template <typename V, bool kPerChannel>
struct DenseScales;
template <typename V>
struct DenseScales<V, false> {
    static ScaleOfLayer of(const Call& call) {
        const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
        return {call.in<int32_t>(2), p.multiplier, p.shift};
    }
};
template <typename V>
struct DenseScales<V, true> {
    static ScaleOfChannel of(const Call& call) { return {call.in<Channel>(2)}; }
};

template <typename V, typename Layer>
JATAI_SIMD void multiply_dense(const Call& call, const Layer& layer) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    multiply_panels<V, ChannelScales<V>>(layer, DensePlaces{p.batches, p.depth, call.in<int8_t>(0)},
                                         PanelOutput{p.range, p.outputs, call.out<int8_t>(3), p.outputs});
}

template <typename V, bool kPerChannel>
JATAI_SIMD void run_dense_rows(const Call& call) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    const auto scale_of = DenseScales<V, kPerChannel>::of(call);
    if (p.batches <= kFewRows) {
        return multiply_rows<V>(p, call.in<int8_t>(0), call.in<int8_t>(1), scale_of, call.out<int8_t>(3));
    }
    multiply_dense<V>(call, RowLayer<decltype(scale_of)>{p.depth, p.outputs, call.in<int8_t>(1), scale_of});
}

template <typename V, bool kPerChannel>
JATAI_SIMD void run_dense_pairs(const Call& call) {
    const FullyConnectedParams& p = call.parameters<FullyConnectedParams>();
    const auto scale_of = DenseScales<V, kPerChannel>::of(call);
    if (p.batches <= kFewRows && p.depth <= kPairDepth) {
        return multiply_blocks<V>(p, call.in<int8_t>(0), call.in<uint32_t>(1), scale_of, call.out<int8_t>(3));
    }
    multiply_dense<V>(call, PairLayer<decltype(scale_of)>{p.depth, p.outputs, call.in<uint32_t>(1),
                                                          PairLayout{p.depth}.words_per_block(), scale_of});
}

}  // namespace jatai
