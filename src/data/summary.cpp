#include "src/data/summary.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "src/base/error.h"

namespace jatai {
namespace {

// Characters a terminal shows, not bytes: enough for letters with accents.
std::size_t width_of(const std::string& word) {
    return static_cast<std::size_t>(std::count_if(
        word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string pad(const std::string& word, std::size_t width) {
    return word + std::string(width - std::min(width, width_of(word)), ' ');
}

std::string bar(std::size_t value, std::size_t largest) {
    return std::string(largest == 0 ? 0 : (value * 30 + largest - 1) / largest, '#');
}

// Power of the half spectrum of one window, radix-2 in double precision.
std::vector<double> power_spectrum(std::vector<double> re) {
    const std::size_t n = re.size();
    std::vector<double> im(n);
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(re[i], re[j]);
    }
    for (std::size_t size = 2; size <= n; size *= 2) {
        for (std::size_t k = 0; k < size / 2; ++k) {
            const double angle = -2 * std::numbers::pi * double(k) / double(size);
            const double c = std::cos(angle), s = std::sin(angle);
            for (std::size_t a = k; a < n; a += size) {
                const std::size_t b = a + size / 2;
                const double x = re[b] * c - im[b] * s, y = re[b] * s + im[b] * c;
                re[b] = re[a] - x, im[b] = im[a] - y;
                re[a] += x, im[a] += y;
            }
        }
    }
    std::vector<double> power(n / 2);
    for (std::size_t k = 0; k < n / 2; ++k) power[k] = re[k] * re[k] + im[k] * im[k];
    return power;
}

}  // namespace

DatasetSummary summarise(const Dataset& dataset) {
    DatasetSummary s;
    s.labels = dataset.labels;
    s.notes = dataset.notes;
    s.clips = dataset.clips.size();
    s.diversity =
        dataset.provenance.is_object() ? dataset.provenance.value("diversity", nlohmann::json()) : nullptr;
    std::map<std::string, std::set<std::string>> groups;
    for (const Clip& clip : dataset.clips) {
        const std::string split(name(clip.split));
        const double seconds = double(clip.samples.size()) / kSampleRateHz;
        s.seconds += seconds;
        s.shortest_s = s.shortest_s == 0 ? seconds : std::min(s.shortest_s, seconds);
        s.longest_s = std::max(s.longest_s, seconds);
        ++s.clips_by_label_and_split[dataset.labels[clip.label]][split];
        ++s.clips_by_split[split];
        if (!clip.accent.empty()) ++s.clips_by_accent[clip.accent];
        if (clip.group.empty()) continue;
        ++s.clips_by_group[clip.group];
        groups[split].insert(clip.group);
    }
    for (const auto& [split, names] : groups) s.groups_by_split[split] = names.size();
    return s;
}

nlohmann::json to_json(const DatasetSummary& s) {
    return {{"clips", s.clips},
            {"seconds", s.seconds},
            {"shortest_s", s.shortest_s},
            {"longest_s", s.longest_s},
            {"labels", s.labels},
            {"clips_by_label_and_split", s.clips_by_label_and_split},
            {"clips_by_split", s.clips_by_split},
            {"groups_by_split", s.groups_by_split},
            {"clips_by_accent", s.clips_by_accent},
            {"clips_by_group", s.clips_by_group},
            {"diversity", s.diversity},
            {"notes", s.notes}};
}

std::string to_text(const DatasetSummary& s) {
    std::vector<std::string> splits;
    for (Split split : kAllSplits) {
        if (s.clips_by_split.count(std::string(name(split)))) splits.emplace_back(name(split));
    }
    std::size_t width = 8, largest = 0;
    std::map<std::string, std::size_t> totals;
    for (const auto& [label, counts] : s.clips_by_label_and_split) {
        width = std::max(width, width_of(label));
        for (const auto& [split, count] : counts) totals[label] += count;
        largest = std::max(largest, totals[label]);
    }
    std::string out = text("{} clips, {:.1f} minutes, {:.2f} to {:.2f} s each", s.clips, s.seconds / 60,
                           s.shortest_s, s.longest_s) +
                      "\n\n" + pad(text("label"), width);
    for (const std::string& split : splits) out += fmt::format(" {:>12}", split);
    out += "\n";
    for (const std::string& label : s.labels) {
        const auto row = s.clips_by_label_and_split.find(label);
        out += pad(label, width);
        for (const std::string& split : splits) {
            const bool has = row != s.clips_by_label_and_split.end() && row->second.count(split) > 0;
            out += fmt::format(" {:>12}", has ? row->second.at(split) : 0);
        }
        out += "  " + bar(totals[label], largest) + "\n";
    }
    const std::string voices = text("voices");
    out += pad(voices, width);
    for (const std::string& split : splits) {
        const auto count = s.groups_by_split.find(split);
        out += fmt::format(" {:>12}", count == s.groups_by_split.end() ? 0 : count->second);
    }
    out += "\n";
    for (const auto& [accent, count] : s.clips_by_accent)
        out += text("accent {}: {} clips", accent, count) + "\n";
    for (const std::string& note : s.notes) out += text("note: {}", note) + "\n";
    return out;
}

Spectrogram make_spectrogram(std::span<const std::int16_t> samples, int bands, int hop_samples) {
    constexpr std::size_t kWindow = 512;
    CHECK(bands >= 1 && bands <= int(kWindow / 2) && hop_samples >= 1);
    Spectrogram s;
    s.bands = bands;
    s.hop_s = double(hop_samples) / kSampleRateHz;
    s.top_hz = kSampleRateHz / 2.0;
    const std::size_t bins_per_band = kWindow / 2 / static_cast<std::size_t>(bands);
    for (std::size_t at = 0; at < samples.size(); at += static_cast<std::size_t>(hop_samples)) {
        std::vector<double> window(kWindow);
        for (std::size_t i = 0; i < kWindow && at + i < samples.size(); ++i) {
            const double hann = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * double(i) / kWindow);
            window[i] = hann * samples[at + i] / 32768.0;
        }
        const std::vector<double> power = power_spectrum(std::move(window));
        for (std::size_t band = 0; band < static_cast<std::size_t>(bands); ++band) {
            double sum = 0;
            for (std::size_t k = 0; k < bins_per_band; ++k) sum += power[band * bins_per_band + k];
            // A full-scale sine has power (512/4)^2 in its bin.
            s.decibels.push_back(static_cast<float>(10 * std::log10(sum / 16384.0 + 1e-12)));
        }
        ++s.rows;
    }
    return s;
}

}  // namespace jatai
