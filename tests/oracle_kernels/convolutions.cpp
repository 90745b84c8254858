// convolutions.cpp: CONV_2D and DEPTHWISE_CONV_2D on random layers.
#include "device/cortex_m/conv2d.h"
#include "device/cortex_m/conv2d_blocks.h"
#include "device/cortex_m/conv2d_few.h"
#include "device/cortex_m/conv2d_pairs.h"
#include "device/cortex_m/conv2d_short.h"
#include "device/cortex_m/depthwise_conv2d.h"
#include "device/cortex_m/depthwise_strips.h"
#include "device/cortex_m0/conv2d_bytes.h"
#include "device/cortex_m0/depthwise_strips.h"
#include "tests/oracle_kernels/layer.h"

namespace jatai {
namespace {

const char* check_convolution(const Kernel& fast, const Kernel& reference, ConvParams* p, uint64_t scratch,
                              uint32_t terms) {
    const Window& w = p->window;
    Layer layer(p, sizeof *p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));  // bytes may lie anywhere
    const uint32_t weights = terms * w.out_c;
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint8_t* weight_bytes = layer.add(weights, false, misalign);
    uint8_t* channels = layer.add(w.out_c * static_cast<uint32_t>(sizeof(Channel)), false);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    if (layer.add(static_cast<uint32_t>(scratch), true) == nullptr) return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    fill(weight_bytes, weights);
    p->input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p->range = random_range();
    p->facts = fill_channels(reinterpret_cast<Channel*>(channels), w.out_c, terms);
    return compare(fast, reference, layer, 3);
}

const char* check_conv2d() {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    const bool pointwise = random.one_in(3);
    if (pointwise) {
        w.kernel_h = w.kernel_w = 1;
        w.pad_top = w.pad_left = 0;
        w.out_h = static_cast<uint16_t>((w.in_h + w.stride_h - 1) / w.stride_h);
        w.out_w = static_cast<uint16_t>((w.in_w + w.stride_w - 1) / w.stride_w);
    }
    w.in_c = static_cast<uint16_t>(random.in(1, pointwise ? 70 : 20));
    w.out_c = static_cast<uint16_t>(random.in(1, 9));
    if (random.one_in(8)) {
        w.groups = w.in_c;
        w.out_c = static_cast<uint16_t>(w.in_c * random.in(1, 2));
    }
    return check_convolution(kConv2dInt8CortexM, kConv2dInt8, &p, conv2d_scratch_bytes(p),
                             uint32_t{w.kernel_h} * w.kernel_w * (w.in_c / w.groups));
}

const char* check_conv2d_pairs() {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    w.in_c = static_cast<uint16_t>(random.in(1, 20));
    w.out_c = static_cast<uint16_t>(random.in(1, 13));
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.range = random_range();
    const PairLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint8_t* words = layer.add((w.out_c + 3u) / 4 * layout.words_per_block() * 4, false);
    uint8_t* channels = layer.add(w.out_c * static_cast<uint32_t>(sizeof(Channel)), false);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    if (layer.add(static_cast<uint32_t>(conv2d_scratch_bytes(p)), true) == nullptr)
        return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    pack_pairs(reinterpret_cast<uint32_t*>(words), layout, w.out_c);
    p.facts = fill_channels(reinterpret_cast<Channel*>(channels), w.out_c, layout.taps);
    return compare(kConv2dPairsInt8CortexM, kConv2dPairsInt8, layer, 3);
}

const char* check_conv2d_few() {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    w.in_c = static_cast<uint16_t>(random.in(1, 20));
    w.out_c = static_cast<uint16_t>(random.in(1, 3));
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.range = random_range();
    const FewLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint32_t* words = reinterpret_cast<uint32_t*>(layer.add(layout.words() * 4, false));
    uint8_t* channels = layer.add(w.out_c * static_cast<uint32_t>(sizeof(Channel)), false);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    if (layer.add(static_cast<uint32_t>(conv2d_scratch_bytes(p)), true) == nullptr)
        return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    memset(words, 0, layout.words() * 4);
    for (uint32_t o = 0; o < w.out_c; ++o) {
        for (uint32_t k = 0; k < layout.taps; ++k)
            words[layout.word(o, k)] |= static_cast<uint32_t>(random.in(-255, 255) & 0xFFFF)
                                        << FewLayout::lane_shift(k);
    }
    p.facts = fill_channels(reinterpret_cast<Channel*>(channels), w.out_c, layout.taps);
    return compare(kConv2dFewInt8CortexM, kConv2dFewInt8, layer, 3);
}

// Any line will do: both kernels wrap alike.
ScaleLine random_line() {
    const int32_t slope = (1 << 24) + random.in(0, 0x3FFFFFF);
    return {random.in(-4000000, 4000000), random.one_in(8) ? -slope : slope};
}

// Of a layer that kShortRequantise holds for.
RoundedScale random_rounded() {
    const int32_t bits = random.in(1, 22);
    return {2 * random.in(-100000, 100000), (1 << 30) + random.in(0, 0x3FFFFFFF),
            (2 * random.in(-128, 127) + 1) * (1 << (bits - 1)), bits};
}

// Rows of four numbers, or a single one.
void shorten_window(Window& w, uint32_t words) {
    constexpr uint16_t kDivisors[] = {1, 2, 4};
    if (random.one_in(2) && words == 3) {
        w.kernel_h = 3;
        w.kernel_w = kDivisors[random.next() % 3];
        w.in_c = static_cast<uint16_t>(4 / w.kernel_w);
        return;
    }
    const int32_t most = static_cast<int32_t>(4 * words), least = words == 2 ? 1 : 9;
    w.kernel_h = 1;
    w.kernel_w = static_cast<uint16_t>(random.in(1, 3));
    w.in_c = static_cast<uint16_t>(random.in((least + w.kernel_w - 1) / w.kernel_w, most / w.kernel_w));
}

template <uint32_t kWords>
const char* check_conv2d_short(const Kernel& fast, const Kernel& reference) {
    using Layout = ShortLayout<kWords>;
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    shorten_window(w, kWords);
    w.out_c = static_cast<uint16_t>(random.in(1, 13));
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    const uint32_t count = w.out_c * Layout::kChannelWords;
    uint32_t* words = reinterpret_cast<uint32_t*>(layer.add(count * 4, false));
    if (layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign) == nullptr)
        return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    memset(words, 0, count * 4);
    const uint32_t taps = uint32_t{w.kernel_h} * w.kernel_w * w.in_c;
    for (uint32_t o = 0; o < w.out_c; ++o, words += Layout::kChannelWords) {
        for (uint32_t k = 0; k < taps; ++k)
            words[Layout::word(k)] |= static_cast<uint32_t>(random.in(-32768, 32767) & 0xFFFF)
                                      << Layout::lane_shift(k);
        words[Layout::kWeightWords] = static_cast<uint32_t>(random.in(1 << 14, 1 << 18));
        words[Layout::kWeightWords + 1] = random.next();
        words[Layout::kWeightWords + 2] = static_cast<uint32_t>(random.in(-100000, 100000));
    }
    return compare(fast, reference, layer, 2);
}

