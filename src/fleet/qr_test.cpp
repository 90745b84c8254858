#include "src/fleet/qr.h"

#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

// What zbarimg, a reader of others, read back letter for letter (versions 1, 5, 9 and 10), frozen.
TEST(Qr, ThePictureIsTheOneThatAnIndependentReaderRead) {
    const auto sample = [](std::size_t bytes) {
        std::string out;
        while (out.size() < bytes) out += "https://fleet.example:8443/enroll#code=Ab9-_x";
        return text_of(make_qr(out.substr(0, bytes)));
    };
    EXPECT_EQ(sha256_hex(sample(5)).substr(0, 16), "28597dc9093b1a96");
    EXPECT_EQ(sha256_hex(sample(60)).substr(0, 16), "17df4f1d6136c300");
    EXPECT_EQ(sha256_hex(sample(180)).substr(0, 16), "fea8b249a17c65d1");
    EXPECT_EQ(sha256_hex(sample(213)).substr(0, 16), "94d22f1a63e56aab");
}

TEST(Qr, ItGrowsWithItsTextAndSaysWhenThatIsTooLong) {
    EXPECT_EQ(make_qr("a").size, 21);
    EXPECT_EQ(make_qr(std::string(14, 'x')).size, 21);
    EXPECT_EQ(make_qr(std::string(15, 'x')).size, 25);
    EXPECT_EQ(make_qr(std::string(213, 'x')).size, 57);
    EXPECT_THROW(make_qr(std::string(214, 'x')), Error);
}

TEST(Qr, AsSvgItIsAWhiteSquareWithDarkOnes) {
    const std::string svg = svg_of(make_qr("a"));
    EXPECT_NE(svg.find("viewBox=\"0 0 29 29\""), std::string::npos);
    EXPECT_NE(svg.find("M4 4h1v1h-1z"), std::string::npos);  // the corner of a finder
    EXPECT_EQ(svg.find("M0 4h1"), std::string::npos);        // the border is white
}

}  // namespace
}  // namespace jatai::fleet
