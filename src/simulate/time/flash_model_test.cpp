#include "src/simulate/time/flash_model.h"

#include <gtest/gtest.h>

namespace jatai::simulate {
namespace {

FlashSide side(double lines, double ways, double prefetch = 0) {
    const auto fact = [](double value) { return Fact{value, value, value, "chosen"}; };
    return {fact(3), fact(2), fact(16), fact(lines), fact(ways), fact(prefetch)};
}

TEST(FlashModel, ALineIsPaidOnceWhileItIsKept) {
    FlashModel model(side(4, 2));
    model.enable_cache(true);
    EXPECT_EQ(model.access(0), 3u);
    EXPECT_EQ(model.access(12), 0u);
    EXPECT_EQ(model.access(16), 3u);
    EXPECT_EQ(model.access(0), 0u);
}

TEST(FlashModel, TheLeastRecentlyUsedLineOfASetMakesRoom) {
    FlashModel model(side(4, 2));  // two sets of two
    model.enable_cache(true);
    for (std::uint32_t line : {0u, 2u}) EXPECT_EQ(model.access(line * 16), 3u);
    EXPECT_EQ(model.access(0), 0u);       // line 2 is now the older
    EXPECT_EQ(model.access(4 * 16), 3u);  // takes its place
    EXPECT_EQ(model.access(0), 0u);
    EXPECT_EQ(model.access(2 * 16), 3u);
}

TEST(FlashModel, WithoutACacheOnlyTheLastLineIsFree) {
    FlashModel model(side(4, 2));
    EXPECT_EQ(model.access(0), 2u);
    EXPECT_EQ(model.access(4), 0u);
    EXPECT_EQ(model.access(16), 2u);
    EXPECT_EQ(model.access(0), 2u);
}

TEST(FlashModel, PrefetchHidesPartOfASequentialMiss) {
    FlashModel model(side(4, 2, 2));
    model.enable_cache(true);
    EXPECT_EQ(model.access(0), 3u);
    EXPECT_EQ(model.access(16), 1u);
    EXPECT_EQ(model.access(64), 3u);
}

TEST(FlashModel, SwitchingTheCacheEmptiesIt) {
    FlashModel model(side(4, 2));
    model.enable_cache(true);
    model.access(0);
    model.enable_cache(true);
    EXPECT_EQ(model.access(0), 3u);
}

}  // namespace
}  // namespace jatai::simulate
