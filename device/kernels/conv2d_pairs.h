// conv2d_pairs.h: CONV_2D, int8, with the weights of two output channels in one 16-bit lane.
//
//     out as in conv2d.h; only the weights lie otherwise
//
// A core that multiplies two 16-bit lanes at once gets two channels out of one word: with a lane of A + 256
// B, the sums S = sum of lane * x and SA = sum of A * x give SB = (S - SA) / 256 exactly, as long as |SB| <
// 2^23. The compiler proves that, and that every lane holds 16 bits; else it takes version 1 (conv2d.h).
// Operands: 0 input NHWC int8, 1 weights in words as PairLayout says, 2 Channel[out_c], 3 output NHWC int8, 4
// scratch of conv2d_scratch_bytes(). No groups. Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include "device/kernels/conv2d.h"
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

inline bool fits_conv2d_pairs(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1) return false;
    const Window& w = p->window;
    const uint64_t taps = round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c);
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, round_up4(w.out_c) * taps) &&
           holds(claim, 2, uint64_t{w.out_c} * sizeof(Channel)) && fills(claim, 3, output_bytes(w)) &&
           fills(claim, 4, conv2d_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

// The weights of channel o, one byte each.
inline void unpack_row(const uint32_t* words, PairLayout layout, uint32_t o, int8_t* row) {
    for (uint32_t k = 0; k < layout.taps; ++k) {
        const int32_t lane = static_cast<int16_t>(words[layout.word(o, k)] >> PairLayout::lane_shift(k));
        const int32_t first = static_cast<int8_t>(lane & 0xFF);
        row[k] = static_cast<int8_t>((o & 1) == 0 ? first : (lane - first) >> 8);
    }
}

inline void run_conv2d_pairs(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const PairLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c};
    int8_t* row = call.out<int8_t>(4);
    for (uint32_t o = 0; o < w.out_c; ++o) {
        unpack_row(call.in<uint32_t>(1), layout, o, row);
        const Channel& c = call.in<Channel>(2)[o];
        int8_t* out = call.out<int8_t>(3) + o;
        for (uint32_t n = 0; n < w.batches; ++n) {
            const int8_t* image = call.in<int8_t>(0) + n * w.in_h * w.in_w * w.in_c;
            for (uint32_t y = 0; y < w.out_h; ++y) {
                for (uint32_t x = 0; x < w.out_w; ++x, out += w.out_c) {
                    const int32_t sum = convolve(p, image, row, first_tap(y, w.stride_h, w.pad_top),
                                                 first_tap(x, w.stride_w, w.pad_left));
                    *out = to_int8(add_wrapping(c.bias, sum), c.multiplier, c.shift, p.range);
                }
            }
        }
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dPairsInt8{{Op::Conv2d, Type::Int8, 2}, fits_conv2d_pairs, run_conv2d_pairs};

}  // namespace jatai
