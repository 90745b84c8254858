// suit_manifest.h: the signed description of an update: what it is, for whom, and until when.
//
//     jatai::SuitManifest manifest;
//     Reason reason = jatai::read_manifest(manifest, envelope, bytes);
//     if (reason == Reason::Ok) reason = jatai::check_manifest(manifest, trust);
//
// The profile of SUIT is in docs/reference/update.md#manifest; anything else is refused. Pointers lead into
// the envelope, which stays in place. Before check_manifest() answers Ok, everything here is a stranger's
// word.
#pragma once

#include <stdint.h>

#include "device/update/cbor.h"
#include "device/update/reason.h"
#include "device/update/trust.h"

namespace jatai {

constexpr uint32_t kMaxManifestKernels = 64;

enum class Component : uint8_t { Notice = 0, Model = 1, Firmware = 2 };

struct SuitManifest {
    uint64_t sequence;
    uint64_t not_after;  // 0: no end
    Component component;
    uint32_t image_bytes;
    uint32_t format;  // of a model: package version, family, arena, kernels
    uint32_t family;
    uint32_t arena_bytes;
    CborBytes kernels;
    const uint8_t* vendor;
    const uint8_t* class_id;
    const uint8_t* digest;  // of the image

    CborBytes whole;          // the manifest with its CBOR head: what was hashed
    CborBytes signed_digest;  // [-16, digest] as it was signed
    const uint8_t* manifest_digest;
    SignatureBlock blocks[kMaxManifestSignatures];
    uint32_t block_count;
};

Reason read_manifest(SuitManifest& manifest, const uint8_t* envelope, uint32_t bytes);

// Digest and signature.
Reason check_manifest(const SuitManifest& manifest, const Trust& trust);

}  // namespace jatai
