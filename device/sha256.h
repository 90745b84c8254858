// sha256.h: the SHA-256 hash (FIPS 180-4), for packages, recordings and lineage.
//
//     jatai::Sha256 hash;
//     hash.update(bytes, size);                    // as often as needed
//     hash.finish(digest);                         // uint8_t digest[jatai::kSha256Bytes]
//
// Keeps: the same digest however the bytes are cut into updates. After finish() the object starts anew.
// Memory: 112 bytes, no heap. Threads: one object, one thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace jatai {

constexpr size_t kSha256Bytes = 32;

class Sha256 {
  public:
    Sha256() { start(); }
    void update(const void* bytes, size_t size);
    void finish(uint8_t digest[kSha256Bytes]);

  private:
    void start();
    void absorb(const uint8_t block[64]);

    uint32_t state_[8];
    uint64_t length_bytes_;
    uint8_t block_[64];
};

inline void sha256(const void* bytes, size_t size, uint8_t digest[kSha256Bytes]) {
    Sha256 hash;
    hash.update(bytes, size);
    hash.finish(digest);
}

}  // namespace jatai
