// A model beside the one that hears words, instruction by instruction on the simulated board: the microphone
// does not wait for it, and nobody hears of it but those who count. Times are the board's own, modelled.
#include <gtest/gtest.h>

#include <cstring>
#include <numeric>

#include "device/package.h"
#include "device/sha256.h"
#include "tests/faults/keyword_bench.h"

namespace jatai {
namespace {

std::string short_digest(const Bytes& package) {
    return fleet::sha256_hex(std::string(package.begin(), package.end())).substr(0, 16);
}

// The same model under other words: another package that hears the same.
KeywordPace renamed(KeywordPace pace) {
    pace.labels[0].name = "other";
    return pace;
}

class KeywordShadow : public KeywordBoard {
  protected:
    std::string roll_out_beside(const std::string& version) {
        const std::string id =
            api("POST", "/rollouts", {{"plan", {{"version", version}, {"kind", "shadow"}}}})["id"];
        api("POST", "/rollouts/" + id + "/start");
        return id;
    }
    // Runs on, and keeps where the sound was when the board last began to listen.
    template <typename Done>
    bool run(Bench& bench, double seconds, Done done) {
        return bench.run(seconds, [&] {
            const auto& microphone = bench.record->microphone;
            if (bench.machine.result().resets != resets_) {  // the sound begins anew
                resets_ = bench.machine.result().resets;
                sound_from_ = microphone.samples;
            }
            if (microphone.starts.size() != starts_) {
                starts_ = microphone.starts.size();
                heard_from_ = samples_ - sound_from_;
                line_from_ = bench.line.size();
            }
            samples_ = microphone.samples;
            return done();
        });
    }
    bool run(Bench& bench, double seconds) {
        return run(bench, seconds, [] { return false; });
    }
    bool told_of(const Bench& bench, const Bytes& package) const {
        return std::any_of(bench.reports.begin(), bench.reports.end(), [&](const DeviceReport& report) {
            return report.kind == Kind::Statistics && report.digest == short_digest(package);
        });
    }
    // A board that runs `beside` next to `package`.
    std::unique_ptr<Bench> with_shadow(const Bytes& package, const Bytes& beside,
                                       const std::vector<std::int16_t>& sound,
                                       std::uint32_t report_every_s = 2) {
        starts_ = line_from_ = resets_ = samples_ = sound_from_ = heard_from_ = 0;
        auto bench = board(package, kBoth, sound, report_every_s);
        version_ = push(beside, 7);
        rollout_ = roll_out_beside(version_);
        double wait_s = 0;
        EXPECT_TRUE(run(*bench, 60,
                        [&] {
                            if (bench->now_s() >= wait_s) {
                                wait_s = bench->now_s() + 1;
                                usleep(100000);  // the server makes the difference in the background
                            }
                            return last_beside(*bench) == short_digest(beside);
                        }))
            << result_of(*bench) << "\n"
            << bench->line;
        run(*bench, 0.1);
        EXPECT_EQ(api("GET", "/devices/barn")["shadow"], version_);
        return bench;
    }
    // Since it began to listen: the answers a board gives that runs nothing beside, to the byte.
    void expect_undisturbed(const Bench& bench, const Bytes& package, const std::vector<std::int16_t>& sound,
                            std::size_t least_answers) {
        const std::uint64_t to = samples_ - sound_from_;
        ASSERT_LT(to, sound.size());
        const auto at = sound.begin();
        const std::vector<std::int16_t> heard(at + static_cast<std::ptrdiff_t>(heard_from_),
                                              at + static_cast<std::ptrdiff_t>(to));
        const auto expected = answer_lines(package, heard);
        const auto lines = lines_with(bench.line.substr(line_from_), " s answer ");
        ASSERT_GE(lines.size(), least_answers);
        ASSERT_GE(expected.size(), lines.size());
        for (std::size_t i = 0; i < lines.size(); ++i) ASSERT_EQ(lines[i], expected[i]) << i;
        for (const std::string& status : lines_with(bench.line, " status "))
            EXPECT_NE(status.find(" 0 missed 0 lost "), std::string::npos) << status;
        EXPECT_EQ(bench.record->microphone.lost_samples, 0u);
    }
    static std::string last_beside(const Bench& bench) {
        const DeviceReport* told = last_of(bench, Kind::Result);
        return told == nullptr ? "" : told->beside;
    }
    std::string result_of(const Bench& bench) {
        const DeviceReport* told = last_of(bench, Kind::Result);
        return told == nullptr ? "" : reason_name(told->reason);
    }

