#include "src/fleet/alerts.h"

#include <fmt/format.h>

#include <utility>

namespace jatai::fleet {
namespace {

constexpr std::size_t kKept = 500, kNamed = 10, kMostAtOnce = 1000;
constexpr std::uint64_t kFewestReports = 20;

std::string named(const std::vector<std::string>& ids) {
    std::string out;
    for (std::size_t i = 0; i < ids.size() && i < kNamed; ++i) out += (i == 0 ? "" : ", ") + ids[i];
    return ids.size() > kNamed ? out + fmt::format(" and {} more", ids.size() - kNamed) : out;
}

bool by_somebody(const Rollout& rollout) {
    return rollout.reason.rfind("paused by ", 0) == 0 || rollout.reason == "everything was stopped";
}

std::string name_of(const Rollout& rollout) { return rollout.name.empty() ? rollout.id : rollout.name; }

}  // namespace

Alerts::Alerts(State& state, AlertSender& sender) : state_(state), sender_(sender), started_ms_(state.now()) {
    for (auto& [id, tenant] : state_.tenants()) {
        for (const auto& [rollout, facts] : tenant.rollouts) rollouts_[id + "/" + rollout] = facts.state;
    }
}

void Alerts::watch_rollouts() {
    for (auto& [id, tenant] : state_.tenants()) {
        for (const auto& [rollout, facts] : tenant.rollouts) {
            std::string& before = rollouts_[id + "/" + rollout];
            if (before == facts.state) continue;
            before = facts.state;
            const std::string about = "roll-out " + name_of(facts) + " ";
            if (facts.state == "stopped") raise(tenant, "gate", rollout, about + "stopped: " + facts.reason);
            if (facts.state == "paused" && !by_somebody(facts))
                raise(tenant, "paused", rollout, about + "waits: " + facts.reason);
            if (facts.state == "waiting") raise(tenant, "paused", rollout, about + facts.reason);
        }
    }
}

void Alerts::watch_devices() {
    for (auto& [id, tenant] : state_.tenants()) {
        watch_silence(tenant);
        watch_drift(tenant);
    }
}

// Once per silence: a device that speaks again may fall silent again. While the server was away nobody spoke.
void Alerts::watch_silence(TenantState& tenant) {
    if (tenant.facts.silent_after_s == 0) return;
    const std::int64_t patience_ms = static_cast<std::int64_t>(tenant.facts.silent_after_s) * 1000;
    const std::int64_t now = state_.now();
    std::vector<std::string> fresh;
    for (auto& [id, device] : tenant.devices) {
        if (device.state != "active" || device.seen_ms == 0 || device.silent) continue;
        if (now - std::max(device.seen_ms, started_ms_) < patience_ms) continue;
        device.silent = true;
        state_.save(device);
        fresh.push_back(id);
        if (fresh.size() == kMostAtOnce) break;  // the others with the next look
    }
    if (fresh.empty()) return;
    raise(tenant, "silent", fresh[0],
          fmt::format("{} {} silent for {} s: {}", fresh.size(), fresh.size() == 1 ? "device" : "devices",
                      tenant.facts.silent_after_s, named(fresh)));
}

void Alerts::watch_drift(TenantState& tenant) {
    for (const auto& [id, cohort] : tenant.cohorts) {
        Seen& seen = cohorts_[tenant.facts.id + "/" + id];
        const std::uint64_t reports = cohort.reports - seen.reports, drifted = cohort.drifted - seen.drifted;
        if (cohort.devices < tenant.facts.cohort_min || reports < kFewestReports) continue;
        seen = {cohort.reports, cohort.drifted};
        const double share = static_cast<double>(drifted) / static_cast<double>(reports);
        if (share <= tenant.facts.drift_share) continue;
        raise(tenant, "drift", id,
              fmt::format("{:.0f} % of the last {} reports of version {} on {} say drift", share * 100,
                          reports, cohort.version, cohort.board.empty() ? "any board" : cohort.board));
    }
}

bool Alerts::may_raise(TenantState& tenant, const std::string& kind, const std::string& target) {
    const std::int64_t now = state_.now();
    std::int64_t& last = raised_[tenant.facts.id + "/" + kind + "/" + target];
    if (last != 0 && now - last < static_cast<std::int64_t>(tenant.facts.alert_gap_s) * 1000) return false;
    std::deque<std::int64_t>& hour = hour_[tenant.facts.id];
    while (!hour.empty() && now - hour.front() >= 3600000) hour.pop_front();
    if (hour.size() >= tenant.facts.alerts_per_hour) {
        ++unsent_[tenant.facts.id];
        return false;
    }
    last = now;
    hour.push_back(now);
    return true;
}

bool Alerts::raise(TenantState& tenant, const std::string& kind, const std::string& target,
                   const std::string& what) {
    if (!may_raise(tenant, kind, target)) return false;
    Alert alert{tenant.facts.id, state_.next_id(), kind, target, what, state_.now()};
    alert.unsent_before = std::exchange(unsent_[tenant.facts.id], 0);
    keep(tenant, alert);
    if (tenant.facts.webhook.empty() && tenant.facts.emails.empty()) return true;
    sender_.send(alert, tenant.facts.webhook, tenant.facts.emails,
                 [this, alert](const std::string& webhook, const std::string& email) {
                     Alert sent = alert;
                     sent.webhook = webhook;
                     sent.email = email;
                     keep(*state_.tenant(alert.tenant), sent);
                 });
    return true;
}

void Alerts::keep(TenantState& tenant, const Alert& alert) {
    tenant.alerts[alert.id] = alert;
    state_.save(alert);
    while (tenant.alerts.size() > kKept) {
        state_.forget(Kind::Alert, tenant.facts.id, tenant.alerts.begin()->first);
        tenant.alerts.erase(tenant.alerts.begin());
    }
}

}  // namespace jatai::fleet
