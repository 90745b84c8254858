// sign.h: signed manifests and root documents: who made an update, for which board, and until when it counts.
//
//     Bytes envelope = sign_package(package, {.sequence = 1795000000}, {key});           // NAME.suit
//     SignedFacts facts = read_signed(envelope, "kws.suit");                             // not yet believed
//     require_signed(envelope, trust, "kws.suit");                                       // refuses in words
//
// The bytes are in docs/reference/update.md. Checking is the chip's own code: what passes here passes there.
//
// Fails with Error for what is not a package, or would be longer than a chip takes (1,024 bytes).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "device/update/reason.h"
#include "device/update/trust.h"
#include "src/package/keys.h"

namespace jatai {

struct SignOptions {
    std::uint64_t sequence = 0;   // 0: the seconds since 1970
    std::uint64_t not_after = 0;  // 0: no end
    std::string vendor = "jatai";
};

Bytes sign_package(ByteView package, const SignOptions& options, const std::vector<SigningKey>& keys);
Bytes sign_firmware(ByteView image, const std::string& board, const SignOptions& options,
                    const std::vector<SigningKey>& keys);
Bytes sign_notice(const SignOptions& options, const std::vector<SigningKey>& keys);

// What a manifest says.
struct SignedFacts {
    std::string component;  // model | firmware | notice
    std::uint64_t sequence = 0, not_after = 0;
    std::string vendor_id, class_id;  // hexadecimal
    std::string digest;               // of the image, hexadecimal; empty for a notice
    std::uint64_t image_bytes = 0, arena_bytes = 0;
    unsigned format = 0, family = 0;
    std::vector<std::uint8_t> kernels;  // records of 4 bytes
    std::vector<std::string> key_names;
};
SignedFacts read_signed(ByteView envelope, const std::string& place);

// A reason as the chip would give it.
Reason check_signed(ByteView envelope, const Trust& trust);
void require_signed(ByteView envelope, const Trust& trust, const std::string& place);

struct RootOptions {
    std::uint64_t sequence = 0;  // 0: the seconds since 1970
    unsigned threshold = 1;
    std::vector<PublicKey> roots, signing;
    std::string vendor = "jatai";
};
Bytes make_root(const RootOptions& options, const std::vector<SigningKey>& keys);

// A root document that is taken on its own word: for a person who compares its keys, never for a chip.
Trust read_root(ByteView document, const std::string& place);
// One that has to follow `trust`.
Trust require_root(ByteView document, const Trust& trust, const std::string& place);

// What a firmware trusts from the beginning; and that written into its file, ELF or flat.
TrustAnchor make_anchor(const Trust& trust);
Trust trust_in(const std::vector<PublicKey>& signing, const std::string& vendor);  // signing keys alone
Bytes insert_anchor(ByteView firmware, const TrustAnchor& anchor, const std::string& place);

}  // namespace jatai
