#include "src/package/keyword_section.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "device/port.h"
#include "src/base/error.h"

namespace jatai {
namespace {

void require(bool promise, const std::string& name, double found, const std::string& expected) {
    if (promise) return;
    throw Error{text("keyword section: {} is {}, expected {}", name, found, expected),
                text("see the [device] table of jatai.toml")};
}

void check(const KeywordPace& pace) {
    require(!pace.labels.empty() && pace.labels.size() <= kMaxKeywordLabels, text("the number of labels"),
            static_cast<double>(pace.labels.size()), text("1 to {}", kMaxKeywordLabels));
    require(pace.hops_per_answer >= 1 && pace.hops_per_answer <= 100, text("hops per answer"),
            pace.hops_per_answer, text("1 to {}", 100));
    require(pace.smoothing >= 1 && pace.smoothing <= static_cast<int>(kMaxKeywordSmoothing),
            text("smoothing"), pace.smoothing, text("1 to {}", kMaxKeywordSmoothing));
    require(pace.quiet_ms >= 0 && pace.quiet_ms <= 60000, text("the quiet time"), pace.quiet_ms,
            text("0 to {} ms", 60000));
    require(pace.light_ms >= 0 && pace.light_ms <= 60000, text("the light's time"), pace.light_ms,
            text("0 to {} ms", 60000));
    for (const KeywordLabelPace& label : pace.labels) {
        require(label.threshold >= 0 && label.threshold <= 1, text("the threshold of {}", label.name),
                label.threshold, text("0 to 1"));
        if (label.name.empty() || label.name.size() >= kLabelBytes) {
            throw Error{text("keyword section: label \"{}\" has {} bytes, expected 1 to {}", label.name,
                             label.name.size(), kLabelBytes - 1),
                        text("choose a shorter name; a letter with an accent takes two bytes")};
        }
    }
}

}  // namespace

Bytes keyword_section(const KeywordPace& pace) {
    check(pace);
    KeywordSettings settings{};
    settings.magic = kKeywordMagic;
    settings.label_count = static_cast<std::uint16_t>(pace.labels.size());
    settings.hops_per_answer = static_cast<std::uint16_t>(pace.hops_per_answer);
    settings.smoothing = static_cast<std::uint16_t>(pace.smoothing);
    settings.quiet_ms = static_cast<std::uint16_t>(pace.quiet_ms);
    settings.light_ms = static_cast<std::uint16_t>(pace.light_ms);
    settings.flags = pace.print_answers ? kPrintAnswers : 0;
    Bytes bytes(sizeof settings + pace.labels.size() * sizeof(KeywordLabel));
    std::memcpy(bytes.data(), &settings, sizeof settings);
    std::uint8_t* to = bytes.data() + sizeof settings;
    for (const KeywordLabelPace& from : pace.labels) {
        KeywordLabel label{};
        std::memcpy(label.name, from.name.data(), from.name.size());
        label.threshold = static_cast<std::uint16_t>(std::lround(std::min(from.threshold * 65536, 65535.0)));
        label.lights = from.lights;
        label.command = from.command;
        std::memcpy(to, &label, sizeof label);
        to += sizeof label;
    }
    return bytes;
}

KeywordPace read_keyword_section(ByteView section, const std::string& place) {
    KeywordSettings settings{};
    if (section.size() >= sizeof settings) std::memcpy(&settings, section.data(), sizeof settings);
    const std::size_t expected = sizeof settings + settings.label_count * sizeof(KeywordLabel);
    if (settings.magic != kKeywordMagic || section.size() < expected) {
        throw Error{text("{}: {} bytes, expected a keyword section", place, section.size()),
                    text("make the package anew with jatai compile")};
    }
    KeywordPace pace{.labels = {},
                     .hops_per_answer = settings.hops_per_answer,
                     .smoothing = settings.smoothing,
                     .quiet_ms = settings.quiet_ms,
                     .light_ms = settings.light_ms,
                     .print_answers = (settings.flags & kPrintAnswers) != 0};
    for (std::size_t i = 0; i < settings.label_count; ++i) {
        KeywordLabel label;
        std::memcpy(&label, section.data() + sizeof settings + i * sizeof label, sizeof label);
        const std::size_t length = std::find(label.name, label.name + kLabelBytes, '\0') - label.name;
        pace.labels.push_back(
            {std::string(label.name, length), label.threshold / 65536.0, label.lights, label.command != 0});
    }
    check(pace);
    return pace;
}

std::uint8_t light_bits(std::size_t i) {
    constexpr std::uint8_t order[] = {kLightGreen,
                                      kLightRed,
                                      kLightBlue,
                                      kLightRed | kLightGreen,
                                      kLightGreen | kLightBlue,
                                      kLightRed | kLightBlue,
                                      kLightRed | kLightGreen | kLightBlue,
                                      kLightBoard};
    return order[i % std::size(order)];
}

std::string light_colour(std::uint8_t lights) {
    if (lights == kLightBoard) return "#ff8c1a";
    const auto part = [&](std::uint8_t bit) { return (lights & bit) != 0 ? "ff" : "00"; };
    return std::string("#") + part(kLightRed) + part(kLightGreen) + part(kLightBlue);
}

}  // namespace jatai