    std::string version_, rollout_;
    std::uint64_t starts_ = 0, line_from_ = 0, resets_ = 0;
    std::uint64_t samples_ = 0, sound_from_ = 0, heard_from_ = 0;  // where the microphone is, and was
};

const std::vector<std::pair<double, double>> kLoud = {{9, 10}, {12, 14}, {15, 15.5}, {18, 21}, {24, 28}};

TEST_F(KeywordShadow, RunsOnTheSameWindowsAndTellsOnlyItsStatistics) {
    const auto sound = tones(60, kLoud);
    const Bytes first = tone_package(tone_pace()), second = tone_package(renamed(tone_pace()));
    const auto bench = with_shadow(first, second, sound);
    ASSERT_TRUE(run(*bench, 20, [&] { return told_of(*bench, second) && told_of(*bench, first); }));
    run(*bench, 6);
    expect_undisturbed(*bench, first, sound, 25);
    EXPECT_TRUE(lines_with(bench->line, " other 0.").empty());  // nobody acts on it
    std::uint64_t tone[2] = {0, 0}, all[2] = {0, 0};
    for (const DeviceReport& report : bench->reports) {
        if (report.kind != Kind::Statistics || report.digest != short_digest(second)) continue;
        tone[0] += (*report.output)[0];
        all[0] = std::accumulate(report.output->begin(), report.output->end(), all[0]);
    }
    for (const KeywordAnswer& answer :
         KeywordHost(second, "host").hear(std::span(sound).subspan(heard_from_))) {
        if (all[1] == all[0]) break;
        ++all[1];
        tone[1] += answer.scores[0] > answer.scores[1] ? 1 : 0;
    }
    EXPECT_GT(all[0], 20u);
    EXPECT_EQ(tone[0], tone[1]);  // every window, one after the other, counted once
    const DeviceReport* health = last_of(*bench, Kind::Health);
    EXPECT_EQ(health->sequence, 0u);  // the model it came with is the one that answers
    EXPECT_EQ(health->beside, short_digest(second));
}

// The heaviest there is: the MLPerf Tiny keyword model beside itself.
TEST_F(KeywordShadow, LeavesTheAnswersOfTheMlperfModelInTimeAndToTheByte) {
    const Bytes first = mlperf_package(twelve_words()), second = mlperf_package(renamed(twelve_words()));
    if (first.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    const auto sound = tones(60, kLoud);
    const auto bench = with_shadow(first, second, sound, 1);
    ASSERT_TRUE(run(*bench, 20, [&] { return told_of(*bench, second); }));
    run(*bench, 5);
    expect_undisturbed(*bench, first, sound, 20);
    const auto before = lines_with(bench->line.substr(0, line_from_), " 5.00 answers/s "),
               status = lines_with(bench->line, " status ");
    if (!before.empty()) std::printf("    before: %s\n", before.front().c_str());
    std::printf("    beside: %s\n", status.back().c_str());
    EXPECT_NE(status.back().find(" 5.00 answers/s "), std::string::npos) << status.back();
}

TEST_F(KeywordShadow, GoesWhenTheRollOutIsAbortedAndNothingMoreIsToldOfIt) {
    const auto sound = tones(120, {{0, 120}});
    const Bytes first = tone_package(tone_pace()), second = tone_package(renamed(tone_pace()));
    const auto bench = with_shadow(first, second, sound);
    api("POST", "/rollouts/" + rollout_ + "/abort");
    ASSERT_TRUE(run(*bench, 20, [&] { return last_beside(*bench).empty(); }));
    run(*bench, 0.1);
    EXPECT_EQ(api("GET", "/devices/barn")["shadow"], "");
    bench->reports.clear();
    run(*bench, 5);
    EXPECT_FALSE(told_of(*bench, second));
    EXPECT_TRUE(told_of(*bench, first));
}

TEST_F(KeywordShadow, BecomesTheModelThatHearsWithoutAByteOfItFetchedAgain) {
    const auto sound = tones(120, {{0, 120}});
    const Bytes first = tone_package(tone_pace()), second = tone_package(renamed(tone_pace()));
    const auto bench = with_shadow(first, second, sound);
    const std::uint64_t fetched = bench->gateway.counts().bytes;
    api("POST", "/devices/barn/assign", {{"version", version_}});
    ASSERT_TRUE(run(*bench, 60, [&] { return !lines_with(bench->line, " s other 0.").empty(); }));
    EXPECT_LT(bench->gateway.counts().bytes - fetched, 600u);  // manifests
    ASSERT_TRUE(run(*bench, 20, [&] { return last_of(*bench, Kind::Result)->phase == 0; }));
    run(*bench, 0.1);
    EXPECT_EQ(runs_at_server(), version_);
    EXPECT_EQ(bench->machine.result().resets, 0u);
}

// 80 ms between answers of 67: there is no time for another 67.
TEST_F(KeywordShadow, OneThatWouldMakeItLateIsGivenUpAndTheWordsAreHeardInTime) {
    KeywordPace pace = twelve_words();
    pace.hops_per_answer = 4;
    const Bytes first = mlperf_package(pace), second = mlperf_package(renamed(pace));
    if (first.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    const auto sound = tones(60, kLoud);
    const auto bench = with_shadow(first, second, sound);
    ASSERT_TRUE(run(*bench, 30, [&] { return result_of(*bench) == "TooSlow"; })) << result_of(*bench);
    run(*bench, 3);
    expect_undisturbed(*bench, first, sound, 40);
    EXPECT_EQ(api("GET", "/devices/barn")["shadow"], "");
    EXPECT_EQ(api("GET", "/actions?device=barn")["items"][0]["reason"], "TooSlow");
}

TEST_F(KeywordShadow, OneThatTakesOtherFeaturesIsGivenUpAndToldOf) {
    const Bytes first = mlperf_package(twelve_words()), second = tone_package(tone_pace());
    if (first.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    const auto bench = board(first, kBoth, tones(60, kLoud));
    roll_out_beside(push(second, 7));
    ASSERT_TRUE(run(*bench, 60, [&] { return result_of(*bench) == "Unsupported"; })) << result_of(*bench);
    run(*bench, 3);
    EXPECT_EQ(api("GET", "/devices/barn")["shadow"], "");
    EXPECT_GE(lines_with(bench->line.substr(line_from_), " s answer ").size(), 8u);
}

// A package that says it needs so much RAM: what its planner would have written.
Bytes needing(Bytes package, std::uint32_t arena_bytes) {
    PackageHeader header;
    std::memcpy(&header, package.data(), sizeof header);
    header.arena_bytes = arena_bytes;
    std::memcpy(package.data(), &header, sizeof header);
    sha256(package.data() + kHashedFrom, package.size() - kHashedFrom, header.sha256);
    std::memcpy(package.data(), &header, sizeof header);
    return package;
}

// The RAM would hold both models, but not next to features, sound and rows.
TEST_F(KeywordShadow, WhatLeavesNoRoomForSoundIsRefusedByTheServerAndByTheBoardItself) {
    const Bytes first = tone_package(tone_pace());
    push(first, 5);
    const auto bench = board(first, kBoth, tones(60, kLoud));
    const Json device = api("GET", "/devices/barn");
    const std::uint64_t ram = device["ram_bytes"],
                        own = std::stoul(device["attributes"]["application_ram"].get<std::string>());
    EXPECT_GT(own, 10000u);
    const auto arena = static_cast<std::uint32_t>(ram - own);
    const std::string version = push(needing(tone_package(renamed(tone_pace())), arena), 7);
    const std::string id =
        api("POST", "/rollouts", {{"plan", {{"version", version}, {"kind", "shadow"}}}})["id"];
    const auto refused = server_.ask("Bearer " + server_.key(), "POST", "/api/v1/rollouts/" + id + "/start");
    EXPECT_EQ(refused.status, 409);
    EXPECT_NE(refused.body.find(fmt::format("bytes of RAM for both models, has {}", ram - own)),
              std::string::npos)
        << refused.body;
    // A server that does not know better.
    api("PATCH", "/devices/barn", {{"ram_bytes", 1 << 20}});
    api("POST", "/rollouts/" + id + "/start");
    const std::uint64_t fetched = bench->gateway.counts().bytes;
    ASSERT_TRUE(run(*bench, 30, [&] { return result_of(*bench) == "ArenaTooSmall"; })) << result_of(*bench);
    EXPECT_LT(bench->gateway.counts().bytes - fetched, 600u);
    run(*bench, 3);
    EXPECT_GE(lines_with(bench->line.substr(line_from_), " s answer ").size(), 8u);
    EXPECT_EQ(bench->machine.result().resets, 0u);
}

// Its engine finds its package nowhere: the next run of it faults, as a chip would fault that a model takes
// down with it. Each time the board hears again; after three starts without it being seen to run it is gone.
TEST_F(KeywordShadow, OneThatTakesTheBoardDownIsGivenUpAndTheModelThatHearsIsStillThere) {
    const Bytes first = tone_package(tone_pace()), second = tone_package(renamed(tone_pace()));
    const auto sound = tones(60, {{2.5, 60}});
    const auto bench = with_shadow(first, second, sound);
    const simulate::Firmware firmware = simulate::read_firmware(with_package(first), "firmware");
    const std::uint32_t from = *firmware.find("__package_start");
    const std::uint32_t slot_b = from + ((0x100000 - from) / 4096 - 2) / 2 * 4096;
    const std::uint32_t app = *firmware.find("_ZN12_GLOBAL__N_13appE");
    const std::uint8_t nowhere[4] = {0xF0, 0xFF, 0xFF, 0xFF};
    const auto break_it = [&] {
        int broken = 0;
        for (std::uint32_t at = app; at < app + 6000; at += 4) {
            std::uint8_t word[4];
            std::uint32_t value = 0;
            if (!bench->machine.read_memory(at, word)) break;
            std::memcpy(&value, word, 4);
            if (value == slot_b) broken += bench->machine.write_memory(at, nowhere) ? 1 : 0;
        }
        return broken;
    };
    std::uint64_t resets = 0;
    for (; resets < 6 && break_it() > 0; ++resets) {
        ASSERT_TRUE(bench->run(10, [&] { return bench->machine.result().resets > resets; })) << resets;
        bench->run(0.6, [] { return false; });
    }
    EXPECT_EQ(resets, 4u);
    ASSERT_TRUE(bench->run(20, [&] { return result_of(*bench) == "Returned"; })) << result_of(*bench);
    bench->line.clear();
    ASSERT_TRUE(bench->run(6, [&] { return !lines_with(bench->line, " s tone 0.").empty(); })) << bench->line;
    EXPECT_EQ(api("GET", "/devices/barn")["shadow"], "");
    EXPECT_EQ(bench->machine.result().resets, 4u);
}

// In the middle of the download, and at the writes that make it run beside.
TEST_F(KeywordShadow, PowerMayGoAndBothAreThereAgainAndTheWordsAreThoseOfTheOldOne) {
    const Bytes first = tone_package(tone_pace()), second = tone_package(renamed(tone_pace()));
    const auto sound = tones(60, kLoud);
    const auto whole = with_shadow(first, second, sound);
    const std::uint64_t writes = whole->record->flash.writes + whole->record->flash.erases;
    for (const std::uint64_t write : {writes / 2, writes - 4, writes - 1}) {
        SCOPED_TRACE(write);
        cut_ = {.operation = write, .way = simulate::PowerCut::Way::HalfDone};
        const auto bench = with_shadow(first, second, sound);
        ASSERT_TRUE(run(*bench, 20, [&] { return told_of(*bench, second); }));
        run(*bench, 4);
        EXPECT_EQ(bench->record->flash.power_cuts, 1u);
        EXPECT_EQ(bench->machine.result().resets, 1u);
        expect_undisturbed(*bench, first, sound, 10);
    }
}

}  // namespace
}  // namespace jatai
