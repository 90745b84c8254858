// keyword_bench.h: simulated boards with the keyword firmware, the sound they hear and the packages they hear
// with.
//
//     class Mine : public KeywordBoard { … };
//     const auto bench = board(tone_package(tone_pace()), kBoth, tones(8, {{2, 3}}));
//     bench->run(7, [] { return false; });
//     lines_with(bench->line, " s answer ");
#pragma once

#include <fmt/format.h>

#include <algorithm>

#include "src/graph/tflite.h"
#include "src/package/keyword_host.h"
#include "tests/faults/fleet_bench.h"
#include "tests/flow/keyword_package.h"

namespace jatai {

constexpr std::uint8_t kBoth = kHealthConsent | kStatisticsConsent;
using Kind = DeviceReport::Kind;

// Boards with the keyword firmware.
class KeywordBoard : public FleetRig {
  protected:
    static void SetUpTestSuite() { build("keyword_fleet.elf"); }

    // A board that starts with this package and hears this; what the gateway consents to goes for the server
    // too.
    std::unique_ptr<Bench> board(const Bytes& package, std::uint8_t consents, std::vector<std::int16_t> sound,
                                 std::uint32_t report_every_s = 2, const std::string& name = "barn") {
        auto bench = std::make_unique<Bench>(with_package(package), server_.url(), key_, consents, cut_,
                                             report_every_s, simulate::Track{std::move(sound), 16000}, name);
        EXPECT_TRUE(bench->run(5, [&] { return bench->gateway.counts().reports >= 1; })) << bench->line;
        const bool health = (consents & kHealthConsent) != 0,
                   statistics = (consents & kStatisticsConsent) != 0;
        api("PATCH", "/devices/" + name, {{"consent_health", health}, {"consent_statistics", statistics}});
        return bench;
    }

    simulate::PowerCut cut_{};
};

// Of the text between the frames, the lines with these words.
inline std::vector<std::string> lines_with(const std::string& line, const std::string& words) {
    std::vector<std::string> found;
    for (auto at = line.find(words); at != std::string::npos; at = line.find(words, at + 1)) {
        const auto begin = line.find_last_of(std::string("\n\0", 2), at) + 1;
        found.push_back(line.substr(begin, line.find('\n', at) - begin));
    }
    return found;
}

inline const DeviceReport* last_of(const Bench& bench, Kind kind) {
    const auto at = std::find_if(bench.reports.rbegin(), bench.reports.rend(),
                                 [&](const DeviceReport& report) { return report.kind == kind; });
    return at == bench.reports.rend() ? nullptr : &*at;
}

// The `answer` lines of a board that hears this from its start.
inline std::vector<std::string> answer_lines(const Bytes& package, const std::vector<std::int16_t>& sound) {
    std::vector<std::string> lines;
    for (const KeywordAnswer& answer : KeywordHost(package, "host").hear(sound)) {
        lines.push_back(fmt::format("{:.3f} s answer", answer.time_s));
        for (const std::int8_t score : answer.scores)
            lines.back() += fmt::format(" {:02x}", static_cast<std::uint8_t>(score + 128));
    }
    return lines;
}

inline KeywordPace twelve_words() {
    KeywordPace pace;
    for (int i = 0; i < 12; ++i) pace.labels.push_back({fmt::format("w{}", i), 0.5, light_bits(i), i < 10});
    return pace;
}

// The MLPerf Tiny keyword model; empty when the shared data is absent.
inline Bytes mlperf_package(const KeywordPace& pace) {
    const fs::path model = fs::path(JATAI_SHARED_DIR) / "data/models/tiny/kws_ref_model.tflite";
    if (!fs::exists(model)) return {};
    return keyword_package(read_tflite(read_file(model), "kws"), pace);
}

}  // namespace jatai
