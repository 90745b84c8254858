#include "src/fleet/keys.h"

#include <algorithm>

#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

bool role_has(const std::string& role, Right right) {
    if (right == Right::Open || role == "admin") return true;
    if (role == "gateway") return right == Right::Gateway;
    if (right == Right::View) return role == "viewer" || role == "operator" || role == "approver";
    if (right == Right::Operate) return role == "operator";
    return right == Right::Approve && role == "approver";
}

// A key names itself: jk_<id>_<secret>. Only the hash of the whole is kept.
std::string id_in(const std::string& secret) {
    if (secret.rfind("jk_", 0) != 0) return {};
    const std::size_t end = secret.find('_', 3);
    return end == std::string::npos ? std::string() : secret.substr(3, end - 3);
}

}  // namespace

const std::vector<std::string>& role_names() {
    static const std::vector<std::string> names = {"viewer", "operator", "approver", "gateway", "admin"};
    return names;
}

Made make_key(State& state, const std::string& tenant, const std::string& name, const std::string& role,
              const std::vector<std::string>& scopes, std::int64_t expires_ms) {
    Made made;
    made.key = Key{state.next_id(), tenant, name, role, "", scopes, state.now(), expires_ms, false};
    made.secret = "jk_" + made.key.id + "_" + random_word(24);
    made.key.hash = sha256_hex(made.secret);
    state.tenant(tenant)->keys[made.key.id] = made.key;
    state.save(made.key);
    return made;
}

std::optional<Caller> caller_of_secret(State& state, const std::string& secret) {
    const std::string id = id_in(secret);
    if (id.empty()) return std::nullopt;
    for (auto& [tenant_id, tenant] : state.tenants()) {
        const auto found = tenant.keys.find(id);
        if (found == tenant.keys.end()) continue;
        const Key& key = found->second;
        const bool alive = !key.revoked && (key.expires_ms == 0 || key.expires_ms > state.now());
        if (!alive || !same_secret(key.hash, sha256_hex(secret))) return std::nullopt;
        return Caller{tenant_id, key.id, key.name, key.role, key.scopes};
    }
    return std::nullopt;
}

std::optional<Caller> caller_of(State& state, const Request& request) {
    const std::string& header = request.authorization;
    if (header.rfind("Bearer ", 0) == 0) return caller_of_secret(state, header.substr(7));
    if (header.rfind("GatewayToken ", 0) == 0) return caller_of_secret(state, header.substr(13));
    return std::nullopt;
}

void demand(const Caller& caller, Right right, const std::string& area) {
    const auto& scopes = caller.scopes;
    const bool in_scope =
        scopes.empty() || area.empty() || std::find(scopes.begin(), scopes.end(), area) != scopes.end();
    if (role_has(caller.role, right) && in_scope) return;
    throw Refusal{403, "this key (" + caller.role + ") may not do that",
                  "ask an admin for a key with another role or scope"};
}

}  // namespace jatai::fleet
