// sections.h: the parts of the page, in reading order. Each gives its HTML, or "" when the data lacks it.
#pragma once

#include <string>
#include <string_view>

#include "src/report/report_data.h"

namespace jatai::page {

std::string draw_first_screen(const ReportData& data);  // section_board.cpp
std::string draw_tiles(const ReportData& data);         // section_tiles.cpp
std::string draw_answers(const ReportData& data);     // section_answers.cpp: how fast, every word as a table
std::string draw_accuracy(const ReportData& data);    // section_accuracy.cpp
std::string draw_mistakes(const ReportData& data);    // section_sounds.cpp
std::string draw_examples(const ReportData& data);    // section_sounds.cpp
std::string draw_training(const ReportData& data);    // section_training.cpp
std::string draw_layers(const ReportData& data);      // section_layers.cpp
std::string draw_memory(const ReportData& data);      // section_memory.cpp
std::string draw_proof(const ReportData& data);       // section_proof.cpp
std::string draw_next_steps(const ReportData& data);  // section_proof.cpp

// What page.js needs, as JSON that may stand inside <script>.  payload.cpp
std::string make_payload(const ReportData& data);

// The labels that are no word to answer.
constexpr std::string_view kUnknown = "unknown", kSilence = "silence";

// ---- shared by the sections (parts.cpp) ----

std::string split_title(std::string_view name);  // "unseen voices"
std::string label_title(
    std::string_view label);               // as it is; "unknown" and "silence" in the reader's language
std::string format_clock(double seconds);  // "0:03.2"

// A colour for each label of the track, bright enough on the dark panel: the LED's own where it has one.
struct LabelColor {
    std::string label;
    std::string color;  // "#rrggbb"
};
std::vector<LabelColor> choose_colors(const Track& track);
std::string color_of(const std::vector<LabelColor>& colors, std::string_view label);

// The headline's own count: the chip's when it ran, else int8 on the host, else float.
struct Count {
    std::uint64_t right = 0;
    std::uint64_t n = 0;
};
std::optional<Count> best_count(const Split& split);

// A 95 % interval as a dot on a bar that runs from `axis_low` to 1.
std::string draw_interval(Count count, double axis_low);

// A picture of sound that page.js paints.
std::string draw_picture(const FeatureImage& image, std::string_view described);

}  // namespace jatai::page
