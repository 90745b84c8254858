// Blobs, versions, variants, aliases, the compile service.
#include "src/fleet/compile_service.h"
#include "src/fleet/devices.h"
#include "src/fleet/labels.h"
#include "src/fleet/registry.h"
#include "src/fleet/routes.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

Reply put_blob(Call& call) {
    const std::string id = call.param("sha256");
    if (!is_sha256_hex(id) || sha256_hex(call.request.body) != id)
        throw Refusal{400, "the bytes do not have this SHA-256", "send them again"};
    call.house.blobs.put(call.request.body);
    return answer({{"sha256", id}, {"bytes", call.request.body.size()}}, 201);
}

Reply get_blob(Call& call) {
    Reply reply;
    reply.blob = call.house.blobs.open(call.param("sha256"));
    reply.type = "application/octet-stream";
    reply.etag = call.param("sha256");
    if (!reply.blob) throw Refusal{404, "no such blob", ""};
    return reply;
}

Json with_variants(const Call& call, const Version& version) {
    Json out = version;
    out["variants"] = Json::array();
    for (const auto& [id, variant] : call.tenant.variants) {
        if (variant.version == version.id) out["variants"].push_back(variant);
    }
    out["field_accuracy"] = field_accuracy(call.tenant, version.id);
    out["aliases"] = Json::array();
    for (const auto& [id, alias] : call.tenant.aliases) {
        if (alias.version == version.id) out["aliases"].push_back(id);
    }
    return out;
}

Reply list_versions(Call& call) {
    const std::string model = query_of(call.request, "model");
    return answer(page_of(call.tenant.versions, call.request, [&](const Version& v) {
        if (!model.empty() && v.model != model) return Json();
        Json out = v;
        out["field_accuracy"] = field_accuracy(call.tenant, v.id);
        return out;
    }));
}

Reply push_version(Call& call) {
    Version version = body_of(call.request).get<Version>();
    check_name("model", version.model);
    if (!version.parent.empty()) version.parent = find_version(call.tenant, version.parent).id;
    version.created_by = call.caller.name;
    const Version& kept = add_version(call.house.state, call.tenant, version);
    call.audit("version pushed", kept.id, kept.model);
    return answer(with_variants(call, kept), 201);
}

Version& named_version(Call& call) {
    const std::string alias = query_of(call.request, "alias");
    return find_version(call.tenant,
                        alias.empty() ? call.param("version") : call.param("version") + "/" + alias);
}

Reply show_version(Call& call) { return answer(with_variants(call, named_version(call))); }

Reply decide_version(Call& call, const char* how) {
    Version& version = find_version(call.tenant, call.param("version"));
    decide(call.house.state, version, how, call.caller.name, body_of(call.request).value("note", ""));
    call.audit(std::string("version ") + how, version.id, version.note);
    return answer(Json(version));
}
Reply approve_version(Call& call) { return decide_version(call, "approved"); }
Reply reject_version(Call& call) { return decide_version(call, "rejected"); }

// From the oldest ancestor to this one, and what came of it.
Reply show_lineage(Call& call) {
    const Version& version = find_version(call.tenant, call.param("version"));
    Json nodes = Json::array();
    std::set<std::string> seen;
    for (std::string at = version.id; !at.empty() && seen.insert(at).second;
         at = call.tenant.versions[at].parent) {
        nodes.insert(nodes.begin(), Json(call.tenant.versions[at]));
    }
    Json children = Json::array();
    for (const auto& [id, other] : call.tenant.versions) {
        if (other.parent == version.id) children.push_back(id);
    }
    return answer({{"nodes", nodes}, {"children", children}});
}

Reply push_variant(Call& call) {
    const Variant& kept =
        add_variant(call.house.state, call.tenant, call.house.blobs, body_of(call.request).get<Variant>());
    ++call.tenant.devices_change;
    call.audit("variant pushed", kept.id, kept.board);
    return answer(Json(kept), 201);
}

Reply list_variants(Call& call) {
    const std::string version = query_of(call.request, "version");
    return answer(page_of(call.tenant.variants, call.request, [&](const Variant& v) {
        return version.empty() || v.version == version ? Json(v) : Json();
    }));
}

