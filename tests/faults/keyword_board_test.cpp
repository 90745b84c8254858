// The keyword application in a fleet, instruction by instruction on the simulated board: it hears words in
// real time while it is told of updates and tells how it does. Times are the board's own, modelled.
#include <gtest/gtest.h>

#include <numeric>

#include "src/features/feature_pipeline.h"
#include "src/package/reference.h"
#include "src/telemetry/byte_pipe.h"
#include "tests/faults/keyword_bench.h"

namespace jatai {
namespace {

// A window of the features at each answer, 200 ms apart.
std::vector<Bytes> windows_of(const std::vector<std::int16_t>& sound) {
    constexpr std::size_t row = 10, window = 49 * row, hops = 10;
    FeatureSettings settings;
    settings.scale = 0.03125F;
    settings.zero_point = 0;
    const auto rows = FeaturePipeline(settings).extract_stream(sound);
    std::vector<Bytes> windows;
    for (std::size_t from = 0; from + window <= rows.size(); from += hops * row) {
        const auto* at = reinterpret_cast<const std::uint8_t*>(rows.data()) + from;
        windows.emplace_back(at, at + window);
    }
    return windows;
}

TEST_F(KeywordBoard, TellsNothingOfWhatItHearsBeforeConsent) {
    const auto bench = board(tone_package(tone_pace()), 0, tones(8, {{2, 3}}));
    bench->run(7, [] { return false; });
    EXPECT_EQ(bench->told, 1u);  // the description
    EXPECT_FALSE(lines_with(bench->line, " s tone 0.").empty());
    EXPECT_TRUE(api("GET", "/cohorts")["items"].empty());
    EXPECT_EQ(api("GET", "/devices/barn")["health"]["at_ms"], 0);
}

// Two boards, because statistics of one are shown to nobody: one hears what the model was made with, the
// other a tone that does not end.
TEST_F(KeywordBoard, TheServerSeesItsRequestsTimesHistogramsAndDriftAfterConsent) {
    api("PATCH", "/tenant", {{"cohort_min", 2}});
    const Bytes package = with_reference(tone_package(tone_pace()), windows_of(tones(21, {})), "tone.jpk");
    const std::string version = push(package, 5);
    for (const bool alike : {true, false}) {
        const std::string name = alike ? "quiet" : "loud";
        const std::vector<std::pair<double, double>> loud = {{0.0, 30.0}};
        const auto bench = board(package, kBoth, tones(16, alike ? decltype(loud){} : loud), 13, name);
        ASSERT_TRUE(bench->run(20, [&] { return bench->gateway.counts().reports >= 3; })) << bench->line;
        const DeviceReport* health = last_of(*bench, Kind::Health);
        ASSERT_NE(health, nullptr);
        EXPECT_GE(health->runs, 55u);
        EXPECT_GT(health->total_us, 0u);
        EXPECT_GT(health->memory_bytes, 0u);
        EXPECT_GT(health->energy_uj, 0);
        EXPECT_EQ(last_of(*bench, Kind::Statistics)->drifted, !alike) << name;
        EXPECT_EQ(api("GET", "/devices/" + name)["reported"], version);
    }
    const Json cohorts = api("GET", "/cohorts")["items"];
    ASSERT_EQ(cohorts.size(), 1u) << cohorts;
    EXPECT_EQ(cohorts[0]["devices"], 2);
    EXPECT_EQ(cohorts[0]["drifted"], 1);
    const auto outputs = cohorts[0]["output"].get<std::vector<std::uint64_t>>();
    EXPECT_GE(outputs[0], 50u);  // "tone"
    EXPECT_GE(outputs[1], 50u);  // "quiet"
    EXPECT_GT(std::accumulate(outputs.begin(), outputs.end(), 0u), 110u);
}

TEST_F(KeywordBoard, AConsentWithdrawnEndsAllReports) {
    const auto bench = board(tone_package(tone_pace()), kBoth, tones(12, {}));
    ASSERT_TRUE(bench->run(6, [&] { return bench->gateway.counts().reports >= 3; }));
    const std::string none = write_consent(0, 0);
    bench->record->pipe.in.insert(bench->record->pipe.in.end(), none.begin(), none.end());
    bench->run(0.5, [] { return false; });
    const std::uint64_t told = bench->told;
    bench->run(5, [] { return false; });
    EXPECT_EQ(bench->told, told);
}

TEST_F(KeywordBoard, HearsFiveTimesASecondAndMissesNothingWhileItTells) {
    const Bytes package = mlperf_package(twelve_words());
    if (package.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    const auto sound = tones(8, {{0.5, 1.0}, {1.6, 2.4}});
    const auto bench = board(package, kBoth, sound, 1);
    bench->run(6, [] { return false; });
    const auto status = lines_with(bench->line, " status ");
    ASSERT_GE(status.size(), 5u) << bench->line;
    for (std::size_t i = 1; i < status.size(); ++i) {
        EXPECT_NE(status[i].find(" 5.00 answers/s "), std::string::npos) << status[i];
        EXPECT_NE(status[i].find(" 0 missed 0 lost "), std::string::npos) << status[i];
    }
    std::printf("    %s\n", status.back().c_str());
    EXPECT_GE(bench->gateway.counts().reports, 8u);  // of health and statistics, each second
    EXPECT_EQ(bench->record->microphone.lost_samples, 0u);
    EXPECT_EQ(bench->record->pipe.overrun, 0u);

    const auto expected = answer_lines(package, sound);
    const auto lines = lines_with(bench->line, " s answer ");
    ASSERT_GT(lines.size(), 20u);
    for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(lines[i], expected[i]);
}

TEST_F(KeywordBoard, TakesAnotherKeywordModelAndHearsOnAndRefusesOneThatIsNone) {
    KeywordPace pace = tone_pace();
    const Bytes first = tone_package(pace);
    pace.labels[0].name = "whistle";
    const Bytes second = tone_package(pace);
    const std::string strange = push(world_->second, 5), good = push(second, 7);
    const auto bench = board(first, 0, tones(60, {{2, 3}, {40, 60}}));
    ASSERT_TRUE(bench->run(5, [&] { return !lines_with(bench->line, " s tone 0.").empty(); })) << bench->line;
    api("POST", "/devices/barn/assign", {{"version", strange}});
    ASSERT_TRUE(bench->run(40, [&] { return last_of(*bench, Kind::Result) != nullptr; }));
    EXPECT_EQ(last_of(*bench, Kind::Result)->reason, static_cast<std::uint32_t>(Reason::Unsupported));
    api("POST", "/devices/barn/assign", {{"version", good}});
    ASSERT_TRUE(bench->run(40, [&] {
        const DeviceReport* told = last_of(*bench, Kind::Result);
        return told->sequence == 7 && told->phase == 0;
    }));
    ASSERT_TRUE(bench->run(50, [&] { return !lines_with(bench->line, " s whistle 0.").empty(); }));
    EXPECT_EQ(runs_at_server(), good);
    EXPECT_EQ(bench->machine.result().resets, 0u);
}

}  // namespace
}  // namespace jatai
