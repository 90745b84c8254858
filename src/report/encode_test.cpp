#include "src/report/encode.h"

#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/base/rng.h"

namespace jatai::page {
namespace {

ByteView view(std::string_view s) { return {reinterpret_cast<const std::uint8_t*>(s.data()), s.size()}; }

TEST(Base64, AgreesWithRfc4648) {
    EXPECT_EQ(to_base64(view("")), "");
    EXPECT_EQ(to_base64(view("f")), "Zg==");
    EXPECT_EQ(to_base64(view("fo")), "Zm8=");
    EXPECT_EQ(to_base64(view("foo")), "Zm9v");
    EXPECT_EQ(to_base64(view("foob")), "Zm9vYg==");
    EXPECT_EQ(to_base64(view("fooba")), "Zm9vYmE=");
    EXPECT_EQ(to_base64(view("foobar")), "Zm9vYmFy");
}

TEST(Base64, ComesBackTheSame) {
    Rng rng(1);
    for (std::size_t size = 0; size < 70; ++size) {
        Bytes bytes(size);
        for (auto& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
        EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    }
}

TEST(Base64, RefusesWhatItIsNot) {
    for (const char* wrong : {"A", "AB", "ABC", "A===", "====", "Zm9v!g==", "Zg==Zg==", "Zm9\n"})
        EXPECT_THROW(from_base64(wrong), Error) << wrong;
}

TEST(Wav, HasAHeaderThatTellsItsSize) {
    const Bytes wav = wav_bytes({.rate_hz = 16000, .samples = {0, 1, -1}});
    ASSERT_EQ(wav.size(), 50u);
    EXPECT_EQ(std::string(wav.begin(), wav.begin() + 4), "RIFF");
    EXPECT_EQ(wav[4], 42);
    EXPECT_EQ(wav[24] | wav[25] << 8, 16000);
    EXPECT_EQ(wav[40], 6);
    EXPECT_EQ(wav[48], 0xFF);
    EXPECT_EQ(wav[49], 0xFF);
}

TEST(Escape, LeavesNoWayOutOfTextOrAttribute) {
    EXPECT_EQ(escape("<script>alert(\"1\" & '2')</script>\x01"),
              "&lt;script&gt;alert(&quot;1&quot; &amp; &#39;2&#39;)&lt;/script&gt;");
    EXPECT_EQ(escape("não, ação"), "não, ação");
}

TEST(Shorten, CutsBetweenLetters) {
    EXPECT_EQ(shorten("ação", 4), "ação");
    EXPECT_EQ(shorten("ações", 4), "açõ…");
    EXPECT_EQ(shorten("", 3), "");
}

TEST(Escape, ScriptJsonCannotEndItsElement) {
    EXPECT_EQ(escape_script_json("[\"</script><!--\"]"), "[\"\\u003c/script>\\u003c!--\"]");
}

}  // namespace
}  // namespace jatai::page
