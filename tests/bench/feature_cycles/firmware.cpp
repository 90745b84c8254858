// feature_cycles: the front end alone on a Cortex-M4, to count its instructions and compare its rows with the
// host's.
//
// in.bin: uint32 blob bytes, the feature blob, int16 samples. out.bin: one int8 row per hop.
// Contract of a measurable image: bare metal, vectors at 0, semihosting, bench_begin and bench_end round one
// hop.
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "device/features/feature_stream.h"

extern "C" {
__attribute__((noinline, used)) void bench_begin() { __asm volatile(""); }
__attribute__((noinline, used)) void bench_end() { __asm volatile(""); }
}

namespace {

constexpr size_t kInputBytes = 200 * 1024;
constexpr uint32_t kMeasuredHop = 10;

alignas(4) uint8_t input[kInputBytes];
int8_t rows[64 * 256];
uint32_t scratch[2048];

int call_host(int operation, const void* argument) {
    register int r0 __asm("r0") = operation;
    register const void* r1 __asm("r1") = argument;
    __asm volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

uintptr_t open_file(const char* name, uintptr_t mode) {
    const uintptr_t arguments[3] = {uintptr_t(name), mode, strlen(name)};
    return uintptr_t(call_host(1, arguments));
}

[[noreturn]] void stop(bool good) {
    const uintptr_t reason = good ? 0x20026 : 0x20024;
    call_host(0x18, reinterpret_cast<const void*>(reason));
    for (;;) {
    }
}

size_t read_input() {
    const uintptr_t file = open_file("in.bin", 1);
    const uintptr_t arguments[3] = {file, uintptr_t(input), kInputBytes};
    return kInputBytes - size_t(call_host(6, arguments));
}

void write_output(size_t bytes) {
    const uintptr_t file = open_file("out.bin", 5);
    const uintptr_t arguments[3] = {file, uintptr_t(rows), bytes};
    call_host(5, arguments);
    call_host(2, &file);
}

}  // namespace

int main() {
    const size_t bytes = read_input();
    uint32_t blob_bytes;
    memcpy(&blob_bytes, input, 4);
    jatai::FeatureStream stream;
    if (stream.open(input + 4, blob_bytes, scratch, sizeof scratch) != jatai::FeatureStatus::Ok) stop(false);
    const int16_t* samples = reinterpret_cast<const int16_t*>(input + 4 + blob_bytes);
    size_t left = (bytes - 4 - blob_bytes) / 2;
    int8_t* row = rows;
    uint32_t hops = 0;
    while (left > 0) {
        const size_t used = stream.push(samples, left);
        samples += used;
        left -= used;
        if (!stream.hop_ready() || row + stream.config().coefficients > rows + sizeof rows) continue;
        if (hops == kMeasuredHop) bench_begin();
        stream.hop(row);
        if (hops++ == kMeasuredHop) bench_end();
        row += stream.config().coefficients;
    }
    write_output(size_t(row - rows));
    stop(true);
}

extern "C" {
extern uint32_t data_start, data_end, data_load, bss_start, bss_end, stack_top;
__attribute__((noreturn, used)) void reset() {
    *reinterpret_cast<volatile uint32_t*>(0xE000ED88u) |= 0xFu << 20;  // CPACR: the FPU on
    const uint32_t* from = &data_load;
    for (uint32_t* to = &data_start; to < &data_end; ++to) *to = *from++;
    for (uint32_t* to = &bss_start; to < &bss_end; ++to) *to = 0;
    main();
    stop(false);
}
__attribute__((noreturn, used)) void fault() { stop(false); }
}

__attribute__((section(".vectors"), used)) void* const vectors[16] = {
    &stack_top,
    reinterpret_cast<void*>(reset),
    reinterpret_cast<void*>(fault),
    reinterpret_cast<void*>(fault),
    reinterpret_cast<void*>(fault),
    reinterpret_cast<void*>(fault),
    reinterpret_cast<void*>(fault),
};
