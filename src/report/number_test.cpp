#include "src/report/number.h"

#include <gtest/gtest.h>

#include "src/base/text.h"

namespace jatai::page {
namespace {

class Numbers : public testing::Test {
  protected:
    void SetUp() override { set_language("en", "."); }
    void TearDown() override { set_language("en", "."); }
};

TEST_F(Numbers, AreGroupedByThousands) {
    EXPECT_EQ(format_number(1234567.891, 2), "1,234,567.89");
    EXPECT_EQ(format_number(999, 0), "999");
    EXPECT_EQ(format_number(-1234, 0), "−1,234");
    EXPECT_EQ(format_number(-0.001, 1), "0.0");
}

TEST_F(Numbers, AreWrittenWithCommasInPortuguese) {
    set_language("pt", ".");
    EXPECT_EQ(format_number(1234567.891, 2), "1.234.567,89");
    EXPECT_EQ(format_percent(0.9731, 1), "97,3\u00a0%");
}

TEST_F(Numbers, KeepThreeDigits) {
    EXPECT_EQ(format_short(0), "0");
    EXPECT_EQ(format_short(0.01234), "0.0123");
    EXPECT_EQ(format_short(1.234), "1.23");
    EXPECT_EQ(format_short(5), "5");
    EXPECT_EQ(format_short(12.34), "12.3");
    EXPECT_EQ(format_short(1234.4), "1,234");
}

TEST_F(Numbers, BytesReadAsKilobytes) {
    EXPECT_EQ(format_bytes(1000), "1,000\u00a0B");
    EXPECT_EQ(format_bytes(1536), "1.5\u00a0KB");
    EXPECT_EQ(format_bytes(262144), "256\u00a0KB");
    EXPECT_EQ(format_bytes(983040), "960\u00a0KB");
}

TEST_F(Numbers, ABandNeedsBothEnds) {
    EXPECT_EQ(format_range({.value = 5}), "");
    EXPECT_EQ(format_range({.value = 5, .low = 4, .high = 6.5}), "4.00–6.50");
    EXPECT_EQ(format_range({.value = 1, .low = 0.94, .high = 11.38}), "0.9–11.4");
}

TEST_F(Numbers, BatteryLifePicksAReadableUnit) {
    EXPECT_EQ(choose_life_unit(20).name, "hours");
    EXPECT_EQ(choose_life_unit(24 * 30).name, "days");
    EXPECT_EQ(choose_life_unit(8766 * 3).name, "years");
}

}  // namespace
}  // namespace jatai::page
