// Keys, tenants, the audit log, jobs, backups.
#include "src/fleet/backup.h"
#include "src/fleet/connection.h"
#include "src/fleet/registry.h"
#include "src/fleet/routes.h"
#include "src/fleet/smtp.h"

namespace jatai::fleet {
namespace {

Json shown(const Key& key) {
    Json out = key;
    out.erase("hash");
    return out;
}

Reply show_me(Call& call) {
    return answer({{"tenant", call.caller.tenant},
                   {"name", call.caller.name},
                   {"role", call.caller.role},
                   {"scopes", call.caller.scopes}});
}

Reply show_tenant(Call& call) {
    Json out = call.tenant.facts;
    out["next_sequence"] = next_sequence(call.tenant, call.house.state.now());
    return answer(out);
}

// Inside a network a web address may reach what its tenant may not: only the house's own tenant sends over
// plain HTTP.
void check_webhook(const Tenant& facts) {
    if (facts.webhook.empty()) return;
    const std::string scheme = parse_url(facts.webhook).scheme;
    if (scheme != "https" && (scheme != "http" || facts.id != "default"))
        throw Refusal{400, "webhook: expected https://HOST/…", "http:// is for the tenant \"default\" only"};
}

void change_alerts(Tenant& facts, const Json& body) {
    facts.webhook = body.value("webhook", facts.webhook).substr(0, 2000);
    check_webhook(facts);
    facts.emails = body.value("emails", facts.emails);
    if (facts.emails.size() > 20 || !std::all_of(facts.emails.begin(), facts.emails.end(), is_address))
        throw Refusal{400, "emails: expected at most 20 addresses such as ana@example.org", ""};
    facts.silent_after_s =
        std::min<std::uint32_t>(body.value("silent_after_s", facts.silent_after_s), 31 * 86400);
    facts.alert_gap_s = std::min<std::uint32_t>(body.value("alert_gap_s", facts.alert_gap_s), 7 * 86400);
    facts.alerts_per_hour =
        std::clamp<std::uint32_t>(body.value("alerts_per_hour", facts.alerts_per_hour), 1, 1000);
    facts.drift_share = std::clamp(body.value("drift_share", facts.drift_share), 0.0, 1.0);
}

// A blob that was sent before. Never back: devices would refuse it.
void publish_root(Tenant& facts, const Blobs& blobs, const std::string& id) {
    const auto root = blobs.open(id);
    if (!root)
        throw Refusal{400, "root " + id.substr(0, 80) + ": no such blob", "PUT /api/v1/blobs/{sha256}"};
    const std::uint64_t sequence = read_root_sequence(root->view());
    if (sequence < facts.root_sequence)
        throw Refusal{409,
                      "root: sequence " + std::to_string(sequence) + ", expected more than " +
                          std::to_string(facts.root_sequence),
                      "devices take no older one"};
    facts.root = id;
    facts.root_sequence = sequence;
}

Reply change_tenant(Call& call) {
    const Json body = body_of(call.request);
    Tenant facts = call.tenant.facts;
    facts.poll_seconds = std::clamp<std::uint32_t>(body.value("poll_seconds", facts.poll_seconds), 1, 86399);
    facts.cohort_min = std::max<std::uint32_t>(body.value("cohort_min", facts.cohort_min), 2);
    facts.retention_days =
        std::clamp<std::uint32_t>(body.value("retention_days", facts.retention_days), 1, 3650);
    facts.window_seconds =
        std::clamp<std::uint32_t>(body.value("window_seconds", facts.window_seconds), 1, 86400);
    facts.anonymous_devices = body.value("anonymous_devices", facts.anonymous_devices);
    change_alerts(facts, body);
    if (body.contains("root")) publish_root(facts, call.house.blobs, body.value("root", ""));
    call.tenant.facts = facts;
    call.house.state.save(facts);
    call.audit("tenant changed", facts.id, body.dump().substr(0, 200));
    return show_tenant(call);
}

Reply add_tenant(Call& call) {
    const std::string id = body_of(call.request).value("id", "");
    check_name("tenant", id);
    State& state = call.house.state;
    if (call.caller.tenant != "default")
        throw Refusal{403, "only an admin of the tenant \"default\" makes tenants", ""};
    if (state.tenant(id) != nullptr) throw Refusal{409, "tenant " + id + " is there already", ""};
    state.add_tenant(id);
    const Made made = make_key(state, id, "admin", "admin", {}, 0);
    call.audit("tenant made", id);
    return answer({{"id", id}, {"admin_key", made.secret}}, 201);
}

Reply list_keys(Call& call) { return answer(page_of(call.tenant.keys, call.request, shown)); }

Reply add_key(Call& call) {
    const Json body = body_of(call.request);
    const std::string name = body.value("name", ""), role = body.value("role", "");
    check_name("key", name);
    const auto& roles = role_names();
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) {
        throw Refusal{400, "role: expected viewer, operator, approver, gateway or admin", ""};
    }
    const auto scopes = body.value("scopes", std::vector<std::string>());
    const std::int64_t expires = body.value("expires_ms", std::int64_t{0});
    const Made made = make_key(call.house.state, call.caller.tenant, name, role, scopes, expires);
    call.audit("key made", made.key.id, role + " " + name);
    Json out = shown(made.key);
    out["secret"] = made.secret;
    return answer(out, 201);
}

Reply revoke_key(Call& call) {
    const auto found = call.tenant.keys.find(call.param("key"));
    if (found == call.tenant.keys.end()) throw Refusal{404, "no such key", "GET /api/v1/keys lists them"};
    found->second.revoked = true;
    call.house.state.save(found->second);
    call.audit("key revoked", found->first, found->second.name);
    return answer(shown(found->second));
}

Reply list_audit(Call& call) {
    Json items = Json::array();
    const auto limit = static_cast<int>(limit_of(call.request));
    for (const Row& row : call.house.state.store().newest(Kind::Audit, call.caller.tenant,
                                                          query_of(call.request, "before"), limit)) {
        items.push_back(Json::parse(row.body));
    }
    return answer({{"items", items}});
}

// What it found is an object; null until it has ended well.
Json job_json(const Job& job) {
    Json out = job;
    const Json result = Json::parse(job.result, nullptr, false);
    out["result"] = result.is_discarded() ? Json() : result;
    return out;
}

Reply list_jobs(Call& call) {
    return answer(page_of(call.tenant.jobs, call.request, [](const Job& job) {
        Json out = job_json(job);
        out.erase("log");
        return out;
    }));
}

Reply show_job(Call& call) {
    const auto found = call.tenant.jobs.find(call.param("job"));
    if (found == call.tenant.jobs.end()) throw Refusal{404, "no such job", "GET /api/v1/jobs lists them"};
    return answer(job_json(found->second));
}

Reply cancel_job(Call& call) {
    if (!call.house.jobs.cancel(call.caller.tenant, call.param("job")))
        throw Refusal{409, "this job is not at work", ""};
    call.audit("job cancelled", call.param("job"));
    return answer({{"id", call.param("job")}}, 202);
}

Reply back_up(Call& call) {
    if (call.caller.tenant != "default")
        throw Refusal{403, "only an admin of the tenant \"default\" makes backups", ""};
    const std::string name = "backup-" + call.house.state.next_id();
    const fs::path data = call.house.folder, to = data / "backups" / name;
    Store& store = call.house.state.store();
    call.audit("backup", name);
    const std::string id = call.house.jobs.start(call.caller.tenant, "backup", call.caller.name,
                                                 [&store, data, to](Working& working) {
                                                     working.say("copying to " + to.string());
                                                     return make_backup(store, data, to);
                                                 });
    return answer({{"job", id}}, 202);
}

}  // namespace

