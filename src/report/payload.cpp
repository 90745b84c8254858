// payload.cpp: the time axis as data for page.js, and the words page.js says.
#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/mel_image.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

using Json = nlohmann::json;

constexpr int kMaxPictureColumns = 4096;
constexpr int kOutlineColumnsPerSecond = 80;

std::string pack(const std::vector<std::uint8_t>& bytes) { return to_base64({bytes.data(), bytes.size()}); }

double round_ms(double seconds) { return std::round(seconds * 1000) / 1000; }

std::size_t index_of(const std::vector<LabelColor>& colors, const std::string& label) {
    const auto same = [&](const LabelColor& entry) { return entry.label == label; };
    return static_cast<std::size_t>(std::find_if(colors.begin(), colors.end(), same) - colors.begin());
}

Json make_scores(const Scores& scores, const std::vector<LabelColor>& colors) {
    Json j = {{"times", Json::array()}, {"curves", Json::array()}};
    for (const double time_s : scores.times_s) j["times"].push_back(round_ms(time_s));
    for (std::size_t i = 0; i < scores.labels.size(); ++i) {
        std::vector<std::uint8_t> curve;
        for (const double value : scores.values[i])
            curve.push_back(static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255)));
        j["curves"].push_back({index_of(colors, scores.labels[i]), pack(curve)});
    }
    if (scores.threshold) j["threshold"] = *scores.threshold;
    return j;
}

Json make_track(const Track& track) {
    const std::vector<LabelColor> colors = choose_colors(track);
    const double seconds = static_cast<double>(track.sound.samples.size()) / track.sound.rate_hz;
    Json j = {{"seconds", seconds},
              {"labels", Json::array()},
              {"words", Json::array()},
              {"leds", Json::array()},
              {"detections", Json::array()}};
    for (const LabelColor& entry : colors) j["labels"].push_back({label_title(entry.label), entry.color});
    for (std::size_t i = 0; i < track.words.size(); ++i) {
        const Word& word = track.words[i];
        const bool missed = std::find(track.missed.begin(), track.missed.end(), i) != track.missed.end();
        j["words"].push_back(
            {index_of(colors, word.label), round_ms(word.start_s), round_ms(word.end_s), missed ? 1 : 0});
    }
    for (const LedSpan& led : track.leds)
        j["leds"].push_back({index_of(colors, led.label), round_ms(led.start_s), round_ms(led.end_s)});
    for (const Detection& detection : track.detections)
        j["detections"].push_back({index_of(colors, detection.label), round_ms(detection.time_s),
                                   detection.verdict == Verdict::Right ? 1 : 0});
    j["scores"] = make_scores(track.scores, colors);
    const int columns =
        std::clamp(static_cast<int>(seconds * kOutlineColumnsPerSecond), 1, 4 * kMaxPictureColumns);
    j["outline"] = pack(draw_outline(track.sound, columns));
    const FeatureImage picture = draw_mel_image(track.sound, kMaxPictureColumns);
    j["picture"] = {{"frames", picture.frames}, {"bins", picture.bins}, {"values", pack(picture.values)}};
    return j;
}

}  // namespace

std::string make_payload(const ReportData& data) {
    Json j;
    j["say"] = {{"play", text("play")},       {"pause", text("pause")},   {"sound", text("sound")},
                {"words", text("said")},      {"scores", text("scores")}, {"led", text("LED")},
                {"verdict", text("verdict")}, {"dark", text("LED off")},  {"copy", text("copy")},
                {"copied", text("copied")}};
    j["say"]["decimal"] = language() == "pt" ? "," : ".";
    if (data.track) j["track"] = make_track(*data.track);
    return escape_script_json(j.dump(-1, ' ', false, Json::error_handler_t::replace));
}

}  // namespace jatai::page
