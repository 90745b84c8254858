// fleet feedback, alerts: what people say of a fleet, and what a fleet says to people.
#include "apps/jatai/commands/fleet.h"
#include "src/base/error.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::size_t kAtOnce = 200;

Json one_label(const FleetFeedbackOptions& o) {
    Json item = {{"right", o.right}, {"wrong", o.wrong}};
    if (!o.device.empty()) item["device"] = o.device;
    if (!o.version.empty()) item["version"] = o.version;
    if (!o.board.empty()) item["board"] = o.board;
    if (!o.mark.empty()) item["id"] = o.mark;
    return item;
}

}  // namespace

int run_fleet_feedback(const FleetFeedbackOptions& options, Console& console) {
    FleetServer server(options.server);
    const Json items =
        options.csv.empty() ? Json::array({one_label(options)}) : read_table(options.csv, "device");
    std::uint64_t taken = 0, again = 0;
    for (std::size_t at = 0; at < items.size(); at += kAtOnce) {
        Json part = Json::array();
        for (std::size_t i = at; i < std::min(items.size(), at + kAtOnce); ++i) part.push_back(items[i]);
        const Json answer = server.send("POST", "/api/v1/feedback", {{"items", part}});
        taken += answer["taken"].get<std::uint64_t>();
        again += answer["again"].get<std::uint64_t>();
    }
    console.say(text("{} taken, {} known already", taken, again));
    console.result({{"taken", taken}, {"again", again}});
    return 0;
}

int run_fleet_alerts(const FleetAlertsOptions& options, Console& console) {
    FleetServer server(options.server);
    Json change = Json::object();
    if (!options.webhook.empty()) change["webhook"] = options.webhook;
    if (!options.emails.empty()) change["emails"] = options.emails;
    if (options.silent_after >= 0) change["silent_after_s"] = options.silent_after;
    if (options.none) change = {{"webhook", ""}, {"emails", Json::array()}};
    if (!change.empty()) server.send("PATCH", "/api/v1/tenant", change);
    if (options.test) server.send("POST", "/api/v1/alerts/test", nullptr);
    const Json tenant = server.get("/api/v1/tenant");
    const Json items = server.get("/api/v1/alerts?limit=50")["items"];
    for (const Json& a : items) {
        console.say(fmt::format("{:<8} {}", a["kind"].get<std::string>(), a["what"].get<std::string>()));
        for (const char* way : {"webhook", "email"}) {
            if (!a[way].get<std::string>().empty() && a[way] != "sent")
                console.say(fmt::format("         {}: {}", way, a[way].get<std::string>()));
        }
    }
    console.say(text("{} alerts; told: {} addresses by e-mail, {} by web", items.size(),
                     tenant["emails"].size(), tenant["webhook"].get<std::string>().empty() ? 0 : 1));
    console.result({{"alerts", items},
                    {"webhook", tenant["webhook"]},
                    {"emails", tenant["emails"]},
                    {"silent_after_s", tenant["silent_after_s"]}});
    return 0;
}

}  // namespace jatai
