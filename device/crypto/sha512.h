// sha512.h: the SHA-512 hash (FIPS 180-4), which Ed25519 stands on.
//
//     jatai::Sha512 hash;
//     hash.update(bytes, size);                    // as often as needed
//     hash.finish(digest);                         // uint8_t digest[jatai::kSha512Bytes]
//
// Keeps    The same digest however the bytes are cut into updates. One object, one digest.
// Memory   200 bytes, and 128 on the stack. Threads  One object, one thread.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace jatai {

constexpr size_t kSha512Bytes = 64;

class Sha512 {
  public:
    Sha512();
    void update(const void* bytes, size_t size);
    void finish(uint8_t digest[kSha512Bytes]);

  private:
    void absorb();

    uint64_t state_[8];
    uint64_t length_bytes_ = 0;
    uint8_t block_[128];
};

}  // namespace jatai
