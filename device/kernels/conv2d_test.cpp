#include "device/kernels/conv2d_pairs.h"

#include <gtest/gtest.h>

#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/plain_test.h"

namespace jatai {
namespace {

// A layer as TFLite knows it: bias without the zero point, a tap outside the image skipped.
struct Layer {
    ConvParams params{};
    int multiplier = 1;  // of depth; depthwise only
    bool depthwise = false;
    std::vector<int8_t> input, weights;
    std::vector<int32_t> bias;
    std::vector<Channel> channels;

    int depth() const { return depthwise ? 1 : params.window.in_c / params.window.groups; }
    int weight(int o, int ky, int kx, int i) const {
        const Window& w = params.window;
        return depthwise ? weights[static_cast<std::size_t>((ky * w.kernel_w + kx) * w.out_c + o)]
                         : weights[static_cast<std::size_t>(
                               ((o * w.kernel_h + ky) * w.kernel_w + kx) * depth() + i)];
    }
    // The stored input minus its zero point; 0 outside.
    int value(int n, int iy, int ix, int c) const {
        const Window& w = params.window;
        if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) return 0;
        return input[static_cast<std::size_t>(((n * w.in_h + iy) * w.in_w + ix) * w.in_c + c)] -
               params.input_zero_point;
    }
    int64_t sum(int n, int y, int x, int o) const {
        const Window& w = params.window;
        const int first = depthwise ? o / multiplier : o / (w.out_c / w.groups) * depth();
        int64_t total = bias[static_cast<std::size_t>(o)];
        for (int ky = 0; ky < w.kernel_h; ++ky) {
            for (int kx = 0; kx < w.kernel_w; ++kx) {
                const int iy = y * w.stride_h - w.pad_top + ky * w.dilation_h;
                const int ix = x * w.stride_w - w.pad_left + kx * w.dilation_w;
                for (int i = 0; i < depth(); ++i) total += weight(o, ky, kx, i) * value(n, iy, ix, first + i);
            }
        }
        return total;
    }
    void fold_zero_point() {
        const Window& w = params.window;
        for (int o = 0; o < w.out_c; ++o) {
            int32_t all = 0;
            for (int ky = 0; ky < w.kernel_h; ++ky) {
                for (int kx = 0; kx < w.kernel_w; ++kx) {
                    for (int i = 0; i < depth(); ++i) all += weight(o, ky, kx, i);
                }
            }
            channels[static_cast<std::size_t>(o)].bias =
                bias[static_cast<std::size_t>(o)] - params.input_zero_point * all;
        }
    }
};

void random_axis(Dice& dice, uint16_t* in, uint16_t* out, uint16_t* kernel, uint16_t* stride,
                 uint16_t* dilation, uint16_t* pad) {
    *in = static_cast<uint16_t>(roll(dice, 1, 8));
    *out = static_cast<uint16_t>(roll(dice, 1, 5));
    *kernel = static_cast<uint16_t>(roll(dice, 1, 4));
    *stride = static_cast<uint16_t>(roll(dice, 1, 3));
    *dilation = static_cast<uint16_t>(roll(dice, 1, 2));
    *pad = static_cast<uint16_t>(roll(dice, 0, 4));
}

Layer random_layer(Dice& dice, bool depthwise) {
    Layer layer;
    layer.depthwise = depthwise;
    Window& w = layer.params.window;
    w.batches = static_cast<uint16_t>(roll(dice, 1, 2));
    random_axis(dice, &w.in_h, &w.out_h, &w.kernel_h, &w.stride_h, &w.dilation_h, &w.pad_top);
    random_axis(dice, &w.in_w, &w.out_w, &w.kernel_w, &w.stride_w, &w.dilation_w, &w.pad_left);
    w.groups = static_cast<uint16_t>(depthwise ? 1 : roll(dice, 1, 2));
    w.in_c = static_cast<uint16_t>(w.groups * roll(dice, 1, 5));
    layer.multiplier = roll(dice, 1, 3);
    w.out_c = static_cast<uint16_t>(depthwise ? w.in_c * layer.multiplier : w.groups * roll(dice, 1, 4));
    layer.params.input_zero_point = static_cast<int8_t>(roll(dice, -128, 127));
    layer.params.range = {static_cast<int8_t>(roll(dice, -128, 127)),
                          static_cast<int8_t>(roll(dice, -128, -100)),
                          static_cast<int8_t>(roll(dice, 50, 127))};
    layer.input = random_bytes(dice, input_bytes(w));
    layer.weights = random_bytes(dice, static_cast<std::size_t>(w.out_c) * w.kernel_h * w.kernel_w *
                                           static_cast<std::size_t>(layer.depth()));
    for (int o = 0; o < w.out_c; ++o) {
        layer.bias.push_back(roll(dice, -20000, 20000));
        layer.channels.push_back({0, (1 << 30) + roll(dice, 0, 0x3FFFFFFF), roll(dice, -9, 1)});
    }
    layer.fold_zero_point();
    return layer;
}

void check(const Kernel& kernel, const Layer& layer) {
    const Window& w = layer.params.window;
    Operands operands;
    operands.add(layer.input, false);
    operands.add(layer.weights, false);
    operands.add(layer.channels, false);
    const int8_t* out = operands.add(std::vector<int8_t>(output_bytes(w)), true);
    operands.run(kernel, layer.params);
    const Range& range = layer.params.range;
    for (int n = 0; n < w.batches; ++n) {
        for (int y = 0; y < w.out_h; ++y) {
            for (int x = 0; x < w.out_w; ++x) {
                for (int o = 0; o < w.out_c; ++o) {
                    const Channel& c = layer.channels[static_cast<std::size_t>(o)];
                    const auto sum = static_cast<int32_t>(layer.sum(n, y, x, o));
                    const int expected =
                        plain_clamp(int64_t{plain_rescale(sum, c.multiplier, c.shift)} + range.zero_point,
                                    range.low, range.high);
                    const double real =
                        sum * std::ldexp(static_cast<double>(c.multiplier), c.shift - 31) + range.zero_point;
                    ASSERT_EQ(*out, expected) << "at " << n << "," << y << "," << x << "," << o;
                    ASSERT_NEAR(*out, std::min<double>(std::max<double>(real, range.low), range.high), 1.01)
                        << "against floating point";
                    ++out;
                }
            }
        }
    }
}

TEST(Conv2d, RandomLayersAnswerAsTheFormula) {
    Dice dice(2);
    for (int i = 0; i < 300; ++i) check(kConv2dInt8, random_layer(dice, false));
}

TEST(DepthwiseConv2d, RandomLayersAnswerAsTheFormula) {
    Dice dice(3);
    for (int i = 0; i < 300; ++i) check(kDepthwiseConv2dInt8, random_layer(dice, true));
}

TEST(Conv2dPairs, AnswersAsTheWeightsOneByOne) {
    Dice dice(12);
    for (int i = 0; i < 200; ++i) {
        Layer layer = random_layer(dice, false);
        Window& w = layer.params.window;
        w.in_c = static_cast<uint16_t>(w.in_c / w.groups);
        w.groups = 1;
        layer.input = random_bytes(dice, input_bytes(w));
        const PairLayout layout{uint32_t{w.kernel_h} * w.kernel_w * w.in_c};
        std::vector<uint32_t> words((w.out_c + 3u) / 4 * layout.words_per_block());
        for (int8_t& weight : layer.weights) weight = std::max<int8_t>(weight, -127);
        for (uint32_t o = 0; o < w.out_c; o += 2) {
            for (uint32_t k = 0; k < layout.taps; ++k) {
                const int second = o + 1 < w.out_c ? layer.weights[(o + 1) * layout.taps + k] : 0;
                const auto lane = static_cast<uint16_t>(layer.weights[o * layout.taps + k] + 256 * second);
                words[layout.word(o, k)] |= uint32_t{lane} << PairLayout::lane_shift(k);
            }
        }
        const auto answer = [&](const Kernel& kernel, auto weights, std::size_t scratch) {
            Operands operands;
            operands.add(layer.input, false);
            operands.add(weights, false);
            operands.add(layer.channels, false);
            const int8_t* out = operands.add(std::vector<int8_t>(output_bytes(w)), true);
            if (scratch != 0) operands.add(std::vector<int8_t>(scratch), true);
            operands.run(kernel, layer.params);
            return std::vector<int8_t>(out, out + output_bytes(w));
        };
        ASSERT_EQ(answer(kConv2dPairsInt8, words, conv2d_scratch_bytes(layer.params)),
                  answer(kConv2dInt8, layer.weights, 0));
    }
}

TEST(Conv2d, FrozenVector) {
    // 3x3 image, 2x2 kernel, no padding, worked out by hand: sums 27, 32, 42, 47, halved (halves up), plus 3.
    ConvParams p{};
    p.window = {1, 3, 3, 1, 2, 2, 1, 2, 2, 1, 1, 1, 1, 0, 0, 1};
    p.input_zero_point = 1;
    p.range = {3, -128, 127};
    Operands operands;
    operands.add(std::vector<int8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9}, false);
    operands.add(std::vector<int8_t>{1, -1, 2, 3}, false);
    operands.add(std::vector<Channel>{{10 - 1 * 5, 1 << 30, 0}}, false);
    const int8_t* out = operands.add(std::vector<int8_t>(4), true);
    operands.run(kConv2dInt8, p);
    EXPECT_EQ((std::vector<int8_t>{out[0], out[1], out[2], out[3]}), (std::vector<int8_t>{17, 19, 24, 27}));
}

