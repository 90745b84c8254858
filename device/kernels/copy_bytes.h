// copy_bytes.h: bytes of one operand to another.
//
//     copy_bytes(to, from, p.block);
//
// Operands of a plan lie apart; those of a hostile package may not, and memcpy is not for them. Cost: 5
// instructions more than memcpy, whose loops for odd addresses are the better ones.
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace jatai {

inline void copy_bytes(void* to, const void* from, size_t bytes) {
    const uintptr_t a = reinterpret_cast<uintptr_t>(to), b = reinterpret_cast<uintptr_t>(from);
    if (a - b < bytes || b - a < bytes) {
        memmove(to, from, bytes);
    } else {
        memcpy(to, from, bytes);
    }
}

}  // namespace jatai
