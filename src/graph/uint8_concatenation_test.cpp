#include "src/graph/uint8_concatenation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

TEST(UInt8Concatenation, EachPartComesToTheScaleOfTheOutput) {
    Graph graph = parse_text(R"(
        %a uint8[1,3] s=0.5 z=10 = input
        %b uint8[1,2] s=1 z=0 = input
        %y uint8[1,5] s=1 z=20 = CONCATENATION(%a, %b) axis=1
        output %y)",
                             "test");
    rescale_parts(graph);
    verify(graph);
    EXPECT_EQ(graph.nodes.size(), 4u);  // one through floats, where halves go away from zero
    EXPECT_THAT(run_graph(graph, {{10, 12, 255}, {0, 250}})[0], ElementsAre(20, 21, 143, 20, 255));
}

TEST(UInt8Concatenation, JoinsOfOneScaleAreLeftAlone) {
    Graph graph = parse_text(R"(
        %a uint8[1,3] s=0.5 z=10 = input
        %y uint8[1,6] s=0.5 z=10 = CONCATENATION(%a, %a) axis=1
        output %y)",
                             "test");
    const std::string before = to_text(graph);
    rescale_parts(graph);
    EXPECT_EQ(to_text(graph), before);
}

TEST(UInt8Concatenation, AJoinWithoutScalesOrWithUnknownTensorsIsLeftToTheCheck) {
    Graph graph;
    graph.add({"a", Type::UInt8, {1, 2}, {}, {}});
    graph.add({"y", Type::UInt8, {1, 2}, {{0.0f}, {0}, 0}, {}});
    Node join;
    join.op = Op::Concatenation;
    join.inputs = {0, 7, -1};
    join.outputs = {1};
    graph.nodes = {join};
    rescale_parts(graph);
    EXPECT_EQ(graph.nodes.size(), 1u);
}

}  // namespace
}  // namespace jatai
