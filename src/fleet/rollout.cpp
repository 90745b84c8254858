#include "src/fleet/rollout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "src/fleet/arms.h"
#include "src/fleet/http.h"

namespace jatai::fleet {
namespace {

using What = Step::What;
constexpr std::uint64_t kLeastForFailures = 5;

void need(bool holds, const std::string& field, const std::string& expected) {
    if (!holds) throw Refusal{400, "plan." + field + ": expected " + expected, "see docs/reference/fleet.md"};
}

void check_gate(const GatePlan& gate) {
    need(gate.sick_if_good > 0 && gate.sick_if_good < gate.sick_if_bad && gate.sick_if_bad < 1,
         "gate.sick_if_good", "0 < sick_if_good < sick_if_bad < 1");
    need(gate.stop_good > 0 && gate.stop_good < 0.5, "gate.stop_good", "a chance between 0 and 0.5");
    need(gate.pass_bad > 0 && gate.pass_bad < 0.5, "gate.pass_bad", "a chance between 0 and 0.5");
    need(gate.silence_s > 0, "gate.silence_s", "seconds, at least 1");
    need(gate.by.empty() || gate.by == "board" || gate.by == "core" || gate.by == "firmware", "gate.by",
         "board, core, firmware or nothing");
}

// "bad" if any group's test says so, "good" when all do, "" otherwise.
std::string verdict_of(const Rollout& rollout, std::string& group) {
    bool all_good = !rollout.gates.empty();
    for (const auto& [name, gate] : rollout.gates) {
        group = name;
        if (gate.verdict == "bad") return "bad";
        all_good = all_good && gate.verdict == "good";
    }
    return all_good ? "good" : "";
}

std::uint64_t take_allowance(Rollout& rollout, const Picture& now, std::uint64_t wanted) {
    const double rate = rate_now(rollout.plan, now.offered);
    const double passed = static_cast<double>(std::max<std::int64_t>(0, now.now_ms - rollout.tick_ms));
    rollout.allowance = std::min(rollout.allowance + passed * rate / 60000, std::max(1.0, rate / 60));
    rollout.tick_ms = now.now_ms;
    const auto count = std::min<std::uint64_t>(wanted, static_cast<std::uint64_t>(rollout.allowance));
    rollout.allowance -= static_cast<double>(count);
    return count;
}

std::string verdict_word(const std::string& verdict) {
    return verdict == "same" ? "neither better nor worse" : verdict;
}

// "+0.031 (0.012 to 0.050) in accuracy"
std::string effect_text(const Rollout& rollout) {
    const ArmsVerdict& v = rollout.arms;
    if (rollout.a.devices < kFewestInArm || rollout.b.devices < kFewestInArm)
        return std::to_string(rollout.a.devices) + " and " + std::to_string(rollout.b.devices) +
               " devices told, each arm needs " + std::to_string(kFewestInArm);
    return fmt::format("{:+.4f} ({:.4f} to {:.4f}) in {}", v.effect, v.low, v.high, rollout.plan.metric);
}

Step promote(Rollout& rollout) {
    if (rollout.plan.stages[rollout.stage + 1].approval && !rollout.stage_approved) {
        return {What::Pause, 0, "stage " + std::to_string(rollout.stage + 2) + " waits for approval"};
    }
    ++rollout.stage;
    rollout.stage_approved = false;
    rollout.gates.clear();
    return {What::Promote, 0, "stage " + std::to_string(rollout.stage + 1)};
}

Step not_enough() {
    return {What::Pause, 0,
            "not enough evidence to go on: every device of this stage was judged and the test cannot say"};
}

// Everybody has it: now all at once, when somebody agrees.
Step switch_all(Rollout& rollout) {
    if (rollout.plan.hold && !rollout.stage_approved)
        return {What::Pause, 0, "downloaded everywhere: the switch waits for approval"};
    rollout.stage_approved = false;
    rollout.switched = true;
    return {What::Switch, 0, "everybody switches"};
}

Step end_of_arms(const Rollout& rollout, const Picture& now, bool ended) {
    const std::string& verdict = rollout.arms.verdict;
    if (verdict == "worse") return {What::Stop, 0, "arm B is worse: " + effect_text(rollout)};
    if (!verdict.empty())
        return {What::Finish, 0, "arm B is " + verdict_word(verdict) + ": " + effect_text(rollout)};
    if (!ended || now.uncounted > 0) return {};
    return {What::Pause, 0, "not enough evidence to tell the arms apart: " + effect_text(rollout)};
}

Step end_of_last(Rollout& rollout, const Picture& now, bool gated, bool passed, bool ended) {
    if (rollout.plan.kind == "ab") return end_of_arms(rollout, now, ended);
    if (rollout.plan.dynamic) return {};
    if (rollout.plan.kind != "shadow" || !gated) return ended ? Step{What::Finish} : Step{};
    if (passed) return {What::Finish, 0, "the gate says good"};
    return ended ? not_enough() : Step{};
}

Step after_offers(Rollout& rollout, const Picture& now) {
    const bool last = rollout.stage + 1 >= rollout.plan.stages.size();
    const bool loading = rollout.plan.kind == "blue_green" && !rollout.switched;
    std::string group;
    const bool gated = rollout.plan.stages[rollout.stage].gate && !loading;
    const bool passed = !gated || verdict_of(rollout, group) == "good";
    const bool ended = now.open == 0 && (!gated || now.unjudged == 0);
    if (loading && last) return ended ? switch_all(rollout) : Step{};
    if (last) return end_of_last(rollout, now, gated, passed, ended);
    if (gated && passed) return promote(rollout);
    if (!ended) return {};
    return passed ? promote(rollout) : not_enough();
}

void check_arms(const Plan& plan) {
    const std::string& m = plan.metric;
    need(m == "accuracy" || m == "confidence" || m == "latency" || m == "energy" || m == "sick", "metric",
         "accuracy, confidence, latency, energy or sick");
    need(plan.share > 0 && plan.share < 1, "share", "of arm B, between 0 and 1");
    need(plan.effect > 0 && plan.effect < 1, "effect", "what is looked for, between 0 and 1");
    need(plan.error > 0 && plan.error < 0.5, "error", "a chance between 0 and 0.5");
}

}  // namespace

void check_plan(const Plan& plan) {
    need(plan.kind == "staged" || plan.kind == "blue_green" || plan.kind == "ab" || plan.kind == "shadow",
         "kind", "staged, blue_green, ab or shadow");
    if (plan.kind == "ab") check_arms(plan);
    need(!plan.version.empty(), "version", "the id of a version, or model/alias");
    need(!plan.stages.empty() && plan.stages.size() <= 20, "stages", "1 to 20 stages");
    double before = 0;
    for (const Stage& stage : plan.stages) {
        need(stage.percent > 0 && stage.percent <= 100 && stage.percent >= before, "stages.percent",
             "rising, up to 100");
        before = stage.percent;
    }
    need(before == 100, "stages", "a last stage of 100 percent");
    need(plan.mode == "forced" || plan.mode == "soft" || plan.mode == "download", "mode",
         "forced, soft or download");
    need(plan.per_minute > 0 && plan.per_minute <= 1e6, "per_minute", "devices a minute, up to 1000000");
    need(plan.growth >= 1 && plan.growth <= 10 && plan.grow_every > 0, "growth", "1 (constant) to 10");
    need(plan.window_from >= -1 && plan.window_from < 1440 && plan.window_to >= -1 && plan.window_to < 1440,
         "window_from", "minutes of the day in UTC, or -1");
    need(plan.most_failed > 0 && plan.most_failed <= 1, "most_failed", "a share between 0 and 1");
    check_gate(plan.gate);
}

bool in_window(const Plan& plan, std::int64_t now_ms) {
    if (plan.window_from < 0 || plan.window_to < 0 || plan.window_from == plan.window_to) return true;
    const auto minute = static_cast<std::int32_t>(now_ms / 60000 % 1440);
    if (plan.window_from < plan.window_to) return minute >= plan.window_from && minute < plan.window_to;
    return minute >= plan.window_from || minute < plan.window_to;
}

double rate_now(const Plan& plan, std::uint64_t offered) {
    return std::min(1e6,
                    plan.per_minute * std::pow(plan.growth, static_cast<double>(offered / plan.grow_every)));
}

std::uint64_t quota(const Rollout& rollout, std::uint64_t targets) {
    const Stage& stage = rollout.plan.stages[rollout.stage];
    const auto share =
        static_cast<std::uint64_t>(std::ceil(static_cast<double>(targets) * stage.percent / 100 - 1e-9));
    return std::min<std::uint64_t>(targets, std::max<std::uint64_t>(share, stage.least));
}

Step next_step(Rollout& rollout, const Picture& now) {
    if (rollout.state != "running" || now.stopped) {
        rollout.tick_ms = now.now_ms;
        return {};
    }
    std::string group;
    if (verdict_of(rollout, group) == "bad") {
        return {What::Stop, 0, "the gate says bad" + (group.empty() ? std::string() : " for " + group)};
    }
    const std::uint64_t done = now.installed + now.failed;
    if (done >= kLeastForFailures &&
        static_cast<double>(now.failed) > rollout.plan.most_failed * static_cast<double>(done)) {
        return {What::Stop, 0,
                std::to_string(now.failed) + " of " + std::to_string(done) + " installations failed"};
    }
    if (rollout.plan.kind == "ab" && !rollout.arms.verdict.empty()) return end_of_arms(rollout, now, false);
    const std::uint64_t room = quota(rollout, now.targets);
    if (now.offered >= room) return after_offers(rollout, now);
    if (!in_window(rollout.plan, now.now_ms)) {
        rollout.tick_ms = now.now_ms;
        return {};
    }
    const std::uint64_t count = take_allowance(rollout, now, room - now.offered);
    return count > 0 ? Step{What::Offer, count} : Step{};
}

}  // namespace jatai::fleet
