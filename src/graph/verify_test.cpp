#include "src/graph/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "src/base/error.h"
#include "src/graph/test_graphs.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

using ::testing::HasSubstr;

// Only what the text form cannot say; the rest is in verify.case.
std::string failure(const std::function<void(Graph&)>& damage) {
    Graph graph = parse_text(kTinyNet, "tiny");
    damage(graph);
    try {
        verify(graph);
    } catch (const Error& error) {
        return error.what();
    }
    return "no failure";
}

TEST(Verify, AGoodGraphPasses) {
    EXPECT_EQ(failure([](Graph&) {}), "no failure");
}

TEST(Verify, IndicesMustBeInTheGraph) {
    EXPECT_THAT(failure([](Graph& g) { g.inputs[0] = 99; }), HasSubstr("graph input: found tensor 99"));
    EXPECT_THAT(failure([](Graph& g) { g.outputs[0] = -1; }), HasSubstr("graph output: found tensor -1"));
    EXPECT_THAT(failure([](Graph& g) { g.nodes[1].inputs[0] = 99; }),
                HasSubstr("layer 1 conv (CONV_2D): found input tensor 99"));
    EXPECT_THAT(failure([](Graph& g) { g.nodes[1].inputs[0] = -2; }), HasSubstr("found input tensor -2"));
    EXPECT_THAT(failure([](Graph& g) { g.nodes[1].outputs[0] = 99; }), HasSubstr("found output tensor 99"));
    EXPECT_THAT(failure([](Graph& g) { g.nodes[1].outputs.clear(); }), HasSubstr("found no output"));
}

TEST(Verify, LayersMustStandInTheOrderTheyRun) {
    EXPECT_THAT(failure([](Graph& g) { std::swap(g.nodes[1], g.nodes[2]); }),
                HasSubstr("found tensor 9 conv read before any layer writes it"));
}

TEST(Verify, ATensorHasOneWriter) {
    EXPECT_THAT(failure([](Graph& g) { g.nodes[2].outputs = g.nodes[1].outputs; }),
                HasSubstr("written a second time"));
    EXPECT_THAT(failure([](Graph& g) { g.inputs.push_back(g.inputs[0]); }),
                HasSubstr("twice among the inputs"));
}

TEST(Verify, ConstantsHoldExactlyTheirBytes) {
    EXPECT_THAT(failure([](Graph& g) { g.tensors[1].data.pop_back(); }),
                HasSubstr("tensor 1 conv_w: found 35 bytes of constant data, expected 36 for int8[4,3,3,1]"));
}

TEST(Verify, SizesCannotOverflow) {
    EXPECT_THAT(failure([](Graph& g) {
                    g.tensors[0].shape = {65536, 65536, 65536, 65536};
                }),
                HasSubstr("expected less than 2 GB"));
    EXPECT_THAT(failure([](Graph& g) { g.tensors[0].shape.assign(9, 1); }), HasSubstr("found 9 dimensions"));
}

TEST(Verify, ScalesAreNumbersAboveZero) {
    EXPECT_THAT(failure([](Graph& g) {
                    g.tensors[9].quantisation.scales = {std::numeric_limits<float>::quiet_NaN()};
                }),
                HasSubstr("tensor 9 conv: found a scale of nan"));
    EXPECT_THAT(failure([](Graph& g) { g.tensors[9].quantisation.scales = {0.0f}; }),
                HasSubstr("found a scale of 0"));
    EXPECT_THAT(failure([](Graph& g) { g.tensors[9].quantisation.zero_points = {}; }),
                HasSubstr("found 1 scales and 0 zero points"));
}

}  // namespace
}  // namespace jatai
