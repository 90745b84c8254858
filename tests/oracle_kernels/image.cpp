// Fast kernels against reference kernels on random layers. Every operand lies between guard bytes, and each
// layer is run with two different fillings of the guards: a kernel that writes outside is caught by the
// guards, one whose answer depends on bytes outside by the difference.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "device/cortex_m/add.h"
#include "device/cortex_m/average_pool2d.h"
#include "device/cortex_m/conv2d.h"
#include "device/cortex_m/conv2d_blocks.h"
#include "device/cortex_m/conv2d_pairs.h"
#include "device/cortex_m/depthwise_conv2d.h"
#include "device/cortex_m/depthwise_strips.h"
#include "device/cortex_m/fully_connected.h"
#include "device/cortex_m/fully_connected_pairs.h"
#include "device/cortex_m0/add.h"
#include "device/cortex_m0/conv2d_bytes.h"
#include "device/cortex_m0/depthwise_strips.h"
#include "tests/oracle_kernels/console.h"

namespace jatai {
namespace {

struct Random {
    uint32_t state = 12345;
    uint32_t next() {
        state = state * 1664525u + 1013904223u;
        return state >> 8;
    }
    // low .. high, both ends included
    int32_t in(int32_t low, int32_t high) {
        return low + static_cast<int32_t>(next() % static_cast<uint32_t>(high - low + 1));
    }
    bool one_in(uint32_t n) { return next() % n == 0; }
} random;

constexpr uint32_t kGuard = 16;
constexpr uint32_t kRoom = 100 * 1024;
alignas(8) uint8_t memory[kRoom];
uint8_t expected[16 * 1024];

// One layer: its parameters and operands, side by side in `memory`.
struct Layer {
    const void* params;
    uint32_t params_bytes;
    uint32_t count = 0;
    uint32_t bytes[6] = {};
    uint32_t begin[6] = {};
    bool writable[6] = {};
    uint32_t used = kGuard;

    Layer(const void* p, uint32_t n) : params(p), params_bytes(n) {}

