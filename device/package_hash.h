// package_hash.h: whether the bytes of a package are those that were packed.
//
//     if (jatai::check_hash(bytes, count) != jatai::Status::Ok) { return ask_again(); }
//
// For whoever received a package, before Engine::open(); apart from the engine because a model that is part
// of the firmware needs no hash. SHA-256 over bytes 48 to the end (docs/reference/package.md#header).
#pragma once

#include <stdint.h>
#include <string.h>

#include "device/package.h"
#include "device/sha256.h"
#include "device/status.h"

namespace jatai {

inline Status check_hash(const void* package, uint32_t package_bytes) {
    if (package == nullptr || package_bytes < sizeof(PackageHeader)) return Status::TooShort;
    PackageHeader header;
    memcpy(&header, package, sizeof header);
    if (header.magic != kPackageMagic) return Status::BadMagic;
    if (header.version != kPackageVersion) return Status::BadVersion;
    if (header.total_bytes > package_bytes || header.total_bytes < sizeof header) return Status::BadLength;
    uint8_t digest[kSha256Bytes];
    sha256(static_cast<const uint8_t*>(package) + kHashedFrom, header.total_bytes - kHashedFrom, digest);
    return memcmp(digest, header.sha256, sizeof digest) == 0 ? Status::Ok : Status::BadHash;
}

}  // namespace jatai
