// keyword_package.h: packages of keyword models that need no training, for tests.
//
//     Bytes package = tone_package();               // "tone" when it is loud, else "quiet"
//     std::vector<std::int16_t> sound = tones(6.0, {{2.0, 3.0}});
#pragma once

#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/graph/graph.h"
#include "src/package/keyword_section.h"

namespace jatai {

// One dense layer over 49 rows of 10 MFCC that adds up the first coefficient, the loudness.
Bytes tone_package(const KeywordPace& pace);
KeywordPace tone_pace();

// Any int8 model whose input has 490 values, with the front end quantised as its input asks.
Bytes keyword_package(Graph graph, const KeywordPace& pace);

// Silence of faint noise, with loud tones between the given seconds. 16,000 samples a second.
std::vector<std::int16_t> tones(double seconds, const std::vector<std::pair<double, double>>& loud);

}  // namespace jatai
