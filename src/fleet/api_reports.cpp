// What the fleet tells: an overview, and statistics of cohorts that are large enough to hide in.
#include "src/fleet/routes.h"
#include "src/fleet/trend.h"
#include "src/telemetry/drift.h"

namespace jatai::fleet {
namespace {

Histogram bins_of(const std::vector<std::uint64_t>& bins) {
    Histogram out{};
    for (std::size_t i = 0; i < out.size() && i < bins.size(); ++i) out[i] = bins[i];
    return out;
}

Reply show_report(Call& call) {
    std::map<std::string, std::uint64_t> states, versions, boards, reasons;
    std::uint64_t silent = 0, health = 0, statistics = 0;
    const std::int64_t now = call.house.state.now();
    for (const auto& [id, device] : call.tenant.devices) {
        ++states[device.state];
        if (device.state != "active") continue;
        ++versions[device.reported];
        ++boards[device.board];
        if (!device.reason.empty()) ++reasons[device.reason];
        health += device.consent_health ? 1 : 0;
        statistics += device.consent_statistics ? 1 : 0;
        silent += now - std::max(device.seen_ms, device.created_ms) >
                          std::int64_t{3} * call.tenant.facts.poll_seconds * 1000
                      ? 1
                      : 0;
    }
    return answer({{"at_ms", now},
                   {"devices", call.tenant.devices.size()},
                   {"states", states},
                   {"versions", versions},
                   {"boards", boards},
                   {"failures", reasons},
                   {"silent", silent},
                   {"consent_health", health},
                   {"consent_statistics", statistics},
                   {"stopped", call.tenant.facts.stopped}});
}

// Smaller cohorts are not shown at all, not even that they are there.
Reply list_cohorts(Call& call) {
    return answer(page_of(call.tenant.cohorts, call.request, [&](const Cohort& cohort) -> Json {
        if (cohort.devices < call.tenant.facts.cohort_min) return nullptr;
        Json out = cohort;
        out["expected_accuracy"] = expected_accuracy(bins_of(cohort.confidence));
        return out;
    }));
}

// How each version did on each kind of board, window after window; version, board and since (ms) narrow it.
Reply list_trends(Call& call) {
    const std::string version = query_of(call.request, "version"), board = query_of(call.request, "board");
    const std::string since = query_of(call.request, "since");
    return answer(page_of(call.tenant.windows, call.request, [&](const Window& window) -> Json {
        if (!version.empty() && window.version != version) return nullptr;
        if (!board.empty() && window.board != board) return nullptr;
        if (std::to_string(window.start_ms) < since) return nullptr;
        return shown(call.tenant, window);
    }));
}

}  // namespace

std::vector<Route> report_routes() {
    return {
        {"GET", "/api/v1/report", Right::View, "telemetry", "the fleet in numbers", show_report},
        {"GET", "/api/v1/cohorts", Right::View, "telemetry", "merged statistics by version and board",
         list_cohorts},
        {"GET", "/api/v1/trends", Right::View, "telemetry",
         "health and drift by version, board and window; version, board, since", list_trends},
    };
}

}  // namespace jatai::fleet
