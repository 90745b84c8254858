#include "src/graph/ops/ops.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <set>

#include "device/kernels/add.h"
#include "device/kernels/conv2d.h"
#include "device/kernels/fully_connected.h"
#include "device/kernels/lookup.h"
#include "device/kernels/multiply_int8.h"
#include "device/kernels/quantize.h"
#include "device/kernels/softmax.h"
#include "device/kernels/softmax_table.h"
#include "src/graph/interpret.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/kernels.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

Graph verified(const char* words) {
    Graph graph = parse_text(words, "test");
    verify(graph);
    return graph;
}

// Marked for the kernels that subtract no zero point.
Graph folded(const char* words) { return zero_points_folded(verified(words)); }

Lowered lower(const Graph& graph, Family family = Family::Reference) {
    const Node& node = graph.nodes.front();
    return op_def(node.op).lower(graph, node, family);
}

template <typename Params>
Params params_of(const Lowered& step) {
    Params params;
    EXPECT_EQ(step.params.size(), sizeof params);
    std::memcpy(&params, step.params.data(), sizeof params);
    return params;
}

TEST(QuantizeMultiplier, IsAFractionAndAPowerOfTwo) {
    EXPECT_EQ(quantize_multiplier(0.5).multiplier, 1 << 30);
    EXPECT_EQ(quantize_multiplier(0.5).shift, 0);
    EXPECT_EQ(quantize_multiplier(1.0).shift, 1);
    EXPECT_EQ(quantize_multiplier(std::ldexp(0.75, -10)).multiplier, 3 << 29);
    EXPECT_EQ(quantize_multiplier(std::ldexp(0.75, -10)).shift, -10);
    // Just below a power of two the fraction rounds up to it.
    EXPECT_EQ(quantize_multiplier(std::nextafter(1.0, 0.0)).multiplier, 1 << 30);
    EXPECT_EQ(quantize_multiplier(std::nextafter(1.0, 0.0)).shift, 1);
    EXPECT_EQ(quantize_multiplier(1e-12).multiplier, 0) << "too small to move anything";
    EXPECT_EQ(quantize_multiplier(0).multiplier, 0);
    EXPECT_EQ(quantize_multiplier(NAN).multiplier, 0);
    for (double real = 1e-9; real < 1e6; real *= 1.37) {
        const Multiplier m = quantize_multiplier(real);
        EXPECT_NEAR(std::ldexp(m.multiplier, m.shift - 31) / real, 1.0, 1e-9);
    }
}

constexpr const char* kConv = R"(
    %x int8[1,5,4,2] s=0.5 z=-3 = input
    %w int8[2,3,3,2] s=[0.25,0.5] axis=0 = fill 2
    %b int32[2] = {100,-100}
    %y int8[1,3,2,2] s=1 z=-128 = CONV_2D(%x, %w, %b) padding=same stride_w=2 stride_h=2 fused_activation_function=relu6
    output %y)";

TEST(Conv2dDef, LowersToAWindowAndAChannelTable) {
    const Graph graph = folded(kConv);
    const Lowered step = lower(graph);
    EXPECT_TRUE(step.kernel == kConv2dInt8.key);
    const auto params = params_of<Conv2dParams>(step);
    EXPECT_EQ(params.window.pad_top, 1);
    EXPECT_EQ(params.window.pad_left, 0) << "TFLite pads the smaller half first";
    EXPECT_EQ(params.window.out_h, 3);
    EXPECT_EQ(params.input_zero_point, -3);
    EXPECT_EQ(params.range.low, -128);
    EXPECT_EQ(params.range.high, -122) << "relu6 at scale 1 above zero point -128";
    EXPECT_EQ(params.facts, kShortRequantise);
    ASSERT_EQ(step.operands.size(), 4u);
    Channel channels[2];
    ASSERT_EQ(step.operands[2].constant.size(), sizeof channels);
    std::memcpy(channels, step.operands[2].constant.data(), sizeof channels);
    EXPECT_EQ(channels[0].bias, 100 + 3 * 36)
        << "the zero point times the sum of 18 weights of 2 is folded in";
    EXPECT_EQ(channels[1].bias, -100 + 3 * 36);
    EXPECT_EQ(channels[0].shift, -2) << "0.5 * 0.25 / 1 = 0.5 * 2^-2";
    EXPECT_EQ(channels[1].shift, -1);
}

