// What a device is offered: links, the deployment, its confirmation, its end.
#include "src/fleet/ddi_call.h"
#include "src/fleet/rollout.h"

namespace jatai::fleet {
namespace {

const Rollout* rollout_of(const DeviceCall& call, const Action& action) {
    const auto found = call.tenant.rollouts.find(action.rollout);
    return found == call.tenant.rollouts.end() ? nullptr : &found->second;
}

const char* handling(const Action& action, bool update) {
    if (action.mode == "download" && update) return "skip";
    return action.mode == "soft" ? "attempt" : "forced";
}

// model: a signed package for a slot. shadow: the same, to run beside the model in force. os: one whole file.
// return: no file, back to the model in the other slot.
const char* part_of(const Action& action, std::size_t files) {
    if (action.revert && action.variant.empty()) return "return";
    if (action.mode == "shadow") return "shadow";
    return files == 1 ? "os" : "model";
}

Json chunk_of(DeviceCall& call, const Action& action) {
    Json artifacts = Json::array();
    for (const Artifact& artifact : artifacts_of(call, action))
        artifacts.push_back(artifact_json(call, action, artifact));
    const auto version = call.tenant.versions.find(action.version);
    return {{"part", part_of(action, artifacts.size())},
            {"version", action.version.empty() ? "0" : action.version},
            {"name", version == call.tenant.versions.end() ? "model" : version->second.model},
            {"artifacts", artifacts}};
}

Json deployment_json(DeviceCall& call, const Action& action) {
    Json out = {{"download", handling(action, false)},
                {"update", handling(action, true)},
                {"chunks", Json::array({chunk_of(call, action)})}};
    const Rollout* rollout = rollout_of(call, action);
    if (rollout != nullptr && !action.revert && rollout->plan.window_from >= 0) {
        const bool open = in_window(rollout->plan, call.house.state.now());
        out["maintenanceWindow"] = open ? "available" : "unavailable";
        if (!open) out["update"] = "skip";
    }
    return out;
}

bool waits_for_user(const DeviceCall& call, const Action& action) {
    const Rollout* rollout = rollout_of(call, action);
    return rollout != nullptr && rollout->plan.confirm && !action.confirmed && !action.revert &&
           !call.device.auto_confirm;
}

// Outside its hours nothing new is begun; what is under way goes on, and what goes back does not wait.
bool waits_for_hours(const DeviceCall& call, const Action& action) {
    const Rollout* rollout = rollout_of(call, action);
    return rollout != nullptr && action.state == "offered" && !action.revert &&
           !in_window(rollout->plan, call.house.state.now());
}

std::string href(const DeviceCall& call, const std::string& rest) { return call.base() + "/" + rest; }

void add_installed(const DeviceCall& call, Json& links) {
    const auto found = call.tenant.actions.find(call.device.action);
    if (found != call.tenant.actions.end() && found->second.state == "installed")
        links["installedBase"] = {{"href", href(call, "installedBase/" + found->first)}};
}

}  // namespace

// Clients write the number as they like: with its zeros or without.
Action& action_of(DeviceCall& call, const std::string& id) {
    const auto found =
        call.tenant.actions.find(std::string(10 - std::min<std::size_t>(10, id.size()), '0') + id);
    const bool its_own = found != call.tenant.actions.end() && found->second.device == call.device.id;
    if (!its_own)
        throw Refusal{404, "no action " + id.substr(0, 40) + " of this device",
                      "poll again: GET its base resource"};
    return found->second;
}

Json links_of(DeviceCall& call, bool& something_to_do) {
    Json links = Json::object();
    something_to_do = call.device.board.empty() && call.device.attributes.empty();
    if (something_to_do) links["configData"] = {{"href", href(call, "configData")}};
    if (call.tenant.facts.root_sequence > call.device.root_sequence)
        links["root"] = {{"href", href(call, "root")}};  // it trusts an older one
    const Action* action = call.house.conductor.open_action(call.tenant, call.device);
    if (action == nullptr) {
        add_installed(call, links);
        return links;
    }
    if (action->state == "cancelling") {
        something_to_do = true;
        links["cancelAction"] = {{"href", href(call, "cancelAction/" + action->id)}};
        return links;
    }
    const bool done_for_now =
        action->state == "downloaded" && (action->mode == "download" || action->mode == "shadow");
    if (call.tenant.facts.stopped || done_for_now || waits_for_hours(call, *action) ||
        !is_ready(call, *action))
        return links;
    something_to_do = true;
    const std::string kind = waits_for_user(call, *action) ? "confirmationBase" : "deploymentBase";
    links[kind] = {{"href", href(call, kind + "/" + action->id)}};
    return links;
}

Reply show_deployment(DeviceCall& call) {
    if (call.rest.size() != 2) throw Refusal{404, "expected the id of an action", ""};
    Action& action = action_of(call, call.rest[1]);
    if (call.tenant.facts.stopped) throw Refusal{404, "everything is stopped", ""};
    if (action.state == "cancelled" || action.state == "cancelling")
        throw Refusal{404, "this action was called back", ""};
    if (waits_for_user(call, action))
        throw Refusal{403, "this action waits for its user", "see confirmationBase"};
    if (waits_for_hours(call, action))
        throw Refusal{404, "this action waits for its hours", "poll again: GET its base resource"};
    Reply reply = call.say({{"id", action.id},
                            {"deployment", deployment_json(call, action)},
                            {"actionHistory", {{"status", action.state}, {"messages", action.messages}}}});
    call.house.conductor.on_taken(call.tenant, action);
    return reply;
}

Reply show_cancel(DeviceCall& call) {
    if (call.rest.size() != 2) throw Refusal{404, "expected the id of an action", ""};
    const Action& action = action_of(call, call.rest[1]);
    Json stop = {{"stopId", action.id}};
    if (action.mode == "shadow") stop["part"] = "shadow";  // what ran beside is to go
    return call.say({{"id", action.id}, {"cancelAction", stop}});
}

Reply show_confirmation(DeviceCall& call) {
    if (call.rest.size() == 1) {
        const char* other = call.device.auto_confirm ? "deactivateAutoConfirm" : "activateAutoConfirm";
        Json links = {{other, {{"href", href(call, std::string("confirmationBase/") + other)}}}};
        const Action* action = call.house.conductor.open_action(call.tenant, call.device);
        if (action != nullptr && waits_for_user(call, *action))
            links["confirmationBase"] = {{"href", href(call, "confirmationBase/" + action->id)}};
        return call.say({{"autoConfirm", {{"active", call.device.auto_confirm}}}, {"_links", links}});
    }
    if (call.rest.size() != 2) throw Refusal{404, "expected the id of an action", ""};
    const Action& action = action_of(call, call.rest[1]);
    return call.say({{"id", action.id}, {"confirmation", deployment_json(call, action)}});
}

}  // namespace jatai::fleet
