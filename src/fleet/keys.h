// keys.h: who may do what. Keys are shown once and kept as hashes.
//
//     Made made = make_key(state, tenant, "ci", "operator", {"registry"}, 0);
//     std::optional<Caller> caller = caller_of(state, request);             // from "Authorization: Bearer …"
//     demand(*caller, Right::Operate, "rollouts");                         // throws Refusal 403
//
// Roles: viewer sees; operator sees and acts; approver sees and approves; gateway speaks for devices; admin
// all. Who acts does not approve: it takes two keys.
#pragma once

#include <optional>

#include "src/fleet/http.h"
#include "src/fleet/state.h"

namespace jatai::fleet {

enum class Right { Open, View, Operate, Approve, Administer, Gateway };

struct Caller {
    std::string tenant, key, name, role;
    std::vector<std::string> scopes;
};

struct Made {
    Key key;
    std::string secret;
};

const std::vector<std::string>& role_names();
Made make_key(State& state, const std::string& tenant, const std::string& name, const std::string& role,
              const std::vector<std::string>& scopes, std::int64_t expires_ms);

std::optional<Caller> caller_of(State& state, const Request& request);
std::optional<Caller> caller_of_secret(State& state, const std::string& secret);
void demand(const Caller& caller, Right right, const std::string& area);

}  // namespace jatai::fleet