TEST(Conv2dDef, WithoutAFoldedZeroPointEveryFamilySubtractsIt) {
    for (const Family family : {Family::Reference, Family::CortexM, Family::CortexM0}) {
        const Lowered step = lower(verified(kConv), family);
        EXPECT_TRUE(step.kernel == kConv2dZeroed.key);
        EXPECT_EQ(params_of<ZeroedConvParams>(step).zeroed.input_zero_point, -3);
    }
}

TEST(Conv2dDef, CountsMultiplyAccumulates) {
    const Graph graph = verified(kConv);
    EXPECT_EQ(op_def(Op::Conv2d).macs(graph, graph.nodes[0]), 3 * 2 * 2 * 3 * 3 * 2);
}

// Windows of 13 numbers, too long for registers, of which only two weigh something.
TEST(Conv2dDef, TheFastFamilyTakesBlocksOfChannelPairsWhereTheyAreExact) {
    const auto kernel_for = [](const std::vector<std::array<int, 2>>& weights, int zero_point = 0) {
        std::string all;
        for (const auto& [first, second] : weights)
            all += fmt::format("{}{},{},0,0,0,0,0,0,0,0,0,0,0", all.empty() ? "" : ",", first, second);
        const Graph plain =
            verified(fmt::format("%x int8[1,1,1,13] s=1 = input\n%w int8[4,1,1,13] s=0.01 = {{{}}}\n"
                                 "%y int8[1,1,1,4] s=1 z={} = CONV_2D(%x, %w, _) padding=valid stride_w=1 "
                                 "stride_h=1\noutput %y\n",
                                 all, zero_point)
                         .c_str());
        const Graph graph = zero_points_folded(plain);
        Bytes in(13);
        in[0] = 0x80;
        in[1] = 0x7F;
        Interpreter fast(graph, Family::CortexM);
        Interpreter reference(plain);
        EXPECT_EQ(fast.run({in}), reference.run({in}));
        return lower(graph, Family::CortexM).kernel.version;
    };
    EXPECT_EQ(kernel_for({{-128, -128}, {-127, -127}, {127, 127}, {127, 127}}), 6);
    EXPECT_EQ(kernel_for({{0, 0}, {-128, 0}, {0, 0}, {0, 0}}), 6) << "0 - 256 * 128 is the lowest lane";
    EXPECT_EQ(kernel_for({{0, 0}, {-127, 0}, {0, 9}, {8, 7}}, -128), 5) << "one line per channel";
    EXPECT_EQ(kernel_for({{-1, 0}, {-128, 0}, {0, 0}, {0, 0}}), 1) << "-1 - 256 * 128 is no 16-bit number";
}

// What a family makes of the layer, and whether it answers as the reference does on numbers from end to end.
int version_that_answers_alike(const std::string& words, Family family) {
    const Graph plain = verified(words.c_str()), graph = zero_points_folded(plain);
    Bytes in(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).elements()));
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = static_cast<std::uint8_t>(37 * i + i / 7);
    Interpreter fast(graph, family);
    Interpreter reference(plain);
    EXPECT_EQ(fast.run({in}), reference.run({in})) << words;
    return lower(graph, family).kernel.version;
}

TEST(Conv2dDef, WeightsWithAZeroPointLieInBlocksToo) {
    const auto conv = [](const char* output) {
        return std::string(
                   "%x int8[1,5,5,3] s=0.05 z=-7 = input\n%w int8[6,3,3,3] s=0.01 z=13 = random 3\n") +
               "%y int8[1,5,5,6] " + output +
               " = CONV_2D(%x, %w, _) padding=same stride_w=1 stride_h=1\noutput %y\n";
    };
    EXPECT_EQ(version_that_answers_alike(conv("s=0.2 z=-128"), Family::Reference), 3);
    for (const char* output : {"s=0.2 z=-128", "s=0.1 z=3", "s=0.03 z=100"}) {
        const int version = version_that_answers_alike(conv(output), Family::CortexM);
        EXPECT_TRUE(version == 11 || version == 12) << version;
        const int plain = version_that_answers_alike(conv(output), Family::CortexM0);
        EXPECT_TRUE(plain == 9 || plain == 10) << plain;
    }
}

