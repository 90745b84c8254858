#include "src/fleet/arms.h"

#include <gtest/gtest.h>

#include <cmath>

#include "src/base/rng.h"
#include "src/fleet/gate_trial.h"
#include "src/fleet/verdict_time.h"

namespace jatai::fleet {
namespace {

double normal(Rng& rng) {
    const double u = std::max(1e-9, static_cast<double>(rng.uniform())), v = rng.uniform();
    return std::sqrt(-2 * std::log(u)) * std::cos(6.283185307 * v);
}

struct Ended {
    std::string verdict;
    std::uint64_t devices = 0;
    ArmsVerdict last;
};

// Looked at after every device of 2 × 400: values of spread 0.1 around 0.8 and 0.8 + effect.
Ended run(Rng& rng, const Plan& plan, double effect) {
    Arm a, b;
    Ended ended;
    for (int i = 0; i < 400; ++i) {
        add_value(a, 0.8 + 0.1 * normal(rng));
        add_value(b, 0.8 + effect + 0.1 * normal(rng));
        ended.last = compare_arms(plan, a, b);
        ended.devices = a.devices;
        ended.verdict = ended.last.verdict;
        if (!ended.verdict.empty()) break;
    }
    return ended;
}

TEST(Arms, EqualArmsAreToldApartNoMoreOftenThanStatedHoweverOftenOneLooks) {
    Plan plan;
    plan.error = 0.05;
    plan.effect = 0.02;
    Rng rng(1);
    int wrong = 0;
    for (int trial = 0; trial < 1000; ++trial) {
        const std::string verdict = run(rng, plan, 0).verdict;
        wrong += verdict == "better" || verdict == "worse" ? 1 : 0;
    }
    EXPECT_LE(wrong, 50 + 3 * 7);  // three standard deviations of a binomial
}

TEST(Arms, AnEffectIsFoundInItsDirectionAndNearItsSize) {
    Plan plan;
    plan.effect = 0.05;
    Rng rng(2);
    int better = 0, covered = 0;
    double mean = 0;
    for (int trial = 0; trial < 300; ++trial) {
        const Ended ended = run(rng, plan, 0.05);
        better += ended.verdict == "better" ? 1 : 0;
        covered += ended.last.low <= 0.05 && ended.last.high >= 0.05 ? 1 : 0;
        mean += ended.last.effect / 300;
    }
    EXPECT_GE(better, 290);
    EXPECT_GE(covered, 280);
    EXPECT_NEAR(mean, 0.05, 0.015);  // stopping early overstates a little
}

TEST(Arms, TwoArmsThatDifferByLessThanIsLookedForAreTheSame) {
    Plan plan;
    plan.effect = 0.05;
    Rng rng(3);
    int same = 0;
    for (int trial = 0; trial < 100; ++trial) same += run(rng, plan, 0.0).verdict == "same" ? 1 : 0;
    EXPECT_GE(same, 90);
}

TEST(Arms, FewDevicesSayNothing) {
    Plan plan;
    Arm a, b;
    for (int i = 0; i < 19; ++i) {
        add_value(a, 0);
        add_value(b, 1);
    }
    EXPECT_EQ(compare_arms(plan, a, b).verdict, "");
}

TEST(Arms, OfLatencyLessIsBetterAndItIsAShareOfArmA) {
    Plan plan;
    plan.metric = "latency";
    Rng rng(4);
    Arm a, b;
    for (int i = 0; i < 200; ++i) {
        add_value(a, 10000 + 500 * normal(rng));
        add_value(b, 8000 + 500 * normal(rng));
    }
    const ArmsVerdict verdict = compare_arms(plan, a, b);
    EXPECT_EQ(verdict.verdict, "better");
    EXPECT_NEAR(verdict.effect, -0.2, 0.02);
}

// What is said before a roll-out is what happens, in seeded trials: hours within a half, and who needs too
// many.
TEST(VerdictTime, IsWhatTrialsTake) {
    Plan plan;
    plan.stages = {{5}, {25}, {100}};
    for (const double sick : {0.01, 0.5}) {
        double hours = 0;
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            TrialSettings settings;
            settings.sick = sick;
            settings.seed = seed;
            hours += run_trial(settings).verdict_hours / 8;
        }
        const VerdictTime said = verdict_time(plan, {.devices = 50, .sick = sick});
        EXPECT_TRUE(said.enough);
        EXPECT_EQ(said.bad, sick > 0.1);
        EXPECT_NEAR(said.hours, hours, 0.5) << "sick " << sick;
    }
    EXPECT_FALSE(verdict_time(plan, {.devices = 50, .opt_in = 0.05}).enough);
}

TEST(VerdictTime, GrowsWithTheReportIntervalAndShrinksWithTheEffect) {
    const Plan plan;  // patience of two hours
    const auto of = [&](double report_s, double sick) {
        return verdict_time(plan, {.devices = 1000, .report_s = report_s, .sick = sick});
    };
    EXPECT_LT(of(900, 0.5).hours, of(7000, 0.5).hours);
    EXPECT_TRUE(
        of(86400, 0.01).all_silent);  // patience of two hours, a report a day: even a good one looks bad
    EXPECT_TRUE(of(86400, 0.01).bad);
    EXPECT_LT(of(900, 0.9).devices_needed, of(900, 0.35).devices_needed);
}

}  // namespace
}  // namespace jatai::fleet
