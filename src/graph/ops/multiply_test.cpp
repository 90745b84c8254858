// The operators that multiply, in types other than int8: small layers worked out by hand.
#include "src/graph/ops/multiply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "src/graph/ops/one_layer.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

TEST(MultiplyFloat, AConvolutionLeavesOutWhatLiesOutsideTheImage) {
    const auto y = answer<float>(R"(
        %x float32[1,2,2,1] = input
        %w float32[1,3,3,1] = {1,2,3,4,5,6,7,8,9}
        %b float32[1] = {0.5}
        %y float32[1,2,2,1] = CONV_2D(%x, %w, %b) padding=same stride_w=1 stride_h=1
        output %y)",
                                 {bytes_of<float>({1, 2, 3, 4})});
    EXPECT_THAT(y, ElementsAre(5 + 12 + 24 + 36 + 0.5f, 4 + 10 + 21 + 32 + 0.5f, 2 + 6 + 15 + 24 + 0.5f,
                               1 + 4 + 12 + 20 + 0.5f));
}

TEST(MultiplyFloat, EachGroupSeesItsOwnChannels) {
    const auto y = answer<float>(R"(
        %x float32[1,1,1,4] = input
        %w float32[2,1,1,2] = {1,10,100,1000}
        %y float32[1,1,1,2] = CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1
        output %y)",
                                 {bytes_of<float>({1, 2, 3, 4})});
    EXPECT_THAT(y, ElementsAre(21, 4300));
}

TEST(MultiplyFloat, ADepthwiseConvolutionMultipliesChannels) {
    const auto y = answer<float>(R"(
        %x float32[1,1,2,2] = input
        %w float32[1,1,2,4] = {1,2,3,4,5,6,7,8}
        %y float32[1,1,1,4] = DEPTHWISE_CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1 depth_multiplier=2
        output %y)",
                                 {bytes_of<float>({1, 10, 100, 1000})});
    EXPECT_THAT(y, ElementsAre(501, 602, 7030, 8040));
}

TEST(MultiplyFloat, TheFusedActivationHoldsTheAnswer) {
    const auto y = answer<float>(R"(
        %x float32[2,2] = input
        %w float32[2,2] = {1,1,-1,2}
        %b float32[2] = {0.25,0}
        %y float32[2,2] = FULLY_CONNECTED(%x, %w, %b) fused_activation_function=relu6
        output %y)",
                                 {bytes_of<float>({1, 2, 4, 1})});
    EXPECT_THAT(y, ElementsAre(3.25f, 3, 5.25f, 0));
}

TEST(MultiplyFloat, WeightsMayBeComputed) {
    const auto y = answer<float>(R"(
        %x float32[1,2] = input
        %w float32[2,2] = input
        %y float32[1,2] = FULLY_CONNECTED(%x, %w, _)
        output %y)",
                                 {bytes_of<float>({1, 2}), bytes_of<float>({3, 4, 5, 6})});
    EXPECT_THAT(y, ElementsAre(11, 17));
}

TEST(MultiplyFloat, ATransposedConvolutionSpreadsEveryInput) {
    const auto y = answer<float>(R"(
        %shape int32[4] = {1,1,5,1}
        %w float32[1,1,3,1] = {1,10,100}
        %x float32[1,1,2,1] = input
        %y float32[1,1,5,1] = TRANSPOSE_CONV(%shape, %w, %x) padding=valid stride_w=2 stride_h=1
        output %y)",
                                 {bytes_of<float>({1, 2})});
    EXPECT_THAT(y, ElementsAre(1, 10, 102, 20, 200));
}

TEST(MultiplyFloat, ATransposedConvolutionCutsItsRimWithSamePadding) {
    const auto y = answer<float>(R"(
        %shape int32[4] = {1,1,4,1}
        %w float32[1,1,3,1] = {1,10,100}
        %x float32[1,1,2,1] = input
        %b float32[1] = {0.5}
        %y float32[1,1,4,1] = TRANSPOSE_CONV(%shape, %w, %x, %b) padding=same stride_w=2 stride_h=1
        output %y)",
                                 {bytes_of<float>({1, 2})});
    EXPECT_THAT(y, ElementsAre(1.5f, 10.5f, 102.5f, 20.5f)) << "one of three taps lies outside, at the end";
}