TEST(DepthwiseConv2dDef, WeightsWithAZeroPointAreWidenedLess) {
    const std::string words =
        "%x int8[1,5,5,6] s=0.05 z=-7 = input\n%w int8[1,3,3,6] s=0.01 z=-13 = random 3\n"
        "%y int8[1,5,5,6] s=0.05 z=3 = DEPTHWISE_CONV_2D(%x, %w, _) padding=same stride_w=1 stride_h=1 "
        "depth_multiplier=1";
    const std::string held = " fused_activation_function=relu_n1_to_1\noutput %y\n";
    EXPECT_EQ(version_that_answers_alike(words + "\noutput %y\n", Family::CortexM), 8);
    EXPECT_EQ(version_that_answers_alike(words + held, Family::CortexM), 11);
    EXPECT_EQ(version_that_answers_alike(words + " dilation_w_factor=2 dilation_h_factor=2" + held,
                                         Family::CortexM),
              7);
    EXPECT_EQ(version_that_answers_alike(words + held, Family::CortexM0), 3);
}

TEST(Conv2dDef, UpToThreeChannelsHaveAKernelOfTheirOwn) {
    const auto kernel_for = [](int channels, int zero) {
        return version_that_answers_alike(
            fmt::format("%x int8[1,5,6,3] s=0.05 z=-7 = input\n%w int8[{0},3,3,3] s=0.01 z={1} = random 3\n"
                        "%y int8[1,5,6,{0}] s=0.05 z=3 = CONV_2D(%x, %w, _) padding=same stride_w=1 "
                        "stride_h=1\noutput %y\n",
                        channels, zero),
            Family::CortexM);
    };
    for (int channels = 1; channels <= 3; ++channels) {
        EXPECT_EQ(kernel_for(channels, 0), 15);
        EXPECT_EQ(kernel_for(channels, -13), 15);
    }
    EXPECT_NE(kernel_for(4, 0), 15);
}

TEST(Conv2dDef, WindowsOfUpToTwelveNumbersStayInRegisters) {
    const auto kernel_for = [](int taps_h, int taps_w, int in_c, int zero, const char* more) {
        return version_that_answers_alike(
            fmt::format(
                "%x int8[1,7,9,{2}] s=0.05 z=-7 = input\n%w int8[6,{0},{1},{2}] s=0.01 z={3} = random 3\n"
                "%y int8[1,4,5,6] s=0.05 z=-128 = CONV_2D(%x, %w, _) padding=same stride_w=2 "
                "stride_h=2 fused_activation_function={4}\noutput %y\n",
                taps_h, taps_w, in_c, zero, more),
            Family::CortexM);
    };
    for (const int zero : {0, -13}) {
        EXPECT_EQ(kernel_for(1, 1, 3, zero, "relu"), 16);
        EXPECT_EQ(kernel_for(1, 1, 8, zero, "relu"), 16);
        EXPECT_EQ(kernel_for(2, 1, 2, zero, "relu"), 16);
        EXPECT_EQ(kernel_for(1, 5, 2, zero, "relu"), 17);
        EXPECT_EQ(kernel_for(3, 3, 1, zero, "relu"), 17);
        EXPECT_EQ(kernel_for(3, 4, 1, zero, "relu"), 17);
    }
    EXPECT_EQ(kernel_for(1, 1, 13, 0, "relu"), 5);
    EXPECT_EQ(kernel_for(4, 3, 1, 0, "relu"), 5);
    EXPECT_EQ(kernel_for(3, 3, 1, 0, "relu_n1_to_1"), 13) << "clamps within -128..127";
}

TEST(DepthwiseConv2dDef, SeveralTimesTheChannelsRunInStripsAndFewChannelsAsAConvolution) {
    const auto kernel_for = [](int channels, int multiplier, int kernel) {
        return version_that_answers_alike(
            fmt::format(
                "%x int8[1,7,6,{0}] s=0.05 z=-7 = input\n%w int8[1,{2},{2},{1}] s=0.01 = random 3\n"
                "%y int8[1,7,6,{1}] s=0.05 z=3 = DEPTHWISE_CONV_2D(%x, %w, _) padding=same stride_w=1 "
                "stride_h=1 depth_multiplier={3}\noutput %y\n",
                channels, channels * multiplier, kernel, multiplier),
            Family::CortexM);
    };
    for (const int multiplier : {2, 3, 8}) EXPECT_TRUE(kernel_for(5, multiplier, 3) >= 10);
    EXPECT_EQ(kernel_for(3, 1, 5), 15) << "three channels: a convolution of few";
    EXPECT_EQ(kernel_for(5, 2, 5), 1);
}

