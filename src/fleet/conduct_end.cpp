// How a roll-out ends, for all and for one device.
#include "src/fleet/conduct.h"

namespace jatai::fleet {

// Downloaded everywhere: now everybody switches.
void Conductor::switch_over(TenantState& tenant, Rollout& rollout) {
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        Action& action = tenant.actions[id];
        if (action.mode != "download" || !is_open(action)) continue;
        action.mode = "forced";
        state_.save(action);
    }
}

// What a device has not finished is taken from it: offers vanish, what it began it is asked to leave.
void Conductor::call_back(TenantState& tenant, Rollout& rollout) {
    for (const std::string& id : std::vector<std::string>(tenant.of_rollout[rollout.id])) {
        Action& action = tenant.actions[id];
        if (!is_open(action) || action.revert) continue;
        action.state = action.state == "offered" ? "cancelled" : "cancelling";
        state_.save(action);
    }
}

void Conductor::finish(TenantState& tenant, Rollout& rollout, const std::string& why) {
    rollout.state = "finished";
    rollout.reason = why;
    rollout.ended_ms = state_.now();
    if (rollout.plan.kind == "shadow") call_back(tenant, rollout);  // it has seen enough
    state_.audit(rollout.tenant, "server", "server", "rollout finished", rollout.id, why);
}

void Conductor::stop(TenantState& tenant, Rollout& rollout, const std::string& how, const std::string& why) {
    rollout.state = how;
    rollout.reason = why;
    rollout.ended_ms = state_.now();
    call_back(tenant, rollout);
    if (rollout.plan.revert) send_back(tenant, rollout);
    state_.save(rollout);
    state_.audit(rollout.tenant, "server", "server", "rollout " + how, rollout.id, why);
}

void Conductor::take_back(TenantState& tenant, Rollout& rollout, const std::string& why) {
    rollout.reason = why;
    send_back(tenant, rollout);
    state_.save(rollout);
}

void Conductor::send_back(TenantState& tenant, Rollout& rollout) {
    for (const std::string& id : std::vector<std::string>(tenant.of_rollout[rollout.id])) {
        const Action done = tenant.actions[id];
        if (done.state != "installed" || done.revert || done.mode == "hold") continue;
        if (done.arm == "a" && rollout.state == "stopped") continue;  // the better arm stays
        const auto found = tenant.devices.find(done.device);
        if (found == tenant.devices.end() || found->second.reported != done.version) continue;
        Device& device = found->second;
        const Action* open = open_action(tenant, device);
        if (open != nullptr && open->revert) continue;  // it is on its way already
        Action back{rollout.tenant, state_.next_action_id(), rollout.id, device.id, done.previous};
        back.mode = "forced";
        back.revert = true;
        if (!rollout.plan.fallback.empty()) {
            const Choice choice = choose(tenant, device, rollout.plan.fallback);
            back.variant = choice.variant;
            back.version = choice.variant.empty() ? done.previous : rollout.plan.fallback;
        }
        give(tenant, device, std::move(back));
    }
}

void Conductor::on_taken(TenantState&, Action& action) {
    if (action.state != "offered") return;
    action.state = "taken";
    action.taken_ms = state_.now();
    state_.save(action);
}

// The model runs beside the one in force, whose words are the ones that count.
void Conductor::on_shadow(TenantState&, Device& device, Action& action) {
    if (action.state != "offered" && action.state != "taken") return;
    action.state = "downloaded";
    action.done_ms = state_.now();
    if (action.taken_ms == 0) action.taken_ms = action.done_ms;
    device.shadow = action.version;
    device.before = device.health;
    state_.append({{Kind::Action, action.tenant, action.id, to_body(action)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
}

void Conductor::on_left(TenantState&, Device& device, Action& action) {
    action.state = "cancelled";
    if (action.mode == "shadow") device.shadow.clear();
    state_.append({{Kind::Action, action.tenant, action.id, to_body(action)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
}

void Conductor::on_installed(TenantState& tenant, Device& device, Action& action) {
    if (!is_open(action) && action.state != "cancelled") return;
    const bool was_called_back = action.state == "cancelling" || action.state == "cancelled";
    action.state = "installed";
    action.done_ms = state_.now();
    if (action.taken_ms == 0) action.taken_ms = action.done_ms;
    if (device.health.version != action.version) device.before = device.health;
    device.reported = action.version;
    device.variant = action.variant;
    device.reason.clear();
    const auto variant = tenant.variants.find(action.variant);
    if (variant != tenant.variants.end())
        device.sequence = std::max(device.sequence, variant->second.sequence);
    state_.append({{Kind::Action, action.tenant, action.id, to_body(action)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
    const auto found = tenant.rollouts.find(action.rollout);
    if (found == tenant.rollouts.end()) return;
    Rollout& rollout = found->second;
    if (action.revert) ++rollout.reverted;
    if (action.revert) state_.save(rollout);
    const bool ended = rollout.state == "stopped" || rollout.state == "aborted";
    if (was_called_back && ended && rollout.plan.revert && !action.revert) send_back(tenant, rollout);
}

void Conductor::on_failed(TenantState&, Device& device, Action& action, const std::string& why) {
    if (action.state == "failed" || action.state == "cancelled") return;
    action.state = "failed";
    action.reason = why;
    action.done_ms = state_.now();
    device.reason = why;
    if (action.mode == "shadow") device.shadow.clear();
    if (device.reported == action.version && !action.revert) device.reported = action.previous;
    state_.append({{Kind::Action, action.tenant, action.id, to_body(action)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
    judge(action, Evidence::Sick, why);
}

}  // namespace jatai::fleet
