#include "device/sha256.h"

#include <string.h>

namespace jatai {
namespace {

// FIPS 180-4 §4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes.
const uint32_t kRound[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

inline uint32_t rotate(uint32_t x, int n) { return (x >> n) | (x << (32 - n)); }

inline uint32_t read_big(const uint8_t* p) {
    return uint32_t(p[0]) << 24 | uint32_t(p[1]) << 16 | uint32_t(p[2]) << 8 | p[3];
}

inline void write_big(uint8_t* p, uint32_t x) {
    p[0] = uint8_t(x >> 24);
    p[1] = uint8_t(x >> 16);
    p[2] = uint8_t(x >> 8);
    p[3] = uint8_t(x);
}

}  // namespace

void Sha256::start() {
    // FIPS 180-4 §5.3.3.
    static const uint32_t kInitial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(state_, kInitial, sizeof state_);
    length_bytes_ = 0;
}

// The compression function, FIPS 180-4 §6.2.2. The message schedule is kept as a ring of 16 words.
void Sha256::absorb(const uint8_t block[64]) {
    uint32_t w[16];
    uint32_t a = state_[0], b = state_[1], c = state_[2], d = state_[3];
    uint32_t e = state_[4], f = state_[5], g = state_[6], h = state_[7];
    for (int i = 0; i < 64; ++i) {
        if (i < 16) {
            w[i] = read_big(block + 4 * i);
        } else {
            const uint32_t x = w[(i + 1) & 15];
            const uint32_t y = w[(i + 14) & 15];
            w[i & 15] += (rotate(x, 7) ^ rotate(x, 18) ^ (x >> 3)) + w[(i + 9) & 15] +
                         (rotate(y, 17) ^ rotate(y, 19) ^ (y >> 10));
        }
        const uint32_t t1 =
            h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + ((e & f) ^ (~e & g)) + kRound[i] + w[i & 15];
        const uint32_t t2 = (rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g, g = f, f = e, e = d + t1;
        d = c, c = b, b = a, a = t1 + t2;
    }
    const uint32_t v[8] = {a, b, c, d, e, f, g, h};
    for (int i = 0; i < 8; ++i) state_[i] += v[i];
}

void Sha256::update(const void* bytes, size_t size) {
    const uint8_t* p = static_cast<const uint8_t*>(bytes);
    size_t held = size_t(length_bytes_ & 63);
    length_bytes_ += size;
    while (size > 0) {
        if (held == 0 && size >= 64) {
            absorb(p);
            p += 64;
            size -= 64;
            continue;
        }
        const size_t take = size < 64 - held ? size : 64 - held;
        memcpy(block_ + held, p, take);
        held += take;
        p += take;
        size -= take;
        if (held == 64) {
            absorb(block_);
            held = 0;
        }
    }
}

void Sha256::finish(uint8_t digest[kSha256Bytes]) {
    const uint64_t length_bits = length_bytes_ * 8;
    const uint8_t one = 0x80;
    const uint8_t zero = 0;
    update(&one, 1);
    while ((length_bytes_ & 63) != 56) update(&zero, 1);
    uint8_t length[8];
    write_big(length, uint32_t(length_bits >> 32));
    write_big(length + 4, uint32_t(length_bits));
    update(length, 8);
    for (int i = 0; i < 8; ++i) write_big(digest + 4 * i, state_[i]);
    start();
}

}  // namespace jatai
