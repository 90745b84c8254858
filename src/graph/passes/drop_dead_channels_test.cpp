#include "src/graph/passes/drop_dead_channels.h"

#include <gtest/gtest.h>

#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/drop_unused.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

constexpr const char* kNet = R"(
    %x int8[1,6,6,3] s=0.02 z=-7 = input
    %w0 int8[8,3,3,3] s=0.01 = random 1
    %b0 int32[8] = random 2
    %a int8[1,6,6,8] s=0.05 z=-128 = CONV_2D(%x, %w0, %b0) padding=same stride_w=1 stride_h=1 fused_activation_function=relu
    %w1 int8[1,3,3,8] s=0.01 = random 3
    %b1 int32[8] = random 4
    %d int8[1,3,3,8] s=0.06 z=3 = DEPTHWISE_CONV_2D(%a, %w1, %b1) padding=same stride_w=2 stride_h=2 depth_multiplier=1
    %w2 int8[8,1,1,8] s=0.01 = random 5
    %b2 int32[8] = random 6
    %c int8[1,3,3,8] s=0.07 z=-20 = CONV_2D(%d, %w2, %b2) padding=valid stride_w=1 stride_h=1 fused_activation_function=relu6
    %p int8[1,1,1,8] s=0.07 z=-20 = AVERAGE_POOL_2D(%c) padding=valid stride_w=3 stride_h=3 filter_width=3 filter_height=3
    %f int8[1,8] s=0.07 z=-20 = RESHAPE(%p) new_shape=[1,8]
    %w3 int8[5,8] s=0.02 = random 7
    %y int8[1,5] s=0.1 = FULLY_CONNECTED(%f, %w3, _)
    output %y)";

// Sets weights of some filters, or of all that meet some channel, to zero; or a bias far below.
void wound(Graph& graph, Rng& rng) {
    for (Node& node : graph.nodes) {
        if (node.inputs.size() < 2 || node.op == Op::Reshape) continue;
        Tensor& weights = graph.tensor(node.inputs[1]);
        const bool filters = node.op == Op::DepthwiseConv2d;
        const auto outs = static_cast<std::size_t>(filters ? weights.shape.back() : weights.shape.front());
        const std::size_t per_out = weights.data.size() / outs;
        for (std::size_t o = 0; o < outs; ++o) {
            if (rng.below(3) != 0) continue;
            for (std::size_t k = 0; k < per_out; ++k)
                weights.data[filters ? k * outs + o : o * per_out + k] = 0;
        }
        const auto ins = static_cast<std::size_t>(weights.shape.back());
        const std::size_t unread = rng.below(static_cast<std::uint32_t>(2 * ins));
        for (std::size_t k = unread; !filters && unread < ins && k < weights.data.size(); k += ins)
            weights.data[k] = 0;
    }
}

TEST(DropDeadChannels, KeepsEveryAnswerOfWoundedNetworks) {
    Rng rng(11);
    int dropped = 0;
    for (int round = 0; round < 60; ++round) {
        Graph graph = parse_text(kNet, "net");
        wound(graph, rng);
        Graph smaller = graph;
        dropped += drop_dead_channels(smaller);
        drop_unused(smaller);
        ASSERT_NO_THROW(verify(smaller));
        for (int sample = 0; sample < 4; ++sample) {
            Bytes input(6 * 6 * 3);
            for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
            ASSERT_EQ(run_graph(graph, {input}), run_graph(smaller, {input})) << to_text(smaller);
        }
    }
    EXPECT_GT(dropped, 300);
}

TEST(DropDeadChannels, OneChannelOfADeadLayerStays) {
    Graph graph = parse_text(R"(
        %x int8[1,1,1,2] s=1 = input
        %w int8[3,1,1,2] s=1 = fill 0
        %a int8[1,1,1,3] s=1 = CONV_2D(%x, %w, _) padding=valid stride_w=1 stride_h=1
        %v int8[2,1,1,3] s=1 = random 1
        %y int8[1,1,1,2] s=1 = CONV_2D(%a, %v, _) padding=valid stride_w=1 stride_h=1
        output %y)",
                             "dead");
    EXPECT_EQ(drop_dead_channels(graph), 2);
    ASSERT_NO_THROW(verify(graph));
}

// A file of a few hundred bytes may name tensors of any width: what is known is kept by channel.
TEST(DropDeadChannels, TensorsOfAnyWidthTakeNoMemory) {
    Graph graph = parse_text(
        "%x int8[1,1,1,2000000000] s=1 = input\n"
        "%y int8[1,1,1,2000000000] s=1 = MAX_POOL_2D(%x) filter_width=1 filter_height=1 "
        "stride_w=1 stride_h=1\noutput %y\n",
        "wide");
    EXPECT_EQ(drop_dead_channels(graph), 0);
}

}  // namespace
}  // namespace jatai
