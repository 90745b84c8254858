// answers.h: what a device answered, held against what was said.
//
//     AnswerScore score = judge(track.events, answers);
//     score.right;  score.wrong;  score.missed;                // counts of words and lights
//     score.answers[3].word;                                   // which event it answers, or none
//
// An answer is right when a word of its label began before it and ended at most kPatienceMs before it, and no
// earlier answer took that word. Every other answer is wrong. A word nobody answered is missed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "src/data/track.h"

namespace jatai {

constexpr std::int64_t kPatienceMs = 1200;

struct Answer {
    std::int64_t time_ms = 0;
    std::string label;
    double score = 0;                 // 0..1
    std::optional<std::size_t> word;  // the event it answers; none: wrong
    std::int64_t delay_ms = 0;        // from the word's end; negative: before it ended
};

struct AnswerScore {
    std::vector<Answer> answers;
    std::vector<std::size_t> missed;  // events of a keyword that nobody answered
    std::size_t words = 0;            // events of a keyword
    std::size_t right = 0;
    std::size_t wrong = 0;

    // The middle delay of the right answers, and the longest; 0 without any.
    std::int64_t median_delay_ms() const;
    std::int64_t longest_delay_ms() const;
};

// Events whose word is "unknown" or "silence" expect no answer.
AnswerScore judge(const std::vector<TrackEvent>& events, std::vector<Answer> answers);

}  // namespace jatai
