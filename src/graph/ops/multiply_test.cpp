// The operators that multiply, in types other than int8: small layers worked out by hand.
#include "src/graph/ops/multiply.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatEq;

template <typename T>
Bytes bytes_of(const std::vector<T>& values) {
    Bytes bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

template <typename T>
std::vector<T> values_of(const Bytes& bytes) {
    std::vector<T> values(bytes.size() / sizeof(T));
    std::memcpy(values.data(), bytes.data(), bytes.size());
    return values;
}

// The first output of the graph, run on one input of T.
template <typename T>
std::vector<T> answer(const char* words, const std::vector<Bytes>& inputs) {
    const Graph graph = parse_text(words, "test");
    verify(graph);
    return values_of<T>(run_graph(graph, inputs).at(0));
}

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

}  // namespace
}  // namespace jatai
