#include "device/crypto/field25519.h"

#include <string.h>

namespace jatai {
namespace field25519 {
namespace {

const Number kP = {
    {0xffffffed, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x7fffffff}};

// z += 38 * carry. A second carry can only come when z was within 38 * 2^32 of the top, so it ends there.
void fold(Number& z, uint64_t carry) {
    while (carry != 0) {
        carry *= 38;
        for (int i = 0; i < 8; ++i) {
            carry += z.word[i];
            z.word[i] = uint32_t(carry);
            carry >>= 32;
        }
    }
}

// z = x - y; whether it went below zero.
bool subtract_words(Number& z, const Number& x, const Number& y) {
    int64_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        carry += int64_t(x.word[i]) - y.word[i];
        z.word[i] = uint32_t(carry);
        carry >>= 32;
    }
    return carry != 0;
}

// 2^256 holds p twice and 38 more.
void make_canonical(Number& x) {
    for (int i = 0; i < 2; ++i) {
        Number less;
        if (!subtract_words(less, x, kP)) x = less;
    }
}

void square_times(Number& z, const Number& x, int times) {
    square(z, x);
    while (--times > 0) square(z, z);
}

// x^(2^250 - 1), and x^11 on the way: the part both powers share.
void power_250(Number& z, Number& x11, const Number& x) {
    Number a, b;
    square(a, x);
    square_times(b, a, 2);
    multiply(b, b, x);    // 9
    multiply(x11, b, a);  // 11
    square(a, x11);       // 22
    multiply(z, a, b);    // 2^5 - 1
    square_times(a, z, 5);
    multiply(z, a, z);  // 2^10 - 1
    square_times(a, z, 10);
    multiply(a, a, z);  // 2^20 - 1
    square_times(b, a, 20);
    multiply(b, b, a);  // 2^40 - 1
    square_times(a, b, 10);
    multiply(z, a, z);  // 2^50 - 1
    square_times(a, z, 50);
    multiply(a, a, z);  // 2^100 - 1
    square_times(b, a, 100);
    multiply(b, b, a);  // 2^200 - 1
    square_times(a, b, 50);
    multiply(z, a, z);  // 2^250 - 1
}

}  // namespace

void set(Number& z, uint32_t small) {
    memset(&z, 0, sizeof z);
    z.word[0] = small;
}

void add(Number& z, const Number& x, const Number& y) {
    uint64_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        carry += uint64_t(x.word[i]) + y.word[i];
        z.word[i] = uint32_t(carry);
        carry >>= 32;
    }
    fold(z, carry);
}

void subtract(Number& z, const Number& x, const Number& y) {
    Number borrow;
    set(borrow, 38);  // a borrow out of the top took 2^256 = 38 too much
    bool below = subtract_words(z, x, y);
    while (below) below = subtract_words(z, z, borrow);
}

// Schoolbook into 16 words; the upper half comes back times 38.
void multiply(Number& z, const Number& x, const Number& y) {
    uint32_t r[16];
    memset(r, 0, sizeof r);
    for (int i = 0; i < 8; ++i) {
        const uint32_t a = x.word[i];
        uint32_t carry = 0;
#pragma GCC unroll 8
        for (int j = 0; j < 8; ++j) {
            const uint64_t t = uint64_t(a) * y.word[j] + r[i + j] + carry;
            r[i + j] = uint32_t(t);
            carry = uint32_t(t >> 32);
        }
        r[i + 8] = carry;
    }
    uint32_t carry = 0;
    for (int i = 0; i < 8; ++i) {
        const uint64_t t = uint64_t(r[i + 8]) * 38 + r[i] + carry;
        z.word[i] = uint32_t(t);
        carry = uint32_t(t >> 32);
    }
    fold(z, carry);
}

void invert(Number& z, const Number& x) {
    Number x11, a;
    power_250(a, x11, x);
    square_times(a, a, 5);
    multiply(z, a, x11);
}

void power_p58(Number& z, const Number& x) {
    Number x11, a;
    power_250(a, x11, x);
    square_times(a, a, 2);
    multiply(z, a, x);
}

void encode(uint8_t bytes[32], const Number& x) {
    Number c = x;
    make_canonical(c);
    for (int i = 0; i < 32; ++i) bytes[i] = uint8_t(c.word[i / 4] >> (8 * (i % 4)));
}

bool decode(Number& z, const uint8_t bytes[32]) {
    for (int i = 0; i < 8; ++i) {
        const uint8_t* p = bytes + 4 * i;
        z.word[i] = uint32_t(p[0]) | uint32_t(p[1]) << 8 | uint32_t(p[2]) << 16 | uint32_t(p[3]) << 24;
    }
    z.word[7] &= 0x7fffffffu;
    Number less;
    return subtract_words(less, z, kP);
}

bool is_zero(const Number& x) {
    Number c = x;
    make_canonical(c);
    uint32_t any = 0;
    for (uint32_t word : c.word) any |= word;
    return any == 0;
}

bool is_odd(const Number& x) {
    Number c = x;
    make_canonical(c);
    return (c.word[0] & 1) != 0;
}

}  // namespace field25519
}  // namespace jatai
