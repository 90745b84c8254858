#include "src/fleet/api_plans.h"

#include "src/fleet/registry.h"
#include "src/fleet/verdict_time.h"

namespace jatai::fleet {
namespace {

Json verdict_json(const Plan& plan, double devices) {
    Json rows = Json::array();
    for (const double opt_in : {1.0, 0.5, 0.2, 0.05}) {
        for (const double report_s : {900.0, 3600.0, 86400.0}) {
            for (const double sick : {0.01, plan.gate.sick_if_bad, 0.9}) {
                const VerdictTime t = verdict_time(
                    plan, {.devices = devices, .opt_in = opt_in, .report_s = report_s, .sick = sick});
                rows.push_back({{"opt_in", opt_in},
                                {"report_s", report_s},
                                {"sick", sick},
                                {"verdict", t.enough ? t.bad ? "bad" : "good" : "none"},
                                {"hours", t.hours},
                                {"all_silent", t.all_silent},
                                {"devices_needed", t.devices_needed},
                                {"devices_watched", t.devices_watched}});
            }
        }
    }
    return rows;
}

// What a plan would do, without making it: whom it reaches, who has no variant, when its gate can speak.
Reply check_rollout(Call& call) {
    Plan plan = body_of(call.request).value("plan", Json::object()).get<Plan>();
    fill_stages(plan);
    check_plan(plan);
    plan.version = find_version(call.tenant, plan.version).id;
    std::uint64_t targets = 0;
    const Json unfit = unfit_json(call, plan, targets);
    Rollout first;
    first.plan = plan;
    const auto canary = static_cast<double>(quota(first, targets));
    return answer({{"targets", targets},
                   {"unfit", unfit},
                   {"first_stage", canary},
                   {"cannot_see", cannot_see(plan)},
                   {"time_to_verdict", verdict_json(plan, canary)}});
}

}  // namespace

void fill_stages(Plan& plan) {
    if (!plan.stages.empty()) return;
    plan.stages = {{1, 1}, {10, 1}, {100, 1}};
    if (plan.kind != "staged") plan.stages = {{100, 1}};
}

Json unfit_json(Call& call, const Plan& plan, std::uint64_t& targets) {
    Json out = Json::array();
    for (const auto& [why, count] : call.house.conductor.unfit(call.tenant, plan, targets))
        out.push_back({{"why", why}, {"devices", count}});
    return out;
}

// Of those that match: how many may be watched. The others are no evidence, neither way.
Json evidence_json(Call& call, const Rollout& rollout) {
    std::uint64_t watched = 0, all = 0;
    for (const std::string& id : call.tenant.of_rollout[rollout.id]) {
        const auto device = call.tenant.devices.find(call.tenant.actions[id].device);
        if (device == call.tenant.devices.end() || call.tenant.actions[id].revert) continue;
        ++all;
        watched += is_watched(rollout.plan, device->second) ? 1 : 0;
    }
    return {{"watched", watched}, {"unwatched", all - watched}};
}

// Said wherever a verdict is shown: what it does not mean.
Json cannot_see(const Plan& plan) {
    Json out = {
        "outputs that look as before while their meaning changed (concept drift): only labels show that",
        "harm to few: fewer sick devices than the plan calls bad look like chance",
        "devices that do not let their health be seen",
        "what comes later than the verdict: a leak, a season"};
    if (plan.kind == "shadow")
        out.push_back("what a model does to people: nobody acts on a shadow's outputs");
    return out;
}

std::vector<Route> plan_routes() {
    return {
        {"POST", "/api/v1/plans/check", Right::View, "rollouts",
         "what a plan would do, and when its gate can speak", check_rollout},
    };
}

}  // namespace jatai::fleet
