#include "device/features/fixed_log2.h"

#include <gtest/gtest.h>

#include <cmath>

namespace jatai {
namespace {

TEST(FixedLog2, StaysWithinTwoTenThousandthsOfTheRealLogarithm) {
    double worst = 0;
    const auto check = [&](uint64_t value) {
        const double error = log2_q16(value) / 65536.0 - std::log2(static_cast<double>(value));
        worst = std::max(worst, std::fabs(error));
    };
    for (uint64_t value = 1; value < 100000; ++value) check(value);
    for (uint64_t value = 99991; value < uint64_t(1) << 62; value += value / 997) check(value);
    EXPECT_LT(worst, 0.0002);
}

TEST(FixedLog2, IsExactAtPowersOfTwo) {
    for (int bit = 0; bit < 64; ++bit) EXPECT_EQ(log2_q16(uint64_t(1) << bit), bit << 16);
}

TEST(FixedLog2, FallsByNoMoreThanItsLastBitWhenTheValueRises) {
    int32_t last = log2_q16(1);
    for (uint64_t value = 2; value < 300000; ++value) {
        const int32_t level = log2_q16(value);
        ASSERT_GE(level, last - 1) << value;
        last = level;
    }
}

}  // namespace
}  // namespace jatai
