// What devices say of the model, and what follows from it.
#include "src/fleet/arms.h"
#include "src/fleet/conduct.h"

namespace jatai::fleet {
namespace {

std::string gate_group(const Plan& plan, const Device& device) {
    if (plan.gate.by == "board") return device.board;
    if (plan.gate.by == "core") return device.core;
    if (plan.gate.by == "firmware") return device.firmware;
    return {};
}

}  // namespace

// Who took the model and then said nothing for so long is counted, once. Who never let itself be watched is
// no evidence, neither way.
void Conductor::note_silence(TenantState& tenant, Rollout& rollout) {
    if (!rollout.plan.stages[rollout.stage].gate) return;
    const std::int64_t patience_ms = static_cast<std::int64_t>(rollout.plan.gate.silence_s) * 1000;
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        Action& action = tenant.actions[id];
        if (action.revert || !action.verdict.empty() || action.taken_ms == 0) continue;
        if (action.state == "failed" || action.state == "cancelled") continue;
        if (state_.now() - std::max(action.taken_ms, action.done_ms) < patience_ms) continue;
        const auto device = tenant.devices.find(action.device);
        if (device == tenant.devices.end()) continue;
        if (is_watched(rollout.plan, device->second)) {
            judge(action, Evidence::Silent, "no word since it took the model");
        } else {
            action.verdict = "unwatched";
            state_.save(action);
        }
    }
}

void Conductor::judge(Action& action, Evidence evidence, const std::string& why) {
    if (!action.verdict.empty() || action.revert) return;
    action.verdict = evidence == Evidence::Well ? "well" : evidence == Evidence::Sick ? "sick" : "silent";
    if (!why.empty()) action.reason = why;
    if (action.taken_ms == 0) action.taken_ms = state_.now();
    state_.save(action);
    if (action.rollout.empty()) return;
    news_.insert(action.rollout);
    add_value(action, "sick", evidence == Evidence::Well ? 0 : 1);
}

// One value per device, once, into its arm: what it told is nobody's any more.
void Conductor::add_value(Action& action, const std::string& metric, double value) {
    TenantState* tenant = state_.tenant(action.tenant);
    const auto found = tenant->rollouts.find(action.rollout);
    if (action.arm.empty() || action.counted || !has_it(action) || found == tenant->rollouts.end()) return;
    Rollout& rollout = found->second;
    if (rollout.plan.metric != metric) return;
    action.counted = true;
    fleet::add_value(action.arm == "a" ? rollout.a : rollout.b, value);
    if (rollout.arms.verdict.empty()) rollout.arms = compare_arms(rollout.plan, rollout.a, rollout.b);
    state_.save(action);
    state_.save(rollout);
}

// Twice the patience of the gate: who may not be watched, or says nothing, is not waited for for ever.
bool Conductor::waits_for_value(const Rollout& rollout, const Action& action) const {
    if (rollout.plan.kind != "ab" || action.counted) return false;
    const std::int64_t patience_ms = static_cast<std::int64_t>(rollout.plan.gate.silence_s) * 2000;
    return state_.now() - action.done_ms < patience_ms;
}

// The tests of the stage under way, from what its devices said, in the order in which they took the model.
void Conductor::weigh_evidence(TenantState& tenant, Rollout& rollout) {
    if (news_.erase(rollout.id) == 0 || !rollout.plan.stages[rollout.stage].gate) return;
    std::map<std::string, std::map<std::pair<std::int64_t, std::string>, std::optional<Evidence>>> groups;
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        const Action& action = tenant.actions[id];
        const bool counts = !action.revert && action.arm != "a" && action.stage == rollout.stage &&
                            action.taken_ms > 0 && action.verdict != "unwatched" &&
                            action.state != "cancelled";
        const auto device = tenant.devices.find(action.device);
        if (!counts || device == tenant.devices.end()) continue;
        std::optional<Evidence> evidence;
        if (action.verdict == "well") evidence = Evidence::Well;
        if (action.verdict == "sick") evidence = Evidence::Sick;
        if (action.verdict == "silent") evidence = Evidence::Silent;
        if (!evidence && !is_watched(rollout.plan, device->second)) continue;
        groups[gate_group(rollout.plan, device->second)][{action.taken_ms, id}] = evidence;
    }
    rollout.gates.clear();
    for (const auto& [name, devices] : groups) {
        std::vector<std::optional<Evidence>> in_order;
        for (const auto& [place, evidence] : devices) in_order.push_back(evidence);
        rollout.gates[name] = weigh(rollout.plan.gate, in_order);
    }
    state_.save(rollout);
}

}  // namespace jatai::fleet
