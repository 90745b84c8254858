#include "src/report/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace jatai::page {
namespace {

TEST(Wilson, AgreesWithPublishedValues) {
    // Newcombe 1998, table I, method 3: 81/263, 15/148, 0/20, 1/29.
    EXPECT_NEAR(wilson_interval(81, 263).low, 0.2553, 1e-4);
    EXPECT_NEAR(wilson_interval(81, 263).high, 0.3662, 1e-4);
    EXPECT_NEAR(wilson_interval(15, 148).low, 0.0624, 1e-4);
    EXPECT_NEAR(wilson_interval(15, 148).high, 0.1605, 1e-4);
    EXPECT_EQ(wilson_interval(0, 20).low, 0);
    EXPECT_NEAR(wilson_interval(0, 20).high, 0.1611, 1e-4);
    EXPECT_NEAR(wilson_interval(1, 29).low, 0.0061, 1e-4);
    EXPECT_NEAR(wilson_interval(1, 29).high, 0.1718, 1e-4);
}

TEST(Wilson, NothingAskedSaysNothing) {
    EXPECT_EQ(wilson_interval(0, 0).low, 0);
    EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

TEST(Wilson, AllRightReachesOne) { EXPECT_EQ(wilson_interval(7, 7).high, 1); }

TEST(PoissonUpper, AgreesWithGarwood) {
    EXPECT_NEAR(poisson_upper_95(0), 2.9957, 1e-4);
    EXPECT_NEAR(poisson_upper_95(1), 4.7439, 1e-4);
    EXPECT_NEAR(poisson_upper_95(2), 6.2958, 1e-4);
    EXPECT_NEAR(poisson_upper_95(3), 7.7537, 1e-4);
    EXPECT_NEAR(poisson_upper_95(10), 16.9622, 1e-4);
}

TEST(PoissonUpper, HoldsItsPromiseForLargeCounts) {
    // Wilson-Hilferty is within 0.1 % there.
    const double k = 5000, z = 1.6448536;
    const double near = (k + 1) * std::pow(1 - 1 / (9 * (k + 1)) + z / (3 * std::sqrt(k + 1)), 3);
    EXPECT_NEAR(poisson_upper_95(5000) / near, 1, 1e-4);
}

}  // namespace
}  // namespace jatai::page
