#include "src/fleet/retention.h"

#include <algorithm>

#include "src/fleet/devices.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kJobsKept = 500;
constexpr int kMostShown = 1000, kPage = 1000;
constexpr int kErasedAtOnce = 200;  // reports, each second: 720,000 an hour

// Finished work beyond the last few hundred is forgotten.
void forget_old_jobs(House& house, TenantState& tenant) {
    for (auto at = tenant.jobs.begin(); at != tenant.jobs.end() && tenant.jobs.size() > kJobsKept;) {
        const bool live = at->second.state == "running" || at->second.state == "waiting";
        if (live) {
            ++at;
            continue;
        }
        house.state.forget(Kind::Job, tenant.facts.id, at->first);
        at = tenant.jobs.erase(at);
    }
}

// A code that was used, or is a day over its time, opens nothing: it need not be kept.
void forget_old_codes(House& house, TenantState& tenant) {
    std::erase_if(tenant.codes, [&](const auto& item) {
        const bool over = item.second.used || item.second.expires_ms + 86400000 < house.state.now();
        if (over) house.state.forget(Kind::Code, tenant.facts.id, item.first);
        return over;
    });
}

}  // namespace

void erase_old_reports(House& house, TenantState& tenant) {
    const std::int64_t oldest =
        house.state.now() - static_cast<std::int64_t>(tenant.facts.retention_days) * 86400000;
    for (const Row& row : house.state.store().scan(Kind::Report, tenant.facts.id, "", kErasedAtOnce)) {
        if (std::stoll(row.id) >= oldest) break;
        house.state.forget(Kind::Report, tenant.facts.id, row.id);
    }
}

void erase_old(House& house, TenantState& tenant) {
    forget_old_jobs(house, tenant);
    forget_old_codes(house, tenant);
}

Json everything_about(House& house, TenantState& tenant, const Device& device) {
    Json out = device;
    out.erase("token_hash");
    out["actions"] = Json::array();
    for (const auto& [id, action] : tenant.actions) {
        if (action.device == device.id) out["actions"].push_back(action);
    }
    out["reports"] = Json::array();
    std::string before;
    while (out["reports"].size() < kMostShown) {
        const auto rows = house.state.store().newest(Kind::Report, tenant.facts.id, before, kPage);
        for (const Row& row : rows) {
            const Json report = Json::parse(row.body, nullptr, false);
            if (report.is_object() && report.value("device", "") == device.id &&
                out["reports"].size() < kMostShown)
                out["reports"].push_back(report);
        }
        if (rows.size() < kPage) break;
        before = rows.back().id;
    }
    return out;
}

void erase_device(House& house, TenantState& tenant, const std::string& id) {
    const Device device = find_device(tenant, id);
    for (auto& [rollout, actions] : tenant.of_rollout) {
        std::erase_if(actions, [&](const std::string& action) {
            const auto found = tenant.actions.find(action);
            return found != tenant.actions.end() && found->second.device == id;
        });
    }
    std::erase_if(tenant.actions, [&](const auto& item) { return item.second.device == id; });
    tenant.devices.erase(id);
    ++tenant.devices_change;
    house.state.forget(Kind::Device, tenant.facts.id, id);
    house.state.forget(Kind::Action, tenant.facts.id, id, Change::Reach::OfDevice);
    house.state.forget(Kind::Report, tenant.facts.id, id, Change::Reach::OfDevice);
}

}  // namespace jatai::fleet
