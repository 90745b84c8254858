#include "device/kernels/real_functions.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace jatai {
namespace {

// By how many units of the last place of `exact` an answer misses it.
double units_off(float answer, double exact) {
    const auto nearest = static_cast<float>(exact);
    const double unit =
        std::max(std::ldexp(1.0, std::ilogb(nearest == 0 ? 1e-38f : nearest) - 23), std::ldexp(1.0, -149));
    return std::abs(answer - exact) / unit;
}

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(RealFunctions, RootsAreRoundedExactly) {
    std::mt19937 dice(1);
    for (int i = 0; i < 300000; ++i) {
        const float x = float_of(static_cast<uint32_t>(dice()) & 0x7FFFFFFFu);
        if (!(x < kInfinity)) continue;
        ASSERT_EQ(real_sqrt(x), std::sqrt(x)) << x;
    }
    EXPECT_EQ(real_sqrt(4.0f), 2.0f);
    EXPECT_EQ(real_sqrt(0.0f), 0.0f);
    EXPECT_TRUE(std::signbit(real_sqrt(-0.0f)));
    EXPECT_EQ(real_sqrt(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(real_sqrt(-1.0f)) && std::isnan(real_sqrt(NAN)));
    EXPECT_EQ(real_sqrt(1.40129846e-45f), std::sqrt(1.40129846e-45f)) << "the smallest there is";
}

TEST(RealFunctions, LogarithmsStayWithinFourUnitsOfTheLastPlace) {
    std::mt19937 dice(2);
    for (int i = 0; i < 300000; ++i) {
        const float x = float_of(static_cast<uint32_t>(dice()) & 0x7FFFFFFFu);
        if (!(x < kInfinity) || x == 0) continue;
        ASSERT_LT(units_off(real_log(x), std::log(static_cast<double>(x))), 4) << x;
    }
    for (float x = 0.5f; x < 2.0f; x = std::nextafter(x, 3.0f) + 1e-5f)
        ASSERT_LT(units_off(real_log(x), std::log(static_cast<double>(x))), 4) << x;
    EXPECT_EQ(real_log(1.0f), 0.0f);
    EXPECT_EQ(real_log(0.0f), -kInfinity);
    EXPECT_EQ(real_log(kInfinity), kInfinity);
    EXPECT_TRUE(std::isnan(real_log(-1.0f)) && std::isnan(real_log(NAN)));
}

TEST(RealFunctions, SineAndCosineHoldForEveryArgument) {
    std::mt19937 dice(3);
    for (int i = 0; i < 300000; ++i) {
        const float x = float_of(static_cast<uint32_t>(dice()));
        if (!(std::abs(x) < kInfinity)) continue;
        ASSERT_LT(units_off(real_sin(x), std::sin(static_cast<double>(x))), 4) << x;
        ASSERT_LT(units_off(real_cos(x), std::cos(static_cast<double>(x))), 4) << x;
    }
    for (float x = -20; x < 20; x += 0.0007f) {
        ASSERT_LT(units_off(real_sin(x), std::sin(static_cast<double>(x))), 4) << x;
        ASSERT_LT(units_off(real_cos(x), std::cos(static_cast<double>(x))), 4) << x;
    }
    EXPECT_EQ(real_sin(0.0f), 0.0f);
    EXPECT_EQ(real_cos(0.0f), 1.0f);
    EXPECT_TRUE(std::isnan(real_sin(kInfinity)) && std::isnan(real_cos(NAN)));
}

TEST(RealFunctions, ExpMinusOneKeepsSmallNumbers) {
    for (float x = -10; x < 2; x += 0.0003f)
        ASSERT_LT(units_off(real_expm1(x), std::expm1(static_cast<double>(x))), 6) << x;
    EXPECT_EQ(real_expm1(1e-20f), 1e-20f);
    EXPECT_TRUE(std::isnan(real_expm1(NAN)));
}

TEST(RealFunctions, RoundDownUpAndToTheEvenOne) {
    std::mt19937 dice(4);
    for (int i = 0; i < 300000; ++i) {
        const float x = float_of(static_cast<uint32_t>(dice()));
        if (!(std::abs(x) < kInfinity)) continue;
        ASSERT_EQ(real_floor(x), std::floor(x));
        ASSERT_EQ(real_ceil(x), std::ceil(x));
        ASSERT_EQ(real_round(x), std::nearbyint(x));
    }
    for (float x = -5; x <= 5; x += 0.25f) EXPECT_EQ(real_round(x), std::nearbyint(x)) << x;
    for (const float x : {8388607.5f, 8388608.0f, -8388607.5f, kInfinity, -kInfinity}) {
        EXPECT_EQ(real_floor(x), std::floor(x));
        EXPECT_EQ(real_ceil(x), std::ceil(x));
        EXPECT_EQ(real_round(x), std::nearbyint(x));
    }
    EXPECT_TRUE(std::isnan(real_round(NAN)) && std::isnan(real_floor(NAN)));
}

}  // namespace
}  // namespace jatai
