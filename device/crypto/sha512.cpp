#include "device/crypto/sha512.h"

#include <string.h>

namespace jatai {
namespace {

// FIPS 180-4 §4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes.
const uint64_t kRound[80] = {
    0x428a2f98d728ae22ull, 0x7137449123ef65cdull, 0xb5c0fbcfec4d3b2full, 0xe9b5dba58189dbbcull,
    0x3956c25bf348b538ull, 0x59f111f1b605d019ull, 0x923f82a4af194f9bull, 0xab1c5ed5da6d8118ull,
    0xd807aa98a3030242ull, 0x12835b0145706fbeull, 0x243185be4ee4b28cull, 0x550c7dc3d5ffb4e2ull,
    0x72be5d74f27b896full, 0x80deb1fe3b1696b1ull, 0x9bdc06a725c71235ull, 0xc19bf174cf692694ull,
    0xe49b69c19ef14ad2ull, 0xefbe4786384f25e3ull, 0x0fc19dc68b8cd5b5ull, 0x240ca1cc77ac9c65ull,
    0x2de92c6f592b0275ull, 0x4a7484aa6ea6e483ull, 0x5cb0a9dcbd41fbd4ull, 0x76f988da831153b5ull,
    0x983e5152ee66dfabull, 0xa831c66d2db43210ull, 0xb00327c898fb213full, 0xbf597fc7beef0ee4ull,
    0xc6e00bf33da88fc2ull, 0xd5a79147930aa725ull, 0x06ca6351e003826full, 0x142929670a0e6e70ull,
    0x27b70a8546d22ffcull, 0x2e1b21385c26c926ull, 0x4d2c6dfc5ac42aedull, 0x53380d139d95b3dfull,
    0x650a73548baf63deull, 0x766a0abb3c77b2a8ull, 0x81c2c92e47edaee6ull, 0x92722c851482353bull,
    0xa2bfe8a14cf10364ull, 0xa81a664bbc423001ull, 0xc24b8b70d0f89791ull, 0xc76c51a30654be30ull,
    0xd192e819d6ef5218ull, 0xd69906245565a910ull, 0xf40e35855771202aull, 0x106aa07032bbd1b8ull,
    0x19a4c116b8d2d0c8ull, 0x1e376c085141ab53ull, 0x2748774cdf8eeb99ull, 0x34b0bcb5e19b48a8ull,
    0x391c0cb3c5c95a63ull, 0x4ed8aa4ae3418acbull, 0x5b9cca4f7763e373ull, 0x682e6ff3d6b2b8a3ull,
    0x748f82ee5defb2fcull, 0x78a5636f43172f60ull, 0x84c87814a1f0ab72ull, 0x8cc702081a6439ecull,
    0x90befffa23631e28ull, 0xa4506cebde82bde9ull, 0xbef9a3f7b2c67915ull, 0xc67178f2e372532bull,
    0xca273eceea26619cull, 0xd186b8c721c0c207ull, 0xeada7dd6cde0eb1eull, 0xf57d4f7fee6ed178ull,
    0x06f067aa72176fbaull, 0x0a637dc5a2c898a6ull, 0x113f9804bef90daeull, 0x1b710b35131c471bull,
    0x28db77f523047d84ull, 0x32caab7b40c72493ull, 0x3c9ebe0a15c9bebcull, 0x431d67c49c100d4cull,
    0x4cc5d4becb3e42b6ull, 0x597f299cfc657e2aull, 0x5fcb6fab3ad6faecull, 0x6c44198c4a475817ull};

// FIPS 180-4 §5.3.5.
const uint64_t kInitial[8] = {0x6a09e667f3bcc908ull, 0xbb67ae8584caa73bull, 0x3c6ef372fe94f82bull,
                              0xa54ff53a5f1d36f1ull, 0x510e527fade682d1ull, 0x9b05688c2b3e6c1full,
                              0x1f83d9abfb41bd6bull, 0x5be0cd19137e2179ull};

inline uint64_t rotate(uint64_t x, int n) { return (x >> n) | (x << (64 - n)); }

uint64_t read_big(const uint8_t* p) {
    uint64_t x = 0;
    for (int i = 0; i < 8; ++i) x = x << 8 | p[i];
    return x;
}

void write_big(uint8_t* p, uint64_t x) {
    for (int i = 7; i >= 0; --i, x >>= 8) p[i] = uint8_t(x);
}

}  // namespace

Sha512::Sha512() { memcpy(state_, kInitial, sizeof state_); }

// The compression function, FIPS 180-4 §6.4.2. The message schedule is kept as a ring of 16 words; the eight
// working variables turn in place instead of being moved.
void Sha512::absorb() {
    uint64_t w[16];
    uint64_t v[8];
    memcpy(v, state_, sizeof v);
    for (int i = 0; i < 80; ++i) {
        if (i < 16) {
            w[i] = read_big(block_ + 8 * i);
        } else {
            const uint64_t x = w[(i + 1) & 15];
            const uint64_t y = w[(i + 14) & 15];
            w[i & 15] += (rotate(x, 1) ^ rotate(x, 8) ^ (x >> 7)) + w[(i + 9) & 15] +
                         (rotate(y, 19) ^ rotate(y, 61) ^ (y >> 6));
        }
        const uint64_t a = v[-i & 7], b = v[(1 - i) & 7], c = v[(2 - i) & 7];
        const uint64_t e = v[(4 - i) & 7], f = v[(5 - i) & 7], g = v[(6 - i) & 7];
        const uint64_t t = v[(7 - i) & 7] + (rotate(e, 14) ^ rotate(e, 18) ^ rotate(e, 41)) +
                           ((e & f) ^ (~e & g)) + kRound[i] + w[i & 15];
        v[(3 - i) & 7] += t;
        v[(7 - i) & 7] = t + (rotate(a, 28) ^ rotate(a, 34) ^ rotate(a, 39)) + ((a & b) ^ (a & c) ^ (b & c));
    }
    for (int i = 0; i < 8; ++i) state_[i] += v[i];
}

void Sha512::update(const void* bytes, size_t size) {
    const uint8_t* p = static_cast<const uint8_t*>(bytes);
    while (size > 0) {
        const size_t held = size_t(length_bytes_ & 127);
        const size_t take = size < 128 - held ? size : 128 - held;
        memcpy(block_ + held, p, take);
        length_bytes_ += take;
        p += take;
        size -= take;
        if (held + take == 128) absorb();
    }
}

void Sha512::finish(uint8_t digest[kSha512Bytes]) {
    const uint64_t length_bits = length_bytes_ * 8;
    const uint8_t one = 0x80;
    const uint8_t zero = 0;
    update(&one, 1);
    while ((length_bytes_ & 127) != 112) update(&zero, 1);
    uint8_t length[16] = {};  // 128 bits; the upper half is 0 for anything that fits into memory
    write_big(length + 8, length_bits);
    update(length, sizeof length);
    for (int i = 0; i < 8; ++i) write_big(digest + 8 * i, state_[i]);
}

}  // namespace jatai