const char* check_short8() { return check_conv2d_short<2>(kConv2dShort8Int8CortexM, kConv2dShort8Int8); }
const char* check_short12() { return check_conv2d_short<3>(kConv2dShort12Int8CortexM, kConv2dShort12Int8); }

template <BlockScale kScale, BlockWeights kWeights = BlockWeights::Plain>
const char* check_conv2d_blocks(const Kernel& fast, const Kernel& reference) {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    w.in_c = static_cast<uint16_t>(random.in(1, 20));
    w.out_c = static_cast<uint16_t>(random.in(4, 17));
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.range = random_range();
    const bool zeroed = kWeights == BlockWeights::Zeroed;
    if (zeroed) p.weight_zero_point = static_cast<int8_t>(random.in(-128, 127));
    const BlockLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c, kScale};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint8_t* bytes = layer.add(layout.count() * layout.block_words() * 4, false);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    const uint64_t scratch = zeroed ? conv2d_zeroed_scratch_bytes(p) : conv2d_scratch_bytes(p);
    if (layer.add(static_cast<uint32_t>(scratch), true) == nullptr) return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    uint32_t* block = reinterpret_cast<uint32_t*>(bytes);
    for (uint32_t b = 0; b < layout.count(); ++b, block += layout.block_words()) {
        pack_pairs(block + layout.weights_at(), PairLayout{layout.taps}, 4);
        for (uint32_t i = 0; i < 4; ++i) {
            const ScaleLine line = random_line();
            const RoundedScale scale = random_rounded();
            if (kScale == BlockScale::Rounded) {
                memcpy(block + layout.rounded_word(i), &scale, sizeof scale);
            } else {
                block[layout.start_word(i)] = static_cast<uint32_t>(line.start);
                block[layout.slope_word(i)] = static_cast<uint32_t>(line.slope);
            }
        }
    }
    return compare(fast, reference, layer, 2);
}