TEST(Conv2dDef, PairsWhoseSumsCouldWrapAreNotTaken) {
    const auto kernel_for = [](int taps) {
        const std::string n = std::to_string(taps);
        return lower(folded(("%x int8[1,1,1," + n + "] s=1 = input\n%w int8[4,1,1," + n +
                             "] s=1 = fill 127\n%y int8[1,1,1,4] s=1 = CONV_2D(%x, %w, _) padding=valid "
                             "stride_w=1 stride_h=1\noutput %y\n")
                                .c_str()),
                     Family::CortexM)
            .kernel.version;
    };
    EXPECT_EQ(kernel_for(516), 2) << "516 * 127 * 128 < 2^23";
    EXPECT_EQ(kernel_for(517), 1);
}

TEST(Conv2dDef, AFactorAboveOneIsNotAShortOne) {
    const Graph graph = folded(R"(
        %x int8[1,1,1,4] s=1 = input
        %w int8[1,1,1,4] s=4 = fill 1
        %y int8[1,1,1,1] s=1 = CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1
        output %y)");
    EXPECT_EQ(params_of<Conv2dParams>(lower(graph)).facts, 0);
}

TEST(FullyConnectedDef, OneScaleNeedsNoTableOfFactors) {
    const char* words = R"(
        %x int8[2,4] s=0.5 = input
        %w int8[3,4] s={} = fill 1
        %y int8[2,3] s=1 = FULLY_CONNECTED(%x, %w, _)
        output %y)";
    const Lowered one = lower(folded(fmt::format(fmt::runtime(words), "0.5").c_str()));
    const Lowered many = lower(folded(fmt::format(fmt::runtime(words), "[0.5,0.5,0.25]").c_str()));
    EXPECT_TRUE(one.kernel == kFullyConnectedInt8.key);
    EXPECT_TRUE(many.kernel == kFullyConnectedPerChannelInt8.key);
    EXPECT_EQ(one.operands[2].constant.size(), 3 * sizeof(std::int32_t));
    EXPECT_EQ(many.operands[2].constant.size(), 3 * sizeof(Channel));
    EXPECT_EQ(params_of<FullyConnectedParams>(one).batches, 2);
}

AddParams lowered_add(const std::string& a, const std::string& b, const std::string& out) {
    const std::string words = "%a int8" + a + " s=1 = input\n%b int8" + b + " s=0.5 = input\n%y int8" + out +
                              " s=2 = ADD(%a, %b)\noutput %y\n";
    return params_of<AddParams>(lower(verified(words.c_str())));
}

TEST(AddDef, JoinsAxesAlongWhichBothOperandsBehaveAlike) {
    const AddParams full = lowered_add("[2,3,4]", "[2,3,4]", "[2,3,4]");
    EXPECT_THAT(full.walk.shape, ElementsAre(1, 1, 1, 24));
    EXPECT_EQ(full.facts, kShortRequantise);
    const AddParams channel = lowered_add("[1,3,4,5]", "[5]", "[1,3,4,5]");
    EXPECT_THAT(channel.walk.shape, ElementsAre(1, 1, 12, 5));
    EXPECT_THAT(channel.walk.stride[0], ElementsAre(0, 0, 5, 1));
    EXPECT_THAT(channel.walk.stride[1], ElementsAre(0, 0, 0, 1));
    const AddParams crossed = lowered_add("[2,1,3,1]", "[1,4,1,5]", "[2,4,3,5]");
    EXPECT_THAT(crossed.walk.shape, ElementsAre(2, 4, 3, 5));
    EXPECT_THAT(crossed.walk.stride[0], ElementsAre(3, 0, 1, 0));
    EXPECT_THAT(crossed.walk.stride[1], ElementsAre(0, 5, 0, 1));
    const AddParams scalar = lowered_add("[1]", "[2,3]", "[2,3]");
    EXPECT_THAT(scalar.walk.shape, ElementsAre(1, 1, 1, 6));
    EXPECT_EQ(scalar.walk.stride[0][3], 0u);
}

TEST(AddDef, BroadcastsAsTheFormula) {
    const Graph graph = verified(R"(
        %a int8[2,1,3] s=1 = input
        %b int8[2,1] s=1 = input
        %y int8[2,2,3] s=1 = ADD(%a, %b)
        output %y)");
    const std::vector<Bytes> answer = run_graph(graph, {{1, 2, 3, 4, 5, 6}, {10, 20}});
    EXPECT_THAT(answer[0], ElementsAre(11, 12, 13, 21, 22, 23, 14, 15, 16, 24, 25, 26));
}

