// Alerts: what was raised, and one to try the way with.
#include "src/fleet/alerts.h"
#include "src/fleet/routes.h"

namespace jatai::fleet {
namespace {

Reply list_alerts(Call& call) {
    const std::string before = query_of(call.request, "before");
    Json items = Json::array();
    for (auto at = call.tenant.alerts.rbegin(); at != call.tenant.alerts.rend(); ++at) {
        if (!before.empty() && at->first >= before) continue;
        if (items.size() >= limit_of(call.request)) break;
        items.push_back(at->second);
    }
    return answer({{"items", items}});
}

Reply try_alert(Call& call) {
    if (call.tenant.facts.webhook.empty() && call.tenant.facts.emails.empty())
        throw Refusal{409, "this tenant has neither a webhook nor e-mail addresses",
                      "PATCH /api/v1/tenant {\"webhook\": …, \"emails\": […]}"};
    const std::string what = "a test, asked for by " + call.caller.name;
    if (call.house.alerts == nullptr ||
        !call.house.alerts->raise(call.tenant, "test", call.house.state.next_id(), what))
        throw Refusal{429, "too many alerts in this hour", "raise alerts_per_hour", 60};
    call.audit("alert tried", call.tenant.facts.id);
    return answer(Json(call.tenant.alerts.rbegin()->second), 202);
}

}  // namespace

std::vector<Route> alert_routes() {
    return {
        {"GET", "/api/v1/alerts", Right::View, "telemetry", "what somebody should know, newest first",
         list_alerts},
        {"POST", "/api/v1/alerts/test", Right::Administer, "admin", "send one, to see that it arrives",
         try_alert},
    };
}

}  // namespace jatai::fleet
