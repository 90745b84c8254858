// memory.cpp: memcpy, memmove, memset and memcmp for firmware that links no C library.
//
// Four words a turn where both sides lie at multiples of 4, bytes otherwise. The compiler must not turn these
// loops back into calls of themselves: built with -fno-tree-loop-distribute-patterns.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

namespace {

// Words of any object's bytes.
using Word = uint32_t __attribute__((may_alias));

bool words(const void* a, const void* b) {
    return ((reinterpret_cast<uintptr_t>(a) | reinterpret_cast<uintptr_t>(b)) & 3u) == 0;
}

// Upwards. Each turn reads before it writes, so overlapping memory is right too when `d` lies below `s`.
void copy_up(uint8_t* d, const uint8_t* s, size_t bytes) {
    if (words(d, s)) {
        for (; bytes >= 16; bytes -= 16, d += 16, s += 16) {
            Word* dw = reinterpret_cast<Word*>(d);
            const Word* sw = reinterpret_cast<const Word*>(s);
            const uint32_t a = sw[0], b = sw[1], c = sw[2], e = sw[3];
            dw[0] = a, dw[1] = b, dw[2] = c, dw[3] = e;
        }
        for (; bytes >= 4; bytes -= 4, d += 4, s += 4) {
            *reinterpret_cast<Word*>(d) = *reinterpret_cast<const Word*>(s);
        }
    }
    for (; bytes != 0; --bytes) {
        *d++ = *s++;
    }
}

}  // namespace

extern "C" {

void* memcpy(void* __restrict to, const void* __restrict from, size_t bytes) {
    copy_up(static_cast<uint8_t*>(to), static_cast<const uint8_t*>(from), bytes);
    return to;
}

void* memmove(void* to, const void* from, size_t bytes) {
    uint8_t* d = static_cast<uint8_t*>(to);
    const uint8_t* s = static_cast<const uint8_t*>(from);
    if (reinterpret_cast<uintptr_t>(d) - reinterpret_cast<uintptr_t>(s) >= bytes) {
        copy_up(d, s, bytes);
        return to;
    }
    if (words(d + bytes, s + bytes)) {
        for (; bytes >= 4; bytes -= 4) {
            const uint32_t word = *reinterpret_cast<const Word*>(s + bytes - 4);
            *reinterpret_cast<Word*>(d + bytes - 4) = word;
        }
    }
    for (; bytes != 0; --bytes) {
        d[bytes - 1] = s[bytes - 1];
    }
    return to;
}

void* memset(void* to, int value, size_t bytes) {
    uint8_t* d = static_cast<uint8_t*>(to);
    const uint8_t byte = static_cast<uint8_t>(value);
    for (; bytes != 0 && (reinterpret_cast<uintptr_t>(d) & 3u) != 0; --bytes) {
        *d++ = byte;
    }
    const uint32_t word = byte * 0x01010101u;
    for (; bytes >= 16; bytes -= 16, d += 16) {
        Word* dw = reinterpret_cast<Word*>(d);
        dw[0] = word, dw[1] = word, dw[2] = word, dw[3] = word;
    }
    for (; bytes != 0; --bytes) {
        *d++ = byte;
    }
    return to;
}

int memcmp(const void* a, const void* b, size_t bytes) {
    const uint8_t* x = static_cast<const uint8_t*>(a);
    const uint8_t* y = static_cast<const uint8_t*>(b);
    for (; bytes != 0; --bytes, ++x, ++y) {
        if (*x != *y) {
            return *x < *y ? -1 : 1;
        }
    }
    return 0;
}
}
