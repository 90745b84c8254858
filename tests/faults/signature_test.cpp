// The chip's Ed25519 beside OpenSSL's: the same verdict on good signatures, damaged ones, and ones at the
// edges.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include "device/crypto/ed25519.h"
#include "src/base/rng.h"
#include "src/package/keys.h"

namespace jatai {
namespace {

bool openssl_takes(const PublicKey& key, const std::array<std::uint8_t, 64>& signature,
                   const Bytes& message) {
    const std::shared_ptr<EVP_PKEY> pkey(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
    const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    if (pkey == nullptr || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) != 1)
        return false;
    return EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                            message.size()) == 1;
}

bool chip_takes(const PublicKey& key, const std::array<std::uint8_t, 64>& signature, const Bytes& message) {
    const Piece piece = {message.data(), message.size()};
    return ed25519_verify(key.data(), signature.data(), &piece, 1);
}

Bytes random_message(Rng& rng) {
    Bytes message(rng.below(400));
    for (std::uint8_t& byte : message) byte = static_cast<std::uint8_t>(rng.next());
    return message;
}

TEST(Signatures, OfOpenSslAreTakenByTheChipAndDamagedOnesByNeither) {
    Rng rng(11);
    for (int i = 0; i < 300; ++i) {
        const SigningKey key = SigningKey::generate();
        Bytes message = random_message(rng);
        std::array<std::uint8_t, 64> signature = key.sign(message);
        PublicKey known = key.public_key();
        ASSERT_TRUE(chip_takes(known, signature, message));
        switch (rng.below(3)) {
            case 0:
                signature[rng.below(64)] ^= static_cast<std::uint8_t>(1u << rng.below(8));
                break;
            case 1:
                known[rng.below(32)] ^= static_cast<std::uint8_t>(1u << rng.below(8));
                break;
            default:
                message.push_back(0);
                break;
        }
        ASSERT_FALSE(openssl_takes(known, signature, message));
        ASSERT_FALSE(chip_takes(known, signature, message));
    }
}

// Keys of random bytes are points in half of all cases; S of few bits, R of odd encodings. Nobody signed, so
// both refuse.
TEST(Signatures, OfNobodyAreTakenByNeither) {
    Rng rng(12);
    for (int i = 0; i < 300; ++i) {
        PublicKey key;
        std::array<std::uint8_t, 64> signature{};
        for (std::uint8_t& byte : key) byte = static_cast<std::uint8_t>(rng.next());
        for (std::size_t k = 0; k < rng.below(64); ++k) signature[k] = static_cast<std::uint8_t>(rng.next());
        const Bytes message = random_message(rng);
        ASSERT_EQ(openssl_takes(key, signature, message), chip_takes(key, signature, message));
    }
}

TEST(Keys, InFilesAreWhatOpenSslWritesAndReads) {
    const SigningKey key = SigningKey::generate();
    const std::string pem = key.pem(), pub = public_pem(key.public_key());
    const auto bytes = [](const std::string& text) { return Bytes(text.begin(), text.end()); };
    EXPECT_EQ(read_signing_key(bytes(pem), "a.pem").public_key(), key.public_key());
    EXPECT_EQ(read_public_key(bytes(pub), "a.pub"), key.public_key());
    EXPECT_EQ(read_public_key(bytes(pem), "a.pem"), key.public_key());
    EXPECT_THROW(read_signing_key(bytes(pub), "a.pub"), std::exception);
    EXPECT_THROW(read_public_key(bytes("nothing"), "a.pub"), std::exception);
}

}  // namespace
}  // namespace jatai
