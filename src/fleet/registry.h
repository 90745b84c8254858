// registry.h: versions, their variants, and the names that point at them.
//
//     Version& v = add_version(state, tenant, version);            // the same four hashes are the same
//     version Variant& x = add_variant(state, tenant, blobs, variant);     // its manifest is read, not
//     believed std::string id = resolve(tenant, "kws/champion");            // or a version's id
//
// A version never changes once made; it is approved or rejected once.
#pragma once

#include "src/fleet/blobs.h"
#include "src/fleet/state.h"

namespace jatai::fleet {

Version& add_version(State& state, TenantState& tenant, Version version);
Version& find_version(TenantState& tenant, const std::string& id_or_alias);
std::string resolve(const TenantState& tenant, const std::string& id_or_alias);  // empty: unknown
void decide(State& state, Version& version, const std::string& how, const std::string& who,
            const std::string& note);
Alias& set_alias(State& state, TenantState& tenant, const std::string& model, const std::string& name,
                 const std::string& version);

Variant& add_variant(State& state, TenantState& tenant, const Blobs& blobs, Variant variant);

// What a signed manifest says of itself. Whether its signature is good is for devices and `jatai package
// verify`.
struct ManifestFacts {
    std::uint64_t sequence = 0;
    std::int64_t not_after_s = 0;
    std::string digest;  // of the image, hex
    std::uint64_t image_bytes = 0, arena_bytes = 0;
    std::vector<std::string> kernels;  // 8 hex letters each
};
// Refusal 400 when the bytes are no manifest of docs/reference/update.md.
ManifestFacts read_manifest(std::string_view bytes);

// The sequence number of a root document. Refusal 400 when the bytes are none.
std::uint64_t read_root_sequence(std::string_view bytes);

// The next sequence number to sign with: above everything any device has seen.
std::uint64_t next_sequence(const TenantState& tenant, std::int64_t now_ms);

}  // namespace jatai::fleet