    // Returns the operand's bytes, or null when there is no room.
    uint8_t* add(uint32_t size, bool may_write, uint32_t misalign = 0) {
        begin[count] = (used + 7) / 8 * 8 + misalign;
        bytes[count] = size;
        writable[count] = may_write;
        used = begin[count] + size + kGuard;
        ++count;
        return used <= kRoom ? memory + begin[count - 1] : nullptr;
    }
    Claim claim() const { return {params, params_bytes, count, bytes, writable}; }
};

bool is_guard(const Layer& layer, uint32_t at) {
    for (uint32_t i = 0; i < layer.count; ++i) {
        if (at >= layer.begin[i] && at < layer.begin[i] + layer.bytes[i]) return false;
    }
    return at < layer.used;
}

void paint_guards(const Layer& layer, uint8_t colour) {
    for (uint32_t at = 0; at < layer.used; ++at) {
        if (is_guard(layer, at)) memory[at] = colour;
    }
}

bool guards_hold(const Layer& layer, uint8_t colour) {
    for (uint32_t at = 0; at < layer.used; ++at) {
        if (is_guard(layer, at) && memory[at] != colour) return false;
    }
    return true;
}

void run(const Kernel& kernel, const Layer& layer) {
    void* operands[6];
    for (uint32_t i = 0; i < layer.count; ++i) operands[i] = memory + layer.begin[i];
    kernel.run(Call{layer.params, operands});
}

// Null when both kernels accept the layer and agree; else what went wrong.
const char* compare(const Kernel& fast, const Kernel& reference, const Layer& layer, uint32_t output) {
    const uint32_t size = layer.bytes[output];
    if (layer.used > kRoom || size > sizeof expected) return "no room for the case";
    if (!(fast.key == reference.key)) return "the keys differ";
    if (!reference.fits(layer.claim())) return "the reference refuses it";
    if (!fast.fits(layer.claim())) return "the fast kernel refuses it";
    uint8_t* out = memory + layer.begin[output];
    paint_guards(layer, 0x5A);
    memset(out, 0x33, size);
    run(reference, layer);
    if (!guards_hold(layer, 0x5A)) return "the reference writes outside";
    memcpy(expected, out, size);
    for (uint32_t pass = 0; pass < 2; ++pass) {
        const uint8_t colour = pass == 0 ? 0x00 : 0x7F;
        paint_guards(layer, colour);
        if (layer.count > output + 1)
            memset(memory + layer.begin[output + 1], 0xA5 + static_cast<int>(pass), layer.bytes[output + 1]);
        memset(out, 0x44, size);
        run(fast, layer);
        if (!guards_hold(layer, colour)) return "the fast kernel writes outside";
        if (memcmp(expected, out, size) != 0) return "the answers differ";
    }
    // Of every operand, one byte less has to be refused.
    for (uint32_t i = 0; i < layer.count; ++i) {
        Layer small = layer;
        --small.bytes[i];
        if (fast.fits(small.claim())) return "the fast kernel accepts an operand that is a byte short";
    }
    return nullptr;
}

void fill(uint8_t* to, uint32_t count) {
    for (uint32_t i = 0; i < count; ++i) to[i] = static_cast<uint8_t>(random.next());
    if (random.one_in(8)) memset(to, 0x80, count);  // -128 everywhere: the largest sums
}

Range random_range() {
    if (random.one_in(2)) return {static_cast<int8_t>(random.in(-128, 127)), -128, 127};
    const int32_t low = random.in(-128, 100);
    return {static_cast<int8_t>(random.in(-128, 127)), static_cast<int8_t>(low),
            static_cast<int8_t>(random.in(low, 127))};
}

// Biases and factors of `count` channels whose sums have up to `terms` products; says what holds of them.
uint8_t fill_channels(Channel* channels, uint32_t count, uint32_t terms) {
    const bool any_shift = random.one_in(3);
    uint8_t facts = kShortRequantise;
    for (uint32_t i = 0; i < count; ++i) {
        const int32_t shift = any_shift ? random.in(-31, 6) : random.in(-22, -1);
        channels[i] = {random.in(-100000, 100000) * static_cast<int32_t>(terms / 100 + 1),
                       (1 << 30) + random.in(0, 0x3FFFFFFF), shift};
        const int64_t largest = int64_t{terms} * 128 * 128 +
                                (channels[i].bias < 0 ? -int64_t{channels[i].bias} : channels[i].bias);
        if (shift > -1 || shift < -22 || largest >= 1 << 30) facts = 0;
    }
    return facts;
}

// One axis of a window: extents that TFLite could ask for, padded (SAME) or not (VALID).
void random_axis(uint16_t* in, uint16_t* out, uint16_t* kernel, uint16_t* stride, uint16_t* dilation,
                 uint16_t* pad, int32_t largest) {
    *kernel = static_cast<uint16_t>(random.one_in(2) ? 3 : random.in(1, largest));
    *stride = static_cast<uint16_t>(random.in(1, 3));
    *dilation = static_cast<uint16_t>(random.one_in(3) ? 2 : 1);
    const int32_t reach = (*kernel - 1) * *dilation + 1;
    const bool same = random.one_in(2);
    const int32_t size = same ? random.in(1, 9) : random.in(reach, reach + 7);
    *in = static_cast<uint16_t>(size);
    *out = static_cast<uint16_t>(same ? (size + *stride - 1) / *stride : (size - reach) / *stride + 1);
    const int32_t total = (*out - 1) * *stride + reach - size;
    *pad = static_cast<uint16_t>(same && total > 0 ? total / 2 : 0);
}

Window random_window(int32_t largest_kernel) {
    Window w{};
    w.batches = static_cast<uint16_t>(random.in(1, 2));
    random_axis(&w.in_h, &w.out_h, &w.kernel_h, &w.stride_h, &w.dilation_h, &w.pad_top, largest_kernel);
    random_axis(&w.in_w, &w.out_w, &w.kernel_w, &w.stride_w, &w.dilation_w, &w.pad_left, largest_kernel);
    w.groups = 1;
    return w;
}

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

// Weights of random bytes, packed by the definition of PairLayout; B is never -128, so that every lane fits.
void pack_pairs(uint32_t* words, PairLayout layout, uint32_t channels) {
    memset(words, 0, (channels + 3) / 4 * layout.words_per_block() * 4);
    for (uint32_t o = 0; o < channels; o += 2) {
        for (uint32_t k = 0; k < layout.taps; ++k) {
            const int32_t second = o + 1 < channels ? random.in(-127, 127) : 0;
            const uint32_t lane = static_cast<uint32_t>(random.in(-128, 127) + 256 * second) & 0xFFFF;
            words[layout.word(o, k)] |= lane << PairLayout::lane_shift(k);
        }
    }
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

template <BlockScale kScale, BlockWeights kWeights = BlockWeights::Plain>
const char* check_conv2d_blocks(const Kernel& fast, const Kernel& reference) {
    Conv2dParams p{};
    p.window = random_window(4);
    Window& w = p.window;
    w.in_c = static_cast<uint16_t>(random.in(1, 20));
    w.out_c = static_cast<uint16_t>(random.in(4, 17));
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
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
                                   uint64_t (*scratch)(const ConvParams&)) {
    DepthwiseConv2dParams p{};
    do {
        p.window = random_window(3);
        p.window.in_c = p.window.out_c = static_cast<uint16_t>(random.in(4, 13));
        p.window.stride_h = p.window.stride_w;
        const Window& w = p.window;  // strides made alike may reach past the image: any window has to work
        p.window.out_h = static_cast<uint16_t>((w.in_h + w.stride_h - 1) / w.stride_h);
    } while (!is_depthwise_strips(p.window));
    const Window& w = p.window;
    p.input_zero_point = static_cast<int8_t>(random.in(-128, 127));
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
    return check_convolution(fast, reference, &p,
                             depthwise_conv2d_scratch_bytes(p), uint32_t{w.kernel_h} * w.kernel_w);
}

const char* check_depthwise_conv2d() {
    return check_depthwise_by(kDepthwiseConv2dInt8CortexM, kDepthwiseConv2dInt8);
}
const char* check_depthwise_zeroed() {
    return check_depthwise_by(kDepthwiseConv2dZeroedInt8CortexM, kDepthwiseConv2dZeroedInt8);
}

const char* check_fully_connected() {
    const bool per_channel = random.one_in(2);
    FullyConnectedParams p{};
    p.batches = static_cast<uint16_t>(random.in(1, 3));
    p.depth = static_cast<uint32_t>(random.in(1, 90));
    p.outputs = static_cast<uint32_t>(random.in(1, 20));
    p.range = random_range();
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(p.batches * p.depth, true, misalign);
    uint8_t* weights = layer.add(p.outputs * p.depth, false, misalign);
    uint8_t* table = layer.add(p.outputs * (per_channel ? 12u : 4u), false);
    layer.add(p.batches * p.outputs, true, misalign);
    layer.add(static_cast<uint32_t>(fully_connected_scratch_bytes(p.depth)), true);
    fill(in, p.batches * p.depth);
    fill(weights, p.outputs * p.depth);
    Channel channels[20];
    p.facts = fill_channels(channels, per_channel ? p.outputs : 1, p.depth);
    p.multiplier = channels[0].multiplier;
    p.shift = channels[0].shift;
    for (uint32_t o = 0; o < p.outputs; ++o) {
        if (per_channel) {
            memcpy(table + o * 12, &channels[o], 12);
        } else {
            const int32_t bias = random.in(-100000, 100000);
            memcpy(table + o * 4, &bias, 4);
        }
    }
    return per_channel
               ? compare(kFullyConnectedPerChannelInt8CortexM, kFullyConnectedPerChannelInt8, layer, 3)
               : compare(kFullyConnectedInt8CortexM, kFullyConnectedInt8, layer, 3);
}

const char* check_fully_connected_pairs() {
    const bool per_channel = random.one_in(2);
    FullyConnectedParams p{};
    p.batches = static_cast<uint16_t>(random.in(1, 3));
    p.depth = static_cast<uint32_t>(random.in(1, 90));
    p.outputs = static_cast<uint32_t>(random.in(1, 20));
    p.range = random_range();
    const PairLayout layout{p.depth};
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(p.batches * p.depth, true, misalign);
    uint8_t* words = layer.add((p.outputs + 3) / 4 * layout.words_per_block() * 4, false);
    uint8_t* table = layer.add(p.outputs * (per_channel ? 12u : 4u), false);
    layer.add(p.batches * p.outputs, true, misalign);
    layer.add(static_cast<uint32_t>(fully_connected_scratch_bytes(p.depth)), true);
    fill(in, p.batches * p.depth);
    pack_pairs(reinterpret_cast<uint32_t*>(words), layout, p.outputs);
    Channel channels[20];
    p.facts = fill_channels(channels, per_channel ? p.outputs : 1, p.depth);
    p.multiplier = channels[0].multiplier;
    p.shift = channels[0].shift;
    for (uint32_t o = 0; o < p.outputs; ++o) {
        const int32_t bias = random.in(-100000, 100000);
        memcpy(table + o * (per_channel ? 12 : 4),
               per_channel ? static_cast<const void*>(&channels[o]) : &bias, per_channel ? 12 : 4);
    }
    return per_channel ? compare(kFullyConnectedPairsPerChannelInt8CortexM,
                                 kFullyConnectedPairsPerChannelInt8, layer, 3)
                       : compare(kFullyConnectedPairsInt8CortexM, kFullyConnectedPairsInt8, layer, 3);
}

const char* check_average_pool2d() {
    Pool2dParams p{};
    p.window = random_window(6);
    Window& w = p.window;
    w.dilation_h = w.dilation_w = 1;
    if (random.one_in(4)) {  // more taps than one lane can hold
        w.in_h = w.kernel_h = 20;
        w.in_w = w.kernel_w = 17;
        w.out_h = w.out_w = 1;
        w.pad_top = w.pad_left = 0;
    }
    w.in_c = w.out_c = static_cast<uint16_t>(random.in(1, 11));
    const Range range = random_range();
    p.low = range.low;
    p.high = range.high;
    Layer layer(&p, sizeof p);
    const uint32_t misalign = static_cast<uint32_t>(random.in(0, 3));
    uint8_t* in = layer.add(static_cast<uint32_t>(input_bytes(w)), true, misalign);
    layer.add(static_cast<uint32_t>(output_bytes(w)), true, misalign);
    fill(in, static_cast<uint32_t>(input_bytes(w)));
    return compare(kAveragePool2dInt8CortexM, kAveragePool2dInt8, layer, 1);
}

const char* check_add_by(const Kernel& fast) {
    AddParams p{};
    const uint32_t count = static_cast<uint32_t>(random.in(1, 70));
    const bool broadcast = random.one_in(4);
    for (uint32_t i = 0; i < kWalkAxes; ++i) p.walk.shape[i] = 1;
    p.walk.shape[3] = count;
    p.walk.stride[0][3] = 1;
    p.walk.stride[1][3] = broadcast ? 0 : 1;
    const uint32_t larger = random.next() % 3;  // a, b, or both alike
    p.a_multiplier = larger == 1 ? (1 << 30) + random.in(0, 0x3FFFFFFF) : 1 << 30;
    p.a_shift = larger == 1 ? random.in(-12, -1) : 0;
    p.b_multiplier = larger == 0 ? (1 << 30) + random.in(0, 0x3FFFFFFF) : 1 << 30;
    p.b_shift = larger == 0 ? random.in(-12, -1) : 0;
    p.multiplier = (1 << 30) + random.in(0, 0x3FFFFFFF);
    p.shift = random.in(-22, -14);
    p.a_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.b_zero_point = static_cast<int8_t>(random.in(-128, 127));
    p.range = random_range();
    p.facts = random.one_in(5) ? 0 : kShortRequantise;
    Layer layer(&p, sizeof p);
    uint8_t* a = layer.add(count, true, 1);
    uint8_t* b = layer.add(broadcast ? 1 : count, true, 2);
    layer.add(count, true, 3);
    fill(a, count);
    fill(b, broadcast ? 1 : count);
    return compare(fast, kAddInt8, layer, 2);
}

const char* check_add() { return check_add_by(kAddInt8CortexM); }
const char* check_plain_add() { return check_add_by(kAddInt8CortexM0); }

// Parameters nobody's compiler would write: most are refused; what is accepted has to stay inside its
// operands.
template <typename Params>
const char* check_hostile(const Kernel& fast, uint32_t constants, uint32_t scratch, uint32_t* accepted) {
    const uint16_t extents[] = {0, 1, 1, 1, 1, 2, 2, 3, 3, 5, 8, 255, 65535};
    Params p;
    fill(reinterpret_cast<uint8_t*>(&p), sizeof p);
    for (uint32_t at = 0; at + 2 <= sizeof p && at < 32; at += 2) {
        const uint16_t extent = extents[random.next() % 13];
        memcpy(reinterpret_cast<uint8_t*>(&p) + at, &extent, 2);
    }
    Layer layer(&p, sizeof p);
    layer.add(400, true);
    const uint32_t sizes[] = {300, 120};
    for (uint32_t i = 0; i < constants; ++i) layer.add(sizes[i], false);
    layer.add(200, true);
    if (scratch != 0) layer.add(scratch, true);
    paint_guards(layer, 0x5A);
    if (!fast.fits(layer.claim())) return nullptr;
    ++*accepted;
    run(fast, layer);
    return guards_hold(layer, 0x5A) ? nullptr : "hostile parameters make it write outside";
}

const char* check_hostile_layers() {
    uint32_t accepted = 0;
    for (uint32_t i = 0; i < 8000; ++i) {
        const char* wrong = check_hostile<Conv2dParams>(kConv2dInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Conv2dParams>(kConv2dPairsInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseConv2dInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Conv2dParams>(kConv2dLinesInt8CortexM, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dRoundedInt8CortexM, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseLinesInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseRoundedInt8CortexM, 2, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dByteLinesInt8CortexM0, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<Conv2dParams>(kConv2dByteRoundedInt8CortexM0, 1, 600, &accepted);
        if (wrong == nullptr)
            wrong = check_hostile<DepthwiseConv2dParams>(kDepthwiseLinesInt8CortexM0, 2, 600, &accepted);
        if (wrong == nullptr) wrong = check_hostile<Pool2dParams>(kAveragePool2dInt8CortexM, 0, 0, &accepted);
        if (wrong != nullptr) return wrong;
    }
    return accepted > 100 ? nullptr : "too few hostile layers were accepted to prove anything";
}

// Runs `cases` random layers; says how many failed, and how the first one did.
uint32_t repeat(const char* name, const char* (*check)(), uint32_t cases) {
    uint32_t failures = 0;
    for (uint32_t i = 0; i < cases; ++i) {
        const char* wrong = check();
        if (wrong == nullptr) continue;
        if (failures++ == 0) {
            print(name);
            print(" case ");
            print_number(i);
            print(": ");
            print(wrong);
            print("\n");
        }
    }
    print(name);
    print(": ");
    print_number(cases - failures);
    print(" of ");
    print_number(cases);
    print(" layers agree\n");
    return failures;
}

}  // namespace
}  // namespace jatai

int main() {
    using namespace jatai;
    uint32_t failures = 0;
    failures += repeat("CONV_2D", check_conv2d, 600);
    failures += repeat("CONV_2D in pairs", check_conv2d_pairs, 600);
    failures += repeat("CONV_2D along lines", check_conv2d_lines, 600);
    failures += repeat("CONV_2D rounded twice", check_conv2d_rounded, 600);
    failures += repeat("CONV_2D along lines, zeroed", check_zeroed_lines, 400);
    failures += repeat("CONV_2D rounded twice, zeroed", check_zeroed_rounded, 400);
    failures += repeat("DEPTHWISE_CONV_2D along lines", check_strips_of_lines, 400);
    failures += repeat("DEPTHWISE_CONV_2D rounded twice", check_strips_of_roundings, 400);
    failures += repeat("CONV_2D in bytes along lines", check_bytes_of_lines, 400);
    failures += repeat("CONV_2D in bytes rounded twice", check_bytes_of_roundings, 400);
    failures += repeat("DEPTHWISE_CONV_2D in words", check_words, 400);
    failures += repeat("DEPTHWISE_CONV_2D", check_depthwise_conv2d, 600);
    failures += repeat("DEPTHWISE_CONV_2D, zeroed", check_depthwise_zeroed, 400);
    failures += repeat("FULLY_CONNECTED", check_fully_connected, 400);
    failures += repeat("FULLY_CONNECTED in pairs", check_fully_connected_pairs, 400);
    failures += repeat("AVERAGE_POOL_2D", check_average_pool2d, 400);
    failures += repeat("ADD", check_add, 400);
    failures += repeat("ADD by halves", check_plain_add, 400);
    failures += repeat("hostile parameters", check_hostile_layers, 1);
    return failures == 0 ? 0 : 1;
}
