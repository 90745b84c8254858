#include "device/apps/keyword.h"

#include <gtest/gtest.h>

#include <string>

namespace jatai {
namespace {

std::string fixed(uint32_t value, uint32_t decimals) {
    TextLine line;
    line.add_fixed(value, decimals);
    return {line.text(), line.bytes()};
}

TEST(TextLine, WritesNumbersWithTheirPoint) {
    EXPECT_EQ(fixed(0, 0), "0");
    EXPECT_EQ(fixed(4294967295u, 0), "4294967295");
    EXPECT_EQ(fixed(4294967295u, 3), "4294967.295");
    EXPECT_EQ(fixed(7, 3), "0.007");
    EXPECT_EQ(fixed(1000, 3), "1.000");
    EXPECT_EQ(fixed(93, 2), "0.93");
    EXPECT_EQ(fixed(100, 2), "1.00");
}

TEST(TextLine, IsNeverLongerThanItsRoomAndAlwaysEnds) {
    TextLine line;
    for (int i = 0; i < 100; ++i) line.add("0123456789");
    line.end();
    const std::string text(line.text(), line.bytes());
    EXPECT_EQ(text.size(), 161u);
    EXPECT_EQ(text.back(), '\n');
}

TEST(TextLine, WritesBytesAsTwoDigits) {
    TextLine line;
    line.add_hex(0).add_hex(0x9a).add_hex(255);
    EXPECT_EQ(std::string(line.text(), line.bytes()), "009aff");
}

TEST(ScoreSmoother, GivesTheMeanOfTheLastAnswers) {
    ScoreSmoother smoother;
    smoother.open(2, 4);
    const int8_t sure[] = {127, -128}, half[] = {0, 0}, never[] = {-128, 127};
    smoother.add(sure);
    EXPECT_EQ(smoother.percent(0), 25u) << "answers not yet given count as zero";
    smoother.add(sure);
    smoother.add(half);
    smoother.add(half);
    EXPECT_EQ(smoother.best(), 0u);
    EXPECT_EQ(smoother.percent(0), 75u);
    EXPECT_EQ(smoother.percent(1), 25u);
    for (int i = 0; i < 4; ++i) smoother.add(never);
    EXPECT_EQ(smoother.best(), 1u);
    EXPECT_EQ(smoother.percent(0), 0u);
    EXPECT_EQ(smoother.percent(1), 100u);
}

TEST(ScoreSmoother, AThresholdIsReachedExactlyAtItsValue) {
    ScoreSmoother smoother;
    smoother.open(1, 2);
    const int8_t half[] = {0};
    smoother.add(half);
    smoother.add(half);
    EXPECT_TRUE(smoother.reaches(0, 32768));
    EXPECT_FALSE(smoother.reaches(0, 32769));
    smoother.reset();
    EXPECT_TRUE(smoother.reaches(0, 0));
    EXPECT_FALSE(smoother.reaches(0, 1));
}

TEST(ScoreSmoother, ItsSumsHoldTheLongestHistory) {
    ScoreSmoother smoother;
    smoother.open(kMaxKeywordLabels, kMaxKeywordSmoothing);
    int8_t all[kMaxKeywordLabels];
    for (int8_t& score : all) score = 127;
    for (int i = 0; i < 40; ++i) smoother.add(all);
    EXPECT_EQ(smoother.percent(kMaxKeywordLabels - 1), 100u);
    EXPECT_TRUE(smoother.reaches(0, 65280));
    EXPECT_FALSE(smoother.reaches(0, 65281));
}

}  // namespace
}  // namespace jatai
