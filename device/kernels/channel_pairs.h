// channel_pairs.h: weights of two output channels in one 16-bit lane.
//
//     const uint32_t word = words[PairLayout{taps}.word(o, k)];
//
// A core that multiplies two 16-bit lanes at once gets two channels out of one word: with a lane of A + 256
// B, the sums S = sum of lane * x and SA = sum of A * x give SB = (S - SA) / 256 exactly, as long as |SB| <
// 2^23. The compiler proves that, and that every lane holds 16 bits (src/graph/ops/channel_pairs.h).
#pragma once

#include "device/kernels/scratch.h"

namespace jatai {

// Blocks of four output channels A B C D; in a block, for every four taps k..k+3 of the window, four words:
// AB(k, k+2), CD(k, k+2), AB(k+1, k+3), CD(k+1, k+3). XY(i, j) holds X[i] + 256 Y[i] in its low half, X[j] +
// 256 Y[j] in its high half. Channels and taps are filled up to multiples of four with zeros.
struct PairLayout {
    uint32_t taps;

    uint32_t words_per_block() const { return static_cast<uint32_t>(round_up4(taps)); }
    // The word of channel o, tap k.
    uint32_t word(uint32_t o, uint32_t k) const {
        return o / 4 * words_per_block() + k / 4 * 4 + (k & 1) * 2 + (o / 2 & 1);
    }
    // How far to the right its lane lies.
    static uint32_t lane_shift(uint32_t k) { return (k & 2) * 8; }
};

JATAI_HOT_BEGIN

// Weight k of channel o.
inline int32_t unpack_weight(const uint32_t* words, PairLayout layout, uint32_t o, uint32_t k) {
    const int32_t lane = static_cast<int16_t>(words[layout.word(o, k)] >> PairLayout::lane_shift(k));
    const int32_t first = static_cast<int8_t>(lane & 0xFF);
    return (o & 1) == 0 ? first : (lane - first) >> 8;
}

// All weights of channel o, one byte each.
inline void unpack_row(const uint32_t* words, PairLayout layout, uint32_t o, int8_t* row) {
    for (uint32_t k = 0; k < layout.taps; ++k)
        row[k] = static_cast<int8_t>(unpack_weight(words, layout, o, k));
}

JATAI_HOT_END

}  // namespace jatai