TEST(SoftmaxDef, KeepsTheLargestDifferenceThatStillCounts) {
    const Graph graph = verified(R"(
        %x int8[2,5] s=0.125 = input
        %y int8[2,5] s=0.00390625 z=-128 = SOFTMAX(%x) beta=1
        output %y)");
    const auto params = params_of<SoftmaxParams>(lower(graph));
    EXPECT_EQ(params.rows, 2u);
    EXPECT_EQ(params.depth, 5u);
    EXPECT_EQ(params.multiplier, 1 << 30);
    EXPECT_EQ(params.shift, 24) << "0.125 * 2^26 = 0.5 * 2^24";
    EXPECT_EQ(params.diff_min, -124) << "31 * 2^26 / 2^24";
}

Graph softmax_graph(int rows, int depth, double scale) {
    const std::string shape = "int8[" + std::to_string(rows) + "," + std::to_string(depth) + "]";
    return verified(("%x " + shape + " s=" + std::to_string(scale) + " = input\n%y " + shape +
                     " s=0.00390625 z=-128 = SOFTMAX(%x) beta=1\noutput %y\n")
                        .c_str());
}

TEST(SoftmaxDef, TakesATableWhereEveryEntryIsAskedForOnce) {
    const Lowered step = lower(softmax_graph(2, 63, 0.125), Family::CortexM);
    EXPECT_EQ(step.kernel, kSoftmaxTableInt8.key);
    EXPECT_EQ(params_of<SoftmaxTableParams>(step).entries, 125u) << "differences of 0 to 124";
    EXPECT_EQ(step.operands[1].constant.size(), 500u);
    EXPECT_EQ(lower(softmax_graph(2, 62, 0.125), Family::CortexM).kernel, kSoftmaxInt8.key);
    EXPECT_EQ(lower(softmax_graph(1, 256, 0.01), Family::CortexM0).kernel, kSoftmaxTableInt8.key);
    EXPECT_EQ(lower(softmax_graph(1, 256, 0.01)).kernel, kSoftmaxInt8.key) << "the reference";
}

TEST(SoftmaxDef, ByTableAnswersAsByFormula) {
    std::uint32_t state = 1;
    const auto next = [&state] { return (state = state * 1664525u + 1013904223u) >> 24; };
    for (const double scale : {0.0004, 0.01, 0.07, 0.125, 0.4, 3.0, 40.0}) {
        const Graph graph = softmax_graph(7, 500, scale);
        const Lowered step = lower(graph, Family::CortexM);
        ASSERT_EQ(step.kernel, kSoftmaxTableInt8.key);
        Bytes input(3500);
        for (std::size_t i = 0; i < input.size(); ++i)
            input[i] = static_cast<std::uint8_t>(next() >> (i / 500));
        Bytes table = step.operands[1].constant;
        Bytes answer(input.size());
        void* const operands[] = {input.data(), table.data(), answer.data()};
        find_kernel(step.kernel)->run({step.params.data(), operands});
        EXPECT_EQ(answer, run_graph(graph, {input})[0]) << scale;
    }
}

TEST(QuantizeDef, FromByteToByteTakesATableWhereEveryEntryIsAskedForOnce) {
    for (const char* scales : {"%x uint8[256] s=0.5 z=128 = input\n%y int8[256] s=0.5 z=0",
                               "%x int8[256] s=0.3 z=-9 = input\n%y int8[256] s=0.11 z=7",
                               "%x int8[256] s=0.1 z=5 = input\n%y uint8[256] s=0.9 z=31"}) {
        const Graph graph = verified((std::string(scales) + " = QUANTIZE(%x)\noutput %y\n").c_str());
        const Lowered step = lower(graph, Family::CortexM);
        ASSERT_EQ(step.kernel, kLookup.key);
        EXPECT_EQ(lower(graph).kernel, kQuantizeInteger.key) << "the reference";
        Bytes input(256), table = step.operands[1].constant, answer(256);
        for (std::size_t i = 0; i < 256; ++i) input[i] = static_cast<std::uint8_t>(255 - i);
        void* const operands[] = {input.data(), table.data(), answer.data()};
        kLookup.run({step.params.data(), operands});
        EXPECT_EQ(answer, run_graph(graph, {input})[0]) << scales;
    }
    const Graph few = verified("%x int8[255] s=1 = input\n%y int8[255] s=2 = QUANTIZE(%x)\noutput %y\n");
    EXPECT_EQ(lower(few, Family::CortexM).kernel, kQuantizeInteger.key);
}

