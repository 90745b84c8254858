#include "src/fleet/gate.h"

#include <cmath>

namespace jatai::fleet {
namespace {

struct Steps {
    double sick, well, bad, good;  // what a device adds, and the two lines
};

Steps steps_of(const GatePlan& plan) {
    return {std::log(plan.sick_if_bad / plan.sick_if_good),
            std::log((1 - plan.sick_if_bad) / (1 - plan.sick_if_good)),
            std::log((1 - plan.pass_bad) / plan.stop_good), std::log(plan.pass_bad / (1 - plan.stop_good))};
}

}  // namespace

GateState weigh(const GatePlan& plan, const std::vector<std::optional<Evidence>>& in_order) {
    const Steps steps = steps_of(plan);
    GateState state;
    double hopeful = 0;  // with all who may still speak counted as well
    bool complete = true;
    for (const auto& evidence : in_order) {
        complete = complete && evidence.has_value();
        const double step = evidence.value_or(Evidence::Well) == Evidence::Well ? steps.well : steps.sick;
        hopeful += step;
        if (evidence == Evidence::Well) ++state.well;
        if (evidence == Evidence::Sick) ++state.sick;
        if (evidence == Evidence::Silent) ++state.silent;
        if (!state.verdict.empty()) continue;
        if (complete) state.llr += step;
        if (complete && state.llr <= steps.good) state.verdict = "good";
        if (hopeful >= steps.bad) state.verdict = "bad";
    }
    return state;
}

double devices_to_verdict(const GatePlan& plan, double sick) {
    const Steps steps = steps_of(plan);
    const double drift = sick * steps.sick + (1 - sick) * steps.well;
    if (std::abs(drift) < 1e-9) return steps.bad * -steps.good / (sick * steps.sick * steps.sick);
    return drift > 0 ? steps.bad / drift : steps.good / drift;
}

}  // namespace jatai::fleet
