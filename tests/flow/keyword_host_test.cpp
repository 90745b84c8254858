#include "src/package/keyword_host.h"

#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/package/inspect.h"
#include "tests/flow/keyword_package.h"

namespace jatai {
namespace {

std::vector<KeywordAnswer> announced(const std::vector<KeywordAnswer>& answers) {
    std::vector<KeywordAnswer> kept;
    for (const KeywordAnswer& answer : answers) {
        if (answer.announced) kept.push_back(answer);
    }
    return kept;
}

TEST(KeywordHost, AToneIsAnnouncedOnceAndSilenceNever) {
    KeywordHost host(tone_package(tone_pace()), "tone");
    const auto answers = host.hear(tones(8.0, {{3.0, 4.0}}));
    const auto heard = announced(answers);
    ASSERT_EQ(heard.size(), 1u) << host.text();
    EXPECT_EQ(heard[0].label, 0u);
    EXPECT_GT(heard[0].time_s, 3.0);
    EXPECT_LT(heard[0].time_s, 4.4);
    EXPECT_NE(host.text().find(" s tone 0."), std::string::npos) << host.text();
}

TEST(KeywordHost, FiveAnswersASecondComeOnceAWindowIsFull) {
    KeywordHost host(tone_package(tone_pace()), "tone");
    const auto answers = host.hear(tones(6.0, {}));
    ASSERT_GE(answers.size(), 25u);
    EXPECT_LE(answers.size(), 26u);
    EXPECT_NEAR(answers[0].time_s, 1.0, 0.021);
    for (std::size_t i = 1; i < answers.size(); ++i) {
        EXPECT_NEAR(answers[i].time_s - answers[i - 1].time_s, 0.2, 1e-9);
    }
}

TEST(KeywordHost, SoundInPiecesGivesTheAnswersOfSoundInOne) {
    const auto sound = tones(5.0, {{2.0, 2.7}});
    KeywordHost whole(tone_package(tone_pace()), "tone"), pieces(tone_package(tone_pace()), "tone");
    const auto expected = whole.hear(sound);
    std::vector<KeywordAnswer> answers;
    for (std::size_t at = 0; at < sound.size(); at += 777) {
        const std::size_t count = std::min<std::size_t>(777, sound.size() - at);
        for (auto& answer : pieces.hear(std::span(sound).subspan(at, count))) answers.push_back(answer);
    }
    ASSERT_EQ(answers.size(), expected.size());
    for (std::size_t i = 0; i < answers.size(); ++i) {
        EXPECT_EQ(answers[i].scores, expected[i].scores);
        EXPECT_EQ(answers[i].time_s, expected[i].time_s);
    }
    EXPECT_EQ(pieces.text(), whole.text());
}

TEST(KeywordHost, NothingIsAnnouncedBeforeEnoughAnswersAgree) {
    KeywordPace pace = tone_pace();
    pace.smoothing = 5;
    KeywordHost host(tone_package(pace), "tone");
    const auto answers = host.hear(tones(4.0, {{0.0, 4.0}}));
    const auto heard = announced(answers);
    ASSERT_FALSE(heard.empty());
    // Five answers of 200 ms each; the mean of three certain ones and two that never were is 0.6.
    EXPECT_GE(heard[0].time_s, answers[2].time_s);
    EXPECT_LE(heard[0].time_s, answers[4].time_s);
}

TEST(KeywordHost, ALongToneIsAnnouncedOnceAndTwoTonesTwice) {
    KeywordHost one(tone_package(tone_pace()), "tone"), two(tone_package(tone_pace()), "tone");
    EXPECT_EQ(announced(one.hear(tones(8.0, {{1.0, 7.0}}))).size(), 1u) << one.text();
    EXPECT_EQ(announced(two.hear(tones(8.0, {{2.0, 3.0}, {5.5, 6.5}}))).size(), 2u) << two.text();
}

TEST(KeywordHost, NothingIsAnnouncedInTheQuietTime) {
    KeywordPace pace = tone_pace();
    pace.quiet_ms = 7000;
    KeywordHost host(tone_package(pace), "tone");
    EXPECT_EQ(announced(host.hear(tones(8.0, {{2.0, 3.0}, {5.5, 6.5}}))).size(), 1u) << host.text();
}

std::string refusal(const Bytes& package, KeywordHostOptions options = {}) {
    try {
        KeywordHost host(package, "m.jpk", options);
    } catch (const Error& error) {
        return error.what();
    }
    return "";
}

TEST(KeywordHost, ARefusedPackageIsRefusedInWords) {
    const Bytes good = tone_package(tone_pace());
    Bytes cut(good.begin(), good.begin() + 200);
    EXPECT_NE(refusal(cut).find("the end is missing"), std::string::npos) << refusal(cut);
    Bytes flipped = good;
    flipped[flipped.size() - 3] ^= 1;
    EXPECT_NE(refusal(flipped).find("hash"), std::string::npos) << refusal(flipped);
    EXPECT_NE(refusal(good, {.memory_bytes = 18000}).find("memory"), std::string::npos);
    KeywordPace pace = tone_pace();
    pace.labels.push_back({"third", 0.5, 0, true});
    EXPECT_NE(refusal(tone_package(pace)).find("probability per label"), std::string::npos);
    EXPECT_EQ(refusal(good), "");
}

TEST(KeywordSection, WhatIsWrittenIsRead) {
    KeywordPace pace = tone_pace();
    pace.smoothing = 4;
    pace.labels[0].name = "não";
    const KeywordPace back = read_keyword_section(keyword_section(pace), "section");
    ASSERT_EQ(back.labels.size(), 2u);
    EXPECT_EQ(back.labels[0].name, "não");
    EXPECT_NEAR(back.labels[0].threshold, 0.6, 1e-4);
    EXPECT_EQ(back.smoothing, 4);
    EXPECT_EQ(back.hops_per_answer, pace.hops_per_answer);
    EXPECT_EQ(back.print_answers, pace.print_answers);
}

TEST(KeywordSection, ALabelTooLongOrANumberOutOfRangeIsRefused) {
    KeywordPace pace = tone_pace();
    pace.labels[1].name = "a label that is far too long";
    EXPECT_THROW(keyword_section(pace), Error);
    pace = tone_pace();
    pace.smoothing = 17;
    EXPECT_THROW(keyword_section(pace), Error);
    Bytes bytes = keyword_section(tone_pace());
    bytes.resize(bytes.size() - 1);
    EXPECT_THROW(read_keyword_section(bytes, "section"), Error);
}

TEST(KeywordSection, EveryLightHasItsColour) {
    EXPECT_EQ(light_colour(light_bits(0)), "#00ff00");
    EXPECT_EQ(light_colour(light_bits(3)), "#ffff00");
    for (std::size_t i = 0; i < 8; ++i) {
        for (std::size_t j = 0; j < i; ++j)
            EXPECT_NE(light_colour(light_bits(i)), light_colour(light_bits(j)));
    }
}

}  // namespace
}  // namespace jatai
