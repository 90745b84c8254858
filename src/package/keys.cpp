#include "src/package/keys.h"

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "device/update/trust.h"
#include "src/base/error.h"

namespace jatai {
namespace {

std::shared_ptr<BIO> open_text(ByteView file) {
    return {BIO_new_mem_buf(file.data(), static_cast<int>(file.size())), BIO_free};
}

std::string text_of(BIO* bio) {
    char* data = nullptr;
    const long bytes = BIO_get_mem_data(bio, &data);
    return {data, static_cast<std::size_t>(bytes)};
}

// An encrypted file would make the library ask on the terminal.
int no_password(char*, int, int, void*) { return 0; }

bool is_ed25519(EVP_PKEY* key) { return key != nullptr && EVP_PKEY_get_id(key) == EVP_PKEY_ED25519; }

PublicKey raw_public(EVP_PKEY* key) {
    PublicKey bytes;
    std::size_t size = bytes.size();
    CHECK(EVP_PKEY_get_raw_public_key(key, bytes.data(), &size) == 1 && size == bytes.size());
    return bytes;
}

EVP_PKEY* pkey(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

}  // namespace

SigningKey::SigningKey(void* key) : key_(key, [](void* k) { EVP_PKEY_free(static_cast<EVP_PKEY*>(k)); }) {}

SigningKey SigningKey::generate() {
    EVP_PKEY* key = EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519");
    CHECK(key != nullptr);
    return SigningKey(key);
}

PublicKey SigningKey::public_key() const { return raw_public(pkey(key_)); }

std::array<std::uint8_t, 64> SigningKey::sign(ByteView message) const {
    std::array<std::uint8_t, 64> signature;
    std::size_t size = signature.size();
    const std::shared_ptr<EVP_MD_CTX> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    CHECK(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, pkey(key_)) == 1);
    CHECK(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1);
    CHECK(size == signature.size());
    return signature;
}

std::string SigningKey::pem() const {
    const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free);
    CHECK(PEM_write_bio_PrivateKey(bio.get(), pkey(key_), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    return text_of(bio.get());
}

SigningKey read_signing_key(ByteView file, const std::string& place) {
    const auto bio = open_text(file);
    EVP_PKEY* key = PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr);
    SigningKey holder(key);
    if (!is_ed25519(key))
        throw Error{text("{}: not an Ed25519 private key in PEM without a password", place),
                    text("make one with jatai package keygen, or openssl genpkey -algorithm ed25519")};
    return holder;
}

PublicKey read_public_key(ByteView file, const std::string& place) {
    const auto bio = open_text(file);
    EVP_PKEY* key = PEM_read_bio_PUBKEY(bio.get(), nullptr, no_password, nullptr);
    if (key == nullptr) {
        const auto again = open_text(file);
        key = PEM_read_bio_PrivateKey(again.get(), nullptr, no_password, nullptr);
    }
    const std::shared_ptr<EVP_PKEY> holder(key, EVP_PKEY_free);
    if (!is_ed25519(key))
        throw Error{text("{}: not an Ed25519 key in PEM", place),
                    text("jatai package keygen writes NAME.pem and NAME.pub")};
    return raw_public(key);
}

std::string public_pem(const PublicKey& key) {
    const std::shared_ptr<EVP_PKEY> holder(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.data(), key.size()), EVP_PKEY_free);
    const std::shared_ptr<BIO> bio(BIO_new(BIO_s_mem()), BIO_free);
    CHECK(PEM_write_bio_PUBKEY(bio.get(), holder.get()) == 1);
    return text_of(bio.get());
}

std::string key_name(const PublicKey& key) {
    std::uint8_t id[kKeyIdBytes];
    key_id_of(key.data(), id);
    std::string name;
    for (const std::uint8_t byte : id) name += fmt::format("{:02x}", byte);
    return name;
}

}  // namespace jatai
