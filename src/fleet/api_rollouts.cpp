// Roll-outs and the actions they give.
#include "src/fleet/api_plans.h"
#include "src/fleet/compile_service.h"
#include "src/fleet/devices.h"
#include "src/fleet/registry.h"
#include "src/fleet/routes.h"

namespace jatai::fleet {
namespace {

Rollout& named(Call& call) {
    const auto found = call.tenant.rollouts.find(call.param("rollout"));
    if (found == call.tenant.rollouts.end())
        throw Refusal{404, "no such roll-out", "GET /api/v1/rollouts lists them"};
    return found->second;
}

// How many devices ran the version, whatever came of it.
std::uint64_t exposed(Call& call, const Rollout& rollout) {
    std::uint64_t count = 0;
    for (const std::string& id : call.tenant.of_rollout[rollout.id]) {
        const Action& action = call.tenant.actions[id];
        const bool under_it = !action.revert && action.arm != "a" && action.mode != "shadow";
        count += under_it && (action.state == "installed" || !action.verdict.empty()) ? 1 : 0;
    }
    return count;
}

Json shown(Call& call, const Rollout& rollout) {
    Json out = rollout;
    out["exposed"] = exposed(call, rollout);
    const double share = rollout.plan.gate.sick_if_bad, good = rollout.plan.gate.sick_if_good / 2;
    out["evidence"] = evidence_json(call, rollout);
    out["cannot_see"] = cannot_see(rollout.plan);
    out["devices_to_verdict"] = {{"if_good", devices_to_verdict(rollout.plan.gate, good)},
                                 {"if_bad", devices_to_verdict(rollout.plan.gate, share)}};
    return out;
}

void check_versions(Call& call, Plan& plan) {
    const Version& version = find_version(call.tenant, plan.version);
    plan.version = version.id;
    if (version.state != "approved")
        throw Refusal{409, "version " + version.id + " is " + version.state + ", expected approved",
                      "POST /api/v1/versions/" + version.id + "/approve"};
    if (!plan.fallback.empty()) plan.fallback = find_version(call.tenant, plan.fallback).id;
    if (plan.other.empty()) return;
    const Version& other = find_version(call.tenant, plan.other);
    plan.other = other.id;
    if (other.state != "approved" || other.id == plan.version)
        throw Refusal{409, "plan.other: expected another approved version", ""};
}

Reply add_rollout(Call& call) {
    const Json body = body_of(call.request);
    Rollout rollout{call.caller.tenant, call.house.state.next_id(), body.value("name", "")};
    rollout.plan = body.value("plan", Json::object()).get<Plan>();
    fill_stages(rollout.plan);
    check_plan(rollout.plan);
    check_versions(call, rollout.plan);
    std::uint64_t targets = 0;
    const Json unfit = unfit_json(call, rollout.plan, targets);
    rollout.created_by = call.caller.name;
    rollout.created_ms = call.house.state.now();
    rollout.targets = targets;
    Rollout& kept = call.tenant.rollouts[rollout.id] = rollout;
    call.house.state.save(kept);
    call.audit("rollout made", kept.id, kept.plan.version);
    Json out = shown(call, kept);
    out["unfit"] = unfit;
    out["building"] = unfit.empty() ? Json::array() : build_missing(call, kept.plan);
    return answer(out, 201);
}

Reply list_rollouts(Call& call) {
    return answer(page_of(call.tenant.rollouts, call.request,
                          [&](const Rollout& rollout) { return shown(call, rollout); }));
}

Reply show_rollout(Call& call) {
    Rollout& rollout = named(call);
    Json out = shown(call, rollout);
    std::uint64_t targets = 0;
    if (rollout.state == "draft" || rollout.state == "waiting")
        out["unfit"] = unfit_json(call, rollout.plan, targets);
    return answer(out);
}

Reply show_trail(Call& call) {
    const auto found = call.tenant.trails.find(named(call).id);
    return answer(
        {{"points", found == call.tenant.trails.end() ? Json::array() : Json(found->second.points)}});
}

Reply start_rollout(Call& call) {
    Rollout& rollout = named(call);
    if (rollout.state != "draft")
        throw Refusal{409, "the roll-out is " + rollout.state + ", expected draft", ""};
    std::uint64_t targets = 0;
    const Json unfit = unfit_json(call, rollout.plan, targets);
    if (!unfit.empty() && !rollout.plan.skip_unfit) {
        throw Refusal{409,
                      unfit[0]["devices"].dump() + " of " + std::to_string(targets) +
                          " devices have no variant: " + unfit[0]["why"].get<std::string>(),
                      "push the missing variants, or set plan.skip_unfit"};
    }
    call.audit("rollout started", rollout.id);
    if (rollout.plan.approval) {
        rollout.state = "waiting";
        rollout.reason = "waits for approval";
        call.house.state.save(rollout);
    } else {
        call.house.conductor.start(call.tenant, rollout);
    }
    return answer(shown(call, rollout));
}

Reply approve_rollout(Call& call) {
    Rollout& rollout = named(call);
    rollout.approved_by = call.caller.name;
    call.audit("rollout approved", rollout.id);
    if (rollout.state == "waiting") {
        call.house.conductor.start(call.tenant, rollout);
    } else if (rollout.state == "paused") {
        rollout.stage_approved = true;
        call.house.conductor.resume(rollout);
    } else {
        throw Refusal{409, "the roll-out is " + rollout.state + ", expected waiting or paused", ""};
    }
    return answer(shown(call, rollout));
}

Reply pause_rollout(Call& call) {
    Rollout& rollout = named(call);
    if (rollout.state != "running")
        throw Refusal{409, "the roll-out is " + rollout.state + ", expected running", ""};
    call.house.conductor.pause(rollout, "paused by " + call.caller.name);
    return answer(shown(call, rollout));
}

Reply resume_rollout(Call& call) {
    Rollout& rollout = named(call);
    if (rollout.state != "paused")
        throw Refusal{409, "the roll-out is " + rollout.state + ", expected paused", ""};
    call.audit("rollout resumed", rollout.id);
    call.house.conductor.resume(rollout);
    return answer(shown(call, rollout));
}

Reply abort_rollout(Call& call) {
    Rollout& rollout = named(call);
    if (rollout.state != "running" && rollout.state != "paused" && rollout.state != "waiting" &&
        rollout.state != "draft") {
        throw Refusal{409, "the roll-out is " + rollout.state + " already", ""};
    }
    call.audit("rollout aborted", rollout.id);
    call.house.conductor.stop(call.tenant, rollout, "aborted", "aborted by " + call.caller.name);
    return answer(shown(call, rollout));
}

Reply revert_rollout(Call& call) {
    Rollout& rollout = named(call);
    if (rollout.state != "finished" && rollout.state != "stopped" && rollout.state != "aborted")
        throw Refusal{409, "the roll-out is " + rollout.state + ": abort ends it and takes it back", ""};
    call.audit("rollout taken back", rollout.id);
    call.house.conductor.take_back(call.tenant, rollout, "taken back by " + call.caller.name);
    return answer(shown(call, rollout));
}

Reply stop_everything(Call& call) {
    call.tenant.facts.stopped = true;
    call.house.state.save(call.tenant.facts);
    for (auto& [id, rollout] : call.tenant.rollouts) {
        if (rollout.state == "running") call.house.conductor.pause(rollout, "everything was stopped");
    }
    call.audit("everything stopped", call.caller.tenant);
    return answer({{"stopped", true}});
}

Reply go_on(Call& call) {
    call.tenant.facts.stopped = false;
    call.house.state.save(call.tenant.facts);
    call.audit("everything may go on", call.caller.tenant);
    return answer({{"stopped", false}});
}

Reply list_actions(Call& call) {
    const std::string rollout = query_of(call.request, "rollout"), device = query_of(call.request, "device");
    std::map<std::string, Action> chosen;
    for (const auto& [id, action] : call.tenant.actions) {
        if ((rollout.empty() || action.rollout == rollout) && (device.empty() || action.device == device))
            chosen[id] = action;
    }
    return answer(page_of(chosen, call.request, [](const Action& action) { return Json(action); }));
}

// One device, one version, now: {"version"}.
Reply assign_version(Call& call) {
    Device& device = find_device(call.tenant, call.param("device"));
    const Json body = body_of(call.request);
    const Version& version = find_version(call.tenant, body.value("version", ""));
    if (version.state != "approved")
        throw Refusal{409, "version " + version.id + " is " + version.state + ", expected approved", ""};
    const Choice choice = choose(call.tenant, device, version.id);
    if (choice.variant.empty()) throw Refusal{409, "no variant fits: " + choice.why, ""};
    const Action& action = call.house.conductor.assign(call.tenant, device, version.id, choice.variant,
                                                       body.value("mode", "forced"));
    call.audit("version assigned", device.id, version.id);
    return answer(Json(action), 201);
}

}  // namespace

std::vector<Route> rollout_routes() {
    return {
        {"GET", "/api/v1/rollouts", Right::View, "rollouts", "list roll-outs", list_rollouts},
        {"POST", "/api/v1/rollouts", Right::Operate, "rollouts",
         "plan one: whom it reaches, and who has no variant and why", add_rollout},
        {"GET", "/api/v1/rollouts/{rollout}", Right::View, "rollouts",
         "one roll-out, its stages, tests and numbers", show_rollout},
        {"GET", "/api/v1/rollouts/{rollout}/trail", Right::View, "rollouts",
         "its numbers and its gate as time went by", show_trail},
        {"POST", "/api/v1/rollouts/{rollout}/start", Right::Operate, "rollouts",
         "start it, or ask for approval", start_rollout},
        {"POST", "/api/v1/rollouts/{rollout}/approve", Right::Approve, "rollouts",
         "approve its start or its next stage", approve_rollout},
        {"POST", "/api/v1/rollouts/{rollout}/pause", Right::Operate, "rollouts",
         "offer it to nobody else for now", pause_rollout},
        {"POST", "/api/v1/rollouts/{rollout}/resume", Right::Operate, "rollouts", "go on", resume_rollout},
        {"POST", "/api/v1/rollouts/{rollout}/abort", Right::Operate, "rollouts",
         "end it; call back and return what it changed", abort_rollout},
        {"POST", "/api/v1/rollouts/{rollout}/revert", Right::Operate, "rollouts",
         "after its end: whoever runs it goes back", revert_rollout},
        {"POST", "/api/v1/stop", Right::Operate, "rollouts", "stop everything: nothing is offered to anybody",
         stop_everything},
        {"POST", "/api/v1/go", Right::Operate, "rollouts", "let things go on after a stop", go_on},
        {"GET", "/api/v1/actions", Right::View, "rollouts", "what devices were given; rollout, device",
         list_actions},
        {"POST", "/api/v1/devices/{device}/assign", Right::Operate, "rollouts", "give one device one version",
         assign_version},
    };
}

}  // namespace jatai::fleet
