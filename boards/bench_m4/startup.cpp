// startup.cpp: from reset to main() on a bare Cortex-M.
#include <stdint.h>

extern "C" {
extern uint8_t __stack_top[];
extern uint32_t __data_start[], __data_end[], __data_load[];
extern uint32_t __bss_start[], __bss_end[];

int main();
void bench_fault();
__attribute__((noreturn, used)) void reset_handler();
}

namespace {

using Handler = void (*)();

// ARMv7-M ARM B1.5.2: the stack, then 15 system exceptions.
struct VectorTable {
    const void* stack;
    Handler system[15];
};

// Word by word, as the linker scripts lay them out: memcpy() and memset() of the C library, which the loops
// would become were they not volatile, take 470 bytes of a small model's flash.
void prepare_memory() {
    const uint32_t* from = __data_load;
    for (volatile uint32_t* to = __data_start; to != __data_end; ++to) *to = *from++;
    for (volatile uint32_t* to = __bss_start; to != __bss_end; ++to) *to = 0;
}

}  // namespace

extern "C" void reset_handler() {
#if defined(__ARM_FP)
    // CPACR: full access to CP10 and CP11, the FPU.
    volatile uint32_t& cpacr = *reinterpret_cast<volatile uint32_t*>(0xE000ED88u);
    cpacr = cpacr | (0xFu << 20);
    __asm volatile("dsb\n isb" ::: "memory");
#endif
    prepare_memory();
    main();
    for (;;) {
    }
}

extern "C" __attribute__((section(".vectors"), used)) const VectorTable kVectors = {
    __stack_top,
    {reset_handler, bench_fault, bench_fault, bench_fault, bench_fault, bench_fault, nullptr, nullptr,
     nullptr, nullptr, bench_fault, bench_fault, nullptr, bench_fault, bench_fault}};
