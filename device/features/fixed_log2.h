// fixed_log2.h: log2 of a 64-bit integer in Q16.
//
//     int32_t level = log2_q16(energy);            // 65536 * log2(energy), energy >= 1
//
// log2(1 + x) = x + d(x), d from a table of 33 points with straight lines between: error below 0.0002 (0.0006
// dB).
#pragma once

#include <stdint.h>

namespace jatai {

int32_t log2_q16(uint64_t value);

}  // namespace jatai