// Whatever the parameters: what `fits` accepts, `run` survives.
TEST(Conv2d, HostileParametersAreRefusedOrHarmless) {
    Dice dice(4);
    const uint16_t extents[] = {0, 1, 1, 1, 1, 2, 2, 3, 4, 7, 255, 65535};
    int accepted = 0;
    for (int i = 0; i < 40000; ++i) {
        ConvParams p;
        for (std::size_t b = 0; b < sizeof p; ++b)
            reinterpret_cast<uint8_t*>(&p)[b] = static_cast<uint8_t>(dice());
        auto* fields = reinterpret_cast<uint16_t*>(&p.window);
        for (std::size_t f = 0; f < sizeof p.window / 2; ++f) fields[f] = extents[dice() % 12];
        Operands operands;
        for (std::size_t size : {300, 200, 120}) operands.add(random_bytes(dice, size), false);
        operands.add(std::vector<int8_t>(100), true);
        accepted += operands.try_run(kConv2dInt8, &p, sizeof p);
        accepted += operands.try_run(kDepthwiseConv2dInt8, &p, sizeof p);
        operands.add(std::vector<int8_t>(300), true);
        accepted += operands.try_run(kConv2dPairsInt8, &p, sizeof p);
    }
    EXPECT_GT(accepted, 200) << "the test has to reach run()";
}

}  // namespace
}  // namespace jatai
