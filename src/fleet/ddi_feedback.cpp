// What a device answers: how its update goes, what it is, what it counted.
#include "src/fleet/ddi_call.h"
#include "src/fleet/devices.h"
#include "src/fleet/intake.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostReports = 64, kLongestReport = 4096;

std::string word_at(const Json& value, const char* name) {
    return value.is_object() && value.contains(name) && value[name].is_string()
               ? value[name].get<std::string>()
               : std::string();
}

Json part_of(const Json& value, const char* name) {
    return value.is_object() && value.contains(name) ? value[name] : Json();
}

std::string details_of(const Json& status) {
    std::string out;
    const Json details = part_of(status, "details");
    if (details.is_array()) {
        for (const Json& line : details) {
            if (line.is_string()) out += (out.empty() ? "" : "; ") + line.get<std::string>();
        }
    }
    return out.substr(0, 500);
}

void apply(DeviceCall& call, Action& action, const std::string& execution, const std::string& finished,
           const std::string& details) {
    Conductor& conductor = call.house.conductor;
    if (execution == "closed" && finished != "failure")
        return conductor.on_installed(call.tenant, call.device, action);
    if (execution == "closed" || execution == "rejected") {
        return conductor.on_failed(call.tenant, call.device, action, details.empty() ? execution : details);
    }
    if (execution == "canceled") {
        action.state = "cancelled";
    } else if (execution == "downloaded" && (action.state == "taken" || action.state == "offered")) {
        action.state = "downloaded";
    } else {
        return conductor.on_taken(call.tenant, action);
    }
    call.house.state.save(action);
}

}  // namespace

Reply take_feedback(DeviceCall& call) {
    Action& action = action_of(call, call.rest[1]);
    const Json status = part_of(body_of(call.request), "status");
    const std::string execution = word_at(status, "execution");
    if (execution.empty())
        throw Refusal{400, "feedback: expected status.execution", "see docs/reference/api.md#devices"};
    const bool over = action.state == "installed" || action.state == "failed" || action.state == "cancelled";
    if (over)
        return action.state == "cancelled" ? refuse({410, "this action is over", ""})
                                           : Reply{};  // it came twice
    apply(call, action, execution, word_at(part_of(status, "result"), "finished"), details_of(status));
    return {};
}

Reply take_cancel_feedback(DeviceCall& call) {
    Action& action = action_of(call, call.rest[1]);
    const Json status = part_of(body_of(call.request), "status");
    const std::string execution = word_at(status, "execution");
    if (action.state != "cancelling") return {};
    const bool refused =
        execution == "rejected" || word_at(part_of(status, "result"), "finished") == "failure";
    action.state = refused ? "taken" : "cancelled";
    call.house.state.save(action);
    return {};
}

Reply take_confirmation(DeviceCall& call) {
    Action& action = action_of(call, call.rest[1]);
    const std::string said = word_at(body_of(call.request), "confirmation");
    if (said != "confirmed" && said != "denied")
        throw Refusal{400, "confirmation: expected confirmed or denied", ""};
    action.confirmed = said == "confirmed";
    if (!action.confirmed) {
        action.state = "cancelled";
        action.reason = "its user said no";
    }
    call.house.state.save(action);
    return {};
}

Reply take_config(DeviceCall& call) {
    const Json body = body_of(call.request);
    const std::string mode = word_at(body, "mode");
    const Json data = part_of(body, "data");
    if (!data.is_object()) throw Refusal{400, "configData: expected data with names and values", ""};
    if (mode == "replace") call.device.attributes.clear();
    if (mode == "remove") {
        for (const auto& [name, value] : data.items()) call.device.attributes.erase(name);
        call.house.state.save(call.device);
        return {};
    }
    Json facts = data;
    facts.erase("groups");  // groups are given, not claimed
    learn_facts(call.house.state, call.tenant, call.device, facts);
    return {};
}

// CBOR: one report, or [[number, report as bytes], …]. The answer names the numbers it may forget.
Reply take_reports(DeviceCall& call) {
    const std::optional<Cbor> body = read_cbor(call.request.body);
    if (!body) throw Refusal{400, "reports: not CBOR", "see docs/reference/update.md#reports"};
    Json taken = Json::array(), broken = Json::array();
    if (!body->is(Cbor::Type::Array)) {
        const Taken how = take_report(call.house, call.tenant, call.device, "", call.request.body);
        if (how == Taken::Broken)
            throw Refusal{400, "not a report of version 1", "see docs/reference/update.md#reports"};
        return call.say({{"taken", Json::array({0})}});
    }
    if (body->items.size() > kMostReports) throw Refusal{413, "64 reports at a time", "send the rest later"};
    for (const Cbor& pair : body->items) {
        const bool fits = pair.is(Cbor::Type::Array) && pair.items.size() == 2 &&
                          pair.items[1].is(Cbor::Type::Bytes) && pair.items[1].text.size() <= kLongestReport;
        if (!fits)
            throw Refusal{400, "reports: expected [number, bytes] pairs",
                          "see docs/reference/update.md#reports"};
        const std::uint64_t number = pair.items[0].unsigned_or(0);
        const Taken how =
            take_report(call.house, call.tenant, call.device, std::to_string(number), pair.items[1].text);
        taken.push_back(number);
        if (how == Taken::Broken) broken.push_back(number);
    }
    return call.say({{"taken", taken}, {"broken", broken}});
}

}  // namespace jatai::fleet
