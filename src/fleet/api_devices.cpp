// Devices, groups, one-time codes.
#include "src/fleet/devices.h"
#include "src/fleet/filter.h"
#include "src/fleet/qr.h"
#include "src/fleet/retention.h"
#include "src/fleet/routes.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostAtOnce = 10000;

Json shown(const Device& device) {
    Json out = device;
    out.erase("token_hash");
    out.erase("recent");
    return out;
}

std::string filter_of(Call& call) {
    const std::string group = query_of(call.request, "group"), filter = query_of(call.request, "filter");
    const auto found = call.tenant.groups.find(group);
    if (group.empty()) return filter;
    const std::string own = found == call.tenant.groups.end() || found->second.filter.empty()
                                ? "group == \"" + group + "\""
                                : found->second.filter;
    return filter.empty() ? own : "(" + own + ") and (" + filter + ")";
}

Reply list_devices(Call& call) {
    const Filter filter = parse_filter(filter_of(call));
    return answer(page_of(call.tenant.devices, call.request,
                          [&](const Device& d) { return filter.matches(d) ? shown(d) : Json(); }));
}

Reply show_device(Call& call) {
    const Device& device = find_device(call.tenant, call.param("device"));
    Json out = shown(device);
    const auto action = call.tenant.actions.find(device.action);
    if (action != call.tenant.actions.end()) out["last_action"] = action->second;
    return answer(out);
}

// One, or {"devices": […]}: each {id, facts…, token?}. All or none.
Reply add_devices(Call& call) {
    const Json body = body_of(call.request);
    const Json list = body.contains("devices") ? body["devices"] : Json::array({body});
    if (!list.is_array() || list.size() > kMostAtOnce)
        throw Refusal{400, "devices: expected a list of at most 10000", ""};
    std::set<std::string> ids;
    for (const Json& one : list) {
        const std::string id = one.value("id", "");
        check_name("device", id);
        const auto found = call.tenant.devices.find(id);
        const bool taken = found != call.tenant.devices.end() && found->second.state != "decommissioned";
        if (taken || !ids.insert(id).second)
            throw Refusal{409, "device " + id + " is enrolled already", "none of this list was taken"};
        const std::string token = one.value("token", "");
        if (!token.empty() && token.size() < 16)
            throw Refusal{400, "device " + id + ": a token needs 16 letters at least",
                          "none of this list was taken"};
    }
    Json items = Json::array();
    for (Json one : list) {
        const std::string id = one["id"], token = one.value("token", "");
        one.erase("id");
        one.erase("token");
        const Enrolled in = enroll(call.house.state, call.tenant, id, one, token);
        items.push_back({{"id", in.id}, {"token", in.token}});
    }
    call.audit("devices enrolled", std::to_string(list.size()), list.empty() ? "" : list[0].value("id", ""));
    return answer({{"items", items}}, 201);
}

Reply change_device(Call& call) {
    Device& device = find_device(call.tenant, call.param("device"));
    learn_facts(call.house.state, call.tenant, device, body_of(call.request));
    call.audit("device changed", device.id);
    return answer(shown(device));
}

Reply give_token(Call& call) {
    Device& device = find_device(call.tenant, call.param("device"));
    const std::string token = new_token(call.house.state, device);
    ++call.tenant.devices_change;
    call.audit("device given a new token", device.id);
    return answer({{"id", device.id}, {"token", token}});
}

Reply revoke_device(Call& call) {
    Device& device = find_device(call.tenant, call.param("device"));
    retire(call.house.state, call.tenant, device, "revoked");
    call.audit("device revoked", device.id);
    return answer(shown(device));
}

Reply decommission_device(Call& call) {
    Device& device = find_device(call.tenant, call.param("device"));
    retire(call.house.state, call.tenant, device, "decommissioned");
    call.audit("device decommissioned", device.id);
    return answer(shown(device));
}

Reply show_everything(Call& call) {
    const Device& device = find_device(call.tenant, call.param("device"));
    call.audit("device data shown", device.id);
    return answer(everything_about(call.house, call.tenant, device));
}

Reply erase(Call& call) {
    const std::string id = call.param("device");
    erase_device(call.house, call.tenant, id);
    call.audit("device erased", id);
    return answer({{"id", id}, {"erased", true}});
}

