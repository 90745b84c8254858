// conv2d_bytes.h: CONV_2D and FULLY_CONNECTED, int8, four output channels side by side in unsigned bytes.
//
//     out[n,y,x,o] = to_int8(sum over ky,kx,i of (weight[o,ky,kx,i] - zero_w) * (in[n,.,.,i] + 128),
//     scale[o])
//
// For cores that load an unsigned byte and multiply in an instruction each, but have no signed load with an
// offset and no long product: Cortex-M0+. Weights are stored 128 higher, inputs are read 128 higher: products
// of two pixels fit side by side in a word. What that adds for each channel lies in its scale; what it adds
// for each pixel, (128 + zero_w) times the sum of the inputs, is taken away again. The scales, a straight
// line (version 9; no activation that clamps within -128..127) or two roundings (version 10): scales.h. No
// groups, four output channels or more. Operands: 0 input NHWC int8, 1 blocks as ByteBlocks says, 2 output
// NHWC int8, 3 scratch of conv2d_bytes_scratch_bytes(). Formula: docs/reference/ops.md#conv_2d.
#pragma once

#include <string.h>

#include "device/kernels/conv2d.h"
#include "device/kernels/scales.h"
#include "device/kernels/scratch.h"

namespace jatai {

// A block of words for four channels A B C D: the weights, then the scale of each channel. A word of weights
// holds one tap, A in the lowest byte; taps are filled up to a multiple of four with 128. The last block
// takes the last four channels.
template <typename Scale>
struct ByteBlocks {
    uint32_t taps;
    uint32_t out_c;

    uint32_t weight_words() const { return static_cast<uint32_t>(round_up4(taps)); }
    uint32_t block_words() const { return weight_words() + static_cast<uint32_t>(sizeof(Scale)); }
    uint32_t count() const { return (out_c + 3) / 4; }
    uint32_t channel(uint32_t block) const { return 4 * block + 4 <= out_c ? 4 * block : out_c - 4; }

    void put(uint32_t* block, uint32_t i, const Scale& scale) const {
        memcpy(block + weight_words() + i * sizeof scale / 4, &scale, sizeof scale);
    }
    void get(const uint32_t* block, uint32_t i, Scale* scale) const {
        memcpy(scale, block + weight_words() + i * sizeof *scale / 4, sizeof *scale);
    }
};

// No window leaves the image.
inline bool stays_inside(const Window& w) {
    const auto within = [](uint64_t out, uint64_t stride, uint64_t kernel, uint64_t dilation, uint64_t in) {
        return (out - 1) * stride + (kernel - 1) * dilation < in;
    };
    return w.pad_top == 0 && w.pad_left == 0 &&
           within(w.out_h, w.stride_h, w.kernel_h, w.dilation_h, w.in_h) &&
           within(w.out_w, w.stride_w, w.kernel_w, w.dilation_w, w.in_w);
}

// One window's numbers as words; and one row of it, as it lies outside the image.
inline uint64_t conv2d_bytes_scratch_bytes(const ConvParams& p) {
    const Window& w = p.window;
    return 4 * round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c) +
           (stays_inside(w) ? 0 : round_up4(uint64_t{w.kernel_w} * w.in_c));
}

template <typename Scale>
inline bool fits_conv2d_bytes(const Claim& claim) {
    const Conv2dParams* p = claim.parameters<Conv2dParams>();
    if (p == nullptr || !window_fits(p->window) || p->window.groups != 1 || p->window.out_c < 4) return false;
    const Window& w = p->window;
    const uint64_t block =
        4 * (round_up4(uint64_t{w.kernel_h} * w.kernel_w * w.in_c) + uint64_t{sizeof(Scale)});
    return holds(claim, 0, input_bytes(w)) && holds(claim, 1, round_up4(w.out_c) / 4 * block) &&
           fills(claim, 2, output_bytes(w)) && fills(claim, 3, conv2d_bytes_scratch_bytes(*p));
}

JATAI_HOT_BEGIN

inline int8_t finish_bytes(int32_t sum, const ScaleLine& line, Range) {
    return to_int8(sum, line, kBlockLine);
}
inline int8_t finish_bytes(int32_t sum, const RoundedScale& scale, Range range) {
    return static_cast<int8_t>(clamp(to_int8(sum, scale), range.low, range.high));
}

// One channel's weights; returns their sum.
inline uint32_t unpack_bytes(const uint32_t* words, uint32_t i, uint32_t taps, int8_t* row) {
    uint32_t sum = 0;
    for (uint32_t k = 0; k < taps; ++k) {
        row[k] = static_cast<int8_t>((words[k] >> (8 * i) & 0xFF) - 128);
        sum += static_cast<uint32_t>(int32_t{row[k]});
    }
    return sum;
}

// sum of (weight - zero_w) * (in + 128) of one output; `sum`: of the weights.
inline int32_t weigh_bytes(const ConvParams& p, const int8_t* image, const int8_t* row, uint32_t sum,
                           int32_t top, int32_t left) {
    const Window& w = p.window;
    uint32_t total = static_cast<uint32_t>(convolve(p, image, row, top, left)) + 128 * sum;
    if (p.weight_zero_point != 0) {
        const uint32_t inputs =
            static_cast<uint32_t>(sum_window(p, image, top, left)) + 128u * w.kernel_h * w.kernel_w * w.in_c;
        total -= static_cast<uint32_t>(int32_t{p.weight_zero_point}) * inputs;
    }
    return static_cast<int32_t>(total);
}

template <typename Scale>
inline void run_conv2d_bytes(const Call& call) {
    const Conv2dParams& p = call.parameters<Conv2dParams>();
    const Window& w = p.window;
    const ByteBlocks<Scale> layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    int8_t* row = call.out<int8_t>(3);
    for (uint32_t o = 0; o < w.out_c; ++o) {
        const uint32_t b = o / 4 * 4 + 4 <= w.out_c ? o / 4 : layout.count() - 1;
        const uint32_t i = o - layout.channel(b);
        const uint32_t* block = call.in<uint32_t>(1) + b * layout.block_words();
        const uint32_t sum = unpack_bytes(block, i, layout.taps, row);
        Scale scale;
        layout.get(block, i, &scale);
        fill_channel(call, call.out<int8_t>(2) + o, [&](const int8_t* image, int32_t top, int32_t left) {
            return finish_bytes(weigh_bytes(p, image, row, sum, top, left), scale, p.range);
        });
    }
}

JATAI_HOT_END

constexpr Kernel kConv2dByteLinesInt8{
    {Op::Conv2d, Type::Int8, 9}, fits_conv2d_bytes<ScaleLine>, run_conv2d_bytes<ScaleLine>};
constexpr Kernel kConv2dByteRoundedInt8{
    {Op::Conv2d, Type::Int8, 10}, fits_conv2d_bytes<RoundedScale>, run_conv2d_bytes<RoundedScale>};

}  // namespace jatai
