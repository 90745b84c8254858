#include "device/observe/histogram.h"

#include <gtest/gtest.h>

#include <random>

namespace jatai {
namespace {

TEST(Histogram, CountsEveryInt8ValueInItsSixteenth) {
    Histogram h;
    h.clear();
    for (int v = -128; v < 128; ++v) {
        const signed char byte = static_cast<signed char>(v);
        h.add_int8(&byte, 1);
    }
    for (uint16_t bin : h.bins) EXPECT_EQ(bin, 16);
    EXPECT_EQ(h.total, 256u);
}

TEST(Histogram, HalvesAllBinsWhenOneIsFullAndKeepsTheirShares) {
    Histogram h;
    h.clear();
    for (int i = 0; i < 65535; ++i) h.add(3);
    for (int i = 0; i < 1000; ++i) h.add(4);
    h.add(3);
    EXPECT_EQ(h.bins[3], 32768);
    EXPECT_EQ(h.bins[4], 500);
    EXPECT_EQ(h.total, 33268u);
}

// Normal values with a deviation of 32, in int8.
Histogram draw(std::mt19937& random, int n, double shift) {
    std::normal_distribution<double> normal(shift * 32, 32);
    Histogram h;
    h.clear();
    for (int i = 0; i < n; ++i) {
        const double value = std::max(-128.0, std::min(127.0, normal(random)));
        const signed char byte = static_cast<signed char>(value);
        h.add_int8(&byte, 1);
    }
    return h;
}

double share_of_alarms(double shift, int n) {
    std::mt19937 random(5);
    const Histogram reference = draw(random, 20000, 0);
    int alarms = 0;
    for (int trial = 0; trial < 1000; ++trial)
        alarms += test_drift(draw(random, n, shift), reference).verdict == DriftVerdict::Drift ? 1 : 0;
    return alarms / 1000.0;
}

TEST(Drift, RaisesFewerThanOneFalseAlarmInAHundred) {
    for (int n : {100, 500, 2000}) EXPECT_LE(share_of_alarms(0, n), 0.01) << n;
}

TEST(Drift, SeesAShiftOfHalfADeviationInAHundredSamplesMostly) {
    EXPECT_GE(share_of_alarms(0.5, 100), 0.8);
    EXPECT_GE(share_of_alarms(0.25, 1000), 0.99);
}

TEST(Drift, SaysNothingOnTooFewSamples) {
    std::mt19937 random(5);
    const Histogram reference = draw(random, 20000, 0);
    EXPECT_EQ(test_drift(draw(random, 49, 3), reference).verdict, DriftVerdict::TooFew);
    EXPECT_EQ(test_drift(reference, reference).verdict, DriftVerdict::No);
    EXPECT_EQ(test_drift(reference, reference).distance, 0u);
}

// Elements of one input hang together: a window of 100 inputs of 64 equal elements is evidence of 100 counts.
TEST(Drift, CountsSamplesAndNotTheElementsOfAnInput) {
    std::mt19937 random(5);
    const auto blocks = [&](int n) {
        Histogram h;
        h.clear();
        for (int i = 0; i < n; ++i) {
            const Histogram one = draw(random, 1, 0);
            for (uint32_t bin = 0; bin < kBins; ++bin)
                for (int k = 0; one.bins[bin] != 0 && k < 64; ++k) h.add(bin);
        }
        return h;
    };
    const Histogram reference = blocks(2000);
    int alarms = 0, alarms_by_element = 0;
    for (int trial = 0; trial < 300; ++trial) {
        const Histogram seen = blocks(100);
        alarms += test_drift(seen, reference, 64).verdict == DriftVerdict::Drift ? 1 : 0;
        alarms_by_element += test_drift(seen, reference).verdict == DriftVerdict::Drift ? 1 : 0;
    }
    EXPECT_LE(alarms, 3);
    EXPECT_GT(alarms_by_element, 100);
    EXPECT_EQ(test_drift(blocks(49), reference, 64).verdict, DriftVerdict::TooFew);
}

}  // namespace
}  // namespace jatai
