// console.h: words and the end of a run, through semihosting.
//
//     print("conv: "); print_number(cases); end_run(failures == 0);
//
// Source: Arm, Semihosting for AArch32 and AArch64: SYS_WRITE0 (4), SYS_EXIT (0x18).
#pragma once

#include <stdint.h>

namespace jatai {

inline int ask_host(int operation, const void* argument) {
    register int r0 __asm("r0") = operation;
    register const void* r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

inline void print(const char* words) { ask_host(4, words); }

inline void print_number(uint32_t n) {
    char digits[12];
    char* at = digits + sizeof digits;
    *--at = 0;
    do {
        *--at = static_cast<char>('0' + n % 10);
        n /= 10;
    } while (n != 0);
    print(at);
}

// The emulator ends with exit code 0 or 1.
[[noreturn]] inline void end_run(bool good) {
    constexpr uintptr_t kApplicationExit = 0x20026;
    constexpr uintptr_t kRunTimeError = 0x20023;
    ask_host(0x18, reinterpret_cast<const void*>(good ? kApplicationExit : kRunTimeError));
    for (;;) {
    }
}

}  // namespace jatai
