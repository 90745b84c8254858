#include "src/fleet/secrets.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

#include "src/base/error.h"

namespace jatai::fleet {
namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
    static const char* digits = "0123456789abcdef";
    std::string out;
    for (std::size_t i = 0; i < count; ++i) {
        out += digits[bytes[i] >> 4];
        out += digits[bytes[i] & 15];
    }
    return out;
}

std::string digest(std::string_view bytes, const EVP_MD* method) {
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    CHECK(EVP_Digest(bytes.data(), bytes.size(), sum, &length, method, nullptr) == 1);
    return hex(sum, length);
}

}  // namespace

std::string random_word(std::size_t bytes) {
    static const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    std::vector<unsigned char> raw(bytes);
    CHECK(RAND_bytes(raw.data(), static_cast<int>(raw.size())) == 1);
    std::string out;
    std::uint32_t buffer = 0;
    int bits = 0;
    for (const unsigned char byte : raw) {
        buffer = (buffer << 8) | byte;
        for (bits += 8; bits >= 6; bits -= 6) out += letters[(buffer >> (bits - 6)) & 63];
    }
    if (bits > 0) out += letters[(buffer << (6 - bits)) & 63];
    return out;
}

std::string sha256_hex(std::string_view bytes) { return digest(bytes, EVP_sha256()); }

Sums sums_of(std::string_view bytes) {
    return {digest(bytes, EVP_sha256()), digest(bytes, EVP_sha1()), digest(bytes, EVP_md5())};
}

bool same_secret(std::string_view a, std::string_view b) {
    return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

bool is_sha256_hex(std::string_view word) {
    return word.size() == 64 && std::all_of(word.begin(), word.end(), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
           });
}

}  // namespace jatai::fleet
