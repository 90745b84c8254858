// long_product.h: the upper word of 32 by 32 bits on a core whose products have 32 bits.
//
//     t = high_product_rounded(x, multiplier);       // round(x * multiplier / 2^32), halves up
//
// Four products of 16 by 16 bits. Cost: 20 instructions.
#pragma once

#include <stdint.h>

#include "device/hot.h"

namespace jatai {

JATAI_HOT_BEGIN

// Needs: multiplier >= 0.
inline int32_t high_product_rounded(int32_t x, int32_t multiplier) {
    const uint32_t x_low = static_cast<uint32_t>(x) & 0xFFFF,
                   m_low = static_cast<uint32_t>(multiplier) & 0xFFFF;
    const int32_t x_high = x >> 16, m_high = multiplier >> 16;
    const uint32_t low = (x_low * m_low) >> 16;
    const uint32_t up = x_low * static_cast<uint32_t>(m_high);
    const uint32_t across = static_cast<uint32_t>(x_high) * m_low;  // signed; only its bits matter
    const uint32_t carry = (low + (up & 0xFFFF) + (across & 0xFFFF) + 0x8000) >> 16;
    const uint32_t high = static_cast<uint32_t>(x_high * m_high) + (up >> 16) +
                          static_cast<uint32_t>(static_cast<int32_t>(across) >> 16);
    return static_cast<int32_t>(high + carry);
}

JATAI_HOT_END

}  // namespace jatai
