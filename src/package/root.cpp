// Root documents and trust anchors: the other half of sign.h.
#include <algorithm>
#include <chrono>
#include <cstring>

#include "src/base/error.h"
#include "src/package/cbor_bytes.h"
#include "src/package/reason_text.h"
#include "src/package/sign.h"

namespace jatai {
namespace {

Bytes keys_array(const std::vector<PublicKey>& keys) {
    std::vector<Bytes> items;
    for (const PublicKey& key : keys) items.push_back(cbor_bytes(key));
    return cbor_array(items);
}

Bytes root_payload(const RootOptions& o) {
    Bytes vendor(kUuidBytes);
    vendor_id_of(o.vendor.c_str(), vendor.data());
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto seconds =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(now).count());
    return cbor_map({cbor(1), cbor(1), cbor(2), cbor_head(0, o.sequence != 0 ? o.sequence : seconds), cbor(3),
                     cbor(o.threshold), cbor(4), keys_array(o.roots), cbor(5), keys_array(o.signing), cbor(6),
                     cbor_bytes(vendor)});
}

Error not_a_root(const std::string& place, Reason reason) {
    return Error{fmt::format("{}: {}", place, reason_text(reason)),
                 text("jatai package root writes a root document")};
}

// The payload of a document whose signatures are not looked at.
Bytes payload_of(ByteView document, const std::string& place) {
    CborReader in(document.data(), static_cast<std::uint32_t>(document.size()));
    in.tag(98);
    in.array();
    in.bytes();
    in.map();
    const CborBytes payload = in.bytes();
    if (!in.ok()) throw not_a_root(place, Reason::BadRoot);
    return {payload.data, payload.data + payload.size};
}

void require_counts(const RootOptions& o) {
    if (o.roots.empty() || o.roots.size() > kMaxKeys || o.signing.empty() || o.signing.size() > kMaxKeys)
        throw Error{text("{} root keys and {} signing keys, expected 1 to {} of each", o.roots.size(),
                         o.signing.size(), kMaxKeys),
                    text("name them with --root and --signing")};
    if (o.threshold < 1 || o.threshold > o.roots.size())
        throw Error{
            text("threshold {}, expected 1 to {}, the number of root keys", o.threshold, o.roots.size()),
            text("2 of 3 outlives the loss of one key and the theft of one")};
}

}  // namespace

Bytes make_root(const RootOptions& options, const std::vector<SigningKey>& keys) {
    require_counts(options);
    const Bytes payload = root_payload(options);
    const Bytes header = cbor_bytes(cbor_map({cbor(1), cbor(-8)}));
    Bytes message = {0x85, 0x69, 'S', 'i', 'g', 'n', 'a', 't', 'u', 'r', 'e', 0x40};
    message = joined(joined(joined(std::move(message), header), cbor_bytes({})), cbor_bytes(payload));
    std::vector<Bytes> signatures;
    for (const SigningKey& key : keys) {
        Bytes id(kKeyIdBytes);
        key_id_of(key.public_key().data(), id.data());
        signatures.push_back(
            cbor_array({header, cbor_map({cbor(4), cbor_bytes(id)}), cbor_bytes(key.sign(message))}));
    }
    const Bytes document =
        cbor_tag(98, cbor_array({cbor_bytes({}), cbor_map({}), cbor_bytes(payload), cbor_array(signatures)}));
    if (document.size() > kMaxDocumentBytes || signatures.size() > kMaxRootSignatures)
        throw Error{text("{} signatures, expected at most {}", signatures.size(), kMaxRootSignatures),
                    text("a threshold of the old and of the new root keys is enough")};
    return document;
}

Trust read_root(ByteView document, const std::string& place) {
    const Bytes payload = payload_of(document, place);
    Trust trust;
    const Reason reason =
        read_root_payload(trust, {payload.data(), static_cast<std::uint32_t>(payload.size())});
    if (reason != Reason::Ok) throw not_a_root(place, reason);
    return trust;
}

Trust require_root(ByteView document, const Trust& trust, const std::string& place) {
    Trust next = trust;
    CborBytes payload;
    const Reason reason =
        take_root(next, document.data(), static_cast<std::uint32_t>(document.size()), payload);
    if (reason != Reason::Ok) throw not_a_root(place, reason);
    return next;
}

TrustAnchor make_anchor(const Trust& trust) {
    TrustAnchor anchor{};
    std::memcpy(anchor.magic, kAnchorMagic, sizeof anchor.magic);
    anchor.version = 1;
    anchor.threshold = trust.threshold;
    anchor.root_count = trust.root_count;
    anchor.signing_count = trust.signing_count;
    std::memcpy(anchor.vendor, trust.vendor, sizeof anchor.vendor);
    std::memcpy(anchor.roots, trust.roots, sizeof anchor.roots);
    std::memcpy(anchor.signing, trust.signing, sizeof anchor.signing);
    return anchor;
}

Trust trust_in(const std::vector<PublicKey>& signing, const std::string& vendor) {
    CHECK(!signing.empty() && signing.size() <= kMaxKeys);
    Trust trust{};
    trust.threshold = trust.root_count = 1;
    trust.signing_count = static_cast<std::uint8_t>(signing.size());
    for (std::size_t i = 0; i < signing.size(); ++i)
        std::copy(signing[i].begin(), signing[i].end(), trust.signing[i]);
    vendor_id_of(vendor.c_str(), trust.vendor);
    return trust;
}

Bytes insert_anchor(ByteView firmware, const TrustAnchor& anchor, const std::string& place) {
    Bytes result(firmware.begin(), firmware.end());
    const auto* magic = reinterpret_cast<const std::uint8_t*>(kAnchorMagic);
    std::size_t found = 0;
    for (std::size_t at = 0; at + sizeof anchor <= result.size(); at += 4) {
        TrustAnchor there;
        std::memcpy(&there, result.data() + at, sizeof there);
        // The code that looks for the magic holds those 8 bytes too, but not what follows them.
        if (std::memcmp(there.magic, magic, sizeof there.magic) != 0 || there.version != 1 ||
            there.root_count > kMaxKeys || there.signing_count > kMaxKeys || there.reserved[0] != 0)
            continue;
        std::memcpy(result.data() + at, &anchor, sizeof anchor);
        ++found;
    }
    if (found != 1)
        throw Error{text("{}: {} places for keys in this firmware, expected 1", place, found),
                    text("take a firmware with the update agent in it")};
    return result;
}

}  // namespace jatai
