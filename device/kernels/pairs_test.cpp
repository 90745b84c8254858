// The kernels of two inputs, against their formulas written once more.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "device/kernels/plain_pair.h"
#include "device/kernels/plain_test.h"
#include "device/kernels/rescaled_pair.h"

namespace jatai {
namespace {

// Three rows of five; the second operand is one row, repeated.
Walk<2> rows_of_five() {
    Walk<2> walk{{1, 1, 3, 5}, {{0, 0, 5, 1}, {0, 0, 0, 1}}};
    return walk;
}

template <typename T>
std::vector<T> random_numbers(Dice& dice, std::size_t count, int low, int high) {
    std::vector<T> values(count);
    for (T& value : values) value = static_cast<T>(roll(dice, low, high));
    return values;
}

RescaledPairParams random_params(Dice& dice, int zero_low, int zero_high, int spare_bits) {
    RescaledPairParams p{};
    p.walk = rows_of_five();
    p.a_zero_point = roll(dice, zero_low, zero_high);
    p.b_zero_point = roll(dice, zero_low, zero_high);
    p.zero_point = roll(dice, zero_low, zero_high);
    p.a_multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
    p.b_multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
    p.multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
    p.a_shift = -roll(dice, 0, 4);
    p.b_shift = -roll(dice, 0, 4);
    p.spare_bits = spare_bits;
    return p;
}

using Formula = int64_t (*)(const RescaledPairParams& p, int32_t a, int32_t b);

template <typename A, typename B>
void expect_formula(const Kernel& kernel, RescaledPairParams p, Dice& dice, Formula formula) {
    p.low = std::numeric_limits<A>::lowest();
    p.high = std::numeric_limits<A>::max() - 7;
    const auto a = random_numbers<A>(dice, 15, p.low, p.high + 7);
    const auto b =
        random_numbers<B>(dice, 5, std::numeric_limits<B>::lowest(), std::numeric_limits<B>::max());
    Operands operands;
    operands.add(a, false);
    operands.add(b, false);
    const A* out = operands.add(std::vector<A>(15), true);
    operands.run(kernel, p);
    for (std::size_t i = 0; i < 15; ++i) {
        const int64_t y = formula(p, a[i] - p.a_zero_point, b[i % 5] - p.b_zero_point);
        ASSERT_EQ(out[i], plain_clamp(y + p.zero_point, p.low, p.high)) << i;
    }
}

int32_t shared(const RescaledPairParams& p, int32_t x, int32_t multiplier, int32_t shift) {
    return plain_rescale(x * (1 << p.spare_bits), multiplier, shift);
}

TEST(RescaledPairs, AddAndSubtractOnTheScaleOfBoth) {
    const auto plus = [](const RescaledPairParams& p, int32_t a, int32_t b) -> int64_t {
        return plain_rescale(
            shared(p, a, p.a_multiplier, p.a_shift) + shared(p, b, p.b_multiplier, p.b_shift), p.multiplier,
            p.shift);
    };
    const auto minus = [](const RescaledPairParams& p, int32_t a, int32_t b) -> int64_t {
        return plain_rescale(
            shared(p, a, p.a_multiplier, p.a_shift) - shared(p, b, p.b_multiplier, p.b_shift), p.multiplier,
            p.shift);
    };
    Dice dice(1);
    for (int i = 0; i < 300; ++i) {
        RescaledPairParams p = random_params(dice, 0, 255, 20);
        p.shift = -roll(dice, 18, 21);
        expect_formula<uint8_t, uint8_t>(kAddUInt8, p, dice, plus);
        expect_formula<uint8_t, uint8_t>(kSubUInt8, p, dice, minus);
        p = random_params(dice, -128, 127, 20);
        p.shift = -roll(dice, 18, 21);
        expect_formula<int8_t, int8_t>(kSubInt8, p, dice, minus);
        p = random_params(dice, 0, 0, 15);
        p.a_shift -= 1, p.b_shift -= 1;
        p.shift = -roll(dice, 13, 16);
        expect_formula<int16_t, int16_t>(kAddInt16, p, dice, plus);
        expect_formula<int16_t, int16_t>(kSubInt16, p, dice, minus);
    }
}

TEST(RescaledPairs, MultiplyWithOneRounding) {
    const auto times = [](const RescaledPairParams& p, int32_t a, int32_t b) -> int64_t {
        return plain_rescale(a * b, p.multiplier, p.shift);
    };
    Dice dice(2);
    for (int i = 0; i < 300; ++i) {
        RescaledPairParams p = random_params(dice, -128, 127, 0);
        p.shift = -roll(dice, 3, 9);
        expect_formula<int8_t, int8_t>(kMulInt8, p, dice, times);
        p = random_params(dice, 0, 255, 0);
        p.shift = -roll(dice, 3, 9);
        expect_formula<uint8_t, uint8_t>(kMulUInt8, p, dice, times);
        p = random_params(dice, 0, 0, 0);
        p.shift = -roll(dice, 12, 17);
        expect_formula<int16_t, int16_t>(kMulInt16, p, dice, times);
    }
}

TEST(RescaledPairs, SquareTheDifferenceAndBendBelowZero) {
    const auto square = [](const RescaledPairParams& p, int32_t a, int32_t b) -> int64_t {
        const int32_t d = shared(p, a, p.a_multiplier, p.a_shift) - shared(p, b, p.b_multiplier, p.b_shift);
        return plain_rescale(static_cast<int32_t>(int64_t{d} * d), p.multiplier, p.shift);
    };
    const auto slope = [](const RescaledPairParams& p, int32_t a, int32_t b) -> int64_t {
        return a >= 0 ? plain_rescale(a, p.a_multiplier, p.a_shift)
                      : plain_rescale(a * b, p.b_multiplier, p.b_shift);
    };
    Dice dice(3);
    for (int i = 0; i < 300; ++i) {
        RescaledPairParams p = random_params(dice, -128, 127, 7);
        p.a_shift -= 1, p.b_shift -= 1;
        p.shift = -roll(dice, 17, 22);
        expect_formula<int8_t, int8_t>(kSquaredDifferenceInt8, p, dice, square);
        p = random_params(dice, 0, 0, 0);
        p.a_shift -= 1, p.b_shift -= 1;
        p.shift = -roll(dice, 12, 17);
        expect_formula<int16_t, int16_t>(kSquaredDifferenceInt16, p, dice, square);
        p = random_params(dice, -128, 127, 0);
        p.b_shift = -roll(dice, 3, 9);
        expect_formula<int8_t, int8_t>(kPreluInt8, p, dice, slope);
        p = random_params(dice, 0, 0, 0);
        p.b_shift = -roll(dice, 3, 9);
        expect_formula<int16_t, int8_t>(kPreluInt16, p, dice, slope);
    }
}

TEST(RescaledPairs, DivideToTheNearestStep) {
    Dice dice(4);
    for (int i = 0; i < 300; ++i) {
        RescaledPairParams p{};
        p.walk = rows_of_five();
        p.a_zero_point = roll(dice, -128, 127);
        p.b_zero_point = -128 + 300 * (i % 2);  // divisors of one sign, none of them 0
        p.multiplier = (1 << 30) + roll(dice, 0, 0x3FFFFFFF);
        p.shift = roll(dice, 3, 7);
        p.low = -128, p.high = 127;
        const auto a = random_numbers<int8_t>(dice, 15, -128, 127);
        const auto b = random_numbers<int8_t>(dice, 5, -127, 127);
        Operands operands;
        operands.add(a, false);
        operands.add(b, false);
        const int8_t* out = operands.add(std::vector<int8_t>(15), true);
        operands.run(kDivInt8, p);
        for (std::size_t k = 0; k < 15; ++k) {
            const double exact = std::ldexp(static_cast<double>(p.multiplier), p.shift - 31) *
                                 (a[k] - p.a_zero_point) / (b[k % 5] - p.b_zero_point);
            ASSERT_NEAR(out[k], std::clamp(exact, -128.0, 127.0), 0.5001);
        }
    }
}

TEST(RescaledPairs, ADivisorOfZeroGivesTheEndOfTheRange) {
    RescaledPairParams p{};
    p.walk = {{1, 1, 1, 3}, {{0, 0, 0, 1}, {0, 0, 0, 0}}};
    p.multiplier = 1 << 30, p.low = -128, p.high = 127;
    Operands operands;
    operands.add(std::vector<int8_t>{5, 0, -5}, false);
    operands.add(std::vector<int8_t>{0}, false);
    const int8_t* out = operands.add(std::vector<int8_t>(3), true);
    operands.run(kDivInt8, p);
    EXPECT_EQ(out[0], 127);
    EXPECT_EQ(out[1], 0);
    EXPECT_EQ(out[2], -128);
}

template <typename T>
std::vector<T> plain(const Kernel& kernel, const std::vector<T>& a, const std::vector<T>& b,
                     T low = std::numeric_limits<T>::lowest(), T high = std::numeric_limits<T>::max()) {
    PlainPairParams<T> p{};
    p.walk = {{1, 1, 1, static_cast<uint32_t>(a.size())}, {{0, 0, 0, 1}, {0, 0, 0, 1}}};
    p.low = low, p.high = high;
    Operands operands;
    operands.add(a, false);
    operands.add(b, false);
    const T* out = operands.add(std::vector<T>(a.size()), true);
    operands.run(kernel, p);
    return {out, out + a.size()};
}

using Floats = std::vector<float>;
using Ints = std::vector<int32_t>;
using Longs = std::vector<int64_t>;

TEST(PlainPairs, ComputeAsTheFormula) {
    const Floats a{1.5f, -2.0f, 7.0f}, b{0.5f, 4.0f, -2.0f};
    EXPECT_EQ(plain(kAddFloat, a, b), (Floats{2.0f, 2.0f, 5.0f}));
    EXPECT_EQ(plain(kSubFloat, a, b), (Floats{1.0f, -6.0f, 9.0f}));
    EXPECT_EQ(plain(kMulFloat, a, b), (Floats{0.75f, -8.0f, -14.0f}));
    EXPECT_EQ(plain(kDivFloat, a, b), (Floats{3.0f, -0.5f, -3.5f}));
    EXPECT_EQ(plain(kSquaredDifferenceFloat, a, b), (Floats{1.0f, 36.0f, 81.0f}));
    EXPECT_EQ(plain(kMaximumFloat, a, b), (Floats{1.5f, 4.0f, 7.0f}));
    EXPECT_EQ(plain(kMinimumFloat, a, b), (Floats{0.5f, -2.0f, -2.0f}));
    EXPECT_EQ(plain(kFloorDivFloat, a, b), (Floats{3.0f, -1.0f, -4.0f}));
    EXPECT_EQ(plain(kPreluFloat, a, b), (Floats{1.5f, -8.0f, 7.0f}));
}

TEST(PlainPairs, HoldWhatTheActivationLeaves) {
    EXPECT_EQ(plain<float>(kAddFloat, {-3, 3, 30}, {1, 1, 1}, 0.0f, 6.0f), (Floats{0, 4, 6}));
    EXPECT_EQ(plain<int32_t>(kMulInt32, {-3, 3, 30}, {1, 1, 1}, 0, 6), (Ints{0, 3, 6}));
}

TEST(PlainPairs, IntegersWrapAndNeverTrap) {
    constexpr int32_t kLow = INT32_MIN, kHigh = INT32_MAX;
    EXPECT_EQ(plain<int32_t>(kAddInt32, {kHigh, 1}, {1, 2}), (Ints{kLow, 3}));
    EXPECT_EQ(plain<int32_t>(kSubInt32, {kLow, 1}, {1, 2}), (Ints{kHigh, -1}));
    EXPECT_EQ(plain<int32_t>(kMulInt32, {65536, -3}, {65536, 5}), (Ints{0, -15}));
    EXPECT_EQ(plain<int32_t>(kDivInt32, {7, -7, 7, kLow}, {2, 2, 0, -1}), (Ints{3, -3, 0, kLow}));
    EXPECT_EQ(plain<int32_t>(kSquaredDifferenceInt32, {3, 65536}, {5, 0}), (Ints{4, 0}));
    EXPECT_EQ(plain<int64_t>(kAddInt64, {INT64_MAX}, {1}), (Longs{INT64_MIN}));
    EXPECT_EQ(plain<int64_t>(kMulInt64, {int64_t{1} << 40}, {3}), (Longs{int64_t{3} << 40}));
    EXPECT_EQ(plain<int64_t>(kSubInt64, {1}, {int64_t{1} << 40}), (Longs{1 - (int64_t{1} << 40)}));
}

TEST(PlainPairs, FlooredDivisionRoundsDownAndTheRestHasTheSignOfTheDivisor) {
    for (const int a : {-7, -6, 0, 6, 7, INT32_MIN}) {
        for (const int b : {-3, -1, 0, 1, 3}) {
            const double exact = b == 0 ? 0 : std::floor(static_cast<double>(a) / b);
            const auto wrapped = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int64_t>(exact)));
            EXPECT_EQ(plain<int32_t>(kFloorDivInt32, {a}, {b})[0], wrapped) << a << " / " << b;
            const int64_t rest = b == 0 ? 0 : a - static_cast<int64_t>(exact) * b;
            EXPECT_EQ(plain<int32_t>(kFloorModInt32, {a}, {b})[0], rest) << a << " mod " << b;
            EXPECT_EQ(plain<int64_t>(kFloorDivInt64, {a}, {b})[0], static_cast<int64_t>(exact));
            EXPECT_EQ(plain<int64_t>(kFloorModInt64, {a}, {b})[0], rest);
        }
    }
}

