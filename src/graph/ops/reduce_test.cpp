// Reductions, sums, resizes and pools of other types, by what they give.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "device/kernels/add_n.h"
#include "device/kernels/arg_max.h"
#include "device/kernels/pool2d_types.h"
#include "device/kernels/reduce.h"
#include "device/kernels/resize_bilinear.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/one_layer.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

TEST(Mean, OfStoredNumbersRoundsHalvesAwayFromZero) {
    const std::string words = R"(
        %x int8[1,2,2,2] s=1 = input
        %a int32[2] = {1,2}
        %y int8[1,1,1,2] s=1 = MEAN(%x, %a) keep_dims=yes
        output %y)";
    EXPECT_THAT(answer<std::int8_t>(words, {bytes_of<std::int8_t>({1, -1, 2, -2, 3, -3, 4, -4})}),
                ElementsAre(3, -3))
        << "2.5 and -2.5";
}

TEST(Mean, RescalesFromOneScaleAndZeroPointToAnother) {
    const std::string words = R"(
        %x int8[2,3] s=0.5 z=10 = input
        %a int32[1] = {-1}
        %y int8[2] s=0.25 z=-4 = MEAN(%x, %a)
        output %y)";
    EXPECT_THAT(answer<std::int8_t>(words, {bytes_of<std::int8_t>({10, 13, 16, -128, -128, -128})}),
                ElementsAre(2, -128))
        << "mean 1.5 is 6 steps above -4; -69 saturates";
}

TEST(Mean, FoldsTheCountIntoTheMultiplierAsTfliteDoes) {
    const Graph graph = parse_text(R"(
        %x int8[1,3] s=1 = input
        %a int32[1] = {1}
        %y int8[1] s=1 = MEAN(%x, %a)
        output %y)",
                                   "test");
    const Lowered step = op_def(Op::Mean).lower(graph, graph.nodes[0], Family::Reference);
    ReduceParams params;
    ASSERT_EQ(step.params.size(), sizeof params);
    std::memcpy(&params, step.params.data(), sizeof params);
    EXPECT_EQ(params.multiplier, (std::int64_t{1} << 31) / 3) << "2^30 * 2^1 / 3";
    EXPECT_EQ(params.shift, 0);
}

TEST(Mean, OfOtherTypes) {
    EXPECT_THAT(answer<std::uint8_t>("%x uint8[4] s=1 z=100 = input\n%a int32[1] = {0}\n"
                                     "%y uint8[] s=1 z=0 = MEAN(%x, %a)\noutput %y\n",
                                     {{200, 210, 220, 230}}),
                ElementsAre(115));
    EXPECT_THAT(answer<std::int16_t>("%x int16[2] s=1 = input\n%a int32[1] = {0}\n"
                                     "%y int16[] s=1 = MEAN(%x, %a)\noutput %y\n",
                                     {bytes_of<std::int16_t>({-30000, -20000})}),
                ElementsAre(-25000));
    EXPECT_THAT(answer<float>("%x float32[2,2,2] = input\n%a int32[2] = {0,2}\n"
                              "%y float32[2] = MEAN(%x, %a)\noutput %y\n",
                              {bytes_of<float>({1, 2, 3, 4, 5, 6, 7, 8})}),
                ElementsAre(3.5f, 5.5f));
}

TEST(Sum, AddsWhatStandsAlongTheDimensions) {
    EXPECT_THAT(answer<std::int8_t>("%x int8[2,2] s=0.5 z=2 = input\n%a int32[1] = {0}\n"
                                    "%y int8[2] s=1 z=1 = SUM(%x, %a)\noutput %y\n",
                                    {{4, 6, 6, 12}}),
                ElementsAre(4, 8))
        << "(2 + 4) / 2 + 1, (4 + 10) / 2 + 1";
    EXPECT_THAT(answer<std::int32_t>("%x int32[3] = input\n%a int32[1] = {0}\n"
                                     "%y int32[] = SUM(%x, %a)\noutput %y\n",
                                     {bytes_of<std::int32_t>({1, 2, -7})}),
                ElementsAre(-4));
    EXPECT_THAT(answer<float>("%x float32[1,2,1,2,1,2] = input\n%a int32[3] = {1,3,5}\n"
                              "%y float32[1,1,1] = SUM(%x, %a)\noutput %y\n",
                              {bytes_of<float>({1, 2, 3, 4, 5, 6, 7, 8})}),
                ElementsAre(36));
}

