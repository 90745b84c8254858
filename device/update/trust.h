// trust.h: whose signatures count: the anchor in the firmware, and root documents that follow it.
//
//     jatai::Trust trust = jatai::trust_of(linked_anchor());
//     const Reason reason = jatai::take_root(trust, document, bytes);     // trust is the new one after Ok
//     reason = jatai::check_signatures(trust, manifest);
//
// Root keys name the signing keys; a threshold of the old root keys and of the new ones has to sign a change
// (docs/reference/update.md#root-document).
// Memory   Trust is 296 bytes. About 1.8 KB of stack while a signature is checked.
#pragma once

#include <stdint.h>

#include "device/crypto/ed25519.h"
#include "device/update/cbor.h"
#include "device/update/reason.h"

namespace jatai {

constexpr uint32_t kMaxKeys = 4;
constexpr uint32_t kMaxRootSignatures = 8;
constexpr uint32_t kMaxManifestSignatures = 4;
constexpr uint32_t kKeyIdBytes = 8;
constexpr uint32_t kUuidBytes = 16;
constexpr uint32_t kMaxDocumentBytes = 1024;  // of a manifest or root document
constexpr char kAnchorMagic[9] = "JATAITA1";  // the 8 letters are stored, the zero is not

// In the firmware, found by its first bytes; the host writes the keys into it.
struct TrustAnchor {
    char magic[8];
    uint16_t version;  // 1
    uint8_t threshold;
    uint8_t root_count;
    uint8_t signing_count;
    uint8_t reserved[3];
    uint8_t vendor[kUuidBytes];
    uint8_t roots[kMaxKeys][kKeyBytes];
    uint8_t signing[kMaxKeys][kKeyBytes];
};
static_assert(sizeof(TrustAnchor) == 288, "the host writes these 288 bytes");

struct Trust {
    uint64_t sequence;
    uint8_t threshold;
    uint8_t root_count;
    uint8_t signing_count;
    uint8_t vendor[kUuidBytes];
    uint8_t roots[kMaxKeys][kKeyBytes];
    uint8_t signing[kMaxKeys][kKeyBytes];
};

// A signature as it stands in a document.
struct SignatureBlock {
    const uint8_t* key_id;
    const uint8_t* signature;
};

// The root of sequence 0. Without keys when the anchor's fields are not possible ones.
Trust trust_of(const TrustAnchor& anchor);

// The payload of a root document, without its signatures: what a chip keeps.
Reason read_root_payload(Trust& trust, CborBytes payload);

// A root document: proves it against `trust` and replaces it. `payload` is what to keep.
Reason take_root(Trust& trust, const uint8_t* document, uint32_t bytes, CborBytes& payload);

// Reads {4: key id} and, after `empty_payload`, the signature of a COSE signature structure's tail.
bool read_protected(CborReader& in);  // << {1: -8} >>
const uint8_t* read_key_id(CborReader& in);

// Whether one of the keys in force made one of the signatures over `pieces`.
Reason check_signatures(const Trust& trust, const SignatureBlock* blocks, uint32_t count, const Piece* pieces,
                        uint32_t piece_count);

void key_id_of(const uint8_t key[kKeyBytes], uint8_t id[kKeyIdBytes]);
// UUID version 8 from a digest of the parts.
void make_uuid(uint8_t id[kUuidBytes], const Piece* pieces, uint32_t count);
void vendor_id_of(const char* vendor, uint8_t id[kUuidBytes]);
void class_id_of(const uint8_t vendor_id[kUuidBytes], const char* board, uint8_t id[kUuidBytes]);

}  // namespace jatai
