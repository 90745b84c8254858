// field25519.h: arithmetic modulo p = 2^255 - 19, for Ed25519.
//
//     multiply(z, x, y);                  // z may be x or y
//     encode(bytes, z);                   // the one representative below p, little-endian
//
// A number is eight words, least first, anywhere below 2^256: 2^256 = 38 (mod p), so a carry out of the top
// comes back as 38. Only encode() and decode() know the canonical form.
//
// Not in constant time: for public data (verifying), never for a secret key.
// Memory   At most 100 bytes of stack. Cost  A product is 64 multiply-accumulates of 32 bits.
#pragma once

#include <stdint.h>

namespace jatai {
namespace field25519 {

struct Number {
    uint32_t word[8];
};

void set(Number& z, uint32_t small);
void add(Number& z, const Number& x, const Number& y);
void subtract(Number& z, const Number& x, const Number& y);
void multiply(Number& z, const Number& x, const Number& y);
inline void square(Number& z, const Number& x) { multiply(z, x, x); }

void invert(Number& z, const Number& x);     // x^(p-2)
void power_p58(Number& z, const Number& x);  // x^((p-5)/8), RFC 8032 §5.1.3
bool is_zero(const Number& x);
bool is_odd(const Number& x);  // of the canonical form

void encode(uint8_t bytes[32], const Number& x);
// False when the bytes, without their top bit, are not below p.
bool decode(Number& z, const uint8_t bytes[32]);

}  // namespace field25519
}  // namespace jatai
