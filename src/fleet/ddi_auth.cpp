#include "src/fleet/ddi_call.h"
#include "src/fleet/devices.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

// The same words for a device that is not there and a token that is wrong: nobody learns which ids exist.
[[noreturn]] void turn_away() {
    throw Refusal{401, "this token does not open this device", "jatai fleet enroll gives a device its token"};
}

bool is_gateway(House& house, const TenantState& tenant, const Request& request) {
    if (request.authorization.rfind("GatewayToken ", 0) != 0) return false;
    const auto caller = caller_of(house.state, request);
    if (!caller || caller->tenant != tenant.facts.id) return false;
    demand(*caller, Right::Gateway, "devices");
    return true;
}

bool opens(const Device& device, const Request& request) {
    const std::string& header = request.authorization;
    if (header.rfind("TargetToken ", 0) != 0 || device.token_hash.empty()) return false;
    return same_secret(device.token_hash, sha256_hex(header.substr(12)));
}

}  // namespace

Device& admit(House& house, TenantState& tenant, const Request& request, const std::string& id) {
    const bool gateway = is_gateway(house, tenant, request);
    const bool anonymous = tenant.facts.anonymous_devices && request.authorization.empty();
    auto found = tenant.devices.find(id);
    if (found == tenant.devices.end() && (gateway || anonymous)) {  // it answers for those behind it
        enroll(house.state, tenant, id, Json::object());
        house.state.audit(tenant.facts.id, gateway ? "gateway" : "anonymous", "gateway", "device enrolled",
                          id);
        found = tenant.devices.find(id);
    }
    if (found == tenant.devices.end()) turn_away();
    Device& device = found->second;
    if (device.state != "active") turn_away();
    if (!gateway && !anonymous && !opens(device, request)) turn_away();
    return device;
}

}  // namespace jatai::fleet
