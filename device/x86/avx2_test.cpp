// The kernels in vectors against the reference kernels, byte by byte, on operands whose ends a sanitizer
// watches.
#include <gtest/gtest.h>

#include <algorithm>

#include "device/kernels/conv2d_blocks.h"
#include "device/kernels/conv2d_bytes.h"
#include "device/kernels/conv2d_pairs.h"
#include "device/kernels/depthwise_strips.h"
#include "device/kernels/fully_connected_pairs.h"
#include "device/kernels/multiply_float.h"
#include "device/kernels/plain_test.h"

#include "device/kernels/add.h"
#include "device/x86/dispatch.h"

namespace jatai {
namespace {

using ByteList = std::vector<int8_t>;

// A step for two kernels: constants and inputs by value, how much each writes, and how much scratch it has.
struct Step {
    std::vector<ByteList> inputs;
    std::size_t output_bytes = 0, scratch_bytes = 0;

    template <typename T>
    void add(const std::vector<T>& values) {
        const auto* bytes = reinterpret_cast<const int8_t*>(values.data());
        inputs.emplace_back(bytes, bytes + values.size() * sizeof(T));
    }
};

// What the kernel writes; empty: it refuses the step.
template <typename Params>
ByteList answer(const Kernel& kernel, const Params& params, const Step& step) {
    Operands operands;
    for (const ByteList& input : step.inputs) operands.add(input, false);
    const int8_t* out = operands.add(ByteList(step.output_bytes), true);
    if (step.scratch_bytes != 0) operands.add(ByteList(step.scratch_bytes), true);
    if (!operands.try_run(kernel, &params, sizeof params)) return {};
    return ByteList(out, out + step.output_bytes);
}

// Of a layer in blocks of four channels whose last block takes the last four again: without those channels
// that lie in two blocks, which a package has the same in both.
ByteList once(ByteList bytes, const Window& w) {
    for (std::size_t i = 0; w.out_c % 4 != 0 && i < bytes.size(); ++i) {
        const std::size_t o = i % w.out_c;
        if (o + 4 >= w.out_c && o < w.out_c / 4 * 4u) bytes[i] = 0;
    }
    return bytes;
}

// Whether the step was one that the kernels take.
template <typename Params>
bool same_bytes(const Kernel& reference, const Params& params, const Step& step) {
    const Kernel* fast = find_avx2_kernel(reference.key);
    EXPECT_NE(fast, nullptr);
    if (fast == nullptr) return false;
    const ByteList expected = answer(reference, params, step);
    EXPECT_EQ(answer(*fast, params, step), expected);
    return !expected.empty();
}

std::vector<Channel> random_channels(Dice& dice, std::size_t count) {
    std::vector<Channel> channels;
    for (std::size_t i = 0; i < count; ++i) {
        channels.push_back(
            {roll(dice, -20000, 20000), (1 << 30) + roll(dice, 0, 0x3FFFFFFF), roll(dice, -12, 1)});
        if (roll(dice, 0, 19) == 0)
            channels.back() = {static_cast<int32_t>(dice()), static_cast<int32_t>(dice()),
                               roll(dice, -40, 40)};
    }
    return channels;
}

void random_axis(Dice& dice, uint16_t* in, uint16_t* out, uint16_t* kernel, uint16_t* stride,
                 uint16_t* dilation, uint16_t* pad) {
    *in = static_cast<uint16_t>(roll(dice, 1, 12));
    *out = static_cast<uint16_t>(roll(dice, 1, 9));
    *kernel = static_cast<uint16_t>(roll(dice, 1, 4));
    *stride = static_cast<uint16_t>(roll(dice, 1, 3));
    *dilation = static_cast<uint16_t>(roll(dice, 1, 2));
    *pad = static_cast<uint16_t>(roll(dice, 0, 4));
}

Window random_window(Dice& dice) {
    Window w{};
    w.batches = static_cast<uint16_t>(roll(dice, 1, 2));
    random_axis(dice, &w.in_h, &w.out_h, &w.kernel_h, &w.stride_h, &w.dilation_h, &w.pad_top);
    random_axis(dice, &w.in_w, &w.out_w, &w.kernel_w, &w.stride_w, &w.dilation_w, &w.pad_left);
    w.groups = 1;
    // Now and then more taps than are laid out at once.
    w.in_c = static_cast<uint16_t>(roll(dice, 1, roll(dice, 0, 9) == 0 ? 200 : 40));
    w.out_c = static_cast<uint16_t>(roll(dice, 1, 40));
    return w;
}

Range random_range(Dice& dice) {
    return {static_cast<int8_t>(dice()), static_cast<int8_t>(roll(dice, -128, -90)),
            static_cast<int8_t>(roll(dice, 50, 127))};
}

ConvParams random_conv(Dice& dice) {
    ConvParams p{};
    p.window = random_window(dice);
    p.input_zero_point = static_cast<int8_t>(dice());
    p.range = random_range(dice);
    return p;
}

uint32_t all_taps(const Window& w) { return uint32_t{w.kernel_h} * w.kernel_w * w.in_c; }

class Avx2Kernels : public testing::Test {
  protected:
    void SetUp() override {
        if (!has_avx2()) GTEST_SKIP() << "this processor has no AVX2";
    }
    Dice dice{41};
};

TEST_F(Avx2Kernels, ConvolveWithRowsOfWeightsInGroupsToo) {
    for (int i = 0; i < 400; ++i) {
        ConvParams p = random_conv(dice);
        Window& w = p.window;
        w.groups = static_cast<uint16_t>(roll(dice, 0, 3) == 0 ? roll(dice, 2, 3) : 1);
        w.in_c = static_cast<uint16_t>(w.in_c * w.groups);
        w.out_c = static_cast<uint16_t>(w.out_c * w.groups);
        Step step;
        step.add(random_bytes(dice, input_bytes(w)));
        step.add(random_bytes(dice, uint64_t{w.out_c} * all_taps(w) / w.groups));
        step.add(random_channels(dice, w.out_c));
        step.output_bytes = output_bytes(w);
        ASSERT_TRUE(same_bytes(kConv2dInt8, p, step)) << i;
    }
}

TEST_F(Avx2Kernels, ConvolveWithChannelPairs) {
    for (int i = 0; i < 300; ++i) {
        const ConvParams p = random_conv(dice);
        const Window& w = p.window;
        Step step;
        step.add(random_bytes(dice, input_bytes(w)));
        step.add(random_bytes(dice, round_up4(w.out_c) * round_up4(all_taps(w))));
        step.add(random_channels(dice, w.out_c));
        step.output_bytes = output_bytes(w);
        step.scratch_bytes = conv2d_scratch_bytes(p);
        ASSERT_TRUE(same_bytes(kConv2dPairsInt8, p, step)) << i;
    }
}

// Blocks of four channels, whatever their bytes.
void convolve_blocks(Dice& dice, const Kernel& kernel, uint32_t scale_bytes,
                     uint64_t (*scratch)(const ConvParams&)) {
    for (int i = 0; i < 200; ++i) {
        ConvParams p = random_conv(dice);
        Window& w = p.window;
        w.out_c = static_cast<uint16_t>(w.out_c + 3);
        Step step;
        step.add(random_bytes(dice, input_bytes(w)));
        step.add(random_bytes(dice, round_up4(w.out_c) * (round_up4(all_taps(w)) + scale_bytes)));
        step.output_bytes = output_bytes(w);
        step.scratch_bytes = scratch(p);
        const Kernel* fast = find_avx2_kernel(kernel.key);
        ASSERT_NE(fast, nullptr);
        const ByteList expected = answer(kernel, p, step);
        ASSERT_FALSE(expected.empty());
        ASSERT_EQ(once(answer(*fast, p, step), w), once(expected, w)) << i;
    }
}

TEST_F(Avx2Kernels, ConvolveWithBlocksOfChannels) {
    convolve_blocks(dice, kConv2dLinesInt8, 8, conv2d_scratch_bytes);
    convolve_blocks(dice, kConv2dRoundedInt8, 16, conv2d_scratch_bytes);
    convolve_blocks(dice, kConv2dHeldInt8, 16, conv2d_scratch_bytes);
}

TEST_F(Avx2Kernels, ConvolveEveryChannelByItself) {
    for (int i = 0; i < 400; ++i) {
        ConvParams p = random_conv(dice);
        Window& w = p.window;
        w.out_c = static_cast<uint16_t>(w.in_c * (roll(dice, 0, 4) == 0 ? 2 : 1));
        Step step;
        step.add(random_bytes(dice, input_bytes(w)));
        step.add(random_bytes(dice, uint64_t{w.out_c} * w.kernel_h * w.kernel_w));
        step.add(random_channels(dice, w.out_c));
        step.output_bytes = output_bytes(w);
        ASSERT_TRUE(same_bytes(kDepthwiseConv2dInt8, p, step)) << i;
        w.out_c = w.in_c = static_cast<uint16_t>(w.in_c + 3);
        w.kernel_h = w.kernel_w = 3;
        w.dilation_h = w.dilation_w = 1;
        w.stride_h = w.stride_w = static_cast<uint16_t>(roll(dice, 1, 2));
        step = {};
        step.add(random_bytes(dice, input_bytes(w)));
        step.add(random_bytes(dice, uint64_t{w.out_c} * 9));
        step.add(random_bytes(dice, uint64_t{w.out_c} * sizeof(RoundedScale)));
        step.output_bytes = output_bytes(w);
        step.scratch_bytes = depthwise_strips_scratch_bytes(p);
        ASSERT_TRUE(same_bytes(kDepthwiseRoundedInt8, p, step)) << i;
        step.inputs.back().resize(w.out_c * sizeof(ScaleLine));
        ASSERT_TRUE(same_bytes(kDepthwiseLinesInt8, p, step)) << i;
    }
}

// Lanes of A + 256 B, as the compiler makes them.
std::vector<uint16_t> random_pairs(Dice& dice, std::size_t count) {
    std::vector<uint16_t> lanes(count);
    for (uint16_t& lane : lanes)
        lane = static_cast<uint16_t>(roll(dice, -127, 127) + 256 * roll(dice, -127, 127));
    return lanes;
}

TEST_F(Avx2Kernels, MultiplyDenseLayers) {
    for (int i = 0; i < 400; ++i) {
        FullyConnectedParams p{};
        p.batches = static_cast<uint16_t>(roll(dice, 1, roll(dice, 0, 3) == 0 ? 80 : 3));
        p.depth = static_cast<uint32_t>(roll(dice, 1, i % 20 == 0 ? 9000 : 300));
        p.outputs = static_cast<uint32_t>(roll(dice, 1, 40));
        p.multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.shift = roll(dice, -12, 1);
        p.range = random_range(dice);
        Step step;
        step.add(random_bytes(dice, std::size_t{p.batches} * p.depth));
        step.add(random_bytes(dice, std::size_t{p.outputs} * p.depth));
        step.add(random_channels(dice, p.outputs));
        step.output_bytes = std::size_t{p.batches} * p.outputs;
        ASSERT_TRUE(same_bytes(kFullyConnectedPerChannelInt8, p, step)) << i;
        step.scratch_bytes = fully_connected_scratch_bytes(p.depth);
        const auto pairs = random_pairs(dice, round_up4(p.outputs) * round_up4(p.depth) / 2);
        step.inputs[1].assign(reinterpret_cast<const int8_t*>(pairs.data()),
                              reinterpret_cast<const int8_t*>(pairs.data() + pairs.size()));
        ASSERT_TRUE(same_bytes(kFullyConnectedPairsPerChannelInt8, p, step)) << i;
        step.inputs[2].resize(p.outputs * sizeof(int32_t));
        ASSERT_TRUE(same_bytes(kFullyConnectedPairsInt8, p, step)) << i;
        step.inputs[1].resize(std::size_t{p.outputs} * p.depth);
        ASSERT_TRUE(same_bytes(kFullyConnectedInt8, p, step)) << i;
    }
}

TEST_F(Avx2Kernels, AddRowsAndSingleNumbers) {
    for (int i = 0; i < 400; ++i) {
        AddParams p{};
        const auto rows = static_cast<uint32_t>(roll(dice, 1, 4)),
                   columns = static_cast<uint32_t>(roll(dice, 1, 70));
        p.walk = {{1, 1, rows, columns}, {{0, 0, columns, 1}, {0, 0, columns, 1}}};
        if (i % 3 == 0) p.walk.stride[i % 2][3] = 0;
        if (i % 7 == 0) p.walk.stride[0][3] = 2;
        p.a_multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.b_multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.a_shift = roll(dice, -4, 0), p.b_shift = roll(dice, -4, 0), p.shift = roll(dice, -21, -16);
        p.a_zero_point = static_cast<int8_t>(dice()), p.b_zero_point = static_cast<int8_t>(dice());
        p.range = random_range(dice);
        Step step;
        step.add(random_bytes(dice, std::size_t{rows} * columns * 2));
        step.add(random_bytes(dice, std::size_t{rows} * columns));
        step.output_bytes = std::size_t{rows} * columns;
        ASSERT_TRUE(same_bytes(kAddInt8, p, step)) << i;
    }
}

std::vector<float> random_floats(Dice& dice, std::size_t count) {
    std::vector<float> values(count);
    for (float& value : values)
        value = roll(dice, 0, 15) == 0 ? -0.0f : static_cast<float>(roll(dice, -10000, 10000)) / 997.0f;
    return values;
}

TEST_F(Avx2Kernels, MultiplyFloatsInTheOrderOfTheReference) {
    for (int i = 0; i < 200; ++i) {
        FloatConvParams p{};
        p.window = random_window(dice);
        p.low = -50.0f, p.high = 90.0f;
        Window& w = p.window;
        Step step;
        step.add(random_floats(dice, input_bytes(w)));
        step.add(random_floats(dice, uint64_t{w.out_c} * all_taps(w)));
        step.add(random_floats(dice, w.out_c));
        step.output_bytes = output_bytes(w) * sizeof(float);
        ASSERT_TRUE(same_bytes(kConv2dFloat, p, step)) << i;
        w.out_c = w.in_c;
        step.inputs[2].resize(0);
        step.inputs[1].resize(uint64_t{w.out_c} * w.kernel_h * w.kernel_w * sizeof(float));
        step.output_bytes = output_bytes(w) * sizeof(float);
        ASSERT_TRUE(same_bytes(kDepthwiseConv2dFloat, p, step)) << i;
        const FloatDenseParams dense{
            {static_cast<uint32_t>(roll(dice, 1, 3)), static_cast<uint32_t>(roll(dice, 1, 90)),
             static_cast<uint32_t>(roll(dice, 1, 70))},
            -1000.0f,
            1000.0f};
        step = {};
        step.add(random_floats(dice, std::size_t{dense.dense.batches} * dense.dense.depth));
        step.add(random_floats(dice, std::size_t{dense.dense.outputs} * dense.dense.depth));
        step.add(random_floats(dice, dense.dense.outputs));
        step.output_bytes = std::size_t{dense.dense.batches} * dense.dense.outputs * sizeof(float);
        ASSERT_TRUE(same_bytes(kFullyConnectedFloat, dense, step)) << i;
    }
}

// Whatever the parameters: what the reference takes, both answer alike.
TEST_F(Avx2Kernels, HostileParametersGiveTheSameBytesToo) {
    const uint16_t extents[] = {0, 1, 1, 1, 1, 2, 2, 3, 4, 7, 255, 65535};
    int accepted = 0;
    for (int i = 0; i < 8000; ++i) {
        ConvParams p;
        for (std::size_t b = 0; b < sizeof p; ++b)
            reinterpret_cast<uint8_t*>(&p)[b] = static_cast<uint8_t>(dice());
        auto* fields = reinterpret_cast<uint16_t*>(&p.window);
        for (std::size_t f = 0; f < sizeof p.window / 2; ++f) fields[f] = extents[dice() % 12];
        Step step;
        for (std::size_t size : {300, 200, 120}) step.add(random_bytes(dice, size));
        step.output_bytes = 100;
        accepted += same_bytes(kConv2dInt8, p, step);
        accepted += same_bytes(kDepthwiseConv2dInt8, p, step);
        step.scratch_bytes = 300;
        accepted += same_bytes(kConv2dPairsInt8, p, step);
        accepted += same_bytes(kDepthwiseLinesInt8, p, step);
        step.inputs.pop_back();
        if (p.window.out_c % 4 != 0) continue;
        accepted += same_bytes(kConv2dLinesInt8, p, step);
        accepted += same_bytes(kConv2dRoundedInt8, p, step);
    }
    EXPECT_GT(accepted, 100) << "the test has to reach run()";
}

}  // namespace
}  // namespace jatai
