// score_smoother.h: the mean of the last few answers of a classifier, and which label it favours.
//
//     smoother.open(label_count, answers);
//     smoother.add(engine.output().data);          // int8 softmax: probability = (q + 128) / 256
//     smoother.reaches(smoother.best(), threshold) // threshold in 1/65536
//
// Keeps: answers not yet given count as zero, so that nothing is believed on the first look. Integers only:
// the same on every processor.
#pragma once

#include <stdint.h>
#include <string.h>

#include "device/apps/keyword_settings.h"

namespace jatai {

class ScoreSmoother {
  public:
    void open(uint32_t label_count, uint32_t answers) {
        label_count_ = label_count;
        answers_ = answers;
        reset();
    }

    void reset() {
        memset(history_, 0, sizeof history_);
        memset(sums_, 0, sizeof sums_);
        at_ = 0;
    }

    void add(const int8_t* scores) {
        for (uint32_t i = 0; i < label_count_; ++i) {
            const uint8_t score = static_cast<uint8_t>(scores[i] + 128);
            sums_[i] = static_cast<uint16_t>(sums_[i] + score - history_[at_][i]);
            history_[at_][i] = score;
        }
        at_ = at_ + 1 == answers_ ? 0 : at_ + 1;
    }

    // The label with the highest mean; of equals the first.
    uint32_t best() const {
        uint32_t best = 0;
        for (uint32_t i = 1; i < label_count_; ++i) {
            if (sums_[i] > sums_[best]) {
                best = i;
            }
        }
        return best;
    }

    bool reaches(uint32_t label, uint16_t threshold) const {
        return uint32_t(sums_[label]) * 256 >= uint32_t(threshold) * answers_;
    }

    // Mean probability in percent, rounded.
    uint32_t percent(uint32_t label) const {
        return (uint32_t(sums_[label]) * 100 + 128 * answers_) / (256 * answers_);
    }

  private:
    uint32_t label_count_ = 0;
    uint32_t answers_ = 0;
    uint32_t at_ = 0;
    uint8_t history_[kMaxKeywordSmoothing][kMaxKeywordLabels] = {};
    uint16_t sums_[kMaxKeywordLabels] = {};  // at most 16 * 255
};

}  // namespace jatai
