// check.h: the questions every `fits` asks.
//
//     return holds(claim, 0, uint64_t{rows} * depth) && fills(claim, 1, uint64_t{rows} * depth);
//
// Sizes are counted in 64 bits, so no product of two 32-bit numbers, or of four 16-bit ones, can wrap.
#pragma once

#include "device/kernel.h"

namespace jatai {

// Operand `i` is there and has at least `bytes` bytes to read.
inline bool holds(const Claim& claim, uint32_t i, uint64_t bytes) {
    return i < claim.operand_count && claim.operand_bytes[i] >= bytes;
}

// Operand `i` has at least `bytes` bytes and may be written.
inline bool fills(const Claim& claim, uint32_t i, uint64_t bytes) {
    return holds(claim, i, bytes) && claim.writable[i];
}

// Every extent is at least one: beside a zero, the others are bounded by nothing and run for hours.
inline bool none_zero(uint32_t a, uint32_t b, uint32_t c = 1, uint32_t d = 1, uint32_t e = 1,
                      uint32_t f = 1) {
    return a != 0 && b != 0 && c != 0 && d != 0 && e != 0 && f != 0;
}

}  // namespace jatai
