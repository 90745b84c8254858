#include "src/fleet/conduct.h"

#include <algorithm>

#include "src/fleet/filter.h"
#include "src/fleet/http.h"
#include "src/fleet/secrets.h"
#include "src/fleet/trend.h"

namespace jatai::fleet {
namespace {

bool is_open(const Action& action) {
    return action.state == "offered" || action.state == "taken" || action.state == "downloaded" ||
           action.state == "cancelling";
}

std::string gate_group(const Plan& plan, const Device& device) {
    if (plan.gate.by == "board") return device.board;
    if (plan.gate.by == "core") return device.core;
    if (plan.gate.by == "firmware") return device.firmware;
    return {};
}

// Devices are taken in an order that is as good as random, the same after a restart and different for every
// roll-out. Those that let themselves be watched come first: the others are no evidence.
std::string place_of(const Rollout& rollout, const Device& device) {
    return (device.consent_health ? "0" : "1") + sha256_hex(rollout.id + "/" + device.id);
}

}  // namespace

const Conductor::Order& Conductor::order_of(TenantState& tenant, const Rollout& rollout) {
    Order& order = orders_[rollout.id];
    const bool fixed = !rollout.plan.dynamic && order.change != 0;
    if (fixed || order.change == tenant.devices_change) return order;
    const Filter filter = parse_filter(rollout.plan.filter);
    std::set<std::string> has;
    for (const std::string& id : tenant.of_rollout[rollout.id]) has.insert(tenant.actions[id].device);
    std::vector<std::pair<std::string, std::string>> places;
    for (const auto& [id, device] : tenant.devices) {
        if (has.count(id) == 0 && !may_take(tenant, device, rollout)) continue;
        if (filter.matches(device)) places.emplace_back(place_of(rollout, device), id);
    }
    std::sort(places.begin(), places.end());
    order.devices.clear();
    for (auto& [place, id] : places) order.devices.push_back(std::move(id));
    order.change = tenant.devices_change;
    return order;
}

bool Conductor::may_take(const TenantState& tenant, const Device& device, const Rollout& rollout) const {
    if (device.state != "active" || device.reported == rollout.plan.version) return false;
    return !rollout.plan.skip_unfit || !choose(tenant, device, rollout.plan.version).variant.empty();
}

std::map<std::string, std::uint64_t> Conductor::unfit(const TenantState& tenant, const Plan& plan,
                                                      std::uint64_t& targets) const {
    std::map<std::string, std::uint64_t> reasons;
    const Filter filter = parse_filter(plan.filter);
    targets = 0;
    for (const auto& [id, device] : tenant.devices) {
        if (device.state != "active" || !filter.matches(device) || device.reported == plan.version) continue;
        ++targets;
        const Choice choice = choose(tenant, device, plan.version);
        if (choice.variant.empty()) ++reasons[choice.why];
    }
    return reasons;
}

Picture Conductor::picture_of(TenantState& tenant, const Rollout& rollout, const Order& order) const {
    Picture picture{state_.now(), tenant.facts.stopped, order.devices.size()};
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        const Action& action = tenant.actions[id];
        if (action.revert) continue;
        ++picture.offered;
        const bool waits = rollout.plan.kind == "blue_green" && action.mode == "download";
        if (is_open(action) && !(waits && action.state == "downloaded")) ++picture.open;
        if (action.state == "installed") ++picture.installed;
        if (action.state == "failed") ++picture.failed;
        if (action.state == "installed" && action.verdict.empty()) ++picture.unjudged;
    }
    return picture;
}

void Conductor::tick() {
    for (auto& [id, tenant] : state_.tenants()) {
        for (auto& [rollout_id, rollout] : tenant.rollouts) {
            if (rollout.state == "running") advance(tenant, rollout);
            note_trail(state_, tenant, rollout);
        }
    }
}

void Conductor::advance(TenantState& tenant, Rollout& rollout) {
    note_silence(tenant, rollout);
    weigh_evidence(tenant, rollout);
    const Order& order = order_of(tenant, rollout);
    const Picture picture = picture_of(tenant, rollout, order);
    const Step step = next_step(rollout, picture);
    const bool changed = rollout.targets != picture.targets || rollout.installed != picture.installed ||
                         rollout.failed != picture.failed;
    rollout.targets = picture.targets;
    rollout.installed = picture.installed;
    rollout.failed = picture.failed;
    using What = Step::What;
    if (step.what == What::Offer) offer(tenant, rollout, order, step.count);
    if (step.what == What::Stop) return stop(tenant, rollout, "stopped", step.reason);
    if (step.what == What::Pause) return pause(rollout, step.reason);
    if (step.what == What::Promote && rollout.stage + 1 == rollout.plan.stages.size())
        switch_over(tenant, rollout);
    if (step.what == What::Finish) {
        rollout.state = "finished";
        rollout.ended_ms = state_.now();
    }
    if (step.what == What::Promote || step.what == What::Finish) {
        state_.audit(rollout.tenant, "server", "server",
                     step.what == What::Finish ? "rollout finished" : "rollout promoted", rollout.id,
                     step.reason);
    }
    if (changed || step.what != What::Wait) state_.save(rollout);
}

