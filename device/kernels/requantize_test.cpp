#include "device/kernels/requantize.h"

#include <gtest/gtest.h>

#include "device/kernels/plain_test.h"

namespace jatai {
namespace {

std::vector<int32_t> awkward_numbers() {
    std::vector<int32_t> numbers{0, 1, -1, INT32_MAX, INT32_MIN, INT32_MIN + 1};
    for (int bit = 1; bit < 31; ++bit) {
        for (int32_t near : {-1, 0, 1}) {
            numbers.push_back((1 << bit) + near);
            numbers.push_back(-(1 << bit) + near);
        }
    }
    Dice dice(1);
    for (int i = 0; i < 200; ++i) numbers.push_back(static_cast<int32_t>(dice()));
    return numbers;
}

TEST(Requantize, MultiplyHighIsGemmlowpsForEveryMultiplier) {
    for (int32_t a : awkward_numbers()) {
        for (int32_t b : awkward_numbers()) {
            if (b < 0) continue;
            ASSERT_EQ(multiply_high(a, b), plain_multiply_high(a, b)) << a << " * " << b;
        }
    }
}

TEST(Requantize, DivisionRoundsHalvesAwayFromZero) {
    EXPECT_EQ(divide_by_power(3, 1), 2);
    EXPECT_EQ(divide_by_power(-3, 1), -2);
    EXPECT_EQ(divide_by_power(-5, 2), -1);
    EXPECT_EQ(divide_by_power(-6, 2), -2);
    EXPECT_EQ(divide_by_power(6, 2), 2);
    for (int32_t x : awkward_numbers()) {
        for (int bits = 0; bits < 32; ++bits) {
            ASSERT_EQ(divide_by_power(x, static_cast<uint32_t>(bits)), plain_divide(x, bits))
                << x << " >> " << bits;
        }
    }
}

TEST(Requantize, RescaleIsBothStepsInOrder) {
    for (int32_t x : awkward_numbers()) {
        for (int shift = -31; shift <= 8; ++shift) {
            ASSERT_EQ(rescale(x, 0x5A82799A, shift), plain_rescale(x, 0x5A82799A, shift))
                << x << " by 2^" << shift;
        }
    }
}

TEST(Requantize, AnyShiftIsSafe) {
    for (int32_t shift : awkward_numbers()) rescale(123456789, 1 << 30, shift);
}

TEST(Requantize, RangeHolds) {
    EXPECT_EQ(to_int8(1000000, 1 << 30, 0, {0, -128, 127}), 127);
    EXPECT_EQ(to_int8(-1000000, 1 << 30, 0, {0, -128, 127}), -128);
    EXPECT_EQ(to_int8(-1000, 1 << 30, -3, {10, 10, 127}), 10);
    EXPECT_EQ(to_int8(INT32_MAX, INT32_MAX, 0, {127, -128, 127}), -128) << "sums wrap as int32 does";
}

}  // namespace
}  // namespace jatai
