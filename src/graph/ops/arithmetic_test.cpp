#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "src/graph/ops/one_layer.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

TEST(Arithmetic, QuantisedAnswersLieOnTheNearestStepOfTheExactOnes) {
    struct Row {
        const char* op;
        double (*exact)(double a, double b);
        double off;  // by how many steps two roundings may miss
    };
    const Row rows[] = {{"ADD", [](double a, double b) { return a + b; }, 0.51},
                        {"SUB", [](double a, double b) { return a - b; }, 0.51},
                        {"MUL", [](double a, double b) { return a * b; }, 0.51},
                        {"SQUARED_DIFFERENCE", [](double a, double b) { return (a - b) * (a - b); }, 0.6},
                        {"PRELU", [](double a, double b) { return a >= 0 ? a : a * b; }, 0.51}};
    const std::vector<std::int8_t> a{-128, -77, -3, 0, 5, 60, 101, 127}, b{9, -128, 4, 127, -60, 33, -1, 2};
    for (const Row& row : rows) {
        const auto out =
            answer<std::int8_t>(std::string("%a int8[8] s=0.02 z=5 = input\n%b int8[8] s=0.01 z=-4 = input\n"
                                            "%y int8[8] s=0.03 z=-11 = ") +
                                    row.op + "(%a, %b)\noutput %y\n",
                                {bytes_of(a), bytes_of(b)});
        for (std::size_t i = 0; i < a.size(); ++i) {
            const double exact = row.exact(0.02 * (a[i] - 5), 0.01 * (b[i] + 4)) / 0.03 - 11;
            EXPECT_NEAR(out[i], std::clamp(exact, -128.0, 127.0), row.off) << row.op << " " << i;
        }
    }
}

TEST(Arithmetic, AnActivationBoundsWhatItIsFusedInto) {
    const std::string head = "%a int16[3] s=0.001 = input\n%b int16[3] s=0.001 = input\n";
    const std::vector<Bytes> inputs{bytes_of<std::int16_t>({-3000, 3000, 3000}),
                                    bytes_of<std::int16_t>({1000, 1000, 4000})};
    EXPECT_THAT(
        answer<std::int16_t>(
            head + "%y int16[3] s=0.001 = ADD(%a, %b) fused_activation_function=relu6\noutput %y\n", inputs),
        ElementsAre(0, 4000, 6000));
    EXPECT_THAT(
        answer<std::int16_t>(
            head + "%y int16[3] s=0.001 = SUB(%a, %b) fused_activation_function=relu_n1_to_1\noutput %y\n",
            inputs),
        ElementsAre(-1000, 1000, -1000));
}

TEST(Arithmetic, ShapeArithmeticIsWholeNumbers) {
    EXPECT_THAT(answer<std::int32_t>(
                    "%a int32[2,2] = input\n%b int32[] = {3}\n%y int32[2,2] = MUL(%a, %b)\noutput %y\n",
                    {bytes_of<std::int32_t>({1, -2, 3, 100000})}),
                ElementsAre(3, -6, 9, 300000));
    EXPECT_THAT(answer<std::int64_t>("%a int64[2] = input\n%y int64[2] = FLOOR_DIV(%a, %a)\noutput %y\n",
                                     {bytes_of<std::int64_t>({-7, 9})}),
                ElementsAre(1, 1));
}

TEST(Arithmetic, OnlyOperatorsWithAnActivationHoldInfinitiesBack) {
    const std::vector<Bytes> inputs{bytes_of<float>({INFINITY, -INFINITY})};
    const auto sum = answer<float>("%a float32[2] = input\n%y float32[2] = ADD(%a, %a)\noutput %y\n", inputs);
    EXPECT_TRUE(std::isfinite(sum[0]) && std::isfinite(sum[1])) << "as TFLite clamps";
    const auto top =
        answer<float>("%a float32[2] = input\n%y float32[2] = MAXIMUM(%a, %a)\noutput %y\n", inputs);
    EXPECT_TRUE(std::isinf(top[0]) && std::isinf(top[1]));
}

TEST(Arithmetic, EitherInputMayBeTheOneThatIsRepeated) {
    EXPECT_THAT(
        answer<float>("%a float32[3] = input\n%b float32[2,3] = input\n%y float32[2,3] = SUB(%a, %b)\n"
                      "output %y\n",
                      {bytes_of<float>({1, 2, 3}), bytes_of<float>({10, 20, 30, 40, 50, 60})}),
        ElementsAre(-9, -18, -27, -39, -48, -57));
}

TEST(Pow, OfWholeAndOfOtherExponents) {
    const auto power = [](std::vector<float> a, std::vector<float> b) {
        const std::string shape = "float32[" + std::to_string(a.size()) + "]";
        return answer<float>(
            "%a " + shape + " = input\n%b " + shape + " = input\n%y " + shape + " = POW(%a, %b)\noutput %y\n",
            {bytes_of(a), bytes_of(b)});
    };
    EXPECT_THAT(power({2, -2, -2, 0, 5, 1}, {10, 3, -2, 0, -1, 1e30f}),
                ElementsAre(1024, -8, 0.25f, 1, 0.2f, 1));
    const auto odd = power({2, 10, 0.5f}, {0.5f, 2.5f, -1.5f});
    EXPECT_NEAR(odd[0], 1.41421356, 1e-6);
    EXPECT_NEAR(odd[1], 316.227766, 1e-3);
    EXPECT_NEAR(odd[2], 2.82842712, 1e-6);
    EXPECT_TRUE(std::isnan(power({-2}, {0.5f})[0]));
    EXPECT_THAT(answer<std::int32_t>(
                    "%a int32[4] = input\n%b int32[4] = input\n%y int32[4] = POW(%a, %b)\noutput %y\n",
                    {bytes_of<std::int32_t>({3, -3, 2, 7}), bytes_of<std::int32_t>({4, 3, -1, 0})}),
                ElementsAre(81, -27, 0, 1));
}

}  // namespace
}  // namespace jatai
