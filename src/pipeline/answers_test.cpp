#include "src/pipeline/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jatai {
namespace {

using testing::ElementsAre;

TrackEvent event(const char* word, std::int64_t start_ms, std::int64_t end_ms) {
    return {word, start_ms, end_ms, "", "", ""};
}
Answer answer(std::int64_t time_ms, const char* label) { return {time_ms, label, 0.9, {}, 0}; }

TEST(Answers, AnAnswerTakesTheWordItFollowsAndItsDelayCountsFromTheWordsEnd) {
    const auto score =
        judge({event("yes", 1000, 1500), event("no", 3000, 3400)}, {answer(1700, "yes"), answer(3300, "no")});
    EXPECT_EQ(score.right, 2u);
    EXPECT_EQ(score.wrong, 0u);
    EXPECT_EQ(score.answers[0].delay_ms, 200);
    EXPECT_EQ(score.answers[1].delay_ms, -100) << "an answer may come before the word has ended";
    EXPECT_EQ(score.longest_delay_ms(), 200);
}

TEST(Answers, AnotherLabelTheSameWordTwiceAndAnAnswerTooLateAreWrong) {
    const std::vector<TrackEvent> events{event("yes", 1000, 1500), event("no", 3000, 3400)};
    const auto score = judge(events, {answer(1600, "yes"), answer(1900, "yes"), answer(3500, "yes"),
                                      answer(3400 + kPatienceMs + 1, "no")});
    EXPECT_EQ(score.right, 1u);
    EXPECT_EQ(score.wrong, 3u);
    EXPECT_THAT(score.missed, ElementsAre(1));
}

TEST(Answers, UnknownWordsExpectSilence) {
    const auto quiet = judge({event("unknown", 0, 500)}, {});
    EXPECT_EQ(quiet.words, 0u);
    EXPECT_TRUE(quiet.missed.empty());
    EXPECT_EQ(judge({event("unknown", 0, 500)}, {answer(400, "unknown")}).wrong, 1u);
}

}  // namespace
}  // namespace jatai
