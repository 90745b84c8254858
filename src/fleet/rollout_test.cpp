#include "src/fleet/rollout.h"

#include <gtest/gtest.h>

#include "src/fleet/gate.h"
#include "src/fleet/http.h"

namespace jatai::fleet {
namespace {

using What = Step::What;

Rollout running(std::vector<Stage> stages) {
    Rollout rollout;
    rollout.state = "running";
    rollout.plan.version = "v";
    rollout.plan.stages = std::move(stages);
    rollout.plan.per_minute = 60000;
    return rollout;
}

TEST(Rollout, TheCanaryHoldsItsPercentAndNoMore) {
    Rollout rollout = running({{1}, {100}});
    Picture now{.now_ms = 10000, .targets = 1000};
    const Step step = next_step(rollout, now);
    EXPECT_EQ(step.what, What::Offer);
    EXPECT_EQ(step.count, 10u);
    now.offered = 10;
    now.open = 10;
    now.now_ms += 10000;
    EXPECT_EQ(next_step(rollout, now).what, What::Wait);
}

TEST(Rollout, NothingIsPromotedWithoutEnoughEvidence) {
    Rollout rollout = running({{1}, {100}});
    rollout.gates[""].well = 10;  // and no verdict
    const Step step = next_step(rollout, {.now_ms = 10000, .targets = 1000, .offered = 10, .installed = 10});
    EXPECT_EQ(step.what, What::Pause);
    EXPECT_EQ(rollout.stage, 0u);
}

TEST(Rollout, OneBadGroupStopsAllGroups) {
    Rollout rollout = running({{1}, {100}});
    rollout.gates["nano33ble"].verdict = "good";
    rollout.gates["bench_m4"].verdict = "bad";
    const Step step = next_step(rollout, {.now_ms = 10000, .targets = 1000, .offered = 10});
    EXPECT_EQ(step.what, What::Stop);
    EXPECT_NE(step.reason.find("bench_m4"), std::string::npos);
}

TEST(Rollout, EveryGroupMustBeGoodBeforeItGoesOn) {
    Rollout rollout = running({{1}, {100}});
    rollout.gates["a"].verdict = "good";
    rollout.gates["b"] = {};
    const Picture now{.now_ms = 10000, .targets = 1000, .offered = 10, .unjudged = 1, .installed = 9};
    EXPECT_EQ(next_step(rollout, now).what, What::Wait);
    rollout.gates["b"].verdict = "good";
    EXPECT_EQ(next_step(rollout, now).what, What::Promote);
    EXPECT_TRUE(rollout.gates.empty());  // the next stage's test begins anew
}

TEST(Rollout, AStageThatWaitsForApprovalPauses) {
    Rollout rollout = running({{10, 0, false, false}, {100, 0, true, false}});
    const Picture now{.now_ms = 10000, .targets = 10, .offered = 1, .installed = 1};
    EXPECT_EQ(next_step(rollout, now).what, What::Pause);
    rollout.stage_approved = true;
    EXPECT_EQ(next_step(rollout, now).what, What::Promote);
    EXPECT_FALSE(rollout.stage_approved);
}

TEST(Rollout, FailedInstallationsStopItWithoutAnyGate) {
    Rollout rollout = running({{100, 0, false, false}});
    EXPECT_EQ(
        next_step(rollout, {.now_ms = 1000, .targets = 100, .offered = 10, .installed = 7, .failed = 3}).what,
        What::Stop);
    EXPECT_NE(
        next_step(rollout, {.now_ms = 1000, .targets = 100, .offered = 10, .installed = 9, .failed = 1}).what,
        What::Stop);
}

TEST(Rollout, TheRateIsKept) {
    Rollout rollout = running({{100, 0, false, false}});
    rollout.plan.per_minute = 600;
    std::uint64_t offered = 0;
    for (std::int64_t now = 0; now <= 60000; now += 100) {
        const Step step = next_step(rollout, {.now_ms = now, .targets = 100000, .offered = offered});
        if (step.what == What::Offer) offered += step.count;
    }
    EXPECT_NEAR(static_cast<double>(offered), 600, 2);
}

TEST(Rollout, AnExponentialRateGrowsByItsFactor) {
    Plan plan;
    plan.per_minute = 50;
    plan.growth = 2;
    plan.grow_every = 1000;
    EXPECT_DOUBLE_EQ(rate_now(plan, 999), 50);
    EXPECT_DOUBLE_EQ(rate_now(plan, 1000), 100);
    EXPECT_DOUBLE_EQ(rate_now(plan, 3500), 400);
}

TEST(Rollout, NothingIsOfferedOutsideItsWindow) {
    Rollout rollout = running({{100}});
    rollout.plan.window_from = 60;  // 01:00 to 05:00 UTC
    rollout.plan.window_to = 300;
    EXPECT_EQ(next_step(rollout, {.now_ms = 12 * 3600000, .targets = 10}).what, What::Wait);
    EXPECT_EQ(next_step(rollout, {.now_ms = 26 * 3600000, .targets = 10}).what, What::Offer);
    rollout.plan.window_from = 1380;  // over midnight
    EXPECT_TRUE(in_window(rollout.plan, 24 * 3600000 + 1));
    EXPECT_FALSE(in_window(rollout.plan, 6 * 3600000));
}

TEST(Rollout, TheOneButtonStopsEveryOffer) {
    Rollout rollout = running({{100}});
    EXPECT_EQ(next_step(rollout, {.now_ms = 1000, .stopped = true, .targets = 10}).what, What::Wait);
}

TEST(Rollout, ADynamicOneNeverEnds) {
    Rollout rollout = running({{100, 0, false, false}});
    const Picture all{.now_ms = 1000, .targets = 5, .offered = 5, .installed = 5};
    EXPECT_EQ(next_step(rollout, all).what, What::Finish);
    rollout.plan.dynamic = true;
    EXPECT_EQ(next_step(rollout, all).what, What::Wait);
    EXPECT_EQ(next_step(rollout, {.now_ms = 2000, .targets = 6, .offered = 5, .installed = 5}).what,
              What::Offer);
}

TEST(Rollout, APlanThatMakesNoSenseIsRefusedByName) {
    Plan plan;
    plan.version = "v";
    plan.stages = {{50}, {10}, {100}};
    EXPECT_THROW(check_plan(plan), Refusal);
    plan.stages = {{10}, {50}};
    EXPECT_THROW(check_plan(plan), Refusal);
    plan.stages = {{10}, {100}};
    EXPECT_NO_THROW(check_plan(plan));
    plan.gate.sick_if_good = 0.5;
    EXPECT_THROW(check_plan(plan), Refusal);
}

}  // namespace
}  // namespace jatai::fleet
