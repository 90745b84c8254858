#include "src/fleet/state.h"

#include <fmt/format.h>

#include <chrono>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

constexpr std::uint64_t kGap = 100000;

bool is_live(const Rollout& rollout) {
    return rollout.state == "running" || rollout.state == "paused" || rollout.state == "stopped";
}

}  // namespace

std::int64_t now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

State::State(Store& store, Clock clock) : store_(store), clock_(std::move(clock)) { load(); }

void State::load() {
    const auto each = [this](Kind kind, auto keep) {
        store_.load(kind, [&](const Row& row) { keep(tenants_[row.tenant], row); });
    };
    store_.load(Kind::Tenant,
                [this](const Row& row) { tenants_[row.id].facts = from_body<Tenant>(row.body); });
    each(Kind::Key, [](auto& t, const Row& r) { t.keys[r.id] = from_body<Key>(r.body); });
    each(Kind::Code, [](auto& t, const Row& r) { t.codes[r.id] = from_body<Code>(r.body); });
    each(Kind::Group, [](auto& t, const Row& r) { t.groups[r.id] = from_body<Group>(r.body); });
    each(Kind::Device, [](auto& t, const Row& r) { t.devices[r.id] = from_body<Device>(r.body); });
    each(Kind::Version, [](auto& t, const Row& r) { t.versions[r.id] = from_body<Version>(r.body); });
    each(Kind::Variant, [](auto& t, const Row& r) { t.variants[r.id] = from_body<Variant>(r.body); });
    each(Kind::Alias, [](auto& t, const Row& r) { t.aliases[r.id] = from_body<Alias>(r.body); });
    each(Kind::Rollout, [](auto& t, const Row& r) { t.rollouts[r.id] = from_body<Rollout>(r.body); });
    each(Kind::Action, [](auto& t, const Row& r) { t.actions[r.id] = from_body<Action>(r.body); });
    each(Kind::Job, [](auto& t, const Row& r) { t.jobs[r.id] = from_body<Job>(r.body); });
    each(Kind::Cohort, [](auto& t, const Row& r) { t.cohorts[r.id] = from_body<Cohort>(r.body); });
    each(Kind::Window, [](auto& t, const Row& r) { t.windows[r.id] = from_body<Window>(r.body); });
    each(Kind::Trail, [](auto& t, const Row& r) { t.trails[r.id] = from_body<Trail>(r.body); });
    each(Kind::Labels, [](auto& t, const Row& r) { t.labels[r.id] = from_body<Labels>(r.body); });
    each(Kind::Alert, [](auto& t, const Row& r) { t.alerts[r.id] = from_body<Alert>(r.body); });
    for (auto& [id, tenant] : tenants_) {
        for (const auto& [action, ignored] : tenant.actions)
            last_action_ = std::max<std::uint64_t>(last_action_, std::stoull(action));
        drop_old_actions(tenant);
    }
    if (last_action_ > 0) last_action_ += kGap;
}

void State::drop_old_actions(TenantState& tenant) {
    std::erase_if(tenant.actions, [&](const auto& item) {
        const Action& action = item.second;
        const auto rollout = tenant.rollouts.find(action.rollout);
        const auto device = tenant.devices.find(action.device);
        const bool current = device != tenant.devices.end() && device->second.action == action.id;
        return !current && (rollout == tenant.rollouts.end() || !is_live(rollout->second));
    });
    std::map<std::string, const Action*> in_order;
    for (const auto& [id, action] : tenant.actions) in_order[id] = &action;
    for (const auto& [id, action] : in_order) tenant.of_rollout[action->rollout].push_back(id);
}

TenantState* State::tenant(const std::string& id) {
    const auto found = tenants_.find(id);
    return found == tenants_.end() ? nullptr : &found->second;
}

void State::append(std::vector<Change> changes) {
    for (Change& change : changes) batch_.push_back(std::move(change));
}

std::uint64_t State::hand_over() {
    if (!batch_.empty()) ticket_ = store_.append(std::exchange(batch_, {}));
    return ticket_;
}

void State::save(const Tenant& tenant) { append({{Kind::Tenant, "", tenant.id, to_body(tenant)}}); }

void State::forget(Kind kind, const std::string& tenant, const std::string& id, Change::Reach reach) {
    append({{kind, tenant, id, std::nullopt, reach}});
}

std::string State::next_id() {
    last_id_ = std::max(last_id_ + 1, static_cast<std::uint64_t>(clock_()));
    std::string id = std::to_string(last_id_);
    CHECK(id.size() == 13);  // until the year 2286; so ids sort as text
    return id;
}

std::string State::next_action_id() {
    CHECK(++last_action_ < 0x7FFFFFFF);
    return fmt::format("{:010}", last_action_);
}

void State::audit(const std::string& tenant, const std::string& who, const std::string& role,
                  const std::string& what, const std::string& target, const std::string& note) {
    const Audit line{tenant, next_id(), who, role, what, target, note, now()};
    append({{Kind::Audit, tenant, line.id, to_body(line)}});
}

Tenant& State::add_tenant(const std::string& id) {
    Tenant& facts = tenants_[id].facts;
    facts.id = id;
    facts.created_ms = now();
    save(facts);
    return facts;
}

void State::learn_sequence(TenantState& tenant, std::uint64_t sequence) {
    if (sequence <= tenant.facts.sequence_floor) return;
    tenant.facts.sequence_floor = sequence;
    save(tenant.facts);
}

void State::write_last_seen(bool all) {
    for (auto& [id, tenant] : tenants_) {
        std::size_t count = all ? tenant.seen.size() : 200 + tenant.seen.size() / 20;
        for (; count > 0 && !tenant.seen.empty(); --count) {
            const auto found = tenant.devices.find(tenant.seen.front());
            if (found != tenant.devices.end()) save(found->second);
            tenant.seen.pop_front();
        }
    }
}

}  // namespace jatai::fleet
