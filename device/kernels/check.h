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

}  // namespace jatai
