// Passes that fuse layers give the bytes of the graph as it was, over random inputs.
#include <gtest/gtest.h>

#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

constexpr const char* kUnfused = R"(
    %x int8[1,9,8,3] s=0.05 z=3 = input
    %m int32[4,2] = {0,0,1,2,1,1,0,0}
    %p int8[1,12,10,3] s=0.05 z=3 = PAD(%x, %m)
    %w0 int8[8,3,3,3] s=0.01 = random 1
    %a int8[1,5,4,8] s=0.06 z=-28 = CONV_2D(%p, %w0, _) padding=valid stride_w=2 stride_h=2
    %b int8[1,5,4,8] s=0.06 z=-28 = RELU(%a)
    %n int32[4,2] = {0,0,1,1,1,1,0,0}
    %c int8[1,7,6,8] s=0.06 z=-28 = PAD(%b, %n)
    %w1 int8[1,3,3,8] s=0.02 axis=3 = random 2
    %d int8[1,7,6,8] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%c, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
    %e int8[1,7,6,8] s=0.05 z=-3 = RELU6(%d)
    %f float32[1,7,6,8] = DEQUANTIZE(%e)
    %g int8[1,7,6,8] s=0.05 z=-3 = QUANTIZE(%f)
    %h int8[1,7,6,8] s=0.07 z=9 = ADD(%g, %e)
    %y int8[1,7,6,8] s=0.07 z=9 = RELU_N1_TO_1(%h)
    output %y
    output %e)";

TEST(Fusions, KeepEveryByteAndLeaveNoLayerThatOnlyPadsHoldsOrConverts) {
    const Graph before = parse_text(kUnfused, "unfused");
    verify(before);
    Graph after = before;
    run_passes(after);
    EXPECT_EQ(before.nodes.size(), 10u);
    EXPECT_EQ(after.nodes.size(), 3u);
    Rng rng(5);
    for (int round = 0; round < 20; ++round) {
        Bytes input(9 * 8 * 3);
        for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
        EXPECT_EQ(run_graph(after, {input}), run_graph(before, {input}));
    }
}

TEST(FoldZeroPoints, SwitchedOffGivesTheSameBytesOnEveryFamilyByKernelsThatSubtract) {
    Graph folded = parse_text(kUnfused, "unfused");
    verify(folded);
    Graph plain = folded;
    run_passes(folded);
    run_passes(plain, {"fold_zero_points"});
    Rng rng(7);
    for (const Family family : {Family::Reference, Family::CortexM, Family::CortexM0}) {
        for (std::size_t i = 0; i < 2; ++i) {
            const Node &with = folded.nodes[i], &without = plain.nodes[i];
            EXPECT_FALSE(op_def(with.op).lower(folded, with, family).kernel ==
                         op_def(without.op).lower(plain, without, family).kernel);
        }
        for (int round = 0; round < 10; ++round) {
            Bytes input(9 * 8 * 3);
            for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
            EXPECT_EQ(Interpreter(folded, family).run({input}), Interpreter(plain, family).run({input}));
        }
    }
}

TEST(ConvAsDense, KeepsEveryByteOfAWindowThatIsTheWholePicture) {
    const Graph before = parse_text(R"(
        %x int8[1,3,2,90] s=0.043 z=-7 = input
        %w int8[37,3,2,90] s=0.0117 axis=0 = random 4
        %b int32[37] = fill 811
        %y int8[1,1,1,37] s=0.21 z=-11 = CONV_2D(%x, %w, %b) padding=valid stride_w=1 stride_h=1 fused_activation_function=relu6
        output %y)",
                                    "picture");
    verify(before);
    Graph after = before;
    run_passes(after);
    ASSERT_EQ(after.nodes.size(), 3u);
    EXPECT_EQ(after.nodes[1].op, Op::FullyConnected);
    Rng rng(6);
    for (int round = 0; round < 20; ++round) {
        Bytes input(3 * 2 * 90);
        for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
        EXPECT_EQ(run_graph(after, {input}), run_graph(before, {input}));
    }
}

}  // namespace
}  // namespace jatai
