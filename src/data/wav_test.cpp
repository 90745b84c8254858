#include "src/data/wav.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <numbers>

#include "src/base/error.h"

namespace jatai {
namespace {

using testing::HasSubstr;

Samples make_tone(int count, double hz, int rate_hz) {
    Samples samples;
    for (int n = 0; n < count; ++n)
        samples.push_back(
            static_cast<std::int16_t>(10000 * std::sin(2 * std::numbers::pi * hz * n / rate_hz)));
    return samples;
}

void expect_error(ByteView bytes, const std::string& what, const std::string& hint = "") {
    try {
        parse_wav(bytes, "yes.wav");
        FAIL() << "expected: " << what;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("yes.wav"));
        EXPECT_THAT(error.what(), HasSubstr(what));
        EXPECT_THAT(error.hint(), HasSubstr(hint));
        EXPECT_FALSE(error.hint().empty());
    }
}

TEST(Wav, ReadsBackWhatItWroteSampleForSample) {
    const Samples samples = make_tone(1000, 440, 16000);
    const Recording recording = parse_wav(make_wav(samples), "a.wav");
    EXPECT_EQ(recording.samples, samples);
    EXPECT_TRUE(recording.notes.empty());
}

TEST(Wav, EveryCutOfAFileIsAnErrorInWords) {
    const Bytes wav = make_wav(make_tone(100, 440, 16000));
    for (std::size_t size = 0; size < wav.size(); ++size)
        EXPECT_THROW(parse_wav(ByteView(wav).first(size), "a.wav"), Error) << size;
}

TEST(Wav, BadFilesSayWhatTheyAre) {
    Bytes wav = make_wav(make_tone(100, 440, 16000));
    expect_error({}, "empty");
    expect_error(ByteView(wav).first(20), "truncated");
    expect_error(ByteView(wav).first(100), "truncated: 56 bytes of sound, the header promises 200");
    expect_error(make_wav({}), "no sound");
    const std::string flac = "fLaC and then some bytes", text = "hello, this is text";
    expect_error({reinterpret_cast<const std::uint8_t*>(flac.data()), flac.size()}, "FLAC", "ffmpeg");
    expect_error({reinterpret_cast<const std::uint8_t*>(text.data()), text.size()}, "not a WAV", "ffmpeg");
    wav[20] = 7;
    expect_error(wav, "mu-law", "pcm_s16le");
    wav[20] = 1, wav[34] = 12;
    expect_error(wav, "12 bits");
    wav[34] = 16, wav[22] = 0;
    expect_error(wav, "0 channels");
}

TEST(Wav, AMissingFileIsNamed) {
    try {
        read_wav("/nowhere/yes.wav");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("/nowhere/yes.wav"));
    }
}

TEST(Wav, StereoAt44100HzBecomesMonoAt16000AndSaysSo) {
    const Samples mono = make_tone(44100, 1000, 44100);
    Samples stereo;
    for (std::int16_t x : mono) stereo.insert(stereo.end(), {x, x});
    Bytes wav = make_wav(stereo, 44100);
    wav[22] = 2;
    const Recording recording = parse_wav(wav, "a.wav");
    ASSERT_EQ(recording.notes.size(), 1u);
    EXPECT_THAT(recording.notes[0], HasSubstr("44100 Hz, 2 channels"));
    EXPECT_NEAR(double(recording.samples.size()), 16000, 2);
    const Samples expected = make_tone(16000, 1000, 16000);
    for (int n = 1000; n < 15000; ++n)
        ASSERT_NEAR(recording.samples[std::size_t(n)], expected[std::size_t(n)], 60) << n;
}

// The same tone in every encoding we read.
TEST(Wav, ReadsEveryPcmAndFloatEncoding) {
    const Samples samples = make_tone(500, 440, 16000);
    struct Encoding {
        int tag, bits;
        double tolerance;
    };
    for (const Encoding& e : {Encoding{1, 8, 256}, {1, 24, 1}, {1, 32, 1}, {3, 32, 1}, {3, 64, 1}}) {
        Bytes data;
        for (std::int16_t x : samples) {
            std::uint8_t raw[8] = {};
            const float single = float(x) / 32768.0f;
            const double twice = double(x) / 32768.0;
            if (e.bits == 8) raw[0] = static_cast<std::uint8_t>((x >> 8) + 128);
            if (e.tag == 1 && e.bits == 24) raw[1] = std::uint8_t(x), raw[2] = std::uint8_t(x >> 8);
            if (e.tag == 1 && e.bits == 32) raw[2] = std::uint8_t(x), raw[3] = std::uint8_t(x >> 8);
            if (e.tag == 3 && e.bits == 32) std::memcpy(raw, &single, 4);
            if (e.tag == 3 && e.bits == 64) std::memcpy(raw, &twice, 8);
            data.insert(data.end(), raw, raw + e.bits / 8);
        }
        Bytes wav = make_wav({});
        wav[20] = static_cast<std::uint8_t>(e.tag);
        wav[34] = static_cast<std::uint8_t>(e.bits);
        const auto size = static_cast<std::uint32_t>(data.size());
        std::memcpy(wav.data() + 40, &size, 4);
        wav.insert(wav.end(), data.begin(), data.end());
        const Recording recording = parse_wav(wav, "a.wav");
        ASSERT_EQ(recording.samples.size(), samples.size()) << e.bits;
        EXPECT_EQ(recording.notes.size(), 1u);
        for (std::size_t n = 0; n < samples.size(); ++n)
            ASSERT_NEAR(recording.samples[n], samples[n], e.tolerance) << e.tag << " " << e.bits << " " << n;
    }
}

TEST(Wav, OtherChunksBeforeTheSoundAreSkipped) {
    const Samples samples = make_tone(100, 440, 16000);
    Bytes wav = make_wav(samples);
    const Bytes chunk = {'L', 'I', 'S', 'T', 3, 0, 0, 0, 'a', 'b', 'c', 0};  // odd size, padded
    wav.insert(wav.begin() + 36, chunk.begin(), chunk.end());
    EXPECT_EQ(parse_wav(wav, "a.wav").samples, samples);
}

TEST(Wav, RealClipsOfOtherFormatsAreRead) {
    const fs::path folder = fs::path(JATAI_SHARED_DIR) / "data/audio/speech_commands_clips";
    if (!fs::exists(folder)) GTEST_SKIP() << "needs " << folder;
    EXPECT_EQ(read_wav(folder / "yes_1000ms.wav").samples.size(), 16000u);
    const Recording stereo = read_wav(folder / "marvin_617de221_0.wav");
    ASSERT_EQ(stereo.notes.size(), 1u);
    EXPECT_THAT(stereo.notes[0], HasSubstr("2 channels"));
}

}  // namespace
}  // namespace jatai
