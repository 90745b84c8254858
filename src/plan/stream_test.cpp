#include "src/plan/stream.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"
#include "src/plan/ram_budget.h"

namespace jatai {
namespace {

// Strides, paddings, dilation, pools, a residual and an odd height.
constexpr const char* kImageNet = R"(
    %x int8[1,37,16,3] s=0.05 z=3 = input
    %w0 int8[8,3,3,3] s=0.01 = random 1
    %a int8[1,19,8,8] s=0.06 z=-128 = CONV_2D(%x, %w0, _) padding=same stride_w=2 stride_h=2 fused_activation_function=relu
    %w1 int8[1,3,3,8] s=0.02 axis=3 = random 2
    %b int8[1,19,8,8] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%a, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
    %w2 int8[8,1,1,8] s=0.03 = random 3
    %c int8[1,19,8,8] s=0.06 z=5 = CONV_2D(%b, %w2, _) padding=valid stride_w=1 stride_h=1
    %d int8[1,19,8,8] s=0.08 z=0 = ADD(%c, %a)
    %e int8[1,19,8,8] s=0.08 z=0 = MAX_POOL_2D(%d) padding=same stride_w=1 stride_h=1 filter_width=2 filter_height=2
    %w3 int8[1,3,3,8] s=0.02 axis=3 = random 4
    %f int8[1,15,4,8] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%e, %w3, _) padding=valid stride_w=1 stride_h=1 dilation_w_factor=2 dilation_h_factor=2 depth_multiplier=1
    %g int8[1,8,2,8] s=0.05 z=-3 = AVERAGE_POOL_2D(%f) padding=same stride_w=2 stride_h=2 filter_width=3 filter_height=3
    %r int8[1,128] s=0.05 z=-3 = RESHAPE(%g) new_shape=[1,128]
    %w4 int8[10,128] s=0.01 = random 5
    %y int8[1,10] s=0.1 z=0 = FULLY_CONNECTED(%r, %w4, _)
    output %y
    output %g)";

std::vector<Bytes> answers(const Graph& graph, std::uint32_t seed) {
    Rng rng(seed);
    std::vector<Bytes> inputs;
    for (const TensorId t : graph.inputs) {
        inputs.emplace_back(static_cast<std::size_t>(graph.tensor(t).bytes()));
        for (std::uint8_t& byte : inputs.back()) byte = static_cast<std::uint8_t>(rng.below(256));
    }
    return run_graph(graph, inputs);
}

TEST(Stream, EveryStageAndHeightOfBandsGivesTheSameBytes) {
    const Graph graph = parse_text(kImageNet, "image");
    verify(graph);
    const Stage stage = streamable_stage(graph);
    EXPECT_EQ(stage.nodes, 7u);
    const auto expected = answers(graph, 3);
    int tried = 0;
    for (std::size_t i = 0; i < stage.nodes; ++i) {
        if (stage.ends[i] == kNoTensor) continue;
        for (std::int64_t rows = 1; rows < graph.tensor(stage.ends[i]).shape[1]; ++rows) {
            for (const std::int64_t at_once : {0, 1, 3}) {
                if (at_once != 0 && rows > 4) continue;
                const Graph bands = stream_rows(graph, {i + 1, rows, at_once});
                verify(bands);
                EXPECT_EQ(answers(bands, 3), expected) << i << " " << rows << " " << at_once;
                ++tried;
            }
        }
    }
    EXPECT_GT(tried, 50);
}

TEST(Stream, AStageEndsOnlyWhereOneTensorIsLeft) {
    const Stage stage = streamable_stage(parse_text(kImageNet, "image"));
    // Of %b and %c the rest still needs %a too.
    EXPECT_NE(stage.ends[0], kNoTensor);
    EXPECT_EQ(stage.ends[1], kNoTensor);
    EXPECT_EQ(stage.ends[2], kNoTensor);
    EXPECT_NE(stage.ends[3], kNoTensor);
}

TEST(RamBudget, APlanWithinTheBudgetIsFoundAndBelowTheLeastTheErrorSaysTheLeast) {
    const Graph graph = parse_text(kImageNet, "image");
    const Plan whole = make_plan(graph, Board{}, Family::Reference);
    const Budgeted same = plan_within(graph, Board{}, Family::Reference, whole.arena_bytes);
    EXPECT_EQ(same.bands.nodes, 0u);
    EXPECT_EQ(same.plan.constants, whole.constants);
    const std::uint32_t budget = whole.arena_bytes * 8 / 10;
    const Budgeted less = plan_within(graph, Board{}, Family::Reference, budget);
    EXPECT_LE(less.plan.arena_bytes, budget);
    EXPECT_GT(less.bands.nodes, 0u);
    EXPECT_EQ(less.plan.macs, whole.macs);
    try {
        plan_within(graph, Board{}, Family::Reference, 100);
        ADD_FAILURE() << "100 bytes are not enough";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("expected at most 100"));
        EXPECT_THAT(error.hint(), testing::HasSubstr("is the least"));
    }
}

}  // namespace
}  // namespace jatai