TEST(ReduceMaxAndMin, FindTheEndsOfTheRange) {
    const std::string in = "%x int8[2,3] s=1 = input\n%a int32[1] = {1}\n";
    const Bytes x = bytes_of<std::int8_t>({-5, 3, 2, -128, -127, -126});
    EXPECT_THAT(answer<std::int8_t>(in + "%y int8[2] s=1 = REDUCE_MAX(%x, %a)\noutput %y\n", {x}),
                ElementsAre(3, -126));
    EXPECT_THAT(answer<std::int8_t>(in + "%y int8[2] s=1 = REDUCE_MIN(%x, %a)\noutput %y\n", {x}),
                ElementsAre(-5, -128));
    EXPECT_THAT(answer<float>("%x float32[2,2] = input\n%a int32[2] = {0,1}\n"
                              "%y float32[1,1] = REDUCE_MAX(%x, %a) keep_dims=yes\noutput %y\n",
                              {bytes_of<float>({-4, -2, -3, -8})}),
                ElementsAre(-2));
}

TEST(ReduceProdAnyAll, Multiply) {
    EXPECT_THAT(answer<std::int32_t>("%x int32[2,2] = input\n%a int32[1] = {0}\n"
                                     "%y int32[2] = REDUCE_PROD(%x, %a)\noutput %y\n",
                                     {bytes_of<std::int32_t>({2, -3, 5, 7})}),
                ElementsAre(10, -21));
    const std::string in = "%x bool[2,2] = input\n%a int32[1] = {1}\n";
    EXPECT_THAT(answer<std::uint8_t>(in + "%y bool[2] = REDUCE_ANY(%x, %a)\noutput %y\n", {{0, 1, 0, 0}}),
                ElementsAre(1, 0));
    EXPECT_THAT(answer<std::uint8_t>(in + "%y bool[2] = REDUCE_ALL(%x, %a)\noutput %y\n", {{0, 1, 1, 1}}),
                ElementsAre(0, 1));
}

TEST(Reduce, OverADimensionOfOneIsTheInput) {
    EXPECT_THAT(answer<float>("%x float32[1,2] = input\n%a int32[1] = {0}\n"
                              "%y float32[2] = SUM(%x, %a)\noutput %y\n",
                              {bytes_of<float>({3, 4})}),
                ElementsAre(3, 4));
}

TEST(ArgMaxAndMin, TellWhereTheFirstOfThemIs) {
    const std::string in = "%x int8[2,3] = input\n%a int32[] = {1}\n";
    const Bytes x = bytes_of<std::int8_t>({1, 7, 7, -2, -2, -1});
    EXPECT_THAT(answer<std::int32_t>(in + "%y int32[2] = ARG_MAX(%x, %a) output_type=2\noutput %y\n", {x}),
                ElementsAre(1, 2));
    EXPECT_THAT(answer<std::int64_t>(in + "%y int64[2] = ARG_MIN(%x, %a) output_type=4\noutput %y\n", {x}),
                ElementsAre(0, 0));
    EXPECT_THAT(answer<std::int32_t>("%x float32[2,2] = input\n%a int32[1] = {-2}\n"
                                     "%y int32[2] = ARG_MAX(%x, %a)\noutput %y\n",
                                     {bytes_of<float>({1, 5, 2, 4})}),
                ElementsAre(1, 0));
}

