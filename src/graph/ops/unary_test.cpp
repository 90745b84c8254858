// The operators of one input and their neighbours, from words to values.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "src/graph/ops/one_layer.h"
#include "src/graph/ops/sigmoid_table.h"

namespace jatai {
namespace {

using ::testing::ElementsAre;

// Every int8 through one layer, beside the real function.
void expect_function(const std::string& op, const std::string& out, double out_scale, int out_zero,
                     double (*exact)(double), double off) {
    std::vector<std::int8_t> in;
    for (int x = -128; x < 128; ++x) in.push_back(static_cast<std::int8_t>(x));
    const auto y = answer<std::int8_t>(
        "%x int8[256] s=0.05 z=-7 = input\n%y int8[256] " + out + " = " + op + "\noutput %y\n",
        {bytes_of(in)});
    for (std::size_t i = 0; i < in.size(); ++i) {
        const double steps = exact(0.05 * (in[i] + 7)) / out_scale + out_zero;
        ASSERT_NEAR(y[i], std::clamp(steps, -128.0, 127.0), off) << op << " of " << 0.05 * (in[i] + 7);
    }
}

// Factors below 1/2 are rounded twice: first to a whole number, then to the step.
TEST(ByteOperators, LieOnTheNearestStepOfTheRealFunction) {
    expect_function(
        "LOGISTIC(%x)", "s=0.00390625 z=-128", 1.0 / 256, -128,
        [](double x) { return 1 / (1 + std::exp(-x)); }, 0.51);
    expect_function(
        "TANH(%x)", "s=0.0078125", 1.0 / 128, 0, [](double x) { return std::tanh(x); }, 0.51);
    expect_function(
        "RELU(%x)", "s=0.03 z=-100", 0.03, -100, [](double x) { return std::max(x, 0.0); }, 0.51);
    expect_function(
        "RELU6(%x)", "s=0.03 z=-100", 0.03, -100, [](double x) { return std::clamp(x, 0.0, 6.0); }, 0.51);
    expect_function(
        "RELU_N1_TO_1(%x)", "s=0.01 z=3", 0.01, 3, [](double x) { return std::clamp(x, -1.0, 1.0); }, 0.51);
    expect_function(
        "RELU_0_TO_1(%x)", "s=0.01 z=3", 0.01, 3, [](double x) { return std::clamp(x, 0.0, 1.0); }, 0.51);
    expect_function(
        "LEAKY_RELU(%x) alpha=0.25", "s=0.04 z=-20", 0.04, -20, [](double x) { return x < 0 ? 0.25 * x : x; },
        0.76);
    expect_function(
        "LEAKY_RELU(%x) alpha=-0.5", "s=0.04 z=-20", 0.04, -20, [](double x) { return x < 0 ? -0.5 * x : x; },
        0.76);
    expect_function(
        "HARD_SWISH(%x)", "s=0.04 z=-110", 0.04, -110,
        [](double x) { return x * std::clamp(x + 3, 0.0, 6.0) / 6; }, 1.0);
    expect_function(
        "ELU(%x)", "s=0.05 z=-90", 0.05, -90, [](double x) { return x < 0 ? std::expm1(x) : x; }, 0.51);
    expect_function(
        "ABS(%x)", "s=0.05 z=-90", 0.05, -90, [](double x) { return std::abs(x); }, 0.51);
    expect_function(
        "EXP(%x)", "s=2 z=-128", 2, -128, [](double x) { return std::exp(x); }, 0.51);
    expect_function(
        "RSQRT(%x)", "s=0.05 z=-128", 0.05, -128, [](double x) { return x <= 1e-9 ? 1e9 : 1 / std::sqrt(x); },
        0.51);
}

TEST(ByteOperators, OnUint8CountFromZero) {
    const auto y = answer<std::uint8_t>(
        "%x uint8[3] s=0.1 z=100 = input\n%y uint8[3] s=0.00390625 = LOGISTIC(%x)\noutput %y\n",
        {{0, 100, 255}});
    EXPECT_THAT(y, ElementsAre(0, 128, 255));
}

TEST(Sigmoid16, TheTableIsTheFormula) {
    ASSERT_EQ(logistic_table().size(), 256u);
    const auto entry = [&](std::size_t i) { return logistic_table()[i]; };
    EXPECT_EQ(entry(0), 32768);
    EXPECT_EQ(entry(1), 33451);
    EXPECT_EQ(entry(4), 35493)
        << "65536 / (1 + exp(-1/6)) is 35492.36: raised by half of what the line misses";
    EXPECT_EQ(entry(31), 51409);
    EXPECT_EQ(entry(100), 64536);
    EXPECT_EQ(entry(254), 65534);
    EXPECT_EQ(entry(255), 65535);
}

TEST(Int16Operators, FollowTheRealFunctions) {
    std::vector<std::int16_t> in;
    for (int x = -32768; x < 32768; x += 37) in.push_back(static_cast<std::int16_t>(x));
    const std::string n = std::to_string(in.size());
    const struct {
        const char* op;
        const char* scale;
        double out_scale;
        double (*exact)(double);
        double off;
    } rows[] = {
        {"LOGISTIC(%x)", "0.000030517578", 1.0 / 32768, [](double x) { return 1 / (1 + std::exp(-x)); }, 4},
        {"TANH(%x)", "0.000030517578", 1.0 / 32768, [](double x) { return std::tanh(x); }, 4},
        {"RELU(%x)", "0.0002", 0.0002, [](double x) { return std::max(x, 0.0); }, 0.51},
        {"RELU6(%x)", "0.0002", 0.0002, [](double x) { return std::clamp(x, 0.0, 6.0); }, 0.51},
        {"LEAKY_RELU(%x) alpha=0.1", "0.0002", 0.0002, [](double x) { return x < 0 ? 0.1 * x : x; }, 0.76},
        {"ABS(%x)", "0.0003", 0.0003, [](double x) { return std::abs(x); }, 0.51}};
    for (const char* scale : {"0.0003", "0.000244140625"}) {  // any, and 1/4096
        for (const auto& row : rows) {
            const auto y = answer<std::int16_t>("%x int16[" + n + "] s=" + scale + " = input\n%y int16[" + n +
                                                    "] s=" + row.scale + " = " + row.op + "\noutput %y\n",
                                                {bytes_of(in)});
            for (std::size_t i = 0; i < in.size(); ++i) {
                const double steps = row.exact(std::atof(scale) * in[i]) / row.out_scale;
                ASSERT_NEAR(y[i], std::clamp(steps, -32768.0, 32767.0), row.off) << row.op << " " << in[i];
            }
        }
    }
}

TEST(FloatOperators, ComputeWhatTheirNamesSay) {
    const std::vector<Bytes> x{bytes_of<float>({-2, 0.25f, 9})};
    const auto run = [&](const std::string& op) {
        return answer<float>("%x float32[3] = input\n%y float32[3] = " + op + "\noutput %y\n", x);
    };
    EXPECT_THAT(run("RELU(%x)"), ElementsAre(0, 0.25f, 9));
    EXPECT_THAT(run("RELU6(%x)"), ElementsAre(0, 0.25f, 6));
    EXPECT_THAT(run("RELU_N1_TO_1(%x)"), ElementsAre(-1, 0.25f, 1));
    EXPECT_THAT(run("RELU_0_TO_1(%x)"), ElementsAre(0, 0.25f, 1));
    EXPECT_THAT(run("LEAKY_RELU(%x) alpha=0.5"), ElementsAre(-1, 0.25f, 9));
    EXPECT_THAT(run("ABS(%x)"), ElementsAre(2, 0.25f, 9));
    EXPECT_THAT(run("NEG(%x)"), ElementsAre(2, -0.25f, -9));
    EXPECT_THAT(run("CEIL(%x)"), ElementsAre(-2, 1, 9));
    EXPECT_THAT(run("SQUARE(%x)"), ElementsAre(4, 0.0625f, 81));
    const std::vector<float> root = run("SQRT(%x)");
    EXPECT_TRUE(std::isnan(root[0]));
    EXPECT_EQ(root[2], 3);
    EXPECT_EQ(run("RSQRT(%x)")[1], 2);
}

TEST(Comparisons, SixOperatorsFromThreeKernels) {
    const std::vector<Bytes> inputs{bytes_of<std::int32_t>({1, 2, 3}), bytes_of<std::int32_t>({2})};
    const auto run = [&](const std::string& op) {
        return answer<std::uint8_t>(
            "%a int32[3] = input\n%b int32[1] = input\n%y bool[3] = " + op + "(%a, %b)\noutput %y\n", inputs);
    };
    EXPECT_THAT(run("EQUAL"), ElementsAre(0, 1, 0));
    EXPECT_THAT(run("NOT_EQUAL"), ElementsAre(1, 0, 1));
    EXPECT_THAT(run("LESS"), ElementsAre(1, 0, 0));
    EXPECT_THAT(run("LESS_EQUAL"), ElementsAre(1, 1, 0));
    EXPECT_THAT(run("GREATER"), ElementsAre(0, 0, 1));
    EXPECT_THAT(run("GREATER_EQUAL"), ElementsAre(0, 1, 1));
}

TEST(Comparisons, BytesOnScalesOfTheirOwn) {
    EXPECT_THAT(answer<std::uint8_t>("%a int8[3] s=0.5 = input\n%b int8[1] s=0.25 z=-4 = input\n"
                                     "%y bool[3] = GREATER_EQUAL(%a, %b)\noutput %y\n",
                                     {{1, 2, 3}, {0}}),
                ElementsAre(0, 1, 1))
        << "0.5, 1 and 1.5 against 1";
}

TEST(Select, BroadcastsOrGoesBySlices) {
    const std::vector<Bytes> inputs{{0, 1}, bytes_of<float>({1, 2, 3, 4}), bytes_of<float>({-1, -2, -3, -4})};
    const std::string head = "%c bool[2] = input\n%a float32[2,2] = input\n%b float32[2,2] = input\n";
    EXPECT_THAT(answer<float>(head + "%y float32[2,2] = SELECT_V2(%c, %a, %b)\noutput %y\n", inputs),
                ElementsAre(-1, 2, -3, 4));
    EXPECT_THAT(answer<float>(head + "%y float32[2,2] = SELECT(%c, %a, %b)\noutput %y\n", inputs),
                ElementsAre(-1, -2, 3, 4));
}

TEST(Softmax, OfEveryTypeAddsUpToOne) {
    const auto sums = [](const std::vector<double>& y) {
        double sum = 0;
        for (const double value : y) sum += value;
        return sum;
    };
    std::vector<double> y;
    for (const auto v : answer<std::int16_t>("%x int16[1,4] s=0.001 = input\n%y int16[1,4] s=0.000030517578 "
                                             "= SOFTMAX(%x) beta=1\noutput %y\n",
                                             {bytes_of<std::int16_t>({100, 2000, -500, 1500})}))
        y.push_back(v / 32768.0);
    EXPECT_NEAR(sums(y), 1, 2e-3);
    EXPECT_NEAR(y[1], std::exp(2.0) / (std::exp(0.1) + std::exp(2.0) + std::exp(-0.5) + std::exp(1.5)), 1e-3);
    y.clear();
    for (const auto v : answer<std::int16_t>("%x int8[1,4] s=0.1 = input\n%y int16[1,4] s=0.000015258789 "
                                             "z=-32768 = SOFTMAX(%x) beta=1\noutput %y\n",
                                             {{1, 20, 251, 15}}))
        y.push_back((v + 32768) / 65536.0);
    EXPECT_NEAR(sums(y), 1, 1e-4);
    EXPECT_NEAR(y[1], std::exp(2.0) / (std::exp(0.1) + std::exp(2.0) + std::exp(-0.5) + std::exp(1.5)), 1e-4);
    y.clear();
    for (const auto v : answer<std::uint8_t>(
             "%x uint8[1,2] s=0.1 z=9 = input\n%y uint8[1,2] s=0.00390625 = SOFTMAX(%x) beta=1\noutput %y\n",
             {{30, 30}}))
        y.push_back(v / 256.0);
    EXPECT_THAT(y, ElementsAre(0.5, 0.5));
}

TEST(Cast, TakesItsTypesFromTheTensors) {
    EXPECT_THAT(answer<std::int32_t>("%x float32[3] = input\n%y int32[3] = CAST(%x)\noutput %y\n",
                                     {bytes_of<float>({-1.5f, 2.9f, 7})}),
                ElementsAre(-1, 2, 7));
}

TEST(Quantize, ReachesInt16AndInt32) {
    EXPECT_THAT(answer<std::int16_t>("%x float32[2] = input\n%y int16[2] s=0.001 = QUANTIZE(%x)\noutput %y\n",
                                     {bytes_of<float>({1, -2.5f})}),
                ElementsAre(1000, -2500));
    EXPECT_THAT(
        answer<std::int32_t>("%x int16[2] s=0.5 = input\n%y int32[2] s=0.25 = QUANTIZE(%x)\noutput %y\n",
                             {bytes_of<std::int16_t>({-30000, 7})}),
        ElementsAre(-60000, 14));
    EXPECT_THAT(
        answer<std::int16_t>("%x int8[2] s=0.5 z=-3 = input\n%y int16[2] s=0.25 = QUANTIZE(%x)\noutput %y\n",
                             {{0, 125}}),
        ElementsAre(6, 256));
}

TEST(Gelu, IsHalfOfXTimesOnePlusTheErrorFunction) {
    std::vector<float> in;
    for (int i = -60; i <= 60; ++i) in.push_back(static_cast<float>(i) / 10);
    for (const bool approximate : {false, true}) {
        const auto out = answer<float>("%x float32[121] = input\n%y float32[121] = GELU(%x) approximate=" +
                                           std::string(approximate ? "yes" : "no") + "\noutput %y\n",
                                       {bytes_of(in)});
        for (std::size_t i = 0; i < in.size(); ++i) {
            const double x = in[i];
            const double exact =
                approximate
                    ? x / 2 * (1 + std::tanh(std::sqrt(2 / 3.14159265358979) * (x + 0.044715 * x * x * x)))
                    : x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
            EXPECT_NEAR(out[i], exact, 1e-6) << x;
        }
    }
}

TEST(Sign, IsMinusOneZeroOrOne) {
    EXPECT_THAT(answer<float>("%x float32[3] = input\n%y float32[3] = SIGN(%x)\noutput %y\n",
                              {bytes_of<float>({-3.5f, 0, 1e-30f})}),
                ElementsAre(-1, 0, 1));
    EXPECT_THAT(answer<std::int32_t>("%x int32[3] = input\n%y int32[3] = SIGN(%x)\noutput %y\n",
                                     {bytes_of<std::int32_t>({-7, 0, 9})}),
                ElementsAre(-1, 0, 1));
}

TEST(Rsqrt16, IsTheInverseRootAndTheLargestWhereThereIsNone) {
    const auto out = answer<std::int16_t>(
        "%x int16[5] s=0.0625 = input\n%y int16[5] s=0.0009765625 = RSQRT(%x)\noutput %y\n",
        {bytes_of<std::int16_t>({16, 64, 1600, 0, -5})});
    EXPECT_THAT(out, ElementsAre(1024, 512, 102, 32767, 32767));
}

TEST(Comparisons16, AreOfTheRealNumbers) {
    const std::string in = "%a int16[3] s=0.25 = input\n%b int16[3] s=0.5 = input\n";
    const std::vector<Bytes> x{bytes_of<std::int16_t>({4, -30000, 7}),
                               bytes_of<std::int16_t>({2, -15000, 3})};
    EXPECT_THAT(answer<std::uint8_t>(in + "%y bool[3] = EQUAL(%a, %b)\noutput %y\n", x),
                ElementsAre(1, 1, 0));
    EXPECT_THAT(answer<std::uint8_t>(in + "%y bool[3] = GREATER(%a, %b)\noutput %y\n", x),
                ElementsAre(0, 0, 1));
    EXPECT_THAT(answer<std::uint8_t>(in + "%y bool[3] = LESS_EQUAL(%a, %b)\noutput %y\n", x),
                ElementsAre(1, 1, 0));
}

}  // namespace
}  // namespace jatai
