#include "src/pipeline/listen.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace jatai {
namespace {

using testing::DoubleEq;
using testing::ElementsAre;

TEST(Listen, TheApplicationsLinesAreReadBack) {
    Heard heard;
    heard.lines = {"jatai keyword on nano33ble", "labels yes no unknown", "1.000 s answer ff 80 00",
                   "1.200 s yes 0.93",
                   "2.000 s status 5.00 answers/s 43.2 % busy 1 missed 2 lost 80.125 ms/answer 0.900 ms/hop"};
    read_lines(heard);
    EXPECT_THAT(heard.labels, ElementsAre("yes", "no", "unknown"));
    ASSERT_EQ(heard.scores.size(), 1u);
    EXPECT_THAT(heard.scores[0].probabilities,
                ElementsAre(DoubleEq(255 / 256.0), DoubleEq(0.5), DoubleEq(0.0)));
    ASSERT_EQ(heard.answers.size(), 1u);
    EXPECT_EQ(heard.answers[0].time_ms, 1200);
    EXPECT_EQ(heard.answers[0].label, "yes");
    EXPECT_DOUBLE_EQ(heard.answers[0].score, 0.93);
    ASSERT_EQ(heard.status.size(), 1u);
    EXPECT_DOUBLE_EQ(heard.status[0].answers_per_second, 5.0);
    EXPECT_DOUBLE_EQ(heard.busy_percent(), 43.2);
    EXPECT_EQ(heard.status[0].missed, 1u);
    EXPECT_EQ(heard.status[0].lost, 2u);
    EXPECT_DOUBLE_EQ(heard.status[0].answer_ms, 80.125);
}

}  // namespace
}  // namespace jatai