KernelKey kernel_of(const char* words) {
    const Graph graph = parse_text(words, "test");
    verify(graph);
    return op_def(graph.nodes[0].op).lower(graph, graph.nodes[0], Family::Reference).kernel;
}

constexpr const char* kWideConv = R"(
    %x int16[1,1,1,2] s=1 = input
    %w int8[1,1,1,2] s=1 = {100,-50}
    %b int64[1] = {1000}
    %y int16[1,1,1,1] s=256 = CONV_2D(%x, %w, %b) padding=valid stride_w=1 stride_h=1
    output %y)";

TEST(MultiplyInt16, ABiasOf64BitsSumsIn64Bits) {
    EXPECT_THAT(answer<std::int16_t>(kWideConv, {bytes_of<std::int16_t>({3000, 1000})}), ElementsAre(980))
        << "251000 / 256 = 980.5, less a little: the multiplier has 16 bits, halves go up";
    EXPECT_EQ(kernel_of(kWideConv).version, 2);
}

TEST(MultiplyInt16, ABiasOf32BitsSumsIn32Bits) {
    std::string words = kWideConv;
    words.replace(words.find("int64"), 5, "int32");
    EXPECT_EQ(kernel_of(words.c_str()).version, 1);
    EXPECT_THAT(answer<std::int16_t>(words.c_str(), {bytes_of<std::int16_t>({3000, 1000})}),
                ElementsAre(980));
}

TEST(MultiplyInt16, DepthwiseAndDenseLayers) {
    EXPECT_THAT(answer<std::int16_t>(R"(
        %x int16[1,1,2,1] s=1 = input
        %w int8[1,1,2,1] s=1 = {3,-2}
        %y int16[1,1,1,1] s=2 = DEPTHWISE_CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1 depth_multiplier=1
        output %y)",
                                     {bytes_of<std::int16_t>({1000, 100})}),
                ElementsAre(1400));
    EXPECT_THAT(answer<std::int16_t>(R"(
        %x int16[1,2] s=1 = input
        %w int8[2,2] s=[1,2] axis=0 = {3,-2,1,1}
        %b int32[2] = {0,-50}
        %y int16[1,2] s=1 = FULLY_CONNECTED(%x, %w, %b) fused_activation_function=relu
        output %y)",
                                     {bytes_of<std::int16_t>({-1000, 1100})}),
                ElementsAre(0, 100));
}

TEST(MultiplyInt8, WeightsMayBeComputedAndHaveAZeroPoint) {
    EXPECT_THAT(answer<std::int8_t>(R"(
        %x int8[1,2] s=1 z=1 = input
        %w int8[1,2] s=1 z=-1 = input
        %b int32[1] = {2}
        %y int8[1,1] s=1 z=4 = FULLY_CONNECTED(%x, %w, %b)
        output %y)",
                                    {bytes_of<std::int8_t>({3, 5}), bytes_of<std::int8_t>({1, 2})}),
                ElementsAre(2 * 2 + 4 * 3 + 2 + 4));
}

TEST(MultiplyInt8, WeightsOf4BitsStayPacked) {
    Graph graph = parse_text(R"(
        %x int8[1,3] s=1 z=1 = input
        %w int8[1,3] s=1 = {7,-8,3}
        %y int8[1,1] s=1 = FULLY_CONNECTED(%x, %w, _)
        output %y)",
                             "test");
    graph.tensor(graph.nodes[0].inputs[1]).four_bits = true;
    verify(graph);
    const Lowered step = op_def(Op::FullyConnected).lower(graph, graph.nodes[0], Family::CortexM);
    EXPECT_EQ(step.operands[1].constant.size(), 2u);
    EXPECT_EQ(step.kernel.version, 4);
    EXPECT_THAT(values_of<std::int8_t>(run_graph(graph, {{11, 2, 4}})[0]), ElementsAre(70 - 8 + 9));
}

