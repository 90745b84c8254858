#include "device/sha256.h"

#include <gtest/gtest.h>

#include <string>

namespace jatai {
namespace {

std::string hex(const uint8_t* digest) {
    std::string result;
    for (size_t i = 0; i < kSha256Bytes; ++i) {
        result += "0123456789abcdef"[digest[i] >> 4];
        result += "0123456789abcdef"[digest[i] & 15];
    }
    return result;
}

std::string hash(const std::string& message, size_t step) {
    Sha256 sha;
    for (size_t i = 0; i < message.size(); i += step)
        sha.update(message.data() + i, std::min(step, message.size() - i));
    uint8_t digest[kSha256Bytes];
    sha.finish(digest);
    return hex(digest);
}

// Expected values: NIST's published examples for FIPS 180-4.
TEST(Sha256, AgreesWithThePublishedExamples) {
    EXPECT_EQ(hash("", 1), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hash("abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hash("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    EXPECT_EQ(hash(std::string(1000000, 'a'), 1000),
              "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, GivesTheSameDigestHoweverTheMessageIsCut) {
    std::string message;
    for (int i = 0; i < 300; ++i) message += char(i * 7);
    for (size_t size : {55u, 56u, 63u, 64u, 65u, 119u, 128u, 300u}) {
        const std::string part = message.substr(0, size);
        const std::string whole = hash(part, size);
        for (size_t step : {1u, 7u, 63u, 64u, 65u}) EXPECT_EQ(hash(part, step), whole) << size << " " << step;
    }
}

TEST(Sha256, StartsAnewAfterFinish) {
    Sha256 sha;
    uint8_t first[kSha256Bytes];
    uint8_t second[kSha256Bytes];
    sha.update("abc", 3);
    sha.finish(first);
    sha.update("abc", 3);
    sha.finish(second);
    EXPECT_EQ(hex(first), hex(second));
}

}  // namespace
}  // namespace jatai
