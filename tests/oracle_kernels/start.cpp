// Start-up of the test image: memory, floating point unit, main; a fault ends the run as a failure.
#include <stdint.h>

#include "tests/oracle_kernels/console.h"

extern "C" {
extern uint32_t data_begin, data_end, data_source, bss_begin, bss_end, stack_top;
int main();

__attribute__((noreturn, used)) void reset() {
    *reinterpret_cast<volatile uint32_t*>(0xE000ED88) |= 0xFu << 20;  // CPACR: allow the FPU
    __asm volatile("dsb\n\tisb");
    const uint32_t* from = &data_source;
    for (volatile uint32_t* to = &data_begin; to < &data_end; ++to) *to = *from++;
    for (volatile uint32_t* to = &bss_begin; to < &bss_end; ++to) *to = 0;
    jatai::end_run(main() == 0);
}

__attribute__((noreturn, used)) void fault() {
    jatai::print("fault\n");
    jatai::end_run(false);
}
}

using Handler = void (*)();
__attribute__((section(".vectors"), used))
const Handler kVectors[16] = {reinterpret_cast<Handler>(&stack_top),
                              reset,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault,
                              fault};
