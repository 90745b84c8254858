// fleet rollout, stop, go.
#include <thread>

#include "apps/jatai/commands/fleet.h"
#include "src/base/error.h"

namespace jatai {
namespace {

using Json = nlohmann::ordered_json;

Json plan_of(const FleetRolloutOptions& o) {
    Json plan = Json::object();
    if (!o.plan.empty()) plan = Json::parse(read_text(o.plan), nullptr, false);
    if (!plan.is_object())
        throw Error{text("{}: not a JSON object", o.plan.string()), text("see docs/reference/fleet.md")};
    if (!o.version.empty()) plan["version"] = o.version;
    if (!o.fallback.empty()) plan["fallback"] = o.fallback;
    if (!o.filter.empty()) plan["filter"] = o.filter;
    if (!o.mode.empty()) plan["mode"] = o.mode;
    if (!o.kind.empty()) plan["kind"] = o.kind;
    if (o.no_gate) {
        if (!plan.contains("stages")) plan["stages"] = Json::array({{{"percent", 100}}});
        for (Json& stage : plan["stages"]) stage["gate"] = false;
    }
    return plan;
}

void tell(const Json& r, Console& console) {
    console.say(
        text("roll-out {}: {}, stage {} of {}; {} devices, {} offered, {} installed, {} failed, {} returned",
             r["id"].get<std::string>(), r["state"].get<std::string>(), r["stage"].get<int>() + 1,
             r["plan"]["stages"].size(), r["targets"].get<int>(), r["offered"].get<int>(),
             r["installed"].get<int>(), r["failed"].get<int>(), r["reverted"].get<int>()));
    if (!r["reason"].get<std::string>().empty()) console.say("  " + r["reason"].get<std::string>());
    for (const Json& row : r.value("unfit", Json::array()))
        console.say(text("  {} devices: {}", row["devices"].get<int>(), row["why"].get<std::string>()));
}

Json wait_for(FleetServer& server, const std::string& at, Console& console) {
    std::string before;
    while (!Console::interrupted()) {
        const Json r = server.get(at);
        const std::string now =
            r["state"].get<std::string>() + r["stage"].dump() + r["installed"].dump() + r["offered"].dump();
        if (now != before) tell(r, console);
        before = now;
        if (r["state"] != "running") return r;
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    }
    return server.get(at);
}

// Before anything is made: whom it reaches, and a row per opt-in rate, report interval and share of the sick.
void tell_check(const Json& c, Console& console) {
    console.say(text("{} devices would get it, {} of them first", c["targets"].get<int>(),
                     c["first_stage"].get<double>()));
    for (const Json& row : c["unfit"])
        console.say(text("  {} devices: {}", row["devices"].get<int>(), row["why"].get<std::string>()));
    console.say(text("opt-in  report every  sick  verdict  hours (modelled)  devices needed"));
    for (const Json& t : c["time_to_verdict"]) {
        console.say(fmt::format("{:>5.0f} %  {:>10.0f} s  {:>3.0f} %  {:<7}  {:>16.1f}  {:>6.0f} / {:.0f}",
                                t["opt_in"].get<double>() * 100, t["report_s"].get<double>(),
                                t["sick"].get<double>() * 100, t["verdict"].get<std::string>(),
                                t["hours"].get<double>(), t["devices_needed"].get<double>(),
                                t["devices_watched"].get<double>()));
    }
    console.say(text("what its gate cannot see:"));
    for (const Json& line : c["cannot_see"]) console.say("  " + line.get<std::string>());
}

}  // namespace

int run_fleet_rollout(const FleetRolloutOptions& options, Console& console) {
    FleetServer server(options.server);
    std::string id = options.rollout;
    if (id.empty() && options.version.empty() && options.plan.empty()) {
        const Json items = server.all("/api/v1/rollouts");
        for (const Json& r : items) tell(r, console);
        console.result({{"rollouts", items}});
        return 0;
    }
    Json answer;
    if (options.check) {
        answer = server.send("POST", "/api/v1/plans/check", {{"plan", plan_of(options)}});
        tell_check(answer, console);
        console.result(answer);
        return 0;
    }
    if (id.empty()) {
        answer =
            server.send("POST", "/api/v1/rollouts", {{"name", options.name}, {"plan", plan_of(options)}});
        id = answer["id"];
    }
    const std::string at = "/api/v1/rollouts/" + url_word(id);
    for (const std::string& verb : options.verbs) answer = server.send("POST", at + "/" + verb, nullptr);
    if (answer.is_null()) answer = server.get(at);
    if (options.wait)
        answer = wait_for(server, at, console);
    else
        tell(answer, console);
    console.result(answer);
    return 0;
}

int run_fleet_stop(const FleetStopOptions& options, Console& console) {
    FleetServer server(options.server);
    const Json answer = server.send("POST", options.go_on ? "/api/v1/go" : "/api/v1/stop", nullptr);
    console.say(options.go_on ? text("devices are offered updates again; paused roll-outs wait to be resumed")
                              : text("stopped: no device is offered anything"));
    console.result(answer);
    return 0;
}

}  // namespace jatai
