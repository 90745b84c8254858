// layers.h: how the weights and scales of each kernel version lie in flash, for panels.h.
//
//     RowLayer<Channel> layer{taps, out_c, weights, channels};
//     layer.lay_out_quad(o, {0, taps}, panel, row_stride);    // channels o..o+3 as pairs of 16-bit numbers
//     layer.scale(o);
//
// Row k of a quad is w[o][2k], w[o][2k+1], w[o+1][2k], .. w[o+3][2k+1]. A tap after the last is 0; channels
// after the last hold anything.
#pragma once

#include "device/kernels/conv2d_blocks.h"
#include "device/kernels/fully_connected.h"
#include "device/simd/panels.h"

namespace jatai {

typedef int8_t EightBytes __attribute__((vector_size(8)));
typedef int8_t SixteenBytes __attribute__((vector_size(16)));
typedef int16_t EightHalves __attribute__((vector_size(16)));
typedef uint16_t EightBits __attribute__((vector_size(16)));
typedef int32_t FourWords __attribute__((vector_size(16)));

template <typename Vector>
JATAI_SIMD_INLINE Vector load_vector(const void* from) {
    Vector x;
    memcpy(&x, from, sizeof x);
    return x;
}
JATAI_SIMD_INLINE void store_halves(int16_t* to, EightHalves x) { memcpy(to, &x, sizeof x); }

// Two rows of a quad, as bytes.
JATAI_SIMD_INLINE void store_two_rows(SixteenBytes rows, int16_t* to, uint32_t stride) {
    const EightBytes first = __builtin_shufflevector(rows, rows, 0, 1, 2, 3, 4, 5, 6, 7);
    const EightBytes second = __builtin_shufflevector(rows, rows, 8, 9, 10, 11, 12, 13, 14, 15);
    store_halves(to, __builtin_convertvector(first, EightHalves));
    store_halves(to + stride, __builtin_convertvector(second, EightHalves));
}

// 16 taps of four channels, a row of bytes each, to eight rows of the quad.
JATAI_SIMD_INLINE void transpose_quad(const int8_t* const* row, int16_t* to, uint32_t stride) {
    const EightHalves a = load_vector<EightHalves>(row[0]), b = load_vector<EightHalves>(row[1]);
    const EightHalves c = load_vector<EightHalves>(row[2]), d = load_vector<EightHalves>(row[3]);
    const FourWords ab0 =
        reinterpret_cast<FourWords>(__builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11));
    const FourWords ab1 =
        reinterpret_cast<FourWords>(__builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15));
    const FourWords cd0 =
        reinterpret_cast<FourWords>(__builtin_shufflevector(c, d, 0, 8, 1, 9, 2, 10, 3, 11));
    const FourWords cd1 =
        reinterpret_cast<FourWords>(__builtin_shufflevector(c, d, 4, 12, 5, 13, 6, 14, 7, 15));
    const FourWords rows[4] = {
        __builtin_shufflevector(ab0, cd0, 0, 4, 1, 5), __builtin_shufflevector(ab0, cd0, 2, 6, 3, 7),
        __builtin_shufflevector(ab1, cd1, 0, 4, 1, 5), __builtin_shufflevector(ab1, cd1, 2, 6, 3, 7)};
    for (uint32_t i = 0; i < 4; ++i)
        store_two_rows(reinterpret_cast<SixteenBytes>(rows[i]), to + 2 * i * stride, stride);
}

// A row of bytes for each output channel.
template <typename ScaleOf>
struct RowLayer {
    uint32_t taps, out_c;
    const int8_t* weights;
    ScaleOf scale_of;

    Channel scale(uint32_t o) const { return scale_of(o); }

    JATAI_SIMD_INLINE void lay_out_quad(uint32_t o, TapRange range, int16_t* to, uint32_t stride) const {
        const int8_t* row[4];
        for (uint32_t i = 0; i < 4; ++i)
            row[i] = weights + uint64_t{o + i < out_c ? o + i : o} * taps + range.begin;
        uint32_t left = range.count();
        for (; left >= 16; left -= 16, to += 8 * stride) {
            transpose_quad(row, to, stride);
            for (const int8_t*& from : row) from += 16;
        }
        if (left == 0) return;
        int8_t rest[4][16] = {};
        int16_t tail[8 * 8];
        for (uint32_t i = 0; i < 4; ++i) {
            memcpy(rest[i], row[i], left);
            row[i] = rest[i];
        }
        transpose_quad(row, tail, 8);
        for (uint32_t k = 0; 2 * k < left; ++k) memcpy(to + k * stride, tail + 8 * k, 16);
    }
};

