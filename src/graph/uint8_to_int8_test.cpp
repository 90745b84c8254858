#include "src/graph/uint8_to_int8.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

Graph converted(const char* words) {
    Graph graph = parse_text(words, "test");
    uint8_to_int8(graph);
    verify(graph);
    return graph;
}

TEST(UInt8ToInt8, AConvolutionAnswersAsInUInt8) {
    const Graph graph = converted(R"(
        %x uint8[1,2,2,1] s=1 z=10 = input
        %w uint8[1,2,2,1] s=0.5 z=100 = {101,98,100,130}
        %b int32[1] = {4}
        %y uint8[1,2,2,1] s=1 z=20 = CONV_2D(%x, %w, %b) padding=same stride_w=1 stride_h=1
        output %y)");
    EXPECT_EQ(graph.tensor(graph.inputs[0]).type, Type::UInt8);
    EXPECT_EQ(graph.tensor(graph.outputs[0]).type, Type::UInt8);
    // Less their zero points: 1, 3, -2, 10 by weights 1, -2, 0, 30; taps outside count nothing.
    EXPECT_THAT(
        run_graph(graph, {{11, 13, 8, 20}})[0],
        ElementsAre(20 + (1 - 6 + 300 + 4 + 1) / 2, 20 + (3 + 4 + 1) / 2, 20 + (-2 - 20 + 4) / 2, 27));
}

TEST(UInt8ToInt8, AMeanStillRoundsUp) {
    const Graph graph = converted(R"(
        %x uint8[1,1,2,1] s=1 z=0 = input
        %w uint8[1,1,1,1] s=1 z=0 = {1}
        %c uint8[1,1,2,1] s=1 z=0 = CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1
        %y uint8[1,1,1,1] s=1 z=0 = AVERAGE_POOL_2D(%c) padding=valid stride_w=1 stride_h=1 filter_width=2 filter_height=1
        output %y)");
    EXPECT_THAT(run_graph(graph, {{3, 4}})[0], ElementsAre(4)) << "in int8, -124.5 would go down to -125";
    EXPECT_THAT(run_graph(graph, {{255, 254}})[0], ElementsAre(255));
}

TEST(UInt8ToInt8, OtherModelsAreLeftAlone) {
    const char* words = R"(
        %x uint8[1,4] s=1 z=3 = input
        %y int8[1,4] s=1 z=-125 = QUANTIZE(%x)
        output %y)";
    Graph graph = parse_text(words, "test");
    const std::string before = to_text(graph);
    uint8_to_int8(graph);
    EXPECT_EQ(to_text(graph), before);
}

}  // namespace
}  // namespace jatai
