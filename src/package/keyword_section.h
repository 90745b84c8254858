// keyword_section.h: the "keyword" section of a package: how the keyword application listens.
//
//     KeywordPace pace;
//     for (const auto& word : words) pace.labels.push_back({word, 0.7, light_bits(i++), true});
//     pace.labels.push_back({"unknown", 1.0, 0, false});
//     options.blobs.push_back({sections::kKeyword, keyword_section(pace)});      // pack.h
//
// Format: device/apps/keyword_settings.h, docs/reference/keyword_app.md.
// Fails with Error on a label that is empty or longer than 19 bytes, and on numbers out of range.
#pragma once

#include <string>
#include <vector>

#include "device/apps/keyword_settings.h"
#include "src/base/bytes.h"

namespace jatai {

struct KeywordLabelPace {
    std::string name;
    double threshold = 0.7;   // mean probability that is enough, 0..1
    std::uint8_t lights = 0;  // kLight... bits of device/port.h
    bool command = true;      // false: unknown words and silence, never announced
};

struct KeywordPace {
    std::vector<KeywordLabelPace> labels;  // in the order of the model's output
    int hops_per_answer = 10;              // 200 ms of 20 ms hops: 5 answers a second
    int smoothing = 3;                     // answers whose mean counts
    int quiet_ms = 900;                    // after an announcement, before the next
    int light_ms = 700;
    bool print_answers = true;  // a line of raw scores per answer, for reports
};

Bytes keyword_section(const KeywordPace& pace);
KeywordPace read_keyword_section(ByteView section, const std::string& place);

// The light of the i-th keyword: green, red, blue, yellow, cyan, magenta, white, then the board's small LED,
// and so on round.
std::uint8_t light_bits(std::size_t i);

// How those lights look, "#rrggbb".
std::string light_colour(std::uint8_t lights);

}  // namespace jatai
