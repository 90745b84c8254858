// Windows widened to whole words: what they are, and that layers of them answer as before.
#include "src/graph/ops/whole_words.h"

#include <gtest/gtest.h>

#include <cstring>

#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/ops.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/text_form.h"

namespace jatai {
namespace {

constexpr const char* kFirstLayer = R"(
    %x int8[1,12,10,1] s=0.05 z=3 = input
    %w int8[8,3,3,1] s=0.01 z=-7 = random 5
    %y int8[1,12,10,8] s=0.04 z=-3 = CONV_2D(%x, %w, _) padding=same stride_w=1 stride_h=1
    output %y)";

TEST(WholeWords, TheTapsAddedWeighNothing) {
    Tensor weights;
    weights.type = Type::Int8;
    weights.shape = {1, 2, 3, 1};
    weights.quantisation.scales = {1};
    weights.quantisation.zero_points = {-7};
    weights.data = {1, 2, 3, 4, 5, 6};
    Conv2dParams params{};
    params.window = {1, 8, 8, 1, 7, 6, 1, 2, 3, 1, 1, 1, 1, 0, 0, 1};
    const WholeWords wide = in_whole_words(weights, params);
    EXPECT_EQ(wide.params.window.kernel_w, 4);
    EXPECT_EQ(wide.weights.shape, (std::vector<std::int32_t>{1, 2, 4, 1}));
    EXPECT_EQ(wide.weights.data, (Bytes{1, 2, 3, 249, 4, 5, 6, 249}));
}

TEST(WholeWords, RowsOfWholeWordsAndSingleRowsStayAsTheyAre) {
    Tensor weights;
    weights.shape = {1, 2, 2, 2};
    weights.quantisation.zero_points = {0};
    weights.data = Bytes(8);
    Conv2dParams params{};
    params.window = {1, 8, 8, 2, 7, 7, 1, 2, 2, 1, 1, 1, 1, 0, 0, 1};
    EXPECT_EQ(in_whole_words(weights, params).params.window.kernel_w, 2);
    weights.shape = {1, 1, 3, 1};
    weights.data = Bytes(3);
    params.window = {1, 8, 8, 1, 8, 6, 1, 1, 3, 1, 1, 1, 1, 0, 0, 1};
    EXPECT_EQ(in_whole_words(weights, params).params.window.kernel_w, 3);
}

TEST(WholeWords, AFirstLayerOnCortexMAnswersAsTheReference) {
    const Graph plain = parse_text(kFirstLayer, "first"), graph = zero_points_folded(plain);
    const Lowered fast = op_def(Op::Conv2d).lower(graph, graph.nodes[0], Family::CortexM);
    Conv2dParams params;
    ASSERT_EQ(fast.params.size(), sizeof params);
    std::memcpy(&params, fast.params.data(), sizeof params);
    EXPECT_EQ(params.window.kernel_w, 4);
    Rng rng(5);
    for (int round = 0; round < 20; ++round) {
        Bytes input(120);
        for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
        EXPECT_EQ(Interpreter(graph, Family::CortexM).run({input}), Interpreter(plain).run({input}));
    }
}

}  // namespace
}  // namespace jatai
