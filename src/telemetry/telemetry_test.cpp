#include <gtest/gtest.h>

#include "src/base/rng.h"
#include "src/telemetry/cbor.h"
#include "src/telemetry/drift.h"
#include "src/telemetry/report.h"

namespace jatai {
namespace {

TEST(Cbor, WhatIsWrittenIsReadAgain) {
    const Cbor value = Cbor::map({{Cbor::number(1), Cbor::array({Cbor::number(70000), Cbor::negative(-5),
                                                                 Cbor::word("é"), Cbor::bytes({"\0x", 2})})},
                                  {Cbor::word("f"), Cbor::real_number(1.5)},
                                  {Cbor::negative(-2), Cbor::boolean(true)}});
    const auto again = read_cbor(write_cbor(value));
    ASSERT_TRUE(again);
    EXPECT_EQ(again->get(1)->items.at(0).number_, 70000u);
    EXPECT_EQ(again->get(1)->items.at(3).text.size(), 2u);
    EXPECT_EQ(again->get("f")->real, 1.5);
    EXPECT_EQ(again->get(-2)->number_, 1u);
    EXPECT_EQ(again->get(3), nullptr);
}

TEST(Cbor, IndefiniteLengthsAreRead) {
    static constexpr char kOpen[] = "\xBF\x61\x61\x9F\x01\x02\xFF\x61\x62\x7F\x61\x78\x61\x79\xFF\xFF";
    const auto map = read_cbor(std::string_view(kOpen, sizeof kOpen - 1));
    ASSERT_TRUE(map);
    EXPECT_EQ(map->get("a")->items.size(), 2u);
    EXPECT_EQ(map->get("b")->text, "xy");
}

TEST(Cbor, DeepOrEndlessOrCutBytesAreRefused) {
    EXPECT_FALSE(read_cbor(std::string(100000, '\x81')));
    EXPECT_FALSE(read_cbor(std::string_view("\x9B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9)));
    EXPECT_FALSE(read_cbor(std::string_view("\x5B\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9)));
    EXPECT_FALSE(read_cbor(std::string_view("\x01\x01", 2)));
    EXPECT_FALSE(read_cbor(""));
    EXPECT_FALSE(read_cbor("\xFF"));
}

TEST(Report, HealthIsReadAndAnotherVersionRefused) {
    const auto body = [](std::uint64_t version) {
        return write_cbor(Cbor::map(
            {{Cbor::number(0), Cbor::number(version)},
             {Cbor::number(1), Cbor::number(2)},
             {Cbor::number(2), Cbor::word("nano33ble")},
             {Cbor::number(4), Cbor::array({Cbor::number(17), Cbor::bytes("12345678"), Cbor::number(0)})},
             {Cbor::number(11), Cbor::array({Cbor::number(100), Cbor::number(5000), Cbor::number(90)})}}));
    };
    const auto report = read_report(body(1));
    ASSERT_TRUE(report);
    EXPECT_EQ(report->sequence, 17u);
    EXPECT_EQ(report->digest, "3132333435363738");
    EXPECT_EQ(report->runs, 100u);
    EXPECT_FALSE(read_report(body(2)));
}

TEST(Report, AHistogramOfAnotherLengthIsRefused) {
    const auto statistics = [](std::size_t bytes) {
        return write_cbor(Cbor::map(
            {{Cbor::number(0), Cbor::number(1)},
             {Cbor::number(1), Cbor::number(3)},
             {Cbor::number(21),
              Cbor::array({Cbor::array({Cbor::number(1), Cbor::bytes(std::string(bytes, '\1'))})})}}));
    };
    ASSERT_TRUE(read_report(statistics(32)));
    EXPECT_EQ(read_report(statistics(32))->output->at(3), 257u);
    EXPECT_FALSE(read_report(statistics(31)));
}

Histogram draw(Rng& rng, int n, float shift) {
    Histogram bins{};
    for (int i = 0; i < n; ++i) {
        const float x = 8 + 2 * (rng.normal() + shift);
        ++bins[static_cast<std::size_t>(std::min(15.0f, std::max(0.0f, x)))];
    }
    return bins;
}

TEST(Drift, HealthyWindowsRaiseFalseAlarmsInOneOfAHundredAtMost) {
    Rng rng(5);
    int alarms = 0;
    for (int i = 0; i < 2000; ++i) alarms += compare(draw(rng, 100, 0), draw(rng, 5000, 0)).drifted ? 1 : 0;
    EXPECT_LE(alarms, 20);
}

TEST(Drift, HalfADeviationIsSeenInAHundredSamples) {
    Rng rng(6);
    int seen = 0;
    for (int i = 0; i < 1000; ++i) seen += compare(draw(rng, 100, 0.5f), draw(rng, 5000, 0)).drifted ? 1 : 0;
    EXPECT_GE(seen, 800);
}

TEST(Drift, ExpectedAccuracyIsTheMeanConfidence) {
    Histogram bins{};
    bins[15] = 3;
    bins[7] = 1;
    EXPECT_NEAR(expected_accuracy(bins), (3 * 15.5 / 16 + 7.5 / 16) / 4, 1e-12);
    EXPECT_EQ(expected_accuracy({}), 0);
}

}  // namespace
}  // namespace jatai