TEST(ResizeBilinear, BlendsFourNeighbours) {
    const std::string in = "%x int8[1,1,2,1] s=1 = input\n";
    EXPECT_THAT(
        answer<std::int8_t>(in + "%y int8[1,1,4,1] s=1 = RESIZE_BILINEAR(%x)\noutput %y\n", {{0, 10}}),
        ElementsAre(0, 5, 10, 10));
    EXPECT_THAT(
        answer<std::int8_t>(in + "%y int8[1,1,3,1] s=1 = RESIZE_BILINEAR(%x) align_corners=yes\noutput %y\n",
                            {bytes_of<std::int8_t>({-1, -2})}),
        ElementsAre(-1, -2, -2))
        << "-1.5 goes away from zero";
    EXPECT_THAT(answer<std::int8_t>(
                    in + "%y int8[1,1,4,1] s=1 = RESIZE_BILINEAR(%x) half_pixel_centers=yes\noutput %y\n",
                    {{0, 100}}),
                ElementsAre(0, 25, 75, 100));
    EXPECT_THAT(answer<float>("%x float32[1,2,2,1] = input\n%n int32[2] = {3,3}\n"
                              "%y float32[1,3,3,1] = RESIZE_BILINEAR(%x, %n) align_corners=yes\noutput %y\n",
                              {bytes_of<float>({0, 2, 4, 6})}),
                ElementsAre(0, 1, 2, 2, 3, 4, 4, 5, 6));
    EXPECT_THAT(answer<std::uint8_t>("%x uint8[1,1,2,1] s=1 = input\n"
                                     "%y uint8[1,1,4,1] s=1 = RESIZE_BILINEAR(%x)\noutput %y\n",
                                     {{200, 255}}),
                ElementsAre(200, 228, 255, 255))
        << "227.5 rounds up";
}

TEST(AddN, AddsEveryInput) {
    EXPECT_THAT(answer<float>("%a float32[2] = input\n%b float32[2] = input\n%c float32[2] = input\n"
                              "%y float32[2] = ADD_N(%a, %b, %c)\noutput %y\n",
                              {bytes_of<float>({1, 2}), bytes_of<float>({3, 4}), bytes_of<float>({5, 6})}),
                ElementsAre(9, 12));
    EXPECT_THAT(answer<std::int8_t>("%a int8[2] s=1 = input\n%b int8[2] s=1 = input\n"
                                    "%y int8[2] s=2 z=1 = ADD_N(%a, %b)\noutput %y\n",
                                    {{1, 100}, {3, 100}}),
                ElementsAre(3, 101));
}

TEST(CumSum, RunsForwardsBackwardsWithAndWithoutTheElement) {
    const std::string in = "%x int32[2,3] = input\n%a int32[] = {1}\n%y int32[2,3] = CUMSUM(%x, %a)";
    const Bytes x = bytes_of<std::int32_t>({1, 2, 3, 4, 5, 6});
    EXPECT_THAT(answer<std::int32_t>(in + "\noutput %y\n", {x}), ElementsAre(1, 3, 6, 4, 9, 15));
    EXPECT_THAT(answer<std::int32_t>(in + " exclusive=yes\noutput %y\n", {x}), ElementsAre(0, 1, 3, 0, 4, 9));
    EXPECT_THAT(answer<std::int32_t>(in + " reverse=yes\noutput %y\n", {x}), ElementsAre(6, 5, 3, 15, 11, 6));
    EXPECT_THAT(answer<std::int8_t>("%x int8[3] s=1 = input\n%a int32[] = {0}\n"
                                    "%y int8[3] s=2 = CUMSUM(%x, %a)\noutput %y\n",
                                    {{10, 20, 30}}),
                ElementsAre(5, 15, 30));
}

std::string pool(const std::string& op, const std::string& type, const std::string& quantisation,
                 const std::string& activation = "none") {
    return "%x " + type + "[1,2,2,1]" + quantisation + " = input\n%y " + type + "[1,1,1,1]" + quantisation +
           " = " + op + "(%x) padding=valid stride_w=1 stride_h=1 filter_width=2 filter_height=2" +
           " fused_activation_function=" + activation + "\noutput %y\n";
}

