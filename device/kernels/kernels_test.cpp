// The kernels without a window of weights.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "device/kernels/add.h"
#include "device/kernels/average_pool2d.h"
#include "device/kernels/dequantize.h"
#include "device/kernels/fully_connected.h"
#include "device/kernels/max_pool2d.h"
#include "device/kernels/plain_test.h"
#include "device/kernels/quantize.h"
#include "device/kernels/softmax.h"

namespace jatai {
namespace {

std::vector<int8_t> taken(const int8_t* from, std::size_t count) { return {from, from + count}; }

TEST(FullyConnected, AnswersAsTheFormulaWithOneScaleAndWithMany) {
    Dice dice(5);
    for (int i = 0; i < 200; ++i) {
        FullyConnectedParams p{};
        p.batches = static_cast<uint16_t>(roll(dice, 1, 3));
        p.depth = static_cast<uint32_t>(roll(dice, 1, 40));
        p.outputs = static_cast<uint32_t>(roll(dice, 1, 9));
        p.multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.shift = roll(dice, -10, 0);
        p.range = {static_cast<int8_t>(roll(dice, -20, 20)), -128, 127};
        const bool per_channel = i % 2 == 1;
        const std::vector<int8_t> in = random_bytes(dice, p.batches * p.depth);
        const std::vector<int8_t> weights = random_bytes(dice, p.outputs * p.depth);
        std::vector<int32_t> bias(p.outputs);
        std::vector<Channel> channels(p.outputs);
        for (uint32_t o = 0; o < p.outputs; ++o) {
            bias[o] = roll(dice, -30000, 30000);
            channels[o] = {bias[o], (1 << 30) + roll(dice, 0, 0x3FFFFFFF), roll(dice, -10, 0)};
        }
        Operands operands;
        operands.add(in, false);
        operands.add(weights, false);
        per_channel ? static_cast<void>(operands.add(channels, false))
                    : static_cast<void>(operands.add(bias, false));
        const int8_t* out = operands.add(std::vector<int8_t>(p.batches * p.outputs), true);
        operands.run(per_channel ? kFullyConnectedPerChannelInt8 : kFullyConnectedInt8, p);
        for (uint32_t n = 0; n < p.batches; ++n) {
            for (uint32_t o = 0; o < p.outputs; ++o) {
                int32_t sum = bias[o];
                for (uint32_t k = 0; k < p.depth; ++k) sum += in[n * p.depth + k] * weights[o * p.depth + k];
                const int32_t m = per_channel ? channels[o].multiplier : p.multiplier;
                const int32_t s = per_channel ? channels[o].shift : p.shift;
                ASSERT_EQ(out[n * p.outputs + o],
                          plain_clamp(plain_rescale(sum, m, s) + p.range.zero_point, -128, 127));
            }
        }
    }
}

// Means and maxima over the taps inside the image, in floating point.
void check_pool(const Pool2dParams& p, const std::vector<int8_t>& in, const int8_t* out, bool average) {
    const Window& w = p.window;
    for (int n = 0, at = 0; n < w.batches; ++n) {
        for (int y = 0; y < w.out_h; ++y) {
            for (int x = 0; x < w.out_w; ++x) {
                for (int c = 0; c < w.in_c; ++c, ++at) {
                    double sum = 0;
                    double largest = -128;
                    int count = 0;
                    for (int ky = 0; ky < w.kernel_h; ++ky) {
                        for (int kx = 0; kx < w.kernel_w; ++kx) {
                            const int iy = y * w.stride_h - w.pad_top + ky;
                            const int ix = x * w.stride_w - w.pad_left + kx;
                            if (iy < 0 || iy >= w.in_h || ix < 0 || ix >= w.in_w) continue;
                            const int8_t v =
                                in[static_cast<std::size_t>(((n * w.in_h + iy) * w.in_w + ix) * w.in_c + c)];
                            sum += v;
                            largest = std::max<double>(largest, v);
                            ++count;
                        }
                    }
                    const double mean = count == 0 ? 0 : std::round(sum / count);
                    ASSERT_EQ(out[at], plain_clamp(std::llround(average ? mean : largest), p.low, p.high));
                }
            }
        }
    }
}

TEST(Pools, AnswerAsTheFormula) {
    Dice dice(6);
    for (int i = 0; i < 300; ++i) {
        Pool2dParams p{};
        Window& w = p.window;
        w = {};
        w.batches = static_cast<uint16_t>(roll(dice, 1, 2));
        w.in_h = static_cast<uint16_t>(roll(dice, 1, 8));
        w.in_w = static_cast<uint16_t>(roll(dice, 1, 8));
        w.in_c = w.out_c = static_cast<uint16_t>(roll(dice, 1, 6));
        w.out_h = static_cast<uint16_t>(roll(dice, 1, 4));
        w.out_w = static_cast<uint16_t>(roll(dice, 1, 4));
        w.kernel_h = static_cast<uint16_t>(roll(dice, 1, 5));
        w.kernel_w = static_cast<uint16_t>(roll(dice, 1, 5));
        w.stride_h = static_cast<uint16_t>(roll(dice, 1, 3));
        w.stride_w = static_cast<uint16_t>(roll(dice, 1, 3));
        w.pad_top = static_cast<uint16_t>(roll(dice, 0, 3));
        w.pad_left = static_cast<uint16_t>(roll(dice, 0, 3));
        w.groups = 1;
        p.low = static_cast<int8_t>(roll(dice, -128, -100));
        p.high = static_cast<int8_t>(roll(dice, 100, 127));
        const std::vector<int8_t> in = random_bytes(dice, input_bytes(w));
        for (const bool average : {true, false}) {
            Operands operands;
            operands.add(in, false);
            const int8_t* out = operands.add(std::vector<int8_t>(output_bytes(w)), true);
            operands.run(average ? kAveragePool2dInt8 : kMaxPool2dInt8, p);
            check_pool(p, in, out, average);
        }
    }
}

TEST(Pools, HostileParametersAreRefusedOrHarmless) {
    Dice dice(7);
    const uint16_t extents[] = {0, 1, 1, 1, 2, 2, 3, 4, 255, 65535};
    int accepted = 0;
    for (int i = 0; i < 20000; ++i) {
        Pool2dParams p{};
        auto* fields = reinterpret_cast<uint16_t*>(&p.window);
        for (std::size_t f = 0; f < sizeof p.window / 2; ++f) fields[f] = extents[dice() % 10];
        p.window.out_c = p.window.in_c;
        Operands operands;
        operands.add(random_bytes(dice, 60), false);
        operands.add(std::vector<int8_t>(60), true);
        accepted += operands.try_run(kAveragePool2dInt8, &p, sizeof p);
        accepted += operands.try_run(kMaxPool2dInt8, &p, sizeof p);
    }
    EXPECT_GT(accepted, 200);
}

TEST(Add, AnswersAsRealNumbersWithinOneStep) {
    Dice dice(8);
    for (int i = 0; i < 100; ++i) {
        // Scales a and b, both brought to 1 / (2 * larger); the sum to the output's.
        const double a_scale = std::ldexp(1.0, roll(dice, -6, 0));
        const double b_scale = std::ldexp(1.0, roll(dice, -6, 0));
        const double larger = std::max(a_scale, b_scale);
        const double out_scale = 2 * larger;
        AddParams p{};
        const auto exponent = [](double x) { return static_cast<int32_t>(std::lround(std::log2(x))) + 1; };
        for (uint32_t axis = 0; axis < kWalkAxes; ++axis) p.walk.shape[axis] = 1;
        p.walk.shape[2] = 3;
        p.walk.shape[3] = 5;
        p.walk.stride[0][2] = 5, p.walk.stride[0][3] = 1;
        p.walk.stride[1][2] = 0, p.walk.stride[1][3] = 1;  // b is repeated three times
        p.a_multiplier = p.b_multiplier = p.multiplier = 1 << 30;
        p.a_shift = exponent(a_scale / (2 * larger));
        p.b_shift = exponent(b_scale / (2 * larger));
        p.shift = exponent(2 * larger / (out_scale * (1 << kAddLeftShift)));
        p.a_zero_point = static_cast<int8_t>(roll(dice, -50, 50));
        p.b_zero_point = static_cast<int8_t>(roll(dice, -50, 50));
        p.range = {static_cast<int8_t>(roll(dice, -20, 20)), -128, 127};
        const std::vector<int8_t> a = random_bytes(dice, 15);
        const std::vector<int8_t> b = random_bytes(dice, 5);
        Operands operands;
        operands.add(a, false);
        operands.add(b, false);
        const int8_t* out = operands.add(std::vector<int8_t>(15), true);
        operands.run(kAddInt8, p);
        for (std::size_t k = 0; k < 15; ++k) {
            const double real =
                (a_scale * (a[k] - p.a_zero_point) + b_scale * (b[k % 5] - p.b_zero_point)) / out_scale +
                p.range.zero_point;
            ASSERT_NEAR(out[k], std::min(std::max(real, -128.0), 127.0), 0.51);
        }
    }
}

TEST(Add, StridesThatReachOutsideAreRefused) {
    AddParams p{};
    for (uint32_t axis = 0; axis < kWalkAxes; ++axis) p.walk.shape[axis] = 2;
    Operands operands;
    operands.add(std::vector<int8_t>(16), false);
    operands.add(std::vector<int8_t>(16), false);
    operands.add(std::vector<int8_t>(16), true);
    EXPECT_TRUE(operands.try_run(kAddInt8, &p, sizeof p)) << "strides of 0 repeat one element";
    p.walk.stride[0][0] = 15;
    EXPECT_TRUE(operands.try_run(kAddInt8, &p, sizeof p));
    p.walk.stride[0][0] = 16;
    EXPECT_FALSE(operands.try_run(kAddInt8, &p, sizeof p));
    p.walk.stride[0][0] = 0xFFFFFFFF;
    EXPECT_FALSE(operands.try_run(kAddInt8, &p, sizeof p));
    p.walk.stride[0][0] = 0;
    p.walk.shape[0] = p.walk.shape[1] = 0xFFFF;
    EXPECT_FALSE(operands.try_run(kAddInt8, &p, sizeof p));
    p.walk.shape[0] = 0;
    EXPECT_FALSE(operands.try_run(kAddInt8, &p, sizeof p));
}

// The scaling of an input scale and beta = 1, as the compiler works it out.
SoftmaxParams softmax_params(uint32_t rows, uint32_t depth, double scale) {
    int shift = 0;
    const double fraction = std::frexp(scale * (1 << 26), &shift);
    const auto multiplier = static_cast<int32_t>(std::llround(fraction * 2147483648.0));
    return {rows, depth, multiplier, shift,
            static_cast<int32_t>(-std::floor(31.0 * (1 << 26) / std::ldexp(1.0, shift)))};
}

TEST(Softmax, StaysWithinOneStepOfFloatingPoint) {
    Dice dice(9);
    for (int i = 0; i < 300; ++i) {
        const auto depth = static_cast<uint32_t>(roll(dice, 1, 30));
        const double scale = std::ldexp(1.0 + roll(dice, 0, 99) / 100.0, roll(dice, -8, -1));
        const SoftmaxParams p = softmax_params(2, depth, scale);
        const std::vector<int8_t> in = random_bytes(dice, 2 * depth);
        Operands operands;
        operands.add(in, false);
        const int8_t* out = operands.add(std::vector<int8_t>(2 * depth), true);
        operands.run(kSoftmaxInt8, p);
        for (uint32_t r = 0; r < 2; ++r) {
            double sum = 0;
            for (uint32_t k = 0; k < depth; ++k) sum += std::exp(scale * in[r * depth + k]);
            for (uint32_t k = 0; k < depth; ++k) {
                const double real = 256 * std::exp(scale * in[r * depth + k]) / sum - 128;
                ASSERT_NEAR(out[r * depth + k], std::min(real, 127.0), 1.0);
            }
        }
    }
}

TEST(Softmax, EqualInputsShareEqually) {
    for (const uint32_t depth : {1u, 2u, 4u, 256u, 512u, 1000u, 5000u}) {
        Operands operands;
        operands.add(std::vector<int8_t>(depth, 7), false);
        const int8_t* out = operands.add(std::vector<int8_t>(depth), true);
        operands.run(kSoftmaxInt8, softmax_params(1, depth, 0.1));
        const double share = std::min(256.0 / depth - 128, 127.0);
        if (depth <= 4000) {  // the sum of more exceeds Q12.19, in TFLite too
            EXPECT_NEAR(out[0], share, 0.5) << depth;
        }
        EXPECT_TRUE(std::all_of(out, out + depth, [&](int8_t v) { return v == out[0]; }));
    }
}

TEST(Quantize, RoundsFloatsHalvesAwayFromZeroAndHoldsTheRange) {
    QuantizeParams p{};
    p.from = Type::Float32;
    p.to = Type::Int8;
    p.scale = 0.5f;
    p.zero_point = 3;
    const std::vector<float> in{0.0f,   0.25f,    -0.25f,    0.2f, 1.0f,  -1.25f, 1e30f,
                                -1e30f, INFINITY, -INFINITY, NAN,  61.9f, 62.0f};
    p.count = static_cast<uint32_t>(in.size());
    Operands operands;
    operands.add(in, false);
    const int8_t* out = operands.add(std::vector<int8_t>(in.size()), true);
    operands.run(kQuantizeFloat, p);
    EXPECT_EQ(taken(out, in.size()),
              (std::vector<int8_t>{3, 4, 2, 3, 5, 0, 127, -128, 127, -128, 3, 127, 127}));
}

TEST(Quantize, EveryFloatRoundsAsTheStandardLibraryDoes) {
    Dice dice(10);
    for (int i = 0; i < 200000; ++i) {
        const float x = std::ldexp(static_cast<float>(roll(dice, -1 << 24, 1 << 24)), roll(dice, -26, -1));
        ASSERT_EQ(round_to_int(x), std::max(-8388608.0f, std::min(8388608.0f, std::round(x)))) << x;
    }
}

TEST(Quantize, IntegersOfEveryWidthAreRescaled) {
    const auto check = [](Type from, Type to, auto example, std::vector<int> values,
                          std::vector<int> expected) {
        QuantizeParams p{};
        p.from = from;
        p.to = to;
        p.count = static_cast<uint32_t>(values.size());
        p.multiplier = 1 << 30;
        p.shift = 0;  // half
        p.in_zero_point = 2;
        p.zero_point = 5;
        std::vector<decltype(example)> in(values.begin(), values.end());
        Operands operands;
        operands.add(in, false);
        const uint8_t* out = operands.add(std::vector<uint8_t>(in.size()), true);
        operands.run(kQuantizeInteger, p);
        for (std::size_t i = 0; i < in.size(); ++i) {
            EXPECT_EQ(to == Type::Int8 ? static_cast<int8_t>(out[i]) : out[i], expected[i]) << values[i];
        }
    };
    check(Type::Int8, Type::Int8, int8_t{}, {2, 4, 3, -128, 127}, {5, 6, 6, -60, 68});
    check(Type::UInt8, Type::Int8, uint8_t{}, {2, 0, 255}, {5, 4, 127});
    check(Type::Int16, Type::UInt8, int16_t{}, {-32768, 32767, 100}, {0, 255, 54});
    check(Type::Int32, Type::Int8, int32_t{}, {1 << 30, -(1 << 30), 10}, {127, -128, 9});
}

TEST(Dequantize, IsTheScaleTimesTheDifferenceRoundedOnce) {
    Dice dice(11);
    DequantizeParams p{};
    p.from = Type::Int16;
    p.scale = 0.0123456f;
    p.zero_point = -7;
    std::vector<int16_t> in;
    for (int i = 0; i < 1000; ++i) in.push_back(static_cast<int16_t>(dice()));
    p.count = 1000;
    Operands operands;
    operands.add(in, false);
    const float* out = operands.add(std::vector<float>(in.size()), true);
    operands.run(kDequantize, p);
    for (std::size_t i = 0; i < in.size(); ++i) {
        ASSERT_EQ(out[i], static_cast<float>(double{p.scale} * (in[i] + 7)));
    }
}

TEST(Kernels, UnknownElementTypesAreRefused) {
    QuantizeParams q{};
    q.from = Type::Float32;
    q.to = Type::Int16;
    DequantizeParams d{};
    d.from = Type::Int64;
    Operands operands;
    operands.add(std::vector<float>(4), false);
    operands.add(std::vector<float>(4), true);
    EXPECT_FALSE(operands.try_run(kQuantizeFloat, &q, sizeof q));
    EXPECT_FALSE(operands.try_run(kDequantize, &d, sizeof d));
    q.to = Type::Int8;
    EXPECT_FALSE(operands.try_run(kQuantizeInteger, &q, sizeof q)) << "floats are the other kernel's";
}

}  // namespace
}  // namespace jatai
