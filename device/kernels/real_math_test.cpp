#include "device/kernels/real_math.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace jatai {
namespace {

TEST(RealMath, ExpIsExactToAFewUnitsOfTheLastPlace) {
    for (float x = -87.0f; x < 88.7f; x += 0.0137f) {
        const double exact = std::exp(static_cast<double>(x));
        ASSERT_NEAR(real_exp(x) / exact, 1.0, 4e-7) << x;
    }
    EXPECT_EQ(real_exp(0.0f), 1.0f);
    EXPECT_EQ(real_exp(-0.0f), 1.0f);
}

TEST(RealMath, ExpBeyondTheRangeOfFloats) {
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(real_exp(89.0f), kInfinity);
    EXPECT_EQ(real_exp(kInfinity), kInfinity);
    EXPECT_EQ(real_exp(-104.0f), 0.0f);
    EXPECT_EQ(real_exp(-kInfinity), 0.0f);
    EXPECT_NEAR(real_exp(-90.0f), std::exp(-90.0f), 1e-44f) << "a denormal";
    EXPECT_TRUE(std::isnan(real_exp(std::nanf(""))));
}

TEST(RealMath, TanhIsExactToAFewUnitsOfTheLastPlace) {
    for (float x = -12.0f; x < 12.0f; x += 0.0011f) {
        const double exact = std::tanh(static_cast<double>(x));
        ASSERT_NEAR(real_tanh(x), exact, 4e-7 * std::abs(exact)) << x;
    }
    EXPECT_EQ(real_tanh(100.0f), 1.0f);
    EXPECT_EQ(real_tanh(-100.0f), -1.0f);
    EXPECT_EQ(real_tanh(1e-30f), 1e-30f);
    EXPECT_TRUE(std::isnan(real_tanh(std::nanf(""))));
}

TEST(RealMath, TheLogisticFunctionStaysBetweenItsEnds) {
    for (float x = -80.0f; x < 80.0f; x += 0.0113f) {
        const double exact = 1 / (1 + std::exp(-static_cast<double>(x)));
        ASSERT_NEAR(real_logistic(x) / exact, 1.0, x < -9 ? 1.3e-4 : 5e-7) << x;
    }
    EXPECT_EQ(real_logistic(-200.0f), 0.0f);
    EXPECT_EQ(real_logistic(200.0f), 1.0f);
    EXPECT_TRUE(std::isnan(real_logistic(std::nanf(""))));
}

}  // namespace
}  // namespace jatai