void Conductor::offer(TenantState& tenant, Rollout& rollout, const Order& order, std::uint64_t count) {
    const std::uint64_t room =
        std::min<std::uint64_t>(quota(rollout, order.devices.size()), order.devices.size());
    std::set<std::string> has;
    for (const std::string& id : tenant.of_rollout[rollout.id]) has.insert(tenant.actions[id].device);
    for (std::uint64_t i = 0; i < room && count > 0; ++i) {
        if (has.count(order.devices[i]) != 0) continue;
        const auto found = tenant.devices.find(order.devices[i]);
        if (found == tenant.devices.end()) continue;
        Device& device = found->second;
        const Choice choice = choose(tenant, device, rollout.plan.version);
        Action action{rollout.tenant, state_.next_action_id(), rollout.id,
                      device.id,      rollout.plan.version,    choice.variant};
        action.mode = rollout.plan.kind == "blue_green" ? "download" : rollout.plan.mode;
        action.stage = rollout.stage;
        --count;
        ++rollout.offered;
        if (choice.variant.empty()) {  // it changed since the roll-out was checked
            action.state = "failed";
            action.reason = choice.why;
            tenant.of_rollout[rollout.id].push_back(action.id);
            state_.save(tenant.actions[action.id] = action);
            continue;
        }
        give(tenant, device, std::move(action));
    }
}

Action& Conductor::give(TenantState& tenant, Device& device, Action action) {
    if (Action* old = open_action(tenant, device)) {
        old->state = "cancelled";
        old->reason = "a newer action took its place";
        state_.save(*old);
    }
    action.offered_ms = state_.now();
    action.previous = device.reported;
    device.action = action.id;
    device.desired = action.version;
    if (!action.rollout.empty()) tenant.of_rollout[action.rollout].push_back(action.id);
    Action& kept = tenant.actions[action.id] = std::move(action);
    state_.append({{Kind::Action, kept.tenant, kept.id, to_body(kept)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
    return kept;
}

Action& Conductor::assign(TenantState& tenant, Device& device, const std::string& version,
                          const std::string& variant, const std::string& mode) {
    Action action{tenant.facts.id, state_.next_action_id(), "", device.id, version, variant};
    action.mode = mode;
    return give(tenant, device, std::move(action));
}

// Downloaded everywhere: now everybody switches.
void Conductor::switch_over(TenantState& tenant, Rollout& rollout) {
    if (rollout.plan.kind != "blue_green") return;
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        Action& action = tenant.actions[id];
        if (action.mode != "download" || !is_open(action)) continue;
        action.mode = "forced";
        state_.save(action);
    }
}

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
        if (device->second.consent_health) {
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
    if (!action.rollout.empty()) news_.insert(action.rollout);
}

// The tests of the stage under way, from what its devices said, in the order in which they took the model.
void Conductor::weigh_evidence(TenantState& tenant, Rollout& rollout) {
    if (news_.erase(rollout.id) == 0 || !rollout.plan.stages[rollout.stage].gate) return;
    std::map<std::string, std::map<std::pair<std::int64_t, std::string>, std::optional<Evidence>>> groups;
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        const Action& action = tenant.actions[id];
        const bool counts = !action.revert && action.stage == rollout.stage && action.taken_ms > 0 &&
                            action.verdict != "unwatched" && action.state != "cancelled";
        const auto device = tenant.devices.find(action.device);
        if (!counts || device == tenant.devices.end()) continue;
        std::optional<Evidence> evidence;
        if (action.verdict == "well") evidence = Evidence::Well;
        if (action.verdict == "sick") evidence = Evidence::Sick;
        if (action.verdict == "silent") evidence = Evidence::Silent;
        if (!evidence && !device->second.consent_health) continue;
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

Action* Conductor::open_action(TenantState& tenant, const Device& device) const {
    const auto found = tenant.actions.find(device.action);
    return found == tenant.actions.end() || !is_open(found->second) ? nullptr : &found->second;
}

void Conductor::start(TenantState& tenant, Rollout& rollout) {
    rollout.state = "running";
    rollout.started_ms = rollout.tick_ms = state_.now();
    rollout.allowance = 1;
    rollout.reason.clear();
    orders_.erase(rollout.id);
    tenant.of_rollout[rollout.id];
    state_.save(rollout);
}

void Conductor::pause(Rollout& rollout, const std::string& why) {
    rollout.state = "paused";
    rollout.reason = why;
    state_.save(rollout);
    state_.audit(rollout.tenant, "server", "server", "rollout paused", rollout.id, why);
}

void Conductor::resume(Rollout& rollout) {
    rollout.state = "running";
    rollout.reason.clear();
    rollout.tick_ms = state_.now();
    state_.save(rollout);
}

void Conductor::stop(TenantState& tenant, Rollout& rollout, const std::string& how, const std::string& why) {
    rollout.state = how;
    rollout.reason = why;
    rollout.ended_ms = state_.now();
    for (const std::string& id : std::vector<std::string>(tenant.of_rollout[rollout.id])) {
        Action& action = tenant.actions[id];
        if (!is_open(action) || action.revert) continue;
        action.state = action.state == "offered" ? "cancelled" : "cancelling";
        state_.save(action);
    }
    if (rollout.plan.revert) send_back(tenant, rollout);
    state_.save(rollout);
    state_.audit(rollout.tenant, "server", "server", "rollout " + how, rollout.id, why);
}

void Conductor::send_back(TenantState& tenant, Rollout& rollout) {
    for (const std::string& id : std::vector<std::string>(tenant.of_rollout[rollout.id])) {
        const Action done = tenant.actions[id];
        if (done.state != "installed" || done.revert) continue;
        const auto found = tenant.devices.find(done.device);
        if (found == tenant.devices.end() || found->second.reported != rollout.plan.version) continue;
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
    if (device.reported == action.version && !action.revert) device.reported = action.previous;
    state_.append({{Kind::Action, action.tenant, action.id, to_body(action)},
                   {Kind::Device, device.tenant, device.id, to_body(device)}});
    judge(action, Evidence::Sick, why);
}

}  // namespace jatai::fleet
