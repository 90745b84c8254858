// section_sounds.cpp: mistakes one can hear, and what each word looks like.
#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/mel_image.h"
#include "src/report/number.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

constexpr int kPictureColumns = 128;

std::string draw_sound(const Sound& sound, const std::optional<FeatureImage>& features,
                       const std::string& described) {
    const FeatureImage image = features ? *features : draw_mel_image(sound, kPictureColumns);
    std::string html = "<div class=\"clip\">";
    if (image.frames > 0 && image.bins > 0) html += draw_picture(image, described);
    if (!sound.samples.empty())
        html += fmt::format(R"(<audio controls preload="none" src="{}" aria-label="{}"></audio>)",
                            data_uri("audio/wav", wav_bytes(sound)), escape(described));
    return html + "</div>";
}

std::string draw_mistake(const Mistake& mistake) {
    const std::string truth = label_title(mistake.truth), heard = label_title(mistake.predicted);
    const std::string described = text("said {}, heard {}", truth, heard);
    std::string html = "<li class=\"card\">" + draw_sound(mistake.sound, mistake.features, described) +
                       "<p><b>" + escape(truth) + "</b> <span class=\"wrong\">→ " + escape(heard) +
                       "</span></p><p class=\"note\">" +
                       escape(text("score {}", format_number(mistake.score, 2)));
    if (!mistake.group.empty()) html += "</p><p class=\"note\">" + escape(mistake.group);
    return html + "</p></li>";
}

std::string draw_example(const Example& example) {
    const std::string label = label_title(example.label);
    std::string html = "<li class=\"card\">" + draw_sound(example.sound, example.features, label) + "<p><b>" +
                       escape(label) + "</b></p>";
    if (!example.group.empty()) html += "<p class=\"note\">" + escape(example.group) + "</p>";
    return html + "</li>";
}

}  // namespace

std::string draw_mistakes(const ReportData& data) {
    if (data.mistakes.empty()) return {};
    std::string html =
        "<p>" +
        escape(text("Listen: would you have known? What was said is in bold, what the chip heard follows the "
                    "arrow.")) +
        "</p><ul class=\"cards\">";
    for (const Mistake& mistake : data.mistakes) html += draw_mistake(mistake);
    return html + "</ul>";
}

std::string draw_examples(const ReportData& data) {
    if (data.examples.empty()) return {};
    std::string html =
        "<p>" +
        escape(text("One second of sound each: time runs to the right, pitch upwards, bright is loud.")) +
        "</p><ul class=\"cards\">";
    for (const Example& example : data.examples) html += draw_example(example);
    return html + "</ul>";
}

}  // namespace jatai::page