Reply list_aliases(Call& call) {
    return answer(page_of(call.tenant.aliases, call.request, [](const Alias& alias) { return Json(alias); }));
}

Reply put_alias(Call& call) {
    check_name("alias", call.param("alias"));
    const std::string version = body_of(call.request).value("version", "");
    const Alias& alias =
        set_alias(call.house.state, call.tenant, call.param("model"), call.param("alias"), version);
    call.audit("alias set", alias.id, alias.version);
    return answer(Json(alias));
}

Json choice_json(const Choice& choice) {
    Json considered = Json::array();
    for (const Candidate& one : choice.considered)
        considered.push_back(
            {{"variant", one.variant}, {"fits", one.why_not.empty()}, {"why_not", one.why_not}});
    return {{"variant", choice.variant}, {"why", choice.why}, {"considered", considered}};
}

// {"version", "device"} or {"version", "facts"}: the variant and why; or why none, and the job that builds
// one.
Reply select_variant(Call& call) {
    const Json body = body_of(call.request);
    const Version& version = find_version(call.tenant, body.value("version", ""));
    Device device;
    if (body.contains("device")) device = find_device(call.tenant, body["device"].get<std::string>());
    if (body.contains("facts")) device = body["facts"].get<Device>();
    const Choice choice = choose(call.tenant, device, version.id);
    Json out = choice_json(choice);
    const bool has_board =
        std::any_of(call.tenant.variants.begin(), call.tenant.variants.end(), [&](const auto& item) {
            return item.second.version == version.id && item.second.board == device.board;
        });
    const bool may_build = call.caller.role == "operator" || call.caller.role == "admin";
    if (choice.variant.empty() && !has_board && may_build)
        out["job"] = compile_for(call, version, device.board);
    return answer(out);
}

Reply start_compile(Call& call) {
    const Json body = body_of(call.request);
    const Version& version = find_version(call.tenant, body.value("version", ""));
    const std::string job = compile_for(call, version, body.value("board", ""));
    if (job.empty()) {
        throw Refusal{409,
                      "nothing to compile: the model's file (blob " + version.weights_hash.substr(0, 16) +
                          "…) is not here, or no board was named",
                      "jatai push MODEL sends it"};
    }
    call.audit("compilation asked for", version.id, body.value("board", ""));
    return answer({{"job", job}}, 202);
}

}  // namespace

std::vector<Route> registry_routes() {
    return {
        {"PUT", "/api/v1/blobs/{sha256}", Right::Operate, "registry", "send bytes, named by their SHA-256",
         put_blob},
        {"GET", "/api/v1/blobs/{sha256}", Right::View, "registry", "fetch bytes; Range works", get_blob},
        {"GET", "/api/v1/versions", Right::View, "registry", "list versions; model", list_versions},
        {"POST", "/api/v1/versions", Right::Operate, "registry",
         "push a version: the same hashes are the same version", push_version},
        {"GET", "/api/v1/versions/{version}", Right::View, "registry",
         "one version with its variants; {model}?alias= by name", show_version},
        {"POST", "/api/v1/versions/{version}/approve", Right::Approve, "registry", "let it be rolled out",
         approve_version},
        {"POST", "/api/v1/versions/{version}/reject", Right::Approve, "registry",
         "never let it be rolled out", reject_version},
        {"GET", "/api/v1/versions/{version}/lineage", Right::View, "registry",
         "what it came from and what came of it", show_lineage},
        {"GET", "/api/v1/variants", Right::View, "registry", "list variants; version", list_variants},
        {"POST", "/api/v1/variants", Right::Operate, "registry", "push a variant, or its newer signature",
         push_variant},
        {"GET", "/api/v1/aliases", Right::View, "registry", "list aliases", list_aliases},
        {"PUT", "/api/v1/aliases/{model}/{alias}", Right::Operate, "registry",
         "point champion, challenger … at a version", put_alias},
        {"POST", "/api/v1/select", Right::View, "registry", "which variant suits a device, and why",
         select_variant},
        {"POST", "/api/v1/compile", Right::Operate, "registry", "compile a version for a board, as a job",
         start_compile},
    };
}

}  // namespace jatai::fleet
