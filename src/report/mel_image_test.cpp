#include "src/report/mel_image.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace jatai::page {
namespace {

Sound make_tone(double hz, int rate_hz, double seconds, double level) {
    Sound sound{.rate_hz = rate_hz, .samples = {}};
    for (int i = 0; i < static_cast<int>(seconds * rate_hz); ++i)
        sound.samples.push_back(
            static_cast<std::int16_t>(32767 * level * std::sin(2 * std::numbers::pi * hz * i / rate_hz)));
    return sound;
}

int loudest_bin(const FeatureImage& image, int frame) {
    const auto column = image.values.begin() + static_cast<std::ptrdiff_t>(frame) * image.bins;
    return static_cast<int>(std::max_element(column, column + image.bins) - column);
}

TEST(MelImage, PutsAToneInTheBandOfItsPitch) {
    // 1 kHz is 1000 mel; the 48 bands divide 92..2808 mel at 16 kHz.
    const FeatureImage image = draw_mel_image(make_tone(1000, 16000, 1, 0.5), 4096);
    EXPECT_EQ(image.frames, 100);
    EXPECT_EQ(image.bins, 48);
    EXPECT_NEAR(loudest_bin(image, 50), (1000 - 92) / ((2808 - 92) / 49.0) - 1, 1.0);
    EXPECT_GE(*std::max_element(image.values.begin(), image.values.end()), 254);
}

TEST(MelImage, LeavesSilenceDark) {
    const FeatureImage image =
        draw_mel_image({.rate_hz = 16000, .samples = std::vector<std::int16_t>(16000)}, 4096);
    EXPECT_EQ(*std::max_element(image.values.begin(), image.values.end()), 0);
}

TEST(MelImage, KeepsWithinItsColumns) {
    const Sound sound = make_tone(300, 8000, 7.3, 0.1);
    EXPECT_LE(draw_mel_image(sound, 50).frames, 50);
    EXPECT_EQ(draw_mel_image({}, 50).frames, 0);
}

TEST(Outline, TouchesTheLowestAndTheHighestSample) {
    const auto outline = draw_outline({.rate_hz = 4, .samples = {0, 32767, -32768, 0}}, 2);
    EXPECT_EQ(outline, (std::vector<std::uint8_t>{128, 255, 0, 128}));
}

}  // namespace
}  // namespace jatai::page
