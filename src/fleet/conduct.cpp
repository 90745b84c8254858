#include "src/fleet/conduct.h"

#include <algorithm>
#include <charconv>

#include "src/fleet/arms.h"
#include "src/fleet/filter.h"
#include "src/fleet/http.h"
#include "src/fleet/secrets.h"
#include "src/fleet/trend.h"

namespace jatai::fleet {
namespace {

// Devices are taken in an order that is as good as random, the same after a restart and different for every
// roll-out. Those that let themselves be watched come first: the others are no evidence.
std::string place_of(const Rollout& rollout, const Device& device) {
    return (is_watched(rollout.plan, device) ? "0" : "1") + sha256_hex(rollout.id + "/" + device.id);
}

bool runs_beside(const Device& device) {
    const auto found = device.attributes.find("shadow");
    return found != device.attributes.end() && (found->second == "yes" || found->second == "true");
}

// What the application takes of the RAM while it runs, as the device says; 0: nothing, or nobody knows.
std::uint64_t ram_of_application(const Device& device) {
    const auto found = device.attributes.find("application_ram");
    std::uint64_t bytes = 0;
    if (found != device.attributes.end())
        std::from_chars(found->second.data(), found->second.data() + found->second.size(), bytes);
    return bytes;
}

// Both models have their arena at the same time; empty: they fit, or nobody knows.
std::string too_much_beside(const TenantState& tenant, const Device& device, const std::string& variant) {
    const auto now = tenant.variants.find(device.variant), next = tenant.variants.find(variant);
    if (device.ram_bytes == 0 || now == tenant.variants.end() || next == tenant.variants.end()) return {};
    const std::uint64_t both = now->second.ram_bytes + next->second.ram_bytes;
    const std::uint64_t room = device.ram_bytes - std::min(device.ram_bytes, ram_of_application(device));
    if (both <= room) return {};
    return "needs " + std::to_string(both) + " bytes of RAM for both models, has " + std::to_string(room);
}

// What this device would run under this roll-out; "" for arm A when it stays as it is.
const std::string& version_for(const Rollout& rollout, const Device& device, const std::string& arm) {
    if (arm != "a") return rollout.plan.version;
    return rollout.plan.other.empty() ? device.reported : rollout.plan.other;
}

}  // namespace

bool is_open(const Action& action) {
    return action.state == "offered" || action.state == "taken" || action.state == "downloaded" ||
           action.state == "cancelling";
}

bool has_it(const Action& action) {
    return action.state == "installed" || (action.mode == "shadow" && action.state == "downloaded");
}

// A shadow has no health of its own: its statistics are all there is.
bool is_watched(const Plan& plan, const Device& device) {
    return plan.kind == "shadow" ? device.consent_statistics : device.consent_health;
}

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
    return !rollout.plan.skip_unfit || why_unfit(tenant, device, rollout.plan).empty();
}

std::string Conductor::why_unfit(const TenantState& tenant, const Device& device, const Plan& plan) const {
    if (plan.kind == "shadow" && !runs_beside(device))
        return "its agent runs no model beside another: attribute shadow = yes says that it does";
    const Choice choice = choose(tenant, device, plan.version);
    if (choice.variant.empty()) return choice.why;
    if (plan.kind == "shadow") return too_much_beside(tenant, device, choice.variant);
    if (plan.kind != "ab" || plan.other.empty() || device.reported == plan.other) return {};
    const Choice other = choose(tenant, device, plan.other);
    return other.variant.empty() ? "arm A: " + other.why : std::string();
}

std::map<std::string, std::uint64_t> Conductor::unfit(const TenantState& tenant, const Plan& plan,
                                                      std::uint64_t& targets) const {
    std::map<std::string, std::uint64_t> reasons;
    const Filter filter = parse_filter(plan.filter);
    targets = 0;
    for (const auto& [id, device] : tenant.devices) {
        if (device.state != "active" || !filter.matches(device) || device.reported == plan.version) continue;
        ++targets;
        const std::string why = why_unfit(tenant, device, plan);
        if (!why.empty()) ++reasons[why];
    }
    return reasons;
}

Picture Conductor::picture_of(TenantState& tenant, const Rollout& rollout, const Order& order) const {
    Picture picture{state_.now(), tenant.facts.stopped, order.devices.size()};
    for (const std::string& id : tenant.of_rollout[rollout.id]) {
        const Action& action = tenant.actions[id];
        if (action.revert) continue;
        ++picture.offered;
        const bool waits =
            rollout.plan.kind == "blue_green" && action.mode == "download" && action.state == "downloaded";
        if (is_open(action) && !waits && !has_it(action)) ++picture.open;
        if (action.state == "failed") ++picture.failed;
        if (!has_it(action)) continue;
        ++picture.installed;
        if (action.verdict.empty()) ++picture.unjudged;
        if (waits_for_value(rollout, action)) ++picture.uncounted;
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
    if (step.what == What::Switch) switch_over(tenant, rollout);
    if (step.what == What::Finish) finish(tenant, rollout, step.reason);
    if (step.what == What::Promote || step.what == What::Switch)
        state_.audit(rollout.tenant, "server", "server",
                     step.what == What::Switch ? "rollout switched" : "rollout promoted", rollout.id,
                     step.reason);
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
        --count;
        ++rollout.offered;
        offer_to(tenant, rollout, found->second);
    }
}

void Conductor::offer_to(TenantState& tenant, Rollout& rollout, Device& device) {
    const Plan& plan = rollout.plan;
    Action action{rollout.tenant, state_.next_action_id(), rollout.id, device.id};
    action.arm = plan.kind == "ab" ? arm_of(rollout, device.id) : "";
    action.version = version_for(rollout, device, action.arm);
    const bool loads = plan.kind == "blue_green" && !rollout.switched;
    action.mode = loads ? "download" : plan.kind == "shadow" ? "shadow" : plan.mode;
    action.stage = rollout.stage;
    if (action.arm == "a" && action.version == device.reported)
        return hold(tenant, device, std::move(action));
    const Choice choice = choose(tenant, device, action.version);
    action.variant = choice.variant;
    if (!choice.variant.empty()) {
        give(tenant, device, std::move(action));
        return;
    }
    action.state = "failed";  // it changed since the roll-out was checked
    action.reason = choice.why;
    tenant.of_rollout[rollout.id].push_back(action.id);
    state_.save(tenant.actions[action.id] = action);
}

// It stays as it is, and counts as the arm to compare with.
void Conductor::hold(TenantState& tenant, Device& device, Action action) {
    action.mode = "hold";
    action.variant = device.variant;
    Action& kept = give(tenant, device, std::move(action));
    kept.state = "installed";
    kept.taken_ms = kept.done_ms = state_.now();
    device.before = device.health;
    state_.save(kept);
    state_.save(device);
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

}  // namespace jatai::fleet