const char* check_conv2d_lines() {
    return check_conv2d_blocks<BlockScale::Line>(kConv2dLinesInt8CortexM, kConv2dLinesInt8);
}
const char* check_conv2d_rounded() {
    return check_conv2d_blocks<BlockScale::Rounded>(kConv2dRoundedInt8CortexM, kConv2dRoundedInt8);
}

const char* check_zeroed_lines() {
    return check_conv2d_blocks<BlockScale::Line, BlockWeights::Zeroed>(kConv2dZeroedLinesInt8CortexM,
                                                                       kConv2dZeroedLinesInt8);
}
const char* check_zeroed_rounded() {
    return check_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>(kConv2dZeroedRoundedInt8CortexM,
                                                                          kConv2dZeroedRoundedInt8);
}

const char* check_held() {
    return check_conv2d_blocks<BlockScale::Rounded>(kConv2dHeldInt8CortexM, kConv2dHeldInt8);
}
const char* check_zeroed_held() {
    return check_conv2d_blocks<BlockScale::Rounded, BlockWeights::Zeroed>(kConv2dZeroedHeldInt8CortexM,
                                                                          kConv2dZeroedHeldInt8);
}

// A line within the limits of products of 16 by 16 bits.
ScaleLine random_short_line() { return {random.in(-4000000, 4000000), random.in(1 << 20, (1 << 30) - 1)}; }

template <typename Scale>
const char* check_conv2d_bytes(const Kernel& fast, const Kernel& reference, Scale (*random_scale)()) {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    w.in_c = static_cast<uint16_t>(random.in(1, 20));
    w.out_c = static_cast<uint16_t>(random.in(4, 17));
    if (random.one_in(6)) {  // dense, with more taps than are widened at once
        w = {1, 1, static_cast<uint16_t>(random.in(1, 3)), 0, 1, 0, w.out_c, 1, 1, 1, 1, 1, 1, 0, 0, 1};
        w.in_c = static_cast<uint16_t>(random.in(200, 700));
        w.out_w = w.in_w;
    }
    p.range = random_range();
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.weight_zero_point = static_cast<int8_t>(random.one_in(2) ? 0 : random.in(-128, 127));
    const ByteBlocks<Scale> layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c, w.out_c};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint32_t* words =
        reinterpret_cast<uint32_t*>(layer.add(layout.count() * layout.block_words() * 4, false));
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    if (layer.add(static_cast<uint32_t>(conv2d_bytes_scratch_bytes(p)), true) == nullptr)
        return "no room for the case";
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    const uint32_t last = layout.count() - 1, overlap = 4 * layout.count() - w.out_c;
    for (uint32_t b = 0; b <= last; ++b) {
        uint32_t* block = words + b * layout.block_words();
        fill(reinterpret_cast<uint8_t*>(block), layout.block_words() * 4);
        for (uint32_t i = 0; i < 4; ++i) layout.put(block, i, random_scale());
    }
    // Channels that two blocks have: their weights and scales are the same in both.
    for (uint32_t i = 0; last != 0 && i < overlap; ++i) {
        uint32_t *to = words + last * layout.block_words(), *from = to - layout.block_words();
        const uint32_t shift = 8 * i, from_shift = 8 * (4 - overlap + i);
        for (uint32_t k = 0; k < layout.weight_words(); ++k)
            to[k] = (to[k] & ~(0xFFu << shift)) | (from[k] >> from_shift & 0xFF) << shift;
        Scale scale;
        layout.get(from, 4 - overlap + i, &scale);
        layout.put(to, i, scale);
    }
    return compare(fast, reference, layer, 2);
}

