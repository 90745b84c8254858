// dot_bytes.h: the products of two rows of bytes, summed.
//
//     sum += dot_bytes(weights, vector, count);
//
// Registers in the loop: four bytes of each row, their lanes, the sum. SXTB16 widens two bytes at a time,
// SMLAD multiplies and adds two lanes. Any alignment; no byte outside the rows is read. The sum wraps. Cost:
// 2.2 instructions a product, 12 besides.
#pragma once

#include "device/cortex_m/dsp.h"

#if JATAI_HAS_DSP

namespace jatai {

JATAI_HOT_BEGIN

// Four products of bytes in words.
JATAI_INLINE int32_t dot_four(uint32_t a, uint32_t b, int32_t sum) {
    sum = smlad(sxtb16(a), sxtb16(b), sum);
    return smlad(sxtb16_odd(a), sxtb16_odd(b), sum);
}

JATAI_INLINE int32_t dot_bytes(const int8_t* a, const int8_t* b, uint32_t count) {
    int32_t sum = 0;
    for (uint32_t turns = count >> 4; turns != 0; --turns, a += 16, b += 16) {
        sum = dot_four(load4(a), load4(b), sum);
        sum = dot_four(load4(a + 4), load4(b + 4), sum);
        sum = dot_four(load4(a + 8), load4(b + 8), sum);
        sum = dot_four(load4(a + 12), load4(b + 12), sum);
    }
    for (uint32_t fours = count >> 2 & 3; fours != 0; --fours, a += 4, b += 4)
        sum = dot_four(load4(a), load4(b), sum);
    if ((count & 3) != 0) sum = dot_four(load_tail(a, count & 3), load_tail(b, count & 3), sum);
    return sum;
}

// The sum of a row of bytes.
JATAI_INLINE int32_t sum_bytes(const int8_t* a, uint32_t count) {
    constexpr uint32_t kOnes = 0x01010101u;
    int32_t sum = 0;
    for (uint32_t fours = count >> 2; fours != 0; --fours, a += 4) sum = dot_four(load4(a), kOnes, sum);
    return (count & 3) != 0 ? dot_four(load_tail(a, count & 3), kOnes, sum) : sum;
}

JATAI_HOT_END

}  // namespace jatai

#endif
