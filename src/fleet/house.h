// house.h: what every door's handler may use, together.
//
//     Reply show_device(Call& call) { ... call.tenant.devices ... }
#pragma once

#include <nlohmann/json.hpp>

#include "src/fleet/blobs.h"
#include "src/fleet/conduct.h"
#include "src/fleet/jobs.h"
#include "src/fleet/keys.h"
#include "src/fleet/metrics.h"
#include "src/fleet/records_json.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {

// What apps/ lends the server, so that this room need not know how models are made. Any may be absent.
struct Helpers {
    // The smallest payload that makes `to` on a chip that holds `from` (empty: nothing); see
    // docs/reference/update.md.
    std::function<std::string(std::string_view from, std::string_view to)> make_payload;
    // Compiles a model for a board: JSON facts of the variant, and the package's bytes.
    struct Compiled {
        Variant variant;
        std::string image;
    };
    std::function<Compiled(std::string_view model, const std::string& board, Working& working)> compile;
};

class Alerts;

struct House {
    State& state;
    const Blobs& blobs;
    Conductor& conductor;
    Jobs& jobs;
    Metrics& metrics;
    fs::path folder;
    Helpers helpers;
    struct Payload {
        std::string blob, job;  // blob empty: being made by that job
    };
    std::map<std::string, Payload> payloads = {};     // "from-to"; on disk too: folder/payloads
    std::unordered_map<std::string, Sums> sums = {};  // of blobs that devices asked for
    Alerts* alerts = nullptr;
};

struct Call {
    House& house;
    TenantState& tenant;
    Caller caller;
    const Request& request;
    std::map<std::string, std::string> params;

    const std::string& param(const std::string& name) const { return params.at(name); }
    void audit(const std::string& what, const std::string& target, const std::string& note = {}) const {
        house.state.audit(caller.tenant, caller.name, caller.role, what, target, note);
    }
};

// The body of a request as JSON, from JSON or CBOR. Refusal 400 when it is neither or nests deeper than 32.
Json body_of(const Request& request);
Json parse_json(std::string_view text);

Reply answer(const Json& value, int status = 200);

// Letters, digits, "-_.:" — what may be part of a path, a topic and a file name. Refusal 400 otherwise.
void check_name(const std::string& what, const std::string& name);

}  // namespace jatai::fleet