TEST(MultiplyInt8, ATransposedConvolution) {
    EXPECT_THAT(answer<std::int8_t>(R"(
        %shape int32[4] = {1,1,4,1}
        %w int8[1,1,2,1] s=[0.5] axis=0 = {2,4}
        %x int8[1,1,2,1] s=1 z=-1 = input
        %b int32[1] = {2}
        %y int8[1,1,4,1] s=1 z=10 = TRANSPOSE_CONV(%shape, %w, %x, %b) padding=valid stride_w=2 stride_h=1
        output %y)",
                                    {bytes_of<std::int8_t>({4, 9})}),
                ElementsAre(16, 21, 21, 31));
}

TEST(MultiplyInt16, ATransposedConvolution) {
    EXPECT_THAT(answer<std::int16_t>(R"(
        %shape int32[4] = {1,1,4,1}
        %w int8[1,1,2,1] s=0.5 = {2,4}
        %x int16[1,1,2,1] s=1 = input
        %y int16[1,1,4,1] s=1 = TRANSPOSE_CONV(%shape, %w, %x) padding=valid stride_w=2 stride_h=1
        output %y)",
                                     {bytes_of<std::int16_t>({500, -1000})}),
                ElementsAre(500, 1000, -1000, -2000));
}

TEST(BatchMatmulDef, BroadcastsAndTransposes) {
    EXPECT_THAT(answer<float>(R"(
        %a float32[2,1,2] = input
        %b float32[3,2] = {1,2,3,4,5,6}
        %y float32[2,1,3] = BATCH_MATMUL(%a, %b) adj_y=yes
        output %y)",
                              {bytes_of<float>({1, 10, 100, 1000})}),
                ElementsAre(21, 43, 65, 2100, 4300, 6500));
    EXPECT_THAT(answer<std::int8_t>(R"(
        %a int8[2,1] s=1 z=1 = input
        %b int8[2,2] s=0.5 z=-2 = input
        %y int8[1,2] s=1 z=5 = BATCH_MATMUL(%a, %b) adj_x=yes
        output %y)",
                                    {bytes_of<std::int8_t>({3, 5}), bytes_of<std::int8_t>({0, 2, 4, -2})}),
                ElementsAre(5 + (2 * 2 + 4 * 6) / 2, 5 + 2 * 4 / 2));
    EXPECT_THAT(
        answer<std::int16_t>(R"(
        %a int16[1,2] s=1 = input
        %b int16[2,1] s=1 = input
        %y int16[1,1] s=1024 = BATCH_MATMUL(%a, %b)
        output %y)",
                             {bytes_of<std::int16_t>({30000, -1}), bytes_of<std::int16_t>({1000, 2})}),
        ElementsAre(29297));
}

constexpr const char* kGru = R"(
    %x float32[1,2,1] = input
    %w float32[3,1] = {0,0,1}
    %r float32[3,1] = fill 0
    %h float32[1,1] = state
    %y float32[1,2,1] = JataiGru(%x, %w, %r, _, %h) linear_before_reset=yes
    output %y)";

TEST(GruDef, KeepsItsStateFromRunToRun) {
    Graph graph = parse_text(kGru, "test");
    verify(graph);
    Interpreter runs(graph);
    const float g = std::tanh(1.0f);
    const Bytes ones = bytes_of<float>({1, 1});
    EXPECT_THAT(values_of<float>(runs.run({ones})[0]), ElementsAre(FloatEq(g / 2), FloatEq(g * 3 / 4)));
    EXPECT_THAT(values_of<float>(runs.run({ones})[0]), ElementsAre(FloatEq(g * 7 / 8), FloatEq(g * 15 / 16)));
}

TEST(GruDef, BeginsAtZeroWithoutAState) {
    std::string words = kGru;
    words.erase(words.find("    %h float32"), std::string("    %h float32[1,1] = state\n").size());
    words.replace(words.find(", _, %h"), 7, ", _, _");
    const Graph graph = parse_text(words, "test");
    verify(graph);
    Interpreter runs(graph);
    const Bytes ones = bytes_of<float>({1, 1});
    const std::vector<Bytes> first = runs.run({ones});
    EXPECT_EQ(first, runs.run({ones}));
    EXPECT_THAT(values_of<float>(first[0]), ElementsAre(FloatEq(std::tanh(1.0f) / 2), ::testing::_));
}

}  // namespace
}  // namespace jatai
