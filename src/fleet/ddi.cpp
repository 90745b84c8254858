#include "src/fleet/ddi.h"

#include "src/fleet/ddi_call.h"
#include "src/fleet/devices.h"
#include "src/fleet/http_etag.h"

namespace jatai::fleet {
namespace {

constexpr std::uint32_t kBusy_s = 5;

std::vector<std::string> split(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t at = 1;
    while (at <= path.size()) {
        const std::size_t slash = std::min(path.find('/', at), path.size());
        if (slash > at) parts.push_back(path.substr(at, slash - at));
        at = slash + 1;
    }
    return parts;
}

std::string clock_text(std::uint32_t seconds) {
    const auto two = [](std::uint32_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
    seconds = std::min(seconds, 86399u);
    return two(seconds / 3600) + ":" + two(seconds / 60 % 60) + ":" + two(seconds % 60);
}

// While there is something to do it comes back soon: a client looks twice before it begins.
Reply show_root(DeviceCall& call) {
    bool something_to_do = false;
    const Json links = links_of(call, something_to_do);
    const std::uint32_t sleep =
        something_to_do ? std::min(call.tenant.facts.poll_seconds, kBusy_s) : call.tenant.facts.poll_seconds;
    return call.say({{"config", {{"polling", {{"sleep", clock_text(sleep)}}}}}, {"_links", links}});
}

Reply answer_get(DeviceCall& call) {
    const auto& rest = call.rest;
    if (rest.empty()) return show_root(call);
    if (rest[0] == "deploymentBase" || rest[0] == "installedBase") return show_deployment(call);
    if (rest[0] == "cancelAction") return show_cancel(call);
    if (rest[0] == "root" && rest.size() == 1) return send_root(call);
    if (rest[0] == "confirmationBase") return show_confirmation(call);
    if (rest[0] == "artifacts" && rest.size() == 3) return send_artifact(call, rest[1], rest[2]);
    // hawkBit's own addresses of the same: one software module per action here.
    const bool module = rest[0] == "softwaremodules" && rest.size() >= 3 && rest[2] == "artifacts";
    if (module && rest.size() == 3) return list_artifacts(call, rest[1]);
    if (module && rest.size() == 4) return send_artifact(call, rest[1], rest[3]);
    throw Refusal{404, "no such resource of a device", "see docs/reference/api.md#devices"};
}

Reply answer_change(DeviceCall& call) {
    const auto& rest = call.rest;
    const std::string& method = call.request.method;
    const bool feedback = method == "POST" && rest.size() == 3 && rest[2] == "feedback";
    if (feedback && rest[0] == "deploymentBase") return take_feedback(call);
    if (feedback && rest[0] == "cancelAction") return take_cancel_feedback(call);
    if (feedback && rest[0] == "confirmationBase") return take_confirmation(call);
    const bool confirming = method == "POST" && rest.size() == 2 && rest[0] == "confirmationBase";
    if (confirming && rest[1] == "activateAutoConfirm") return set_auto_confirm(call, true);
    if (confirming && rest[1] == "deactivateAutoConfirm") return set_auto_confirm(call, false);
    if ((method == "PUT" || method == "POST") && rest.size() == 1 && rest[0] == "configData")
        return take_config(call);
    if (method == "POST" && rest.size() == 1 && rest[0] == "reports") return take_reports(call);
    if (method == "POST" && rest.size() == 1 && rest[0] == "labels") return take_own_labels(call);
    throw Refusal{404, "no such resource of a device", "see docs/reference/api.md#devices"};
}

}  // namespace

std::string DeviceCall::base() const {
    return (request.tls ? "https://" : "http://") + request.host + "/" + tenant.facts.id + "/controller/v1/" +
           device.id;
}

Reply DeviceCall::say(const Json& value) const {
    Reply reply = answer(value);
    reply.type = "application/hal+json;charset=UTF-8";
    if (request.accept.find("application/cbor") != std::string::npos) {
        const std::vector<std::uint8_t> bytes = Json::to_cbor(value);
        reply.type = "application/cbor";
        reply.body.assign(bytes.begin(), bytes.end());
    }
    if (request.method == "GET" || request.method == "HEAD") reply.etag = etag_of(reply.body);
    return reply;
}

std::optional<Reply> answer_ddi(House& house, const Request& request) {
    std::vector<std::string> parts = split(request.path);
    if (parts.size() < 4 || parts[1] != "controller" || parts[2] != "v1") return std::nullopt;
    TenantState* tenant = house.state.tenant(parts[0]);
    if (tenant == nullptr) throw Refusal{401, "this token does not open this device", ""};
    Device& device = admit(house, *tenant, request, parts[3]);
    note_seen(house.state, *tenant, device);
    DeviceCall call{house, *tenant, device, request, {parts.begin() + 4, parts.end()}};
    return request.method == "GET" || request.method == "HEAD" ? answer_get(call) : answer_change(call);
}

}  // namespace jatai::fleet
