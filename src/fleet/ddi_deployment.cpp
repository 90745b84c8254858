// What a device is offered: links, the deployment, its files.
#include "src/fleet/ddi_call.h"

namespace jatai::fleet {
namespace {

constexpr const char* kManifestName = "manifest.suit";
constexpr const char* kPayloadName = "payload.jup";

// The image it holds now, if the server has it too: what a delta can build on. "" otherwise.
std::string image_held(const DeviceCall& call) {
    const auto found = call.tenant.variants.find(call.device.variant);
    return found == call.tenant.variants.end() ? std::string() : found->second.image;
}

void make_payload(House& house, const std::string& tenant, const std::string& key, const std::string& from,
                  const std::string& to) {
    house.payloads[key] = "";
    const auto old = from.empty() ? nullptr : house.blobs.open(from);
    const auto image = house.blobs.open(to);
    if (!image) return;
    const auto make = house.helpers.make_payload;
    const Blobs& blobs = house.blobs;
    const auto work = [old, image, make, &blobs](Working&) {
        return blobs.put(make(old ? old->view() : std::string_view(), image->view()));
    };
    house.jobs.start(tenant, "payload", "server", work,
                     [&house, key](const std::string& blob) { house.payloads[key] = blob; });
}

// The blob that makes `variant` on this device; "" while it is being made.
std::string payload_of(DeviceCall& call, const Variant& variant) {
    if (!call.house.helpers.make_payload) return variant.image;
    const std::string from = image_held(call);
    const std::string key = from + "/" + variant.image;
    const auto found = call.house.payloads.find(key);
    if (found != call.house.payloads.end()) return found->second;
    make_payload(call.house, call.tenant.facts.id, key, from, variant.image);
    return {};
}

std::vector<Artifact> artifacts_of(DeviceCall& call, const Action& action) {
    const auto found = call.tenant.variants.find(action.variant);
    if (found == call.tenant.variants.end()) return {};
    const Variant& variant = found->second;
    std::vector<Artifact> all = variant.artifacts;
    if (variant.manifest.empty()) return all;
    const auto add = [&](const char* name, const std::string& blob) {
        const auto bytes = call.house.blobs.open(blob);
        all.push_back({name, blob, "", "", bytes ? bytes->view().size() : 0});
    };
    add(kManifestName, variant.manifest);
    add(kPayloadName, payload_of(call, variant));
    return all;
}

bool is_ready(DeviceCall& call, const Action& action) {
    const auto found = call.tenant.variants.find(action.variant);
    return found == call.tenant.variants.end() || found->second.manifest.empty() ||
           !payload_of(call, found->second).empty();
}

Json artifact_json(const DeviceCall& call, const Action& action, const Artifact& artifact) {
    const std::string at = call.base() + "/artifacts/" + action.id + "/" + artifact.name;
    Json hashes = {{"sha256", artifact.sha256}};
    if (!artifact.sha1.empty()) hashes["sha1"] = artifact.sha1;
    if (!artifact.md5.empty()) hashes["md5"] = artifact.md5;
    return {{"filename", artifact.name},
            {"hashes", hashes},
            {"size", artifact.bytes},
            {"_links",
             {{"download", {{"href", at}}},
              {"download-http", {{"href", at}}},
              {"md5sum-http", {{"href", at + ".MD5SUM"}}}}}};
}

const char* handling(const Action& action, bool update) {
    if (action.mode == "download" && update) return "skip";
    return action.mode == "soft" ? "attempt" : "forced";
}

Json chunk_of(DeviceCall& call, const Action& action) {
    Json artifacts = Json::array();
    for (const Artifact& artifact : artifacts_of(call, action))
        artifacts.push_back(artifact_json(call, action, artifact));
    const bool back = action.revert && action.variant.empty();
    const auto version = call.tenant.versions.find(action.version);
    const std::string name = version == call.tenant.versions.end() ? "model" : version->second.model;
    const bool whole = !back && !artifacts.empty() && artifacts.size() == 1;
    return {{"part", back    ? "return"
                     : whole ? "os"
                             : "model"},
            {"version", action.version.empty() ? "0" : action.version},
            {"name", name},
            {"artifacts", artifacts}};
}

bool waits_for_user(const DeviceCall& call, const Action& action) {
    const auto found = call.tenant.rollouts.find(action.rollout);
    return found != call.tenant.rollouts.end() && found->second.plan.confirm && !action.confirmed &&
           !action.revert;
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

Json links_of(DeviceCall& call) {
    Json links = Json::object();
    const bool unknown = call.device.board.empty() && call.device.attributes.empty();
    if (unknown) links["configData"] = {{"href", call.base() + "/configData"}};
    const Action* action = call.house.conductor.open_action(call.tenant, call.device);
    if (action == nullptr) return links;
    if (action->state == "cancelling") {
        links["cancelAction"] = {{"href", call.base() + "/cancelAction/" + action->id}};
        return links;
    }
    const bool done_for_now = action->mode == "download" && action->state == "downloaded";
    if (call.tenant.facts.stopped || done_for_now || !is_ready(call, *action)) return links;
    const char* kind = waits_for_user(call, *action) ? "confirmationBase" : "deploymentBase";
    links[kind] = {{"href", call.base() + "/" + kind + "/" + action->id}};
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
    Reply reply = call.say({{"id", action.id},
                            {"deployment",
                             {{"download", handling(action, false)},
                              {"update", handling(action, true)},
                              {"chunks", Json::array({chunk_of(call, action)})}}},
                            {"actionHistory", {{"status", action.state}, {"messages", Json::array()}}}});
    call.house.conductor.on_taken(call.tenant, action);
    return reply;
}

Reply show_cancel(DeviceCall& call) {
    if (call.rest.size() != 2) throw Refusal{404, "expected the id of an action", ""};
    const Action& action = action_of(call, call.rest[1]);
    return call.say({{"id", action.id}, {"cancelAction", {{"stopId", action.id}}}});
}

Reply show_confirmation(DeviceCall& call) {
    if (call.rest.size() != 2) throw Refusal{404, "expected the id of an action", ""};
    const Action& action = action_of(call, call.rest[1]);
    return call.say({{"id", action.id},
                     {"confirmation",
                      {{"download", handling(action, false)},
                       {"update", handling(action, true)},
                       {"chunks", Json::array({chunk_of(call, action)})}}}});
}

Reply send_artifact(DeviceCall& call) {
    if (call.rest.size() != 3) throw Refusal{404, "expected an action and a file", ""};
    const Action& action = action_of(call, call.rest[1]);
    for (const Artifact& artifact : artifacts_of(call, action)) {
        Reply reply;
        if (call.rest[2] == artifact.name + ".MD5SUM" && !artifact.md5.empty()) {
            reply.type = "text/plain";
            reply.body = artifact.md5 + "  " + artifact.name + "\n";
            return reply;
        }
        if (call.rest[2] != artifact.name) continue;
        reply.blob = call.house.blobs.open(artifact.sha256);
        reply.type = "application/octet-stream";
        if (!reply.blob) throw Refusal{503, "the file is being made", "", 1};
        return reply;
    }
    throw Refusal{404, "no such file in this action", ""};
}

}  // namespace jatai::fleet
