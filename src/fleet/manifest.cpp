// The SUIT manifest, as far as the server reads it: docs/reference/update.md#manifest.
#include "src/fleet/http.h"
#include "src/fleet/registry.h"
#include "src/telemetry/cbor.h"

namespace jatai::fleet {
namespace {

constexpr std::size_t kLongestRoot = 1024;

[[noreturn]] void refuse_manifest(const char* what) {
    throw Refusal{400, std::string("the manifest: ") + what,
                  "jatai package sign makes one; see docs/reference/update.md"};
}

// A byte string that holds CBOR.
Cbor inside(const Cbor* wrapped, const char* what) {
    if (wrapped == nullptr || !wrapped->is(Cbor::Type::Bytes)) refuse_manifest(what);
    const std::optional<Cbor> value = read_cbor(wrapped->text);
    if (!value) refuse_manifest(what);
    return *value;
}

std::string hex(std::string_view bytes) {
    static const char* digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

void read_parameters(const Cbor& p, ManifestFacts& facts) {
    const Cbor digest = inside(p.get(3), "no digest of the image");
    if (digest.items.size() != 2 || digest.items[1].text.size() != 32)
        refuse_manifest("the digest of the image is not SHA-256");
    facts.digest = hex(digest.items[1].text);
    if (const Cbor* end = p.get(4))
        facts.not_after_s =
            static_cast<std::int64_t>(std::min<std::uint64_t>(end->unsigned_or(0), INT64_MAX));
    if (const Cbor* size = p.get(14)) facts.image_bytes = size->unsigned_or(0);
    if (const Cbor* arena = p.get(-3)) facts.arena_bytes = arena->unsigned_or(0);
    const Cbor* kernels = p.get(-2);
    if (kernels == nullptr) return;
    for (std::size_t at = 0; at + 4 <= kernels->text.size(); at += 4) {
        facts.kernels.push_back(hex(std::string_view(kernels->text).substr(at, 4)));
    }
}

}  // namespace

ManifestFacts read_manifest(std::string_view bytes) {
    const std::optional<Cbor> envelope = read_cbor(bytes);
    if (!envelope || envelope->get(2) == nullptr) refuse_manifest("not a SUIT envelope");
    const Cbor manifest = inside(envelope->get(3), "no manifest in the envelope");
    const Cbor* sequence = manifest.get(2);
    if (sequence == nullptr || sequence->unsigned_or(0) == 0) refuse_manifest("no sequence number");
    ManifestFacts facts;
    facts.sequence = sequence->number_;
    const Cbor common = inside(manifest.get(3), "no common part");
    const Cbor shared = inside(common.get(4), "no shared sequence");
    for (std::size_t i = 0; i + 1 < shared.items.size(); i += 2) {
        if (shared.items[i].unsigned_or(0) == 20 && shared.items[i + 1].is(Cbor::Type::Map))
            read_parameters(shared.items[i + 1], facts);
    }
    if (facts.digest.empty()) refuse_manifest("no digest of the image");
    return facts;
}

// [h'', {}, << {1: 1, 2: sequence, …} >>, signatures]; whether it counts is for devices to say.
std::uint64_t read_root_sequence(std::string_view bytes) {
    const std::optional<Cbor> document = bytes.size() <= kLongestRoot ? read_cbor(bytes) : std::nullopt;
    const bool shaped = document && document->is(Cbor::Type::Array) && document->items.size() == 4 &&
                        document->items[2].is(Cbor::Type::Bytes);
    const std::optional<Cbor> payload = shaped ? read_cbor(document->items[2].text) : std::nullopt;
    const Cbor* sequence = payload ? payload->get(2) : nullptr;
    if (sequence == nullptr || sequence->unsigned_or(0) == 0)
        throw Refusal{400, "root: not a root document", "jatai package root makes one"};
    return sequence->number_;
}

}  // namespace jatai::fleet
