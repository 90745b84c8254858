#include "device/update/trust.h"

#include <string.h>

#include "device/sha256.h"

namespace jatai {
namespace {

// "Signature", no body-protected bytes, {1: -8}, no external data; the payload follows.
const uint8_t kRootPrefix[] = {0x85, 0x69, 'S',  'i',  'g',  'n',  'a',  't', 'u',
                               'r',  'e',  0x40, 0x43, 0xa1, 0x01, 0x27, 0x40};
const uint8_t kEdDsa[] = {0xa1, 0x01, 0x27};  // {1: -8}

bool counts_ok(uint32_t threshold, uint32_t roots, uint32_t signing) {
    return threshold >= 1 && threshold <= roots && roots <= kMaxKeys && signing >= 1 && signing <= kMaxKeys;
}

// A key that stands twice would count twice.
bool all_different(const uint8_t keys[kMaxKeys][kKeyBytes], uint32_t count) {
    for (uint32_t i = 0; i < count; ++i)
        for (uint32_t k = 0; k < i; ++k)
            if (memcmp(keys[i], keys[k], kKeyBytes) == 0) return false;
    return true;
}

uint8_t read_keys(CborReader& in, uint8_t keys[kMaxKeys][kKeyBytes]) {
    const uint32_t count = in.array();
    if (count > kMaxKeys) return in.fail(), static_cast<uint8_t>(0);
    for (uint32_t i = 0; i < count; ++i) {
        const CborBytes key = in.bytes();
        if (!in.ok() || key.size != kKeyBytes) return in.fail(), static_cast<uint8_t>(0);
        memcpy(keys[i], key.data, kKeyBytes);
    }
    return static_cast<uint8_t>(count);
}

struct RootDocument {
    CborBytes payload;
    SignatureBlock blocks[kMaxRootSignatures];
    uint32_t count;
};

bool read_root(RootDocument& root, const uint8_t* document, uint32_t bytes) {
    CborReader in(document, bytes);
    in.tag(98);
    if (in.array() != 4 || in.bytes().size != 0 || in.map() != 0) return false;
    root.payload = in.bytes();
    root.count = in.array();
    if (!in.ok() || root.count > kMaxRootSignatures) return false;
    for (uint32_t i = 0; i < root.count; ++i) {
        if (in.array() != 3 || !read_protected(in)) return false;
        root.blocks[i].key_id = read_key_id(in);
        const CborBytes signature = in.bytes();
        if (!in.ok() || signature.size != kSignatureBytes) return false;
        root.blocks[i].signature = signature.data;
    }
    return in.done();
}

bool signed_by(const RootDocument& root, const uint8_t key[kKeyBytes]) {
    uint8_t id[kKeyIdBytes];
    key_id_of(key, id);
    uint8_t head[3] = {0x58, static_cast<uint8_t>(root.payload.size), 0};
    uint32_t head_bytes = 2;
    if (root.payload.size < 24) {
        head[0] = static_cast<uint8_t>(0x40 | root.payload.size), head_bytes = 1;
    } else if (root.payload.size > 255) {
        head[0] = 0x59, head[1] = static_cast<uint8_t>(root.payload.size >> 8);
        head[2] = static_cast<uint8_t>(root.payload.size), head_bytes = 3;
    }
    const Piece pieces[] = {
        {kRootPrefix, sizeof kRootPrefix}, {head, head_bytes}, {root.payload.data, root.payload.size}};
    for (uint32_t i = 0; i < root.count; ++i) {
        if (memcmp(root.blocks[i].key_id, id, sizeof id) == 0 &&
            ed25519_verify(key, root.blocks[i].signature, pieces, 3))
            return true;
    }
    return false;
}

bool enough_signed(const RootDocument& root, const Trust& trust) {
    uint32_t good = 0;
    for (uint32_t i = 0; i < trust.root_count && good < trust.threshold; ++i)
        good += signed_by(root, trust.roots[i]) ? 1 : 0;
    return good >= trust.threshold;
}

}  // namespace

void key_id_of(const uint8_t key[kKeyBytes], uint8_t id[kKeyIdBytes]) {
    uint8_t digest[kSha256Bytes];
    sha256(key, kKeyBytes, digest);
    memcpy(id, digest, kKeyIdBytes);
}

void make_uuid(uint8_t id[kUuidBytes], const Piece* pieces, uint32_t count) {
    Sha256 hash;
    uint8_t digest[kSha256Bytes];
    for (uint32_t i = 0; i < count; ++i) hash.update(pieces[i].bytes, pieces[i].size);
    hash.finish(digest);
    memcpy(id, digest, kUuidBytes);
    id[6] = static_cast<uint8_t>((id[6] & 0x0F) | 0x80);
    id[8] = static_cast<uint8_t>((id[8] & 0x3F) | 0x80);
}

void vendor_id_of(const char* vendor, uint8_t id[kUuidBytes]) {
    const Piece pieces[] = {{"jatai vendor:", 13}, {vendor, length_of(vendor)}};
    make_uuid(id, pieces, 2);
}

void class_id_of(const uint8_t vendor_id[kUuidBytes], const char* board, uint8_t id[kUuidBytes]) {
    const Piece pieces[] = {{"jatai board:", 12}, {vendor_id, kUuidBytes}, {board, length_of(board)}};
    make_uuid(id, pieces, 3);
}

Trust trust_of(const TrustAnchor& anchor) {
    Trust trust;
    memset(&trust, 0, sizeof trust);
    memcpy(trust.vendor, anchor.vendor, sizeof trust.vendor);
    if (memcmp(anchor.magic, kAnchorMagic, sizeof anchor.magic) != 0 || anchor.version != 1 ||
        !counts_ok(anchor.threshold, anchor.root_count, anchor.signing_count))
        return trust;
    trust.threshold = anchor.threshold;
    trust.root_count = anchor.root_count;
    trust.signing_count = anchor.signing_count;
    memcpy(trust.roots, anchor.roots, sizeof trust.roots);
    memcpy(trust.signing, anchor.signing, sizeof trust.signing);
    return trust;
}

Reason read_root_payload(Trust& trust, CborBytes payload) {
    CborReader in(payload);
    memset(&trust, 0, sizeof trust);
    if (in.map() != 6 || in.integer() != 1 || in.integer() != 1) return Reason::BadRoot;
    if (in.integer() != 2) return Reason::BadRoot;
    trust.sequence = in.unsigned_integer();
    if (in.integer() != 3) return Reason::BadRoot;
    const uint64_t threshold = in.unsigned_integer();
    if (in.integer() != 4) return Reason::BadRoot;
    trust.root_count = read_keys(in, trust.roots);
    if (in.integer() != 5) return Reason::BadRoot;
    trust.signing_count = read_keys(in, trust.signing);
    if (in.integer() != 6) return Reason::BadRoot;
    const CborBytes vendor = in.bytes();
    if (!in.done() || vendor.size != kUuidBytes || threshold > kMaxKeys ||
        !counts_ok(static_cast<uint32_t>(threshold), trust.root_count, trust.signing_count) ||
        !all_different(trust.roots, trust.root_count))
        return Reason::BadRoot;
    trust.threshold = static_cast<uint8_t>(threshold);
    memcpy(trust.vendor, vendor.data, sizeof trust.vendor);
    return Reason::Ok;
}

Reason take_root(Trust& trust, const uint8_t* document, uint32_t bytes, CborBytes& payload) {
    if (trust.threshold == 0) return Reason::NoKeys;
    if (bytes > kMaxDocumentBytes) return Reason::TooLong;
    RootDocument root;
    Trust next;
    if (!read_root(root, document, bytes)) return Reason::BadRoot;
    const Reason reason = read_root_payload(next, root.payload);
    if (reason != Reason::Ok) return reason;
    if (memcmp(next.vendor, trust.vendor, sizeof next.vendor) != 0) return Reason::WrongVendor;
    if (next.sequence <= trust.sequence) return Reason::OldRoot;
    if (!enough_signed(root, trust) || !enough_signed(root, next)) return Reason::TooFewSignatures;
    trust = next;
    payload = root.payload;
    return Reason::Ok;
}

bool read_protected(CborReader& in) {
    const CborBytes header = in.bytes();
    return in.ok() && header.size == sizeof kEdDsa && memcmp(header.data, kEdDsa, sizeof kEdDsa) == 0;
}

const uint8_t* read_key_id(CborReader& in) {
    if (in.map() != 1 || in.integer() != 4) return in.fail(), nullptr;
    const CborBytes id = in.bytes();
    if (!in.ok() || id.size != kKeyIdBytes) return in.fail(), nullptr;
    return id.data;
}

Reason check_signatures(const Trust& trust, const SignatureBlock* blocks, uint32_t count, const Piece* pieces,
                        uint32_t piece_count) {
    if (trust.threshold == 0) return Reason::NoKeys;
    Reason reason = Reason::UnknownKey;
    for (uint32_t i = 0; i < trust.signing_count; ++i) {
        uint8_t id[kKeyIdBytes];
        key_id_of(trust.signing[i], id);
        for (uint32_t k = 0; k < count; ++k) {
            if (memcmp(blocks[k].key_id, id, sizeof id) != 0) continue;
            if (ed25519_verify(trust.signing[i], blocks[k].signature, pieces, piece_count)) return Reason::Ok;
            reason = Reason::BadSignature;
        }
    }
    return reason;
}

}  // namespace jatai
