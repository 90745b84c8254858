// What the fleet tells: an overview, and statistics of cohorts that are large enough to hide in.
#include "src/fleet/devices.h"
#include "src/fleet/labels.h"
#include "src/fleet/registry.h"
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

Reply take_labels(Call& call) {
    const Json body = body_of(call.request);
    const Json list = body.contains("items") ? body["items"] : Json::array({body});
    if (!list.is_array() || list.size() > 1000)
        throw Refusal{400, "feedback: expected a list of at most 1000", ""};
    std::vector<Label> labels;
    for (const Json& item : list) {
        labels.push_back(label_of(item));
        const Label& last = labels.back();
        if (!last.device.empty()) find_device(call.tenant, last.device);
        if (!last.version.empty()) find_version(call.tenant, last.version);
    }
    std::uint64_t taken = 0;
    for (const Label& label : labels) taken += take_label(call.house, call.tenant, label) ? 1 : 0;
    call.audit("feedback", std::to_string(taken));
    return answer({{"taken", taken}, {"again", labels.size() - taken}}, 201);
}

Reply list_labels(Call& call) {
    return answer(page_of(call.tenant.labels, call.request, [](const Labels& labels) {
        Json out = labels;
        out.erase("recent");
        const Share share = share_of(labels.right, labels.right + labels.wrong);
        out["accuracy"] = share.value;
        out["low"] = share.low;
        out["high"] = share.high;
        return out;
    }));
}

}  // namespace

std::vector<Route> report_routes() {
    return {
        {"GET", "/api/v1/feedback", Right::View, "telemetry", "accuracy by version and board, from labels",
         list_labels},
        {"POST", "/api/v1/feedback", Right::Operate, "telemetry",
         "what the right answers were, of a device or a version", take_labels},
        {"GET", "/api/v1/report", Right::View, "telemetry", "the fleet in numbers", show_report},
        {"GET", "/api/v1/cohorts", Right::View, "telemetry", "merged statistics by version and board",
         list_cohorts},
        {"GET", "/api/v1/trends", Right::View, "telemetry",
         "health and drift by version, board and window; version, board, since", list_trends},
    };
}

}  // namespace jatai::fleet