struct ScaleOfChannel {
    const Channel* channels;
    Channel operator()(uint32_t o) const { return channels[o]; }
};
struct ScaleOfLayer {
    const int32_t* bias;
    int32_t multiplier, shift;
    Channel operator()(uint32_t o) const { return {bias[o], multiplier, shift}; }
};

// Of lanes that hold A + 256 B: A, then B.
template <typename Halves, typename Bits>
JATAI_SIMD_INLINE Halves first_of_pair(Bits lanes) {
    return reinterpret_cast<Halves>(lanes << 8) >> 8;
}
template <typename Halves, typename Bits>
JATAI_SIMD_INLINE Halves second_of_pair(Bits lanes) {
    return reinterpret_cast<Halves>(lanes - reinterpret_cast<Bits>(first_of_pair<Halves>(lanes))) >> 8;
}

// Four taps of a block of channel pairs (channel_pairs.h), to two rows of the quad.
JATAI_SIMD_INLINE void split_pairs(const uint32_t* words, int16_t* to, uint32_t stride) {
    const EightBits lanes = load_vector<EightBits>(words);
    const auto first = first_of_pair<EightHalves>(lanes);    // A0 A2 C0 C2 A1 A3 C1 C3
    const auto second = second_of_pair<EightHalves>(lanes);  // B0 B2 D0 D2 B1 B3 D1 D3
    store_halves(to, __builtin_shufflevector(first, second, 0, 4, 8, 12, 2, 6, 10, 14));
    store_halves(to + stride, __builtin_shufflevector(first, second, 1, 5, 9, 13, 3, 7, 11, 15));
}

// Weights in blocks of four channels; `block_words` from block to block.
template <typename ScaleOf>
struct PairLayer {
    uint32_t taps, out_c;
    const uint32_t* words;
    uint32_t block_words;
    ScaleOf scale_of;

    auto scale(uint32_t o) const -> decltype(scale_of(o)) { return scale_of(o); }
    const uint32_t* block(uint32_t o) const { return words + uint64_t{o / 4} * block_words; }

    JATAI_SIMD_INLINE void lay_out_quad(uint32_t o, TapRange range, int16_t* to, uint32_t stride) const {
        const uint32_t* from = block(o);
        for (uint32_t k = range.begin; k < range.end; k += 4, to += 2 * stride)
            split_pairs(from + k, to, stride);
    }
};

// Where the last block takes the last four channels again, its first `skip` are not those of the quad.
JATAI_SIMD_INLINE void skip_channels(uint32_t skip, uint32_t rows, int16_t* to, uint32_t stride) {
    for (uint32_t k = 0; skip != 0 && k < rows; ++k)
        memmove(to + k * stride, to + k * stride + 2 * skip, 16 - 4 * skip);
}

// conv2d_blocks.h
template <BlockScale kScale>
struct BlockLayer {
    uint32_t taps, out_c;
    const uint32_t* words;

    BlockLayout layout() const { return {taps, out_c, kScale}; }
    uint32_t skip(uint32_t o) const { return o - o % 4 - layout().channel(o / 4); }
    const uint32_t* block(uint32_t o) const { return words + uint64_t{o / 4} * layout().block_words(); }

    ScaleLine line(uint32_t o) const {
        const uint32_t i = o - layout().channel(o / 4);
        return {static_cast<int32_t>(block(o)[layout().start_word(i)]),
                static_cast<int32_t>(block(o)[layout().slope_word(i)])};
    }
    RoundedScale rounded(uint32_t o) const {
        RoundedScale scale;
        memcpy(&scale, block(o) + layout().rounded_word(o - layout().channel(o / 4)), sizeof scale);
        return scale;
    }
    JATAI_SIMD_INLINE void lay_out_quad(uint32_t o, TapRange range, int16_t* to, uint32_t stride) const {
        const uint32_t* from = block(o) + layout().weights_at();
        const uint32_t rows = (range.count() + 3) / 4 * 2;
        for (uint32_t k = 0; k < rows; k += 2)
            split_pairs(from + range.begin + 2 * k, to + k * stride, stride);
        skip_channels(skip(o), rows, to, stride);
    }
};
struct LineBlockLayer : BlockLayer<BlockScale::Line> {
    ScaleLine scale(uint32_t o) const { return line(o); }
};
struct RoundedBlockLayer : BlockLayer<BlockScale::Rounded> {
    RoundedScale scale(uint32_t o) const { return rounded(o); }
};

}  // namespace jatai
