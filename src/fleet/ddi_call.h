// ddi_call.h: what the parts of the device door share.
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

struct DeviceCall {
    House& house;
    TenantState& tenant;
    Device& device;
    const Request& request;
    std::vector<std::string> rest;  // the path after the device's id

    std::string base() const;            // its own address, as it called it
    Reply say(const Json& value) const;  // JSON, or CBOR when it asked for that
};

// ddi_auth.cpp: Refusal 401 when the token does not open this device.
Device& admit(House& house, TenantState& tenant, const Request& request, const std::string& id);

// ddi_artifacts.cpp
std::vector<Artifact> artifacts_of(DeviceCall& call, const Action& action);
bool is_ready(DeviceCall& call, const Action& action);  // false: its payload is being made
Json artifact_json(const DeviceCall& call, const Action& action, const Artifact& artifact);
Reply send_root(DeviceCall& call);
Reply list_artifacts(DeviceCall& call, const std::string& action);
Reply send_artifact(DeviceCall& call, const std::string& action, const std::string& name);

// ddi_deployment.cpp
Json links_of(DeviceCall& call, bool& something_to_do);
Reply show_deployment(DeviceCall& call);
Reply show_cancel(DeviceCall& call);
Reply show_confirmation(DeviceCall& call);

// ddi_feedback.cpp
Reply take_feedback(DeviceCall& call);
Reply take_cancel_feedback(DeviceCall& call);
Reply take_confirmation(DeviceCall& call);
Reply set_auto_confirm(DeviceCall& call, bool active);
Reply take_config(DeviceCall& call);
Reply take_reports(DeviceCall& call);
Reply take_own_labels(DeviceCall& call);  // what its user said the right answers were

Action& action_of(DeviceCall& call, const std::string& id);  // Refusal 404, 410

}  // namespace jatai::fleet
