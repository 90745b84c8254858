// dsp.h: the Cortex-M instructions that work on two or four small numbers at once, by name.
//
//     uint32_t x = load4(pixel);                             // four channels, any alignment
//     sum = smlabb(sxtb16(x), weights, sum);                 // channel 0
//
// Needs: an Armv7E-M or Armv8-M core with the DSP extension; JATAI_HAS_DSP says so. Elsewhere this header is
// empty and the kernels beside it are the reference kernels. Source: Armv7-M Architecture Reference Manual,
// A7.7; each function is the instruction of its name.
#pragma once

#include <stdint.h>

#include "device/hot.h"
#include "device/kernels/window.h"

#if defined(__ARM_FEATURE_DSP) && __ARM_FEATURE_DSP && defined(__thumb2__)
#define JATAI_HAS_DSP 1
#else
#define JATAI_HAS_DSP 0
#endif

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// The four bytes at `p`, which may lie at any address.
inline uint32_t load4(const int8_t* p) {
    struct __attribute__((packed, may_alias)) Word {
        uint32_t value;
    };
    uint32_t word;
    __asm("ldr %0, %1" : "=r"(word) : "m"(*reinterpret_cast<const Word*>(p)));
    return word;
}

// The way back.
inline void store4(int8_t* p, uint32_t value) { __builtin_memcpy(p, &value, 4); }

// The last `count` (1..3) bytes of a column as a word, zero above.
inline uint32_t load_tail(const int8_t* p, uint32_t count) {
    uint32_t word = static_cast<uint8_t>(p[0]);
    if (count > 1) word |= static_cast<uint32_t>(static_cast<uint8_t>(p[1])) << 8;
    if (count > 2) word |= static_cast<uint32_t>(static_cast<uint8_t>(p[2])) << 16;
    return word;
}

// Bytes 0 and 2 as two signed 16-bit lanes; then bytes 1 and 3.
inline uint32_t sxtb16(uint32_t x) {
    uint32_t y;
    __asm("sxtb16 %0, %1" : "=r"(y) : "r"(x));
    return y;
}
inline uint32_t sxtb16_odd(uint32_t x) {
    uint32_t y;
    __asm("sxtb16 %0, %1, ror #8" : "=r"(y) : "r"(x));
    return y;
}

// The lanes of `sum` plus bytes 0 and 2 (1 and 3) of x.
inline uint32_t sxtab16(uint32_t sum, uint32_t x) {
    uint32_t y;
    __asm("sxtab16 %0, %1, %2" : "=r"(y) : "r"(sum), "r"(x));
    return y;
}
inline uint32_t sxtab16_odd(uint32_t sum, uint32_t x) {
    uint32_t y;
    __asm("sxtab16 %0, %1, %2, ror #8" : "=r"(y) : "r"(sum), "r"(x));
    return y;
}

// The lanes of x less those of y.
inline uint32_t ssub16(uint32_t x, uint32_t y) {
    uint32_t z;
    __asm("ssub16 %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
    return z;
}

// The lanes of x plus those of y.
inline uint32_t sadd16(uint32_t x, uint32_t y) {
    uint32_t z;
    __asm("sadd16 %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
    return z;
}

// The bottom lanes of both, that of `low` below; the top lanes of both, that of `low` below.
inline uint32_t pkhbt(uint32_t low, uint32_t high) {
    uint32_t z;
    __asm("pkhbt %0, %1, %2, lsl #16" : "=r"(z) : "r"(low), "r"(high));
    return z;
}
inline uint32_t pkhtb(uint32_t high, uint32_t low) {
    uint32_t z;
    __asm("pkhtb %0, %1, %2, asr #16" : "=r"(z) : "r"(high), "r"(low));
    return z;
}

// sum + one lane of x * one lane of y: b the bottom lane, t the top.
inline int32_t smlabb(uint32_t x, uint32_t y, int32_t sum) {
    __asm("smlabb %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
}
inline int32_t smlatt(uint32_t x, uint32_t y, int32_t sum) {
    __asm("smlatt %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
}
inline int32_t smlabt(uint32_t x, uint32_t y, int32_t sum) {
    __asm("smlabt %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
}

// sum + both lanes of x * those of y.
inline int32_t smlad(uint32_t x, uint32_t y, int32_t sum) {
    __asm("smlad %0, %1, %2, %0" : "+r"(sum) : "r"(x), "r"(y));
    return sum;
}

// round(x * y / 2^32), halves up.
inline int32_t smmulr(int32_t x, int32_t y) {
    int32_t z;
    __asm("smmulr %0, %1, %2" : "=r"(z) : "r"(x), "r"(y));
    return z;
}

// x held in -128..127.
inline int32_t ssat8(int32_t x) {
    int32_t y;
    __asm("ssat %0, #8, %1" : "=r"(y) : "r"(x));
    return y;
}

// x * 2^-bits, rounded with halves away from zero, plus what `nudge` carries: nudge = 2^(bits-1) gives the
// quotient, nudge = 2^(bits-1) + (zero << bits) gives the quotient plus zero. Needs: bits in 1..22, no
// overflow.
inline int32_t divide_by_power_short(int32_t x, int32_t nudge, int32_t bits) {
    int32_t y;
    __asm("add %0, %1, %1, asr #31\n\tadd %0, %0, %2\n\tasr %0, %0, %3"
          : "=&r"(y)
          : "r"(x), "r"(nudge), "r"(bits));
    return y;
}

// rescale() and the zero point in five instructions. Needs kShortRequantise: |sum| < 2^30, shift in -22..-1.
struct ShortScale {
    int32_t multiplier, nudge, bits;

    ShortScale() = default;
    ShortScale(int32_t factor, int32_t shift, int32_t zero_point)
        : multiplier(factor),
          nudge(shift_left(2 * zero_point + 1, static_cast<uint32_t>(~shift) & 31)),
          bits(static_cast<int32_t>((0u - static_cast<uint32_t>(shift)) & 31)) {}

    int32_t operator()(int32_t sum) const {
        return divide_by_power_short(smmulr(shift_left(sum, 1), multiplier), nudge, bits);
    }
};

// The same of a sum that is doubled already, in one register from start to end.
inline int32_t rescale_doubled(int32_t x, const ShortScale& scale) {
    __asm("smmulr %0, %0, %1\n\tadd %0, %0, %0, asr #31\n\tadd %0, %0, %2\n\tasr %0, %0, %3"
          : "+r"(x)
          : "r"(scale.multiplier), "r"(scale.nudge), "r"(scale.bits));
    return x;
}

// How a layer's sums become bytes: whatever its factors and range, or by short cuts the compiler proved
// right.
enum class Finish : uint8_t { Any, Short, ShortFull };

inline Finish finish_of(uint8_t facts, Range range) {
    if (!(facts & kShortRequantise)) return Finish::Any;
    return range.low == -128 && range.high == 127 ? Finish::ShortFull : Finish::Short;
}

JATAI_HOT_END

}  // namespace jatai

#endif
