// ed25519.h: whether a signature is good (Ed25519, RFC 8032 §5.1.7). The chip verifies; it never signs.
//
//     const jatai::Piece message[] = {{prefix, prefix_bytes}, {body, body_bytes}};
//     if (!jatai::ed25519_verify(public_key, signature, message, 2)) { return Reason::BadSignature; }
//
// Stricter than the RFC asks: a scalar S that is not below the group order is refused (no second form of a
// signature), and so are keys that are not canonical or lie in the small subgroup. The equation is checked
// without the cofactor, by comparing the encoding of R, so a non-canonical R cannot pass.
//
// Memory   About 1.4 KB of stack, no heap. Cost  1.5 M cycles or so on a Cortex-M4
// (docs/reference/update.md#budget).
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace jatai {

constexpr size_t kKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;

// One of the parts a message is made of, in order.
struct Piece {
    const void* bytes;
    size_t size;
};

bool ed25519_verify(const uint8_t key[kKeyBytes], const uint8_t signature[kSignatureBytes],
                    const Piece* pieces, size_t piece_count);

}  // namespace jatai
