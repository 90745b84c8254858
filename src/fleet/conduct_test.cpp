#include <gtest/gtest.h>

#include "src/fleet/gate_trial.h"

namespace jatai::fleet {
namespace {

TEST(Conduct, ABadModelIsStoppedWithAtMostFivePercentExposed) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TrialSettings settings;
        settings.sick = 0.5;
        settings.seed = seed;
        const Trial trial = run_trial(settings);
        EXPECT_EQ(trial.state, "stopped") << seed;
        EXPECT_LE(trial.exposed, 50u) << seed;
    }
}

TEST(Conduct, AGoodModelReachesEverybody) {
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        TrialSettings settings;
        settings.seed = seed;
        const Trial trial = run_trial(settings);
        EXPECT_EQ(trial.state, "finished") << seed << ": " << trial.reason;
        EXPECT_EQ(trial.exposed, 1000u) << seed;
    }
}

TEST(Conduct, AModelThatSilencesItsDevicesIsStopped) {
    TrialSettings settings;
    settings.silent = 0.9;
    const Trial trial = run_trial(settings);
    EXPECT_EQ(trial.state, "stopped");
    EXPECT_LE(trial.exposed, 50u);
}

TEST(Conduct, WhereNobodyLetsItselfBeWatchedNothingIsPromoted) {
    TrialSettings settings;
    settings.opt_in = 0;
    const Trial trial = run_trial(settings);
    EXPECT_EQ(trial.state, "paused");
    EXPECT_LE(trial.exposed, 50u);
}

TEST(Conduct, WhoDoesNotLetItselfBeWatchedCountsNeitherWay) {
    TrialSettings settings;
    settings.opt_in = 0.5;
    EXPECT_EQ(run_trial(settings).state, "finished");
}

}  // namespace
}  // namespace jatai::fleet
