#include <algorithm>
#include <cctype>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/sections.h"
#include "src/report/statistics.h"

namespace jatai::page {
namespace {

constexpr const char* kPalette[] = {"#4fb3ff", "#ff8f5c", "#c792ff", "#5fe0c0",
                                    "#ffd95a", "#ff7fb0", "#a8e05f", "#8fa8ff"};
constexpr const char* kQuiet[] = {"#7f8a94", "#a39c8e"};  // for labels that light no LED

bool is_color(std::string_view s) {
    return s.size() == 7 && s[0] == '#' &&
           std::all_of(s.begin() + 1, s.end(), [](unsigned char c) { return std::isxdigit(c) != 0; });
}

// LED blue is nearly black on a dark panel: mix with white until it can be read.
std::string brighten(const std::string& color) {
    double rgb[3];
    for (int i = 0; i < 3; ++i)
        rgb[i] = std::stoi(color.substr(1 + 2 * static_cast<std::size_t>(i), 2), nullptr, 16);
    while (0.3 * rgb[0] + 0.55 * rgb[1] + 0.15 * rgb[2] < 120)
        for (double& channel : rgb) channel += (255 - channel) * 0.08 + 0.5;
    return fmt::format("#{:02x}{:02x}{:02x}", static_cast<int>(std::min(rgb[0], 255.0)),
                       static_cast<int>(std::min(rgb[1], 255.0)), static_cast<int>(std::min(rgb[2], 255.0)));
}

}  // namespace

std::string split_title(std::string_view name) {
    if (name == "unseen_voices") return text("unseen voices");
    if (name == "unseen_accents") return text("unseen accents");
    if (name == "validation") return text("validation");
    if (name == "train") return text("training");
    if (name == "test") return text("test");
    return std::string(name);
}

std::string label_title(std::string_view label) {
    if (label == kUnknown) return text("unknown");
    if (label == kSilence) return text("silence");
    return std::string(label);
}

std::string format_clock(double seconds) {
    const int minutes = static_cast<int>(seconds / 60);
    const std::string rest = format_number(seconds - minutes * 60, 1);
    return fmt::format("{}:{}{}", minutes, rest.size() < 4 ? "0" : "", rest);
}

std::vector<LabelColor> choose_colors(const Track& track) {
    std::vector<LabelColor> colors;
    const auto add = [&](const std::string& label) {
        const auto same = [&](const LabelColor& known) { return known.label == label; };
        if (!label.empty() && std::none_of(colors.begin(), colors.end(), same)) colors.push_back({label, {}});
    };
    for (const std::string& label : track.scores.labels) add(label);
    for (const Word& word : track.words) add(word.label);
    for (const LedSpan& led : track.leds) add(led.label);
    for (const Detection& detection : track.detections) add(detection.label);
    std::size_t bright = 0, quiet = 0;
    for (LabelColor& entry : colors) {
        const auto led = std::find_if(track.leds.begin(), track.leds.end(),
                                      [&](const LedSpan& span) { return span.label == entry.label; });
        const bool said = std::any_of(track.words.begin(), track.words.end(),
                                      [&](const Word& word) { return word.label == entry.label; });
        if (led != track.leds.end() && is_color(led->color))
            entry.color = brighten(led->color);
        else
            entry.color =
                (said && entry.label != kUnknown && entry.label != kSilence) || led != track.leds.end()
                    ? kPalette[bright++ % std::size(kPalette)]
                    : kQuiet[quiet++ % std::size(kQuiet)];
    }
    return colors;
}

std::string color_of(const std::vector<LabelColor>& colors, std::string_view label) {
    for (const LabelColor& entry : colors)
        if (entry.label == label) return entry.color;
    return {};
}

std::optional<Count> best_count(const Split& split) {
    if (split.chip_right) return Count{*split.chip_right, split.chip_n.value_or(split.n)};
    if (split.int8_right) return Count{*split.int8_right, split.n};
    if (split.float_right) return Count{*split.float_right, split.n};
    return std::nullopt;
}

std::string draw_interval(Count count, double axis_low) {
    const auto place = [&](double share) {
        return std::clamp((share - axis_low) / (1 - axis_low), 0.0, 1.0) * 100;
    };
    const Interval95 sure = wilson_interval(count.right, count.n);
    const double middle = count.n == 0 ? 0 : static_cast<double>(count.right) / static_cast<double>(count.n);
    return fmt::format(
        R"(<span class="interval" aria-hidden="true"><i style="left:{:.2f}%;width:{:.2f}%"></i><b style="left:{:.2f}%"></b></span>)",
        place(sure.low), place(sure.high) - place(sure.low), place(middle));
}

std::string draw_picture(const FeatureImage& image, std::string_view described) {
    return fmt::format(
        R"(<canvas class="mel" role="img" aria-label="{}" data-frames="{}" data-bins="{}" data-values="{}"></canvas>)",
        escape(described), image.frames, image.bins, to_base64({image.values.data(), image.values.size()}));
}

}  // namespace jatai::page
