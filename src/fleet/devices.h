// devices.h: devices come in, say what they are, are grouped, locked out and taken out of service.
//
//     Enrolled in = enroll(state, tenant, "d1", facts);            // in.token is shown once
//     Device& d = device_of_token(tenant, "d1", token);           // Refusal 401
//     learn_facts(state, tenant, d, {{"board", "nano33ble"}});
#pragma once

#include "src/fleet/house.h"

namespace jatai::fleet {

struct Enrolled {
    std::string id, token;
};

// `token`: one it already has in the field (16 letters at least); empty: a new one is made.
Enrolled enroll(State& state, TenantState& tenant, const std::string& id, const Json& facts,
                const std::string& token = {});
std::string new_token(State& state, Device& device);

struct NewCode {
    std::string id, secret;
    std::int64_t expires_ms;
};
NewCode make_code(State& state, TenantState& tenant, const std::string& device, const std::string& group,
                  std::int64_t seconds);
Enrolled use_code(State& state, TenantState& tenant, const std::string& secret, const std::string& id,
                  const Json& facts);

Device& find_device(TenantState& tenant, const std::string& id);

// Known names become fields (board, core, firmware, ram_bytes, …), others attributes (64 of 256 letters at
// most).
void learn_facts(State& state, TenantState& tenant, Device& device, const Json& facts);

// Not more often than it matters: written once a minute.
void note_seen(State& state, TenantState& tenant, Device& device);

// revoked: its key opens nothing more. decommissioned: and it is counted no more; its attributes are erased.
void retire(State& state, TenantState& tenant, Device& device, const std::string& how);

}  // namespace jatai::fleet