std::vector<Route> admin_routes() {
    return {
        {"GET", "/api/v1/me", Right::Open, "", "whose key this is", show_me},
        {"GET", "/api/v1/tenant", Right::View, "",
         "settings of the tenant, and the next sequence number to sign with", show_tenant},
        {"PATCH", "/api/v1/tenant", Right::Administer, "admin", "change settings", change_tenant},
        {"POST", "/api/v1/tenants", Right::Administer, "admin", "make a tenant", add_tenant},
        {"GET", "/api/v1/keys", Right::Administer, "admin", "list keys", list_keys},
        {"POST", "/api/v1/keys", Right::Administer, "admin", "make a key; its secret is shown once", add_key},
        {"DELETE", "/api/v1/keys/{key}", Right::Administer, "admin", "revoke a key", revoke_key},
        {"GET", "/api/v1/audit", Right::View, "admin", "who did what, newest first", list_audit},
        {"GET", "/api/v1/jobs", Right::View, "", "list long work", list_jobs},
        {"GET", "/api/v1/jobs/{job}", Right::View, "", "one job with its log so far", show_job},
        {"POST", "/api/v1/jobs/{job}/cancel", Right::Operate, "", "cancel a job", cancel_job},
        {"POST", "/api/v1/backup", Right::Administer, "admin", "copy everything while work goes on", back_up},
    };
}

}  // namespace jatai::fleet
