#include "device/crypto/ed25519.h"

#include <string.h>

#include "device/crypto/field25519.h"
#include "device/crypto/sha512.h"

// The curve is -x^2 + y^2 = 1 + d x^2 y^2. A point is kept as X, Y, Z, T with x = X/Z, y = Y/Z, T = XY/Z; the
// formulas are those of RFC 8032 §5.1.4.
namespace jatai {
namespace {

using namespace field25519;

const Number kD = {
    {0x135978a3, 0x75eb4dca, 0x4141d8ab, 0x00700a4d, 0x7779e898, 0x8cc74079, 0x2b6ffe73, 0x52036cee}};
const Number kRootOfMinusOne = {
    {0x4a0ea0b0, 0xc4ee1b27, 0xad2fe478, 0x2f431806, 0x3dfbd7a7, 0x2b4d0099, 0x4fc1df0b, 0x2b832480}};
const Number kBaseX = {
    {0x8f25d51a, 0xc9562d60, 0x9525a7b2, 0x692cc760, 0xfdd6dc5c, 0xc0a4e231, 0xcd6e53fe, 0x216936d3}};
const Number kBaseY = {
    {0x66666658, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666, 0x66666666}};
// The order of the base point, and of every scalar.
const uint32_t kOrder[8] = {0x5cf5d3ed, 0x5812631a, 0xa2f79cd6, 0x14def9de, 0, 0, 0, 0x10000000};

struct Point {
    Number x, y, z, t;
};

// A point as add() wants its second operand: Y - X, Y + X, 2Z, 2dT.
struct Addend {
    Number minus, plus, twice_z, twice_dt;
};

void to_addend(Addend& a, const Point& p) {
    subtract(a.minus, p.y, p.x);
    add(a.plus, p.y, p.x);
    add(a.twice_z, p.z, p.z);
    multiply(a.twice_dt, p.t, kD);
    add(a.twice_dt, a.twice_dt, a.twice_dt);
}

// X = EF, Y = GH, Z = FG, T = EH: how both formulas end.
void finish(Point& p, const Number& e, const Number& f, const Number& g, const Number& h) {
    multiply(p.x, e, f);
    multiply(p.y, g, h);
    multiply(p.z, f, g);
    multiply(p.t, e, h);
}

void add(Point& p, const Addend& q) {
    Number a, b, c, d;
    subtract(a, p.y, p.x);
    multiply(a, a, q.minus);
    add(b, p.y, p.x);
    multiply(b, b, q.plus);
    multiply(c, p.t, q.twice_dt);
    multiply(d, p.z, q.twice_z);
    Number& e = p.x;  // p is read no more
    Number& f = p.y;
    subtract(e, b, a);
    subtract(f, d, c);
    add(c, d, c);  // g
    add(d, b, a);  // h
    const Number e_kept = e, f_kept = f;
    finish(p, e_kept, f_kept, c, d);
}

void twice(Point& p) {
    Number a, b, c, h;
    square(a, p.x);
    square(b, p.y);
    square(c, p.z);
    add(c, c, c);
    add(h, a, b);
    add(p.x, p.x, p.y);
    square(p.x, p.x);
    Number e;
    subtract(e, h, p.x);
    subtract(a, a, b);  // g
    add(b, c, a);       // f
    finish(p, e, b, a, h);
}

void set_affine(Point& p, const Number& x, const Number& y) {
    p.x = x;
    p.y = y;
    set(p.z, 1);
    multiply(p.t, x, y);
}

bool equal(const Number& a, const Number& b) {
    Number difference;
    subtract(difference, a, b);
    return is_zero(difference);
}

// x = sqrt((y^2 - 1) / (d y^2 + 1)), RFC 8032 §5.1.3. False when there is none.
bool find_x(Number& x, const Number& y) {
    Number one, u, v, v3, r;
    set(one, 1);
    square(u, y);
    multiply(v, u, kD);
    subtract(u, u, one);
    add(v, v, one);
    square(v3, v);
    multiply(v3, v3, v);
    square(r, v3);
    multiply(r, r, v);
    multiply(r, r, u);
    power_p58(r, r);  // (u v^7)^((p-5)/8)
    multiply(r, r, v3);
    multiply(x, r, u);
    square(r, x);
    multiply(r, r, v);  // v x^2 is u, or -u, or x is no root
    if (equal(r, u)) return true;
    add(r, r, u);
    multiply(x, x, kRootOfMinusOne);
    return is_zero(r);
}

// The point of a public key, negated: verifying subtracts it.
bool decode_negated(Point& p, const uint8_t key[kKeyBytes]) {
    Number x, y;
    if (!decode(y, key) || !find_x(x, y)) return false;
    const bool odd = (key[31] >> 7) != 0;
    if (is_zero(x)) return false;  // of small order, and with the sign bit not an encoding at all
    if (is_odd(x) == odd) {
        Number zero;
        set(zero, 0);
        subtract(x, zero, x);
    }
    set_affine(p, x, y);
    Point q = p;
    for (int i = 0; i < 3; ++i) twice(q);
    return !is_zero(q.x);  // eight times a point of the small subgroup is the neutral one
}

// a - order when that is not below zero. `top` is a ninth word.
bool reduce_once(uint32_t a[8], uint32_t top) {
    uint32_t less[8];
    int64_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        carry += int64_t(a[i]) - kOrder[i];
        less[i] = uint32_t(carry);
        carry >>= 32;
    }
    if (carry + top < 0) return false;
    memcpy(a, less, sizeof less);
    return true;
}

// The 512-bit number modulo the order, bit by bit from the top.
void reduce(uint32_t a[8], const uint8_t digest[kSha512Bytes]) {
    memset(a, 0, 32);
    for (int bit = 511; bit >= 0; --bit) {
        uint32_t carry = (digest[bit >> 3] >> (bit & 7)) & 1u;
        for (int i = 0; i < 8; ++i) {
            const uint32_t word = a[i];
            a[i] = word << 1 | carry;
            carry = word >> 31;
        }
        reduce_once(a, carry);
    }
}

bool scalar_ok(uint32_t s[8], const uint8_t bytes[32]) {
    for (int i = 0; i < 8; ++i) {
        const uint8_t* p = bytes + 4 * i;
        s[i] = uint32_t(p[0]) | uint32_t(p[1]) << 8 | uint32_t(p[2]) << 16 | uint32_t(p[3]) << 24;
    }
    return !reduce_once(s, 0);
}

void hash_message(uint32_t h[8], const uint8_t* r, const uint8_t* key, const Piece* pieces, size_t count) {
    Sha512 hash;
    uint8_t digest[kSha512Bytes];
    hash.update(r, 32);
    hash.update(key, kKeyBytes);
    for (size_t i = 0; i < count; ++i) hash.update(pieces[i].bytes, pieces[i].size);
    hash.finish(digest);
    reduce(h, digest);
}

// p = s B + h A: both scalars at once, by the table of B, A and A + B.
__attribute__((noinline)) void add_multiples(Point& p, const Point& a, const uint32_t s[8],
                                             const uint32_t h[8]) {
    Addend table[3];
    set_affine(p, kBaseX, kBaseY);
    to_addend(table[0], p);
    to_addend(table[1], a);
    add(p, table[1]);
    to_addend(table[2], p);
    Number zero, one;
    set(zero, 0);
    set(one, 1);
    set_affine(p, zero, one);
    for (int bit = 252; bit >= 0; --bit) {
        twice(p);
        const uint32_t which = ((s[bit >> 5] >> (bit & 31)) & 1u) | ((h[bit >> 5] >> (bit & 31)) & 1u) << 1;
        if (which != 0) add(p, table[which - 1]);
    }
}

bool same_encoding(const Point& p, const uint8_t bytes[32]) {
    Number inverse, x, y;
    invert(inverse, p.z);
    multiply(x, p.x, inverse);
    multiply(y, p.y, inverse);
    uint8_t own[32];
    encode(own, y);
    own[31] = uint8_t(own[31] | (is_odd(x) ? 0x80 : 0));
    return memcmp(own, bytes, sizeof own) == 0;
}

}  // namespace

bool ed25519_verify(const uint8_t key[kKeyBytes], const uint8_t signature[kSignatureBytes],
                    const Piece* pieces, size_t piece_count) {
    uint32_t s[8];
    uint32_t h[8];
    if (!scalar_ok(s, signature + 32)) return false;
    Point a, p;
    if (!decode_negated(a, key)) return false;
    hash_message(h, signature, key, pieces, piece_count);
    add_multiples(p, a, s, h);
    return same_encoding(p, signature);
}

}  // namespace jatai