const char* check_bytes_of_lines() {
    return check_conv2d_bytes(kConv2dByteLinesInt8CortexM0, kConv2dByteLinesInt8, random_short_line);
}
const char* check_bytes_of_roundings() {
    return check_conv2d_bytes(kConv2dByteRoundedInt8CortexM0, kConv2dByteRoundedInt8, random_rounded);
}

template <typename Scale>
const char* check_depthwise_strips(const Kernel& fast, const Kernel& reference, Scale (*random_scale)(),
                                   uint64_t (*scratch)(const ConvParams&), int32_t most_times = 1) {
    DepthwiseConv2dParams p{};
    do {
        p.window = random_window(3);
        p.window.in_c = p.window.out_c = static_cast<uint16_t>(random.in(4, 13));
        p.window.stride_h = p.window.stride_w;
        const Window& w = p.window;  // strides made alike may reach past the image: any window has to work
        p.window.out_h = static_cast<uint16_t>((w.in_h + w.stride_h - 1) / w.stride_h);
        p.window.in_c = static_cast<uint16_t>(most_times == 1 ? p.window.in_c : random.in(1, 5));
        p.window.out_c = static_cast<uint16_t>(p.window.in_c * random.in(1, most_times));
    } while (!is_strip_window(p.window));
    const Window& w = p.window;
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.weight_zero_point = static_cast<int8_t>(random.in(-128, 127));  // which versions 5 and 6 do not know
    p.range = random_range();                                         // which 10 and 11 alone do
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    uint8_t* weights = layer.add(w.out_c * 9u, false, misalign);
    uint8_t* scales = layer.add(w.out_c * static_cast<uint32_t>(sizeof(Scale)), false);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    layer.add(static_cast<uint32_t>(scratch(p)), true);
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    fill(weights, w.out_c * 9u);
    for (uint32_t i = 0; i < w.out_c; ++i) {
        const Scale scale = random_scale();
        memcpy(scales + i * sizeof scale, &scale, sizeof scale);
    }
    return compare(fast, reference, layer, 3);
}

const char* check_strips_of_lines() {
    return check_depthwise_strips(kDepthwiseLinesInt8CortexM, kDepthwiseLinesInt8, random_line,
                                  depthwise_strips_scratch_bytes);
}
const char* check_strips_of_roundings() {
    return check_depthwise_strips(kDepthwiseRoundedInt8CortexM, kDepthwiseRoundedInt8, random_rounded,
                                  depthwise_strips_scratch_bytes);
}
const char* check_zeroed_strips_of_lines() {
    return check_depthwise_strips(kDepthwiseZeroedLinesInt8CortexM, kDepthwiseZeroedLinesInt8, random_line,
                                  depthwise_strips_scratch_bytes);
}
const char* check_zeroed_strips_of_roundings() {
    return check_depthwise_strips(kDepthwiseZeroedRoundedInt8CortexM, kDepthwiseZeroedRoundedInt8,
                                  random_rounded, depthwise_strips_scratch_bytes);
}
const char* check_spread_lines() {
    return check_depthwise_strips(kDepthwiseSpreadLinesInt8CortexM, kDepthwiseSpreadLinesInt8, random_line,
                                  spread_strips_scratch_bytes, 8);
}
const char* check_spread_roundings() {
    return check_depthwise_strips(kDepthwiseSpreadRoundedInt8CortexM, kDepthwiseSpreadRoundedInt8,
                                  random_rounded, spread_strips_scratch_bytes, 8);
}
const char* check_words() {
    return check_depthwise_strips(kDepthwiseLinesInt8CortexM0, kDepthwiseLinesInt8, random_short_line,
                                  depthwise_words_scratch_bytes);
}

