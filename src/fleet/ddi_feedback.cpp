// What a device answers: how its update goes, what it is, what it counted.
#include <algorithm>
#include <iterator>

#include "src/fleet/ddi_call.h"
#include "src/fleet/devices.h"
#include "src/fleet/intake.h"
#include "src/fleet/labels.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostReports = 64, kLongestReport = 4096, kMostMessages = 5, kLongestMessage = 200;

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

// What hawkBit's clients may say. "rejected" is a warning there: "closed" with "failure" is the end.
bool is_known(const std::string& execution) {
    constexpr const char* known[] = {"closed",  "proceeding", "canceled", "scheduled",
                                     "resumed", "rejected",   "download", "downloaded"};
    return std::find(std::begin(known), std::end(known), execution) != std::end(known);
}

void keep_message(House& house, Action& action, const std::string& details) {
    if (details.empty() || (!action.messages.empty() && action.messages.back() == details)) return;
    action.messages.push_back(details.substr(0, kLongestMessage));
    if (action.messages.size() > kMostMessages) action.messages.erase(action.messages.begin());
    house.state.save(action);
}

void apply(DeviceCall& call, Action& action, const std::string& execution, const std::string& finished,
           const std::string& details) {
    Conductor& conductor = call.house.conductor;
    const bool done = execution == "closed" && finished != "failure";
    if (action.mode == "shadow" && (done || execution == "downloaded"))
        return conductor.on_shadow(call.tenant, call.device, action);
    if (done) return conductor.on_installed(call.tenant, call.device, action);
    if (execution == "closed")
        return conductor.on_failed(call.tenant, call.device, action, details.empty() ? execution : details);
    if (execution == "canceled") return conductor.on_left(call.tenant, call.device, action);
    if (execution == "downloaded" && (action.state == "taken" || action.state == "offered")) {
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
    if (!is_known(execution))
        throw Refusal{
            400,
            "feedback: expected status.execution: closed, proceeding, canceled, scheduled, resumed, "
            "rejected, download or downloaded",
            "see docs/reference/api.md#devices"};
    const bool over = action.state == "installed" || action.state == "failed" || action.state == "cancelled";
    if (over)
        return action.state == "cancelled" ? refuse({410, "this action is over", ""})
                                           : Reply{};  // it came twice
    keep_message(call.house, action, details_of(status));
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
    if (!refused) {
        call.house.conductor.on_left(call.tenant, call.device, action);
        return {};
    }
    action.state = "taken";
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

Reply set_auto_confirm(DeviceCall& call, bool active) {
    call.device.auto_confirm = active;
    call.house.state.save(call.device);
    call.house.state.audit(call.tenant.facts.id, call.device.id, "device",
                           active ? "every update confirmed" : "updates to be confirmed one by one",
                           call.device.id);
    return {};
}

Reply take_config(DeviceCall& call) {
    const Json body = body_of(call.request);
    const std::string mode = word_at(body, "mode");
    const Json data = part_of(body, "data");
    if (!data.is_object()) throw Refusal{400, "configData: expected data with names and values", ""};
    if (!mode.empty() && mode != "merge" && mode != "replace" && mode != "remove")
        throw Refusal{400, "configData: mode " + mode.substr(0, 40) + ", expected merge, replace or remove",
                      ""};
    if (mode == "replace") call.device.attributes.clear();
    if (mode == "remove") {
        for (const auto& [name, value] : data.items()) call.device.attributes.erase(name);
        ++call.tenant.devices_change;
        call.house.state.save(call.device);
        return {};
    }
    Json facts = data;
    facts.erase("groups");  // groups are given, not claimed
    learn_facts(call.house.state, call.tenant, call.device, facts);
    return {};
}

Reply take_own_labels(DeviceCall& call) {
    Json item = body_of(call.request);
    if (!item.is_object())
        throw Refusal{400, "labels: expected an object", "see docs/reference/api.md#devices"};
    item["device"] = call.device.id;
    item.erase("version");
    const Label label = label_of(item);
    if (!call.device.consent_statistics) return call.say({{"taken", 0}});
    return call.say({{"taken", take_label(call.house, call.tenant, label) ? 1 : 0}});
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
