// The fleet firmware, instruction by instruction on the simulated board, with nothing but its serial line:
// the gateway at the other end, the real server behind it. Times are the board's own, modelled.
#include <gtest/gtest.h>

#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/text_form.h"
#include "src/package/reference.h"
#include "src/telemetry/cbor.h"
#include "tests/faults/fleet_bench.h"

namespace jatai {
namespace {

class FleetBoard : public FleetRig {
  protected:
    static void SetUpTestSuite() { build("fleet.elf"); }
    void SetUp() override {
        FleetRig::SetUp();
        if (IsSkipped()) return;
        image_ = with_package(world_->first);
        first_ = push(world_->first, 5);
        second_ = push(world_->second, 7);
    }

    Bytes image_;
    std::string first_, second_;
};

TEST_F(FleetBoard, TakesAnUpdateFromTheServerThroughItsSerialLineAlone) {
    Bench bench(image_, server_.url(), key_, 0);
    ASSERT_TRUE(bench.run(20, [&] { return bench.gateway.counts().reports >= 1; }));
    EXPECT_EQ(runs_at_server(), first_);
    api("POST", "/devices/barn/assign", {{"version", second_}});
    // On trial, then confirmed after three runs: two reports.
    ASSERT_TRUE(bench.run(60, [&] { return bench.gateway.counts().reports >= 3; }));
    EXPECT_EQ(runs_at_server(), second_);
    EXPECT_EQ(bench.reports.back().sequence, 7u);
    EXPECT_EQ(bench.reports.back().phase, 0u);
    EXPECT_EQ(bench.machine.result().resets, 0u);
    EXPECT_EQ(bench.record->pipe.overrun, 0u);
    RecordProperty("board_seconds", static_cast<int>(bench.now_s()));
    RecordProperty("bytes_of_the_update", static_cast<int>(bench.gateway.counts().bytes));
}

TEST_F(FleetBoard, LosesPowerInTheMiddleAndTakesItAllTheSame) {
    Bench bench(image_, server_.url(), key_, 0, {.operation = 900, .way = simulate::PowerCut::Way::Unstable});
    ASSERT_TRUE(bench.run(20, [&] { return bench.gateway.counts().reports >= 1; }));
    api("POST", "/devices/barn/assign", {{"version", second_}});
    // The description after the restart, and how the update ended.
    ASSERT_TRUE(bench.run(90, [&] { return bench.gateway.counts().reports >= 3; }));
    EXPECT_EQ(bench.record->flash.power_cuts, 1u);
    EXPECT_EQ(bench.machine.result().resets, 1u);
    EXPECT_EQ(runs_at_server(), second_);
}

// The shadow on the chip itself, instruction by instruction: what goes over its serial line is all there is.
TEST_F(FleetBoard, RunsAShadowBesideItsModelAndTellsOnlyItsStatistics) {
    Bench bench(image_, server_.url(), key_, kHealthConsent | kStatisticsConsent);
    ASSERT_TRUE(bench.run(20, [&] { return bench.gateway.counts().reports >= 1; }));
    api("PATCH", "/devices/barn", {{"consent_health", true}, {"consent_statistics", true}});
    const std::string id =
        api("POST", "/rollouts", {{"plan", {{"version", second_}, {"kind", "shadow"}}}})["id"];
    api("POST", "/rollouts/" + id + "/start");
    const std::string raw(world_->second.begin(), world_->second.end());
    const std::string digest = fleet::sha256_hex(raw).substr(0, 16);
    const auto told_of_shadow = [&] {
        return std::any_of(bench.reports.begin(), bench.reports.end(), [&](const DeviceReport& r) {
            return r.kind == DeviceReport::Kind::Statistics && r.digest == digest;
        });
    };
    ASSERT_TRUE(bench.run(60, told_of_shadow));
    const Json device = api("GET", "/devices/barn");
    EXPECT_EQ(device["reported"], first_);
    EXPECT_EQ(device["shadow"], second_);
    const DeviceReport& health =
        *std::find_if(bench.reports.rbegin(), bench.reports.rend(),
                      [](const auto& r) { return r.kind == DeviceReport::Kind::Health; });
    EXPECT_EQ(health.sequence, 0u);  // the model it came with is the one that answers
    EXPECT_EQ(health.beside, digest);
    api("POST", "/rollouts/" + id + "/abort");
    ASSERT_TRUE(bench.run(30, [&] { return api("GET", "/devices/barn")["shadow"] == ""; }));
    EXPECT_EQ(runs_at_server(), first_);
    EXPECT_EQ(bench.machine.result().resets, 0u);
}

TEST_F(FleetBoard, TellsNothingOfHowItRunsWithoutConsent) {
    Bench bench(image_, server_.url(), key_, 0);
    bench.run(12, [] { return false; });
    EXPECT_EQ(bench.told, 1u);  // the description
    for (const DeviceReport& report : bench.reports) EXPECT_EQ(report.kind, DeviceReport::Kind::Description);
}

TEST_F(FleetBoard, TellsItsRunsTimesMemoryAndEnergyOnceItMay) {
    Bench bench(image_, server_.url(), key_, kHealthConsent | kStatisticsConsent);
    const auto seen = [&](DeviceReport::Kind kind) {
        return std::any_of(bench.reports.begin(), bench.reports.end(),
                           [&](const DeviceReport& r) { return r.kind == kind; });
    };
    ASSERT_TRUE(bench.run(20, [&] { return seen(DeviceReport::Kind::Statistics); }));
    ASSERT_TRUE(seen(DeviceReport::Kind::Health));
    const DeviceReport& health = *std::find_if(bench.reports.begin(), bench.reports.end(), [](const auto& r) {
        return r.kind == DeviceReport::Kind::Health;
    });
    EXPECT_GT(health.runs, 2u);
    EXPECT_GT(health.total_us, 0u);
    EXPECT_GE(health.longest_us * health.runs, health.total_us);
    EXPECT_GT(health.memory_bytes, 0u);
    EXPECT_GT(health.stack_bytes, 500u);
    EXPECT_LT(health.stack_bytes, 8192u);
    EXPECT_GT(health.energy_uj, 0);
    EXPECT_EQ(health.starts, 1u);
    EXPECT_EQ(health.start_reason, 0u);  // power
    EXPECT_EQ(health.crashes, 0u);
}

// A classifier of 16 numbers that looks at each quarter of them.
Bytes int8_package() {
    const Graph graph = zero_points_folded(parse_text(R"(
graph quarters
%x int8[1,16] s=0.05 z=0 = input
%w int8[4,16] s=0.02 = random 4
%b int32[4] s=0.001 = fill 0
%y int8[1,4] s=0.1 z=0 = FULLY_CONNECTED(%x, %w, %b) version=4
%p int8[1,4] s=0.00390625 z=-128 = SOFTMAX(%y) version=2 beta=1
output %p
)",
                                                      "quarters"));
    Board board;
    board.id = kBoard;
    return pack(graph, make_plan(graph, board, Family::CortexM), {});
}

// Its sensor gives zeros all the time: as when the model was made, or not at all.
TEST_F(FleetBoard, TellsItsOwnVerdictAgainstTheReferenceThatCameWithThePackage) {
    for (const bool alike : {true, false}) {
        std::vector<Bytes> samples(200, Bytes(16));
        Rng rng(3);
        for (Bytes& sample : samples)
            for (std::uint8_t& byte : sample) byte = static_cast<std::uint8_t>(alike ? 0 : rng.below(256));
        const Bytes package = with_reference(int8_package(), samples, "quarters");
        Bench bench(with_package(package), server_.url(), key_, kStatisticsConsent, {}, 70);
        const auto told = [&] {
            return !bench.reports.empty() && bench.reports.back().kind == DeviceReport::Kind::Statistics;
        };
        ASSERT_TRUE(bench.run(120, told));
        EXPECT_EQ(bench.reports.back().drifted, !alike);
    }
}

TEST_F(FleetBoard, TellsOfACrashAfterTheStartThatFollowedIt) {
    Bench bench(image_, server_.url(), key_, kHealthConsent);
    ASSERT_TRUE(bench.run(20, [&] { return bench.gateway.counts().reports >= 1; }));
    const auto app = simulate::read_firmware(image_, "fleet.elf").find("_ZN12_GLOBAL__N_13appE");
    ASSERT_TRUE(app.has_value());
    const std::uint8_t wild[4] = {0xF0, 0xFF, 0xFF, 0xFF};  // its port is nowhere: the next use of it faults
    ASSERT_TRUE(bench.machine.write_memory(*app, wild));
    bench.reports.clear();
    ASSERT_TRUE(bench.run(30, [&] {
        return std::any_of(bench.reports.begin(), bench.reports.end(),
                           [](const auto& r) { return r.kind == DeviceReport::Kind::Health; });
    }));
    EXPECT_EQ(bench.machine.result().resets, 1u);
    const DeviceReport& health = bench.reports.back();
    EXPECT_EQ(health.crashes, 1u);
    EXPECT_EQ(health.start_reason, 3u);  // a fault
    EXPECT_EQ(health.starts, 2u);
    EXPECT_EQ(runs_at_server(), first_);
}

}  // namespace
}  // namespace jatai