TEST(SoftmaxTable, RefusesWhatWouldReachOutside) {
    const std::uint32_t bytes[] = {20, 500, 20};
    const bool writable[] = {true, false, true};
    const auto fits = [&](const SoftmaxTableParams& p) {
        return kSoftmaxTableInt8.fits({&p, sizeof p, 3, bytes, writable});
    };
    EXPECT_TRUE(fits({2, 10, 125}));
    EXPECT_FALSE(fits({2, 10, 126})) << "a table of 125 entries";
    EXPECT_FALSE(fits({2, 10, 0}));
    EXPECT_FALSE(fits({3, 10, 125}));
    EXPECT_FALSE(fits({2, 0, 125}));
    EXPECT_FALSE(fits({65536, 65536, 125}));
}

TEST(ReshapeDef, IsNothingToDo) {
    const Graph graph =
        verified("%x int8[1,4] s=1 = input\n%y int8[2,2] s=1 = RESHAPE(%x) new_shape=[2,2]\noutput %y\n");
    EXPECT_EQ(lower(graph).kernel.op, Op::None);
    EXPECT_THAT(run_graph(graph, {{1, 2, 3, 4}})[0], ElementsAre(1, 2, 3, 4));
}

TEST(Operators, FoldingTheZeroPointWrapsAsTheChipDoes) {
    // A bias at the end of 32 bits: the folded one wraps, and the sum wraps back.
    const Graph graph = verified(R"(
        %x int8[1,2] s=1 z=-128 = input
        %w int8[1,2] s=1 = fill 127
        %b int32[1] = {2147483647}
        %y int8[1,1] s=16777216 = FULLY_CONNECTED(%x, %w, %b)
        output %y)");
    EXPECT_THAT(run_graph(graph, {{0x80, 0x80}})[0], ElementsAre(127))
        << "input 0: the bias alone, 2^31 / 2^24 held";
}

TEST(Kernels, EveryKernelHasASourceForEveryFamily) {
    for (const Family family : {Family::Reference, Family::CortexM, Family::CortexM0}) {
        std::set<std::string> symbols;
        for (const KernelSource& source : kernel_sources(family)) {
            const std::string path = std::string(JATAI_SOURCE_DIR) + "/" + source.header;
            ASSERT_TRUE(fs::exists(path)) << path;
            EXPECT_NE(read_text(path).find(std::string("constexpr Kernel ") + source.symbol + "{"),
                      std::string::npos)
                << source.symbol << " in " << path;
            EXPECT_TRUE(symbols.insert(source.symbol).second) << source.symbol;
        }
        EXPECT_EQ(symbols.size(), host_kernels().count);
    }
}

TEST(Kernels, KeysAreUniqueAndTheFastestHaveThoseOfThePortable) {
    const KernelSet& set = host_kernels(HostCode::Portable);
    const KernelSet& fastest = host_kernels(HostCode::Fastest);
    ASSERT_EQ(fastest.count, set.count);
    for (std::uint32_t i = 0; i < set.count; ++i) {
        EXPECT_EQ(find_kernel(set.kernels[i]->key), set.kernels[i]);
        EXPECT_EQ(find_kernel(set.kernels[i]->key, HostCode::Fastest), fastest.kernels[i]);
        EXPECT_EQ(fastest.kernels[i]->key, set.kernels[i]->key);
    }
    EXPECT_EQ(find_kernel({Op::Conv2d, Type::Int8, 99}), nullptr);
}

TEST(Kernels, TheFastFamilyAsksForScratchTheReferenceIgnores) {
    const Graph plain = verified(kConv), graph = zero_points_folded(plain);
    const Lowered step = lower(graph, Family::CortexM);
    ASSERT_EQ(step.operands.size(), 5u);
    EXPECT_EQ(step.operands[4].kind, Operand::Kind::Scratch);
    EXPECT_EQ(step.operands[4].scratch_bytes, 5 * 24u)
        << "18 taps in rows of whole words are 24: two columns of 16 bits, one of 8";
    Interpreter fast(graph, Family::CortexM);
    Interpreter reference(plain);
    const Bytes in(40, 7);
    EXPECT_EQ(fast.run({in}), reference.run({in}));
}

}  // namespace
}  // namespace jatai
