#include "src/fleet/registry.h"

#include <algorithm>

#include "src/fleet/http.h"
#include "src/fleet/secrets.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kMostVersions = 100000;

std::string id_of(const Version& v) {
    const std::string all = v.model + "\n" + v.dataset_hash + "\n" + v.pipeline_hash + "\n" + v.weights_hash +
                            "\n" + v.code_version;
    return sha256_hex(all).substr(0, 16);
}

std::string id_of(const Variant& v) {
    std::string all = v.version + "\n" + v.board + "\n" + v.core + "\n" + v.precision + "\n" + v.options +
                      "\n" + v.form + "\n" + v.image;
    for (const std::string& kernel : v.kernels) all += "\n" + kernel;
    for (const Artifact& artifact : v.artifacts) all += "\n" + artifact.sha256;
    return sha256_hex(all).substr(0, 16);
}

void check_manifest(State& state, TenantState& tenant, const Blobs& blobs, Variant& variant) {
    const auto manifest = blobs.open(variant.manifest);
    if (!manifest)
        throw Refusal{400, "manifest " + variant.manifest + ": no such blob",
                      "send it first: PUT /api/v1/blobs/{sha256}"};
    const ManifestFacts facts = read_manifest(manifest->view());
    if (facts.digest != variant.image) {
        throw Refusal{400, "the manifest is of the image " + facts.digest + ", expected " + variant.image,
                      "sign this package"};
    }
    variant.sequence = facts.sequence;
    variant.not_after_s = facts.not_after_s;
    if (variant.kernels.empty()) variant.kernels = facts.kernels;
    if (variant.ram_bytes == 0) variant.ram_bytes = facts.arena_bytes;
    state.learn_sequence(tenant, facts.sequence);
}

// It becomes part of addresses, headers and, at the other end, of paths.
void check_file_name(const std::string& name) {
    const bool fine = !name.empty() && name.size() <= 200 && name[0] != '.' &&
                      std::all_of(name.begin(), name.end(), [](unsigned char c) {
                          return c > 32 && c < 127 &&
                                 std::string("/\\\"'%?#<>").find(static_cast<char>(c)) == std::string::npos;
                      });
    if (!fine)
        throw Refusal{400,
                      "artifact \"" + name.substr(0, 40) +
                          "\": expected a file name without spaces, / \\ \" ' % ? # < >",
                      ""};
}

// Sums are counted here, so that what devices check is what lies there.
void fill_artifacts(const Blobs& blobs, Variant& variant) {
    for (Artifact& artifact : variant.artifacts) {
        check_file_name(artifact.name);
        const auto blob = blobs.open(artifact.sha256);
        if (!blob)
            throw Refusal{400, "artifact " + artifact.name + ": no such blob",
                          "send it first: PUT /api/v1/blobs/{sha256}"};
        const Sums sums = sums_of(blob->view());
        artifact.sha1 = sums.sha1;
        artifact.md5 = sums.md5;
        artifact.bytes = blob->view().size();
    }
}

}  // namespace

Version& add_version(State& state, TenantState& tenant, Version version) {
    if (version.model.empty() || version.weights_hash.empty()) {
        throw Refusal{400, "a version needs model and weights_hash", "jatai push fills them"};
    }
    version.id = id_of(version);
    const auto found = tenant.versions.find(version.id);
    if (found != tenant.versions.end()) return found->second;
    if (tenant.versions.size() >= kMostVersions) throw Refusal{409, "this tenant has 100000 versions", ""};
    version.tenant = tenant.facts.id;
    version.state = "proposed";
    version.decided_by.clear();
    version.created_ms = state.now();
    Version& kept = tenant.versions[version.id] = version;
    state.save(kept);
    return kept;
}

std::string resolve(const TenantState& tenant, const std::string& name) {
    if (tenant.versions.count(name) != 0) return name;
    const auto alias = tenant.aliases.find(name);
    return alias == tenant.aliases.end() ? std::string() : alias->second.version;
}

Version& find_version(TenantState& tenant, const std::string& name) {
    const std::string id = resolve(tenant, name);
    if (id.empty()) throw Refusal{404, "no version " + name.substr(0, 80), "GET /api/v1/versions lists them"};
    return tenant.versions[id];
}

void decide(State& state, Version& version, const std::string& how, const std::string& who,
            const std::string& note) {
    // What the field showed to be bad may be rejected after its approval; nothing rejected comes back.
    const bool withdrawn = version.state == "approved" && how == "rejected";
    if (version.state != "proposed" && version.state != how && !withdrawn) {
        throw Refusal{409, "version " + version.id + " is " + version.state + " already",
                      "push a new version"};
    }
    version.state = how;
    version.decided_by = who;
    version.note = note;
    state.save(version);
}

Alias& set_alias(State& state, TenantState& tenant, const std::string& model, const std::string& name,
                 const std::string& version) {
    const Version& target = find_version(tenant, version);
    if (target.model != model)
        throw Refusal{
            400, "version " + target.id + " is of the model " + target.model + ", expected " + model, ""};
    Alias& alias = tenant.aliases[model + "/" + name] =
        Alias{tenant.facts.id, model + "/" + name, model, name, target.id};
    state.save(alias);
    return alias;
}

Variant& add_variant(State& state, TenantState& tenant, const Blobs& blobs, Variant variant) {
    variant.version = find_version(tenant, variant.version).id;
    variant.tenant = tenant.facts.id;
    if (!variant.image.empty() && !blobs.has(variant.image)) {
        throw Refusal{400, "image " + variant.image.substr(0, 64) + ": no such blob",
                      "send it first: PUT /api/v1/blobs/{sha256}"};
    }
    if (variant.image.empty() && variant.artifacts.empty())
        throw Refusal{400, "a variant needs an image or artifacts", ""};
    variant.sequence = 0;
    if (!variant.manifest.empty()) check_manifest(state, tenant, blobs, variant);
    fill_artifacts(blobs, variant);
    variant.id = id_of(variant);
    const auto found = tenant.variants.find(variant.id);
    if (found != tenant.variants.end() && found->second.sequence >= variant.sequence &&
        !found->second.manifest.empty())
        return found->second;
    variant.created_ms = state.now();
    Variant& kept = tenant.variants[variant.id] =
        variant;  // signed anew: the same variant with a later manifest
    state.save(kept);
    return kept;
}

std::uint64_t next_sequence(const TenantState& tenant, std::int64_t now_ms) {
    return std::max<std::uint64_t>(tenant.facts.sequence_floor + 1,
                                   static_cast<std::uint64_t>(now_ms / 1000));
}

}  // namespace jatai::fleet
