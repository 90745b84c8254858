// conv2d_blocks.h: CONV_2D, int8, weights in channel pairs, four output channels and their scales in one
// stream.
//
//     out[n,y,x,o] = to_int8(sum over ky,kx,i of weight[o,ky,kx,i] * in[n,.,.,i], scale[o])
//
// Why the pairs: channel_pairs.h; the scales, a straight line (version 5) or two roundings (version 6):
// scales.h. Versions 11 and 12 are these for weights with a zero point: it times the sum of the window's
// numbers is taken away; 13 and 14 are 6 and 12 for an activation that clamps within -128..127, which the
// others do not know: the bytes are held in the range at the end. No groups, four output channels or more.
// Operands: 0 input NHWC int8, 1 blocks as BlockLayout says, 2 output NHWC int8, 3 scratch of
// conv2d_scratch_bytes(), or conv2d_zeroed_scratch_bytes(). Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include <string.h>

#include "device/kernels/channel_pairs.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/scales.h"
#include "device/kernels/scratch.h"

namespace jatai {

enum class BlockScale : uint8_t { Line, Rounded };

// Four output channels A B C D make a block, one stream of words. With lines: the starts of B and D, the
// weights as PairLayout has them, start of A, slopes of A and B, start of C, slopes of C and D. With
// roundings: the weights, then the RoundedScale of each channel. Where the channels are no multiple of four,
// the last block takes the last four again.
struct BlockLayout {
    uint32_t taps;
    uint32_t out_c;
    BlockScale scale;

    uint32_t weight_words() const { return static_cast<uint32_t>(round_up4(taps)); }
    uint32_t weights_at() const { return scale == BlockScale::Line ? 2 : 0; }
    uint32_t block_words() const { return weight_words() + (scale == BlockScale::Line ? 8 : 16); }
    uint32_t count() const { return (out_c + 3) / 4; }
    // The first channel of a block.
    uint32_t channel(uint32_t block) const { return 4 * block + 4 <= out_c ? 4 * block : out_c - 4; }
    // Where channel `i` of a block has its line's start and slope, or its RoundedScale.
    uint32_t start_word(uint32_t i) const { return (i & 1) != 0 ? i / 2 : weight_words() + 2 + i / 2 * 3; }
    uint32_t slope_word(uint32_t i) const { return weight_words() + 3 + i / 2 * 3 + (i & 1); }
    uint32_t rounded_word(uint32_t i) const { return weight_words() + 4 * i; }
};

enum class BlockWeights : uint8_t { Plain, Zeroed };

template <BlockScale kScale, BlockWeights kWeights = BlockWeights::Plain>
inline bool fits_conv2d_blocks(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1 || p->window.out_c < 4) return false;
    const Window& w = p->window;
    const uint64_t scales = kScale == BlockScale::Line ? 8 : 16;
    const uint64_t block = 4 * (round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c) + scales);
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, round_up4(w.out_c) / 4 * block) &&
           fills(claim, 2, output_bytes(w)) &&
           fills(
               claim, 3,
               kWeights == BlockWeights::Plain ? conv2d_scratch_bytes(*p) : conv2d_zeroed_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

// One output channel of a block.
template <BlockWeights kWeights, typename Finish>
inline void convolve_block_channel(const Call& call, const int8_t* row, int8_t* out, Finish finish) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    fill_channel(call, out, [&](const int8_t* image, int32_t top, int32_t left) {
        uint32_t sum = static_cast<uint32_t>(convolve(p, image, row, top, left));
        if (kWeights == BlockWeights::Zeroed) {
            const uint32_t inputs = static_cast<uint32_t>(sum_window(p, image, top, left));
            sum -= static_cast<uint32_t>(int32_t{p.weight_zero_point}) * inputs;
        }
        return finish(static_cast<int32_t>(sum));
    });
}

template <BlockScale kScale, BlockWeights kWeights = BlockWeights::Plain>
inline void run_conv2d_blocks(const Call& call) {
    const Window& w = call.parameters<Conv2dParams>().window;
    const BlockLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c, kScale};
    const uint32_t* block = call.in<uint32_t>(1);
    int8_t* row = call.out<int8_t>(3);
    for (uint32_t b = 0; b < layout.count(); ++b, block += layout.block_words()) {
        for (uint32_t i = 0; i < 4; ++i) {
            unpack_row(block + layout.weights_at(), PairLayout{layout.taps}, i, row);
            int8_t* out = call.out<int8_t>(2) + layout.channel(b) + i;
            if (kScale == BlockScale::Line) {
                const ScaleLine line{static_cast<int32_t>(block[layout.start_word(i)]),
                                     static_cast<int32_t>(block[layout.slope_word(i)])};
                convolve_block_channel<kWeights>(call, row, out,
                                                 [=](int32_t sum) { return to_int8(sum, line, kBlockLine); });
            } else {
                RoundedScale scale;
                memcpy(&scale, block + layout.rounded_word(i), sizeof scale);
                convolve_block_channel<kWeights>(call, row, out,
                                                 [=](int32_t sum) { return to_int8(sum, scale); });
            }
        }
    }
}

// Holds what a layer has put out in its range.
inline void hold_outputs(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    int8_t* out = call.out<int8_t>(2);
    for (uint64_t left = output_bytes(p.window); left != 0; --left, ++out)
        *out = static_cast<int8_t>(clamp(*out, p.range.low, p.range.high));
}

template <BlockWeights kWeights>
inline void run_conv2d_held(const Call& call) {
    run_conv2d_blocks<BlockScale::Rounded, kWeights>(call);
    hold_outputs(call);
}

JATAI_HOT_END

constexpr Kernel kConv2dLinesInt8{
    {Op::Conv2d, Type::Int8, 5}, fits_conv2d_blocks<BlockScale::Line>, run_conv2d_blocks<BlockScale::Line>};
constexpr Kernel kConv2dRoundedInt8{{Op::Conv2d, Type::Int8, 6},
                                    fits_conv2d_blocks<BlockScale::Rounded>,
                                    run_conv2d_blocks<BlockScale::Rounded>};
constexpr Kernel kConv2dZeroedLinesInt8{{Op::Conv2d, Type::Int8, 11},
                                        fits_conv2d_blocks<BlockScale::Line, BlockWeights::Zeroed>,
                                        run_conv2d_blocks<BlockScale::Line, BlockWeights::Zeroed>};
constexpr Kernel kConv2dZeroedRoundedInt8{{Op::Conv2d, Type::Int8, 12},
                                          fits_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>,
                                          run_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>};

constexpr Kernel kConv2dHeldInt8{{Op::Conv2d, Type::Int8, 13},
                                 fits_conv2d_blocks<BlockScale::Rounded>,
                                 run_conv2d_held<BlockWeights::Plain>};
constexpr Kernel kConv2dZeroedHeldInt8{{Op::Conv2d, Type::Int8, 14},
                                       fits_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>,
                                       run_conv2d_held<BlockWeights::Zeroed>};

}  // namespace jatai
