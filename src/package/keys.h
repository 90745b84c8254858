// keys.h: Ed25519 keys in files, as `openssl genpkey -algorithm ed25519` writes them.
//
//     SigningKey key = read_signing_key(read_file("signing.pem"), "signing.pem");
//     Bytes signature = key.sign(message);
//     PublicKey known = read_public_key(read_file("signing.pub"), "signing.pub");
//
// Fails with Error for a file that holds no such key. Memory: the secret is wiped when the object goes.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "src/base/bytes.h"

namespace jatai {

using PublicKey = std::array<std::uint8_t, 32>;

class SigningKey {
  public:
    static SigningKey generate();

    PublicKey public_key() const;
    std::array<std::uint8_t, 64> sign(ByteView message) const;
    std::string pem() const;  // PKCS #8, not encrypted

  private:
    friend SigningKey read_signing_key(ByteView file, const std::string& place);
    explicit SigningKey(void* key);
    std::shared_ptr<void> key_;
};

SigningKey read_signing_key(ByteView file, const std::string& place);

// PEM of a public or a private key.
PublicKey read_public_key(ByteView file, const std::string& place);
std::string public_pem(const PublicKey& key);

// The first 8 bytes of its SHA-256, hexadecimal: how documents and people name a key.
std::string key_name(const PublicKey& key);

}  // namespace jatai
