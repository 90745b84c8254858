#include "src/fleet/arms.h"

#include <algorithm>
#include <cmath>

#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

double mean_of(const Arm& arm) { return arm.sum / static_cast<double>(arm.devices); }

// Of the mean. Values that are all alike are not certainty: a floor of a quarter of the effect stays.
double variance_of_mean(const Arm& arm, double effect) {
    const auto n = static_cast<double>(arm.devices);
    const double spread = (arm.squares - arm.sum * arm.sum / n) / (n - 1);
    return std::max(spread, effect * effect / 16) / n;
}

}  // namespace

void add_value(Arm& arm, double value) {
    if (!std::isfinite(value)) return;
    ++arm.devices;
    arm.sum += value;
    arm.squares += value * value;
}

bool less_is_better(const std::string& metric) {
    return metric == "latency" || metric == "energy" || metric == "sick";
}

bool is_relative(const std::string& metric) { return metric == "latency" || metric == "energy"; }

ArmsVerdict compare_arms(const Plan& plan, const Arm& a, const Arm& b) {
    ArmsVerdict out;
    if (a.devices < kFewestInArm || b.devices < kFewestInArm) return out;
    const double unit = is_relative(plan.metric) ? mean_of(a) : 1;
    if (unit <= 0) return out;
    const double tau = plan.effect * unit, spread = tau * tau;
    const double v = variance_of_mean(a, tau) + variance_of_mean(b, tau);
    const double half =
        std::sqrt(v * (v + spread) / spread * (2 * std::log(1 / plan.error) + std::log((v + spread) / v)));
    const double apart = mean_of(b) - mean_of(a);
    out.effect = apart / unit;
    out.low = (apart - half) / unit;
    out.high = (apart + half) / unit;
    const bool less = less_is_better(plan.metric);
    if (out.low > 0) out.verdict = less ? "worse" : "better";
    if (out.high < 0) out.verdict = less ? "better" : "worse";
    if (out.verdict.empty() && out.low > -plan.effect && out.high < plan.effect) out.verdict = "same";
    return out;
}

const char* arm_of(const Rollout& rollout, const std::string& device) {
    const std::string hex = sha256_hex(rollout.id + "/arm/" + device).substr(0, 8);
    const double place = static_cast<double>(std::stoul(hex, nullptr, 16)) / 4294967296.0;
    return place < rollout.plan.share ? "b" : "a";
}

}  // namespace jatai::fleet