TEST(PlainPairs, LargestAndSmallestOfEveryType) {
    EXPECT_EQ(plain<int8_t>(kMaximumInt8, {-5, 3}, {2, -128}), (std::vector<int8_t>{2, 3}));
    EXPECT_EQ(plain<int8_t>(kMinimumInt8, {-5, 3}, {2, -128}), (std::vector<int8_t>{-5, -128}));
    EXPECT_EQ(plain<uint8_t>(kMaximumUInt8, {200, 3}, {2, 4}), (std::vector<uint8_t>{200, 4}));
    EXPECT_EQ(plain<uint8_t>(kMinimumUInt8, {200, 3}, {2, 4}), (std::vector<uint8_t>{2, 3}));
    EXPECT_EQ(plain<int16_t>(kMaximumInt16, {-500, 3}, {2, 4}), (std::vector<int16_t>{2, 4}));
    EXPECT_EQ(plain<int16_t>(kMinimumInt16, {-500, 3}, {2, 4}), (std::vector<int16_t>{-500, 3}));
    EXPECT_EQ(plain<int32_t>(kMaximumInt32, {-500, 3}, {2, 4}), (Ints{2, 4}));
    EXPECT_EQ(plain<int32_t>(kMinimumInt32, {-500, 3}, {2, 4}), (Ints{-500, 3}));
    EXPECT_EQ(plain<int64_t>(kMaximumInt64, {-500, 3}, {2, 4}), (Longs{2, 4}));
    EXPECT_EQ(plain<int64_t>(kMinimumInt64, {-500, 3}, {2, 4}), (Longs{-500, 3}));
}

