#include "src/fleet/gate.h"

#include <gtest/gtest.h>

#include "src/base/rng.h"

namespace jatai::fleet {
namespace {

// Devices until a verdict, or 0 when `most` did not suffice.
int run_gate(Rng& rng, const GatePlan& plan, double sick, int most, std::string& verdict) {
    std::vector<std::optional<Evidence>> all;
    for (int i = 1; i <= most; ++i) {
        all.push_back(rng.uniform() < static_cast<float>(sick) ? Evidence::Sick : Evidence::Well);
        verdict = weigh(plan, all).verdict;
        if (!verdict.empty()) return i;
    }
    return 0;
}

TEST(Gate, AGoodModelIsStoppedNoMoreOftenThanStated) {
    GatePlan plan;
    plan.stop_good = plan.pass_bad = 0.02;
    int stopped = 0;
    Rng rng(1);
    std::string verdict;
    for (int trial = 0; trial < 3000; ++trial) {
        run_gate(rng, plan, plan.sick_if_good, 400, verdict);
        stopped += verdict == "bad" ? 1 : 0;
    }
    EXPECT_LE(stopped, 3000 * 0.02 / 0.98 + 3 * 8);
}

TEST(Gate, ABadModelPassesNoMoreOftenThanStated) {
    GatePlan plan;
    plan.stop_good = plan.pass_bad = 0.02;
    int passed = 0;
    Rng rng(2);
    std::string verdict;
    for (int trial = 0; trial < 3000; ++trial) {
        run_gate(rng, plan, plan.sick_if_bad, 400, verdict);
        passed += verdict == "good" ? 1 : 0;
    }
    EXPECT_LE(passed, 3000 * 0.02 / 0.98 + 3 * 8);
}

TEST(Gate, SilenceCountsAsSick) {
    const GateState state = weigh({}, std::vector<std::optional<Evidence>>(4, Evidence::Silent));
    EXPECT_EQ(state.verdict, "bad");
    EXPECT_EQ(state.silent, 4u);
}

TEST(Gate, GoodNewsThatComesFirstDoesNotOutrunSilence) {
    std::vector<std::optional<Evidence>> half;  // every second device has not said a word yet
    for (int i = 0; i < 40; ++i) half.push_back(i % 2 == 0 ? std::optional(Evidence::Well) : std::nullopt);
    EXPECT_EQ(weigh({}, half).verdict, "");
    for (auto& evidence : half) evidence = evidence.value_or(Evidence::Silent);
    EXPECT_EQ(weigh({}, half).verdict, "bad");
}

TEST(Gate, BadIsSaidWhenNobodyWhoMaySpeakCouldChangeIt) {
    std::vector<std::optional<Evidence>> some(10);  // ten have not spoken, eight after them are sick
    some.insert(some.end(), 8, Evidence::Sick);
    EXPECT_EQ(weigh({}, some).verdict, "bad");
    EXPECT_EQ(weigh({}, std::vector<std::optional<Evidence>>(50)).verdict, "");
}

TEST(Gate, AVerdictStays) {
    std::vector<std::optional<Evidence>> all(10, Evidence::Sick);
    all.insert(all.end(), 1000, Evidence::Well);
    EXPECT_EQ(weigh({}, all).verdict, "bad");
}

TEST(Gate, TheStatedNumberOfDevicesIsWhatItTakes) {
    const GatePlan plan;
    Rng rng(3);
    std::string verdict;
    double total = 0;
    for (int trial = 0; trial < 2000; ++trial) total += run_gate(rng, plan, 0.35, 400, verdict);
    EXPECT_NEAR(total / 2000, devices_to_verdict(plan, 0.35), 3.0);  // Wald's number leaves out the overshoot
}

}  // namespace
}  // namespace jatai::fleet
