#include "src/graph/widen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace jatai {
namespace {

float one_half(std::uint16_t bits) {
    const Bytes bytes{static_cast<std::uint8_t>(bits), static_cast<std::uint8_t>(bits >> 8)};
    const Bytes wide = widen_float16(bytes);
    float value;
    std::memcpy(&value, wide.data(), sizeof value);
    return value;
}

TEST(Widen, NibblesAreSignedAndTheFirstLiesLow) {
    EXPECT_THAT(widen_int4(Bytes{0x81, 0x7F, 0x0E}, 5), ::testing::ElementsAre(1, 0xF8, 0xFF, 7, 0xFE));
    EXPECT_TRUE(widen_int4(Bytes{}, 0).empty());
}

TEST(Widen, HalvesKeepTheirValue) {
    EXPECT_EQ(one_half(0x3C00), 1.0f);
    EXPECT_EQ(one_half(0xC000), -2.0f);
    EXPECT_EQ(one_half(0x7BFF), 65504.0f);
    EXPECT_EQ(one_half(0x3555), 0.333251953125f);
    EXPECT_EQ(one_half(0x0001), std::ldexp(1.0f, -24)) << "the smallest";
    EXPECT_EQ(one_half(0x83FF), -std::ldexp(1023.0f, -24)) << "denormal";
    EXPECT_TRUE(std::signbit(one_half(0x8000)));
    EXPECT_TRUE(std::isinf(one_half(0xFC00)));
    EXPECT_TRUE(std::isnan(one_half(0x7E00)));
}

}  // namespace
}  // namespace jatai