TEST(PairKernels, RefuseWhatWouldReachOutside) {
    Dice dice(9);
    int accepted = 0;
    for (int i = 0; i < 3000; ++i) {
        RescaledPairParams p;
        auto* bytes = reinterpret_cast<uint8_t*>(&p);
        for (std::size_t k = 0; k < sizeof p; ++k) bytes[k] = static_cast<uint8_t>(roll(dice, 0, 255));
        for (uint32_t& extent : p.walk.shape) extent = static_cast<uint32_t>(roll(dice, 0, 3));
        for (auto& strides : p.walk.stride) {
            for (uint32_t& stride : strides) stride = static_cast<uint32_t>(roll(dice, 0, 9));
        }
        Operands operands;
        operands.add(random_bytes(dice, 20), false);
        operands.add(random_bytes(dice, 20), false);
        operands.add(random_bytes(dice, 40), true);
        for (const Kernel* kernel : {&kMulInt8, &kAddInt16, &kDivInt8, &kSubUInt8, &kPreluInt16,
                                     &kSquaredDifferenceInt16, &kMaximumInt16, &kAddInt32, &kFloorModInt64})
            accepted += operands.try_run(*kernel, &p, sizeof p);
    }
    EXPECT_GT(accepted, 300) << "the sanitizers judge what ran";
}

}  // namespace
}  // namespace jatai