Reply add_code(Call& call) {
    const Json body = body_of(call.request);
    const std::int64_t seconds =
        std::clamp<std::int64_t>(body.value("seconds", std::int64_t{86400}), 60, 90 * 86400);
    const NewCode code =
        make_code(call.house.state, call.tenant, body.value("device", ""), body.value("group", ""), seconds);
    call.audit("code made", code.id);
    return answer({{"id", code.id}, {"code", code.secret}, {"expires_ms", code.expires_ms}}, 201);
}

// What a code or a token says, for a camera.
Reply draw_qr(Call& call) {
    constexpr std::size_t kMostWords = 213;
    const std::string words = body_of(call.request).value("words", "");
    if (words.empty() || words.size() > kMostWords)
        throw Refusal{400, "words: " + std::to_string(words.size()) + " bytes, expected 1 to 213", ""};
    return answer({{"svg", svg_of(make_qr(words))}});
}

Reply come_in(Call& call) {
    const Json body = body_of(call.request);
    const Enrolled in = use_code(call.house.state, call.tenant, body.value("code", ""), body.value("id", ""),
                                 body.value("facts", Json::object()));
    call.house.state.audit(call.caller.tenant, "device", "code", "device enrolled", in.id);
    return answer({{"id", in.id}, {"token", in.token}, {"tenant", call.caller.tenant}}, 201);
}

Reply list_groups(Call& call) {
    return answer(page_of(call.tenant.groups, call.request, [](const Group& group) { return Json(group); }));
}

Reply set_group(Call& call) {
    const Json body = body_of(call.request);
    check_name("group", call.param("group"));
    const auto old = call.tenant.groups.find(call.param("group"));
    Group group{call.param("group"), call.caller.tenant,
                body.value("filter", old == call.tenant.groups.end() ? "" : old->second.filter)};
    parse_filter(group.filter);
    const auto members = body.value("devices", std::vector<std::string>());
    for (const std::string& id : members) find_device(call.tenant, id);  // all or none
    for (const std::string& id : members) {
        Device& device = find_device(call.tenant, id);
        if (std::find(device.groups.begin(), device.groups.end(), group.id) != device.groups.end()) continue;
        device.groups.push_back(group.id);
        call.house.state.save(device);
    }
    ++call.tenant.devices_change;
    call.tenant.groups[group.id] = group;
    call.house.state.save(group);
    call.audit("group set", group.id, group.filter);
    return answer(group);
}

}  // namespace

std::vector<Route> device_routes() {
    return {
        {"GET", "/api/v1/devices", Right::View, "devices", "list devices; filter, group, after, limit",
         list_devices},
        {"POST", "/api/v1/devices", Right::Operate, "devices",
         "enrol one device or a list; tokens are shown once", add_devices},
        {"GET", "/api/v1/devices/{device}", Right::View, "devices", "one device", show_device},
        {"PATCH", "/api/v1/devices/{device}", Right::Operate, "devices", "change what is known of it",
         change_device},
        {"POST", "/api/v1/devices/{device}/token", Right::Operate, "devices",
         "a new token; the old one opens nothing", give_token},
        {"POST", "/api/v1/devices/{device}/revoke", Right::Operate, "devices", "lock it out", revoke_device},
        {"POST", "/api/v1/devices/{device}/decommission", Right::Operate, "devices",
         "take it out of service and erase what it told", decommission_device},
        {"GET", "/api/v1/devices/{device}/data", Right::Operate, "devices", "everything that is held of it",
         show_everything},
        {"DELETE", "/api/v1/devices/{device}", Right::Administer, "devices",
         "erase it and everything that is held of it", erase},
        {"POST", "/api/v1/codes", Right::Operate, "devices", "a one-time code that lets one device in",
         add_code},
        {"POST", "/api/v1/qr", Right::View, "", "a QR picture of these words, as SVG", draw_qr},
        {"POST", "/api/v1/enroll", Right::Open, "devices", "a device comes in with a code", come_in},
        {"GET", "/api/v1/groups", Right::View, "devices", "list groups", list_groups},
        {"PUT", "/api/v1/groups/{group}", Right::Operate, "devices", "a group: by filter or by its members",
         set_group},
    };
}

}  // namespace jatai::fleet
