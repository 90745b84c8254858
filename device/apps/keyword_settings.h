// keyword_settings.h: the byte format of a package's "keyword" section: labels, thresholds and pace.
//
//     const auto* settings = reinterpret_cast<const jatai::KeywordSettings*>(blob.data);
//     settings->labels()[2].name                   // "yes"
//
// The header is followed by label_count KeywordLabels, in the order of the model's output. Little-endian,
// 4-byte aligned. src/package/keyword_section.h writes it, KeywordApp::open() proves it; specified in
// docs/reference/keyword_app.md.
#pragma once

#include <stdint.h>

namespace jatai {

constexpr char kKeywordSection[] = "keyword";
constexpr uint32_t kKeywordMagic = 0x31574B4Au;  // "JKW1"
constexpr uint32_t kMaxKeywordLabels = 32;
constexpr uint32_t kMaxKeywordSmoothing = 16;
constexpr uint32_t kLabelBytes = 20;

// flags
constexpr uint16_t kPrintAnswers = 1;  // one line of raw scores per inference

struct KeywordLabel {
    char name[kLabelBytes];  // UTF-8, ended by a zero
    uint16_t threshold;      // smoothed score that is enough, in 1/65536
    uint8_t lights;          // kLight... bits of device/port.h
    uint8_t command;         // 1: announce it; 0: unknown words, silence
};

struct KeywordSettings {
    uint32_t magic;
    uint16_t label_count;      // 1..kMaxKeywordLabels
    uint16_t hops_per_answer;  // one inference every so many hops
    uint16_t smoothing;        // scores are averaged over so many inferences, 1..kMaxKeywordSmoothing
    uint16_t quiet_ms;         // after an announcement, before the next
    uint16_t light_ms;         // how long the light of a label stays on
    uint16_t flags;

    const KeywordLabel* labels() const { return reinterpret_cast<const KeywordLabel*>(this + 1); }
};

static_assert(sizeof(KeywordLabel) == 24, "the byte format is fixed");
static_assert(sizeof(KeywordSettings) == 16, "the byte format is fixed");

}  // namespace jatai