const char* check_depthwise_by(const Kernel& fast, const Kernel& reference) {
    DepthwiseConv2dParams p{};
    p.weight_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.window = random_window(5);
    Window& w = p.window;
    const uint16_t multipliers[] = {1, 1, 2, 3, 4, 8};
    w.in_c = static_cast<uint16_t>(random.in(1, 17));
    w.out_c = static_cast<uint16_t>(w.in_c * multipliers[random.next() % 6]);
    return check_convolution(fast, reference, &p, depthwise_conv2d_scratch_bytes(p),
                             uint32_t{w.kernel_h} * w.kernel_w);
}

const char* check_depthwise_conv2d() {
    return check_depthwise_by(kDepthwiseConv2dInt8CortexM, kDepthwiseConv2dInt8);
}
const char* check_depthwise_zeroed() {
    return check_depthwise_by(kDepthwiseConv2dZeroedInt8CortexM, kDepthwiseConv2dZeroedInt8);
}

}  // namespace

uint32_t check_convolutions() {
    uint32_t failures = 0;
    failures += repeat("CONV_2D", check_conv2d, 600);
    failures += repeat("CONV_2D in pairs", check_conv2d_pairs, 600);
    failures += repeat("CONV_2D of few channels", check_conv2d_few, 600);
    failures += repeat("CONV_2D of up to eight numbers", check_short8, 600);
    failures += repeat("CONV_2D of up to twelve numbers", check_short12, 600);
    failures += repeat("CONV_2D along lines", check_conv2d_lines, 600);
    failures += repeat("CONV_2D rounded twice", check_conv2d_rounded, 600);
    failures += repeat("CONV_2D along lines, zeroed", check_zeroed_lines, 400);
    failures += repeat("CONV_2D rounded twice, zeroed", check_zeroed_rounded, 400);
    failures += repeat("CONV_2D held", check_held, 300);
    failures += repeat("CONV_2D held, zeroed", check_zeroed_held, 300);
    failures += repeat("DEPTHWISE_CONV_2D along lines", check_strips_of_lines, 400);
    failures += repeat("DEPTHWISE_CONV_2D rounded twice", check_strips_of_roundings, 400);
    failures += repeat("DEPTHWISE_CONV_2D along lines, zeroed", check_zeroed_strips_of_lines, 400);
    failures += repeat("DEPTHWISE_CONV_2D rounded twice, zeroed", check_zeroed_strips_of_roundings, 400);
    failures += repeat("DEPTHWISE_CONV_2D along lines, several times", check_spread_lines, 400);
    failures += repeat("DEPTHWISE_CONV_2D rounded twice, several times", check_spread_roundings, 400);
    failures += repeat("CONV_2D in bytes along lines", check_bytes_of_lines, 400);
    failures += repeat("CONV_2D in bytes rounded twice", check_bytes_of_roundings, 400);
    failures += repeat("DEPTHWISE_CONV_2D in words", check_words, 400);
    failures += repeat("DEPTHWISE_CONV_2D", check_depthwise_conv2d, 600);
    failures += repeat("DEPTHWISE_CONV_2D, zeroed", check_depthwise_zeroed, 400);
    return failures;
}

}  // namespace jatai
