// semihost.h: files and console of the computer that runs the emulator.
//
//     const int file = semihost::open("in.bin", semihost::kRead);
//     const bool whole = semihost::read(file, buffer, bytes);
//
// Source: Arm, "Semihosting for AArch32 and AArch64", operations by number.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace semihost {

constexpr int kRead = 1;   // "rb"
constexpr int kWrite = 5;  // "wb"

inline int call(int operation, const void* argument) {
    register int r0 __asm("r0") = operation;
    register const void* r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

// Below 0: it could not be opened.
inline int open(const char* name, int mode) {
    size_t length = 0;
    while (name[length] != 0) ++length;
    const uintptr_t argument[3] = {reinterpret_cast<uintptr_t>(name), static_cast<uintptr_t>(mode), length};
    return call(0x01, argument);
}

// Whether all bytes were read.
inline bool read(int file, void* data, uint32_t bytes) {
    const uintptr_t argument[3] = {static_cast<uintptr_t>(file), reinterpret_cast<uintptr_t>(data), bytes};
    return call(0x06, argument) == 0;
}

// Up to `bytes` from that offset of the file; how many there were.
inline uint32_t read_from(int file, uint32_t offset, void* data, uint32_t bytes) {
    const uintptr_t place[2] = {static_cast<uintptr_t>(file), offset};
    if (call(0x0A, place) != 0) return 0;
    const uintptr_t argument[3] = {static_cast<uintptr_t>(file), reinterpret_cast<uintptr_t>(data), bytes};
    const int left = call(0x06, argument);
    return left < 0 || static_cast<uint32_t>(left) > bytes ? 0 : bytes - static_cast<uint32_t>(left);
}

// Whether all bytes were written.
inline bool write(int file, const void* data, uint32_t bytes) {
    const uintptr_t argument[3] = {static_cast<uintptr_t>(file), reinterpret_cast<uintptr_t>(data), bytes};
    return call(0x05, argument) == 0;
}

inline void close(int file) {
    const uintptr_t argument[1] = {static_cast<uintptr_t>(file)};
    call(0x02, argument);
}

inline void print(const char* words) { call(0x04, words); }

// "name=number" and the end of the line; the name has at most 20 letters.
inline void print_number(const char* name, uint32_t number) {
    char line[36];
    uint32_t at = 0;
    for (; name[at] != 0 && at < 20; ++at) line[at] = name[at];
    line[at++] = '=';
    uint32_t unit = 1;
    while (number / unit >= 10) unit *= 10;
    for (; unit > 0; unit /= 10) line[at++] = static_cast<char>('0' + number / unit % 10);
    line[at++] = '\n';
    line[at] = 0;
    print(line);
}

// Ends the emulation: as an application does, or as one that failed (the emulator's exit code is then not 0).
[[noreturn]] inline void leave(bool well) {
    call(0x18, reinterpret_cast<const void*>(static_cast<uintptr_t>(well ? 0x20026u : 0x20023u)));
    for (;;) {
    }
}

}  // namespace semihost