TEST(Pools, OfOtherTypes) {
    const Bytes floats = bytes_of<float>({-1, 2, 4, 8});
    EXPECT_THAT(answer<float>(pool("AVERAGE_POOL_2D", "float32", ""), {floats}), ElementsAre(3.25f));
    EXPECT_THAT(answer<float>(pool("MAX_POOL_2D", "float32", "", "relu6"), {floats}), ElementsAre(6));
    EXPECT_THAT(answer<float>(pool("MAX_POOL_2D", "float32", ""), {bytes_of<float>({-4, -3, -2, -9})}),
                ElementsAre(-2));
    EXPECT_THAT(answer<std::uint8_t>(pool("AVERAGE_POOL_2D", "uint8", " s=1"), {{250, 251, 252, 253}}),
                ElementsAre(252))
        << "251.5";
    EXPECT_THAT(answer<std::uint8_t>(pool("MAX_POOL_2D", "uint8", " s=1"), {{1, 200, 3, 4}}),
                ElementsAre(200));
    const Bytes shorts = bytes_of<std::int16_t>({-30000, -30001, -30000, -30001});
    EXPECT_THAT(answer<std::int16_t>(pool("AVERAGE_POOL_2D", "int16", " s=1"), {shorts}), ElementsAre(-30001))
        << "-30000.5 goes away from zero";
    EXPECT_THAT(answer<std::int16_t>(pool("MAX_POOL_2D", "int16", " s=1"), {shorts}), ElementsAre(-30000));
}

TEST(FitsReduce, RefusesStridesOutsideAndProductsThatWrap) {
    ReduceParams p{};
    p.walk = {{1, 1, 1, 2}, {0, 0, 0, 3}, {1, 1, 1, 3}, {0, 0, 0, 1}};
    std::uint32_t bytes[2] = {6, 2};
    const bool writable[2] = {false, true};
    const auto fits = [&] { return fits_reduce<std::int8_t>({&p, sizeof p, 2, bytes, writable}); };
    EXPECT_TRUE(fits());
    bytes[0] = 5;
    EXPECT_FALSE(fits());
    bytes[0] = 6, bytes[1] = 1;
    EXPECT_FALSE(fits());
    bytes[1] = 2, p.walk.gone[0] = 0;
    EXPECT_FALSE(fits());
    p.walk.gone[0] = 0xFFFFFFFF;
    EXPECT_FALSE(fits()) << "a loop without end";
    p.walk.gone[0] = 1, p.walk.kept_stride[3] = 0xFFFFFFFF;
    EXPECT_FALSE(fits());
}

TEST(FitsArgMaxResizeAndSums, RefuseWhatIsNotThere) {
    const ArgMaxParams arg{2, 3, 1, 0, 1, {}};
    std::uint32_t bytes[2] = {6, 16};
    const bool writable[2] = {false, true};
    EXPECT_TRUE(fits_arg_max<std::int8_t>({&arg, sizeof arg, 2, bytes, writable}));
    bytes[1] = 15;
    EXPECT_FALSE(fits_arg_max<std::int8_t>({&arg, sizeof arg, 2, bytes, writable}));
    const ArgMaxParams wrapping{0x10000, 0x10000, 0x10000, 0, 0, {}};
    EXPECT_FALSE(fits_arg_max<std::int8_t>({&wrapping, sizeof wrapping, 2, bytes, writable}));
    const ResizeParams resize{1, 1, 2, 3, 4, 4, 0, INT32_MAX, INT32_MIN, 1, 1};
    EXPECT_TRUE(fits_resize<std::int8_t>({&resize, sizeof resize, 2, bytes, writable}) == false);
    bytes[1] = 16;
    EXPECT_TRUE(fits_resize<std::int8_t>({&resize, sizeof resize, 2, bytes, writable}));
    const AddNParams sum{{}, 1, 7};
    EXPECT_FALSE(fits_add_n<std::int8_t>({&sum, sizeof sum, 2, bytes, writable}));
    const CumSumParams run{{}, 1, 7, 1, 0, 0, {}};
    EXPECT_FALSE(fits_cum_sum<std::int8_t>({&run, sizeof run, 2, bytes, writable}));
}

}  // namespace
}  // namespace jatai
