#include "src/pipeline/answers.h"

#include <algorithm>

namespace jatai {
namespace {

bool expects_answer(const TrackEvent& event) {
    return event.word != kUnknownLabel && event.word != kSilenceLabel;
}

bool answers_to(const Answer& answer, const TrackEvent& event) {
    return answer.label == event.word && answer.time_ms >= event.start_ms &&
           answer.time_ms <= event.end_ms + kPatienceMs;
}

std::vector<std::int64_t> delays(const AnswerScore& score) {
    std::vector<std::int64_t> all;
    for (const Answer& answer : score.answers) {
        if (answer.word) all.push_back(answer.delay_ms);
    }
    std::sort(all.begin(), all.end());
    return all;
}

}  // namespace

std::int64_t AnswerScore::median_delay_ms() const {
    const auto all = delays(*this);
    return all.empty() ? 0 : all[all.size() / 2];
}

std::int64_t AnswerScore::longest_delay_ms() const {
    const auto all = delays(*this);
    return all.empty() ? 0 : all.back();
}

AnswerScore judge(const std::vector<TrackEvent>& events, std::vector<Answer> answers) {
    AnswerScore score;
    std::vector<bool> taken(events.size(), false);
    for (Answer& answer : answers) {
        for (std::size_t i = 0; i < events.size() && !answer.word; ++i) {
            if (taken[i] || !expects_answer(events[i]) || !answers_to(answer, events[i])) continue;
            taken[i] = true;
            answer.word = i;
            answer.delay_ms = answer.time_ms - events[i].end_ms;
        }
        ++(answer.word ? score.right : score.wrong);
    }
    for (std::size_t i = 0; i < events.size(); ++i) {
        if (!expects_answer(events[i])) continue;
        ++score.words;
        if (!taken[i]) score.missed.push_back(i);
    }
    score.answers = std::move(answers);
    return score;
}

}  // namespace jatai
