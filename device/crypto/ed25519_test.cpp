#include "device/crypto/ed25519.h"

#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "device/crypto/field25519.h"
#include "device/crypto/sha512.h"

namespace jatai {
namespace {

using Bytes = std::vector<uint8_t>;

Bytes unhex(const std::string& digits) {
    Bytes bytes;
    for (size_t i = 0; i < digits.size(); i += 2)
        bytes.push_back(uint8_t(std::stoul(digits.substr(i, 2), nullptr, 16)));
    return bytes;
}

bool verify(const Bytes& key, const Bytes& signature, const Bytes& message) {
    const Piece piece = {message.data(), message.size()};
    return ed25519_verify(key.data(), signature.data(), &piece, 1);
}

struct Vector {
    const char *key, *message, *signature;
};

// RFC 8032 §7.1, TEST 1 to 3.
const Vector kVectors[] = {
    {"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5"
     "f0595bbe24655141438e7a100b"},
    {"3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2e"
     "aeb4302aeeb00d291612bb0c00"},
    {"fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15"
     "e9716ed28dc027beceea1ec40a"},
};

std::string hex(const uint8_t* bytes, size_t count) {
    std::string result;
    for (size_t i = 0; i < count; ++i) {
        result += "0123456789abcdef"[bytes[i] >> 4];
        result += "0123456789abcdef"[bytes[i] & 15];
    }
    return result;
}

TEST(Sha512, AgreesWithThePublishedExamplesHoweverTheMessageIsCut) {
    const std::string two_blocks =
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnop"
        "qrs"
        "tnopqrstu";
    const std::string messages[] = {"abc", two_blocks};
    const std::string expected[] = {
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d"
        "4423"
        "643ce80e2a9ac94fa54ca49f",
        "8e959b75dae313da8cf4f72814fc143f8f7779c6eb9f7fa17299aeadb6889018501d289e4900f7e4331b99dec4b5433ac7d3"
        "29ee"
        "b6dd26545e96e55b874be909"};
    for (size_t step : {1, 7, 128, 1000}) {
        for (int i = 0; i < 2; ++i) {
            Sha512 hash;
            for (size_t at = 0; at < messages[i].size(); at += step)
                hash.update(messages[i].data() + at, std::min(step, messages[i].size() - at));
            uint8_t digest[kSha512Bytes];
            hash.finish(digest);
            EXPECT_EQ(hex(digest, sizeof digest), expected[i]);
        }
    }
}

TEST(Ed25519, TakesTheSignaturesOfTheRfc) {
    for (const Vector& v : kVectors)
        EXPECT_TRUE(verify(unhex(v.key), unhex(v.signature), unhex(v.message))) << v.key;
}

TEST(Ed25519, RefusesEveryFlippedBitOfSignatureKeyAndMessage) {
    const Vector& v = kVectors[2];
    for (int part = 0; part < 3; ++part) {
        Bytes parts[3] = {unhex(v.key), unhex(v.signature), unhex(v.message)};
        for (size_t bit = 0; bit < parts[part].size() * 8; ++bit) {
            Bytes damaged[3] = {parts[0], parts[1], parts[2]};
            damaged[part][bit / 8] ^= uint8_t(1u << (bit % 8));
            EXPECT_FALSE(verify(damaged[0], damaged[1], damaged[2])) << part << " " << bit;
        }
    }
}

// S + L gives the same point, so a verifier that does not compare S with L takes a second form.
TEST(Ed25519, RefusesTheSecondFormOfASignature) {
    const Bytes order = unhex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    for (const Vector& v : kVectors) {
        Bytes signature = unhex(v.signature);
        unsigned carry = 0;
        for (int i = 0; i < 32; ++i) {
            carry += unsigned(signature[32 + i]) + order[i];
            signature[32 + i] = uint8_t(carry);
            carry >>= 8;
        }
        EXPECT_FALSE(verify(unhex(v.key), signature, unhex(v.message)));
    }
}

// The eight points of the small subgroup, and encodings of them that are not canonical: with such a key a
// signature of zeros passes for many messages.
TEST(Ed25519, RefusesKeysOfSmallOrder) {
    const char* keys[] = {
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "0000000000000000000000000000000000000000000000000000000000000080",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
        "0100000000000000000000000000000000000000000000000000000000000080",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
        "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    };
    Bytes signature(64, 0);
    signature[0] = 1;  // R the neutral point, S = 0
    for (const char* key : keys)
        for (uint8_t text = 0; text < 64; ++text)
            EXPECT_FALSE(verify(unhex(key), signature, {text})) << key << " " << int(text);
}

TEST(Ed25519, RefusesAnRThatIsNotCanonical) {
    // y = p + 1 stands for y = 1, the neutral point.
    Bytes signature = unhex(kVectors[0].signature);
    const Bytes r = unhex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f");
    std::memcpy(signature.data(), r.data(), 32);
    EXPECT_FALSE(verify(unhex(kVectors[0].key), signature, {}));
}

TEST(Ed25519, JudgesAMessageTheSameHoweverItIsCutIntoPieces) {
    const Vector& v = kVectors[2];
    const Bytes key = unhex(v.key), signature = unhex(v.signature), message = unhex(v.message);
    const Piece pieces[] = {{message.data(), 1}, {nullptr, 0}, {message.data() + 1, 1}};
    EXPECT_TRUE(ed25519_verify(key.data(), signature.data(), pieces, 3));
    EXPECT_FALSE(ed25519_verify(key.data(), signature.data(), pieces, 2));
}

TEST(Field25519, KeepsItsLawsAtTheEdgesOfItsRange) {
    using namespace field25519;
    const uint32_t top = 0xffffffff;
    const Number edges[] = {{{0}},
                            {{1}},
                            {{38}},
                            {{19}},
                            {{0xffffffed, top, top, top, top, top, top, 0x7fffffff}},
                            {{0xffffffec, top, top, top, top, top, top, 0x7fffffff}},
                            {{top, top, top, top, top, top, top, top}},
                            {{0xffffffda, top, top, top, top, top, top, top}},
                            {{0, 0, 0, 0, 0, 0, 0, 0x80000000}}};
    uint8_t left[32], right[32];
    for (const Number& a : edges) {
        for (const Number& b : edges) {
            Number sum, difference, product, other;
            add(sum, a, b);
            subtract(difference, sum, b);
            encode(left, difference);
            encode(right, a);
            EXPECT_EQ(std::memcmp(left, right, 32), 0);
            multiply(product, sum, sum);  // (a+b)^2 = a^2 + 2ab + b^2
            square(other, a);
            subtract(product, product, other);
            square(other, b);
            subtract(product, product, other);
            multiply(other, a, b);
            subtract(product, product, other);
            subtract(product, product, other);
            EXPECT_TRUE(is_zero(product));
        }
        Number inverse, one;
        invert(inverse, a);
        multiply(one, inverse, a);
        encode(left, one);
        EXPECT_TRUE(is_zero(a) ? is_zero(one) : left[0] == 1);
    }
}

}  // namespace
}  // namespace jatai
