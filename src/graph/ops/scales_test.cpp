// Prepared scales against TFLite's two roundings, at every sum.
#include "src/graph/ops/scales.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace jatai {
namespace {

constexpr Range kRelu{-128, -128, 127};

struct Case {
    Channel channel;
    SumSpan span;
};

Case random_case(std::mt19937& dice) {
    const auto number = [&](int low, int high) {
        return std::uniform_int_distribution<int>(low, high)(dice);
    };
    const Channel channel{number(-3000, 3000), (1 << 30) + number(0, 0x3FFFFFFF), -number(3, 9)};
    return {channel, {-number(1, 40000), number(1, 40000)}};
}

// How many of the sums `answer` gives another byte for than the two roundings.
template <typename Answer>
int differences(const Case& c, Answer answer) {
    int count = 0;
    for (std::int64_t sum = c.span.low; sum <= c.span.high; ++sum) {
        const auto s = static_cast<std::int32_t>(sum);
        count += answer(s) != to_int8(c.channel.bias + s, c.channel.multiplier, c.channel.shift, kRelu);
    }
    return count;
}

int differences(const Case& c, ScaleLine line, LineUnits units) {
    return differences(c, [=](std::int32_t sum) { return to_int8(sum, line, units); });
}

TEST(ScaleLines, GiveTheBytesOfTwoRoundingsAtEverySum) {
    std::mt19937 dice(7);
    int found = 0;
    for (int i = 0; i < 150; ++i) {
        const Case c = random_case(dice);
        for (const LineUnits units : {kBlockLine, kStripLine}) {
            const std::vector<ScaleLine> lines = find_lines({c.channel}, {c.span}, kRelu, units);
            if (lines.empty()) continue;
            ++found;
            ASSERT_EQ(differences(c, lines[0], units), 0) << i;
        }
    }
    EXPECT_GT(found, 250);  // of 300
}

TEST(ScaleLines, ALineMovedByAStepIsCaughtByTheSameComparison) {
    std::mt19937 dice(8);
    const Case c = random_case(dice);
    std::vector<ScaleLine> lines = find_lines({c.channel}, {c.span}, kRelu, kBlockLine);
    ASSERT_EQ(lines.size(), 1u);
    lines[0].start += 256;
    EXPECT_GT(differences(c, lines[0], kBlockLine), 0);
}

TEST(FineLines, AreThereForEveryRectifiedChannelAndGiveTheBytesOfTwoRoundings) {
    std::mt19937 dice(10);
    for (int i = 0; i < 150; ++i) {
        const Case c = random_case(dice);
        const std::uint32_t bits = static_cast<std::uint32_t>(std::max(0, c.channel.shift + 10));
        const std::vector<FineLine> lines = find_fine_lines({c.channel}, {c.span}, kRelu, {bits});
        ASSERT_EQ(lines.size(), 1u) << i;
        ASSERT_EQ(differences(c, [&](std::int32_t sum) { return to_int8(sum * (1 << bits), lines[0]); }), 0)
            << i;
    }
}

TEST(ScaleLines, AreNotThereWhenOneChannelHasNone) {
    const Channel good{0, 1 << 30, -6};
    const Channel left{0, 1 << 30, 2};  // shifts up, where the sums could wrap
    const SumSpan span{-1000, 1000};
    EXPECT_EQ(find_lines({good}, {span}, kRelu, kBlockLine).size(), 1u);
    EXPECT_TRUE(find_lines({good, left}, {span, span}, kRelu, kBlockLine).empty());
}

TEST(RoundedScales, GiveTheBytesOfTwoRoundingsAtEverySum) {
    std::mt19937 dice(9);
    for (int i = 0; i < 60; ++i) {
        const Case c = random_case(dice);
        const Range range{static_cast<std::int8_t>(std::uniform_int_distribution<int>(-128, 127)(dice)), -128,
                          127};
        const RoundedScale scale = rounded_scales({c.channel}, range)[0];
        for (std::int64_t sum = c.span.low; sum <= c.span.high; ++sum) {
            const auto s = static_cast<std::int32_t>(sum);
            ASSERT_EQ(to_int8(s, scale),
                      to_int8(c.channel.bias + s, c.channel.multiplier, c.channel.shift, range))
                << i << " " << sum;
        }
    }
}

}  // namespace
}  // namespace jatai
