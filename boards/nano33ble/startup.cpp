// startup.cpp: from the bootloader's jump to main().
//
// The bootloader in the first 64 KB leaves the chip as its own needs left it: a real-time clock that
// interrupts, perhaps the memory protection unit, perhaps the second stack. So nothing is taken for granted
// here.
#include <stdint.h>
#include <string.h>

#include "boards/nano33ble/nrf52840.h"
#include "boards/nano33ble/pins.h"

extern "C" {
extern uint8_t __stack_top[];
extern uint8_t __data_start[], __data_end[], __data_load[];
extern uint8_t __bss_start[], __bss_end[];

int main();
void reset_handler();
void prepare_and_run() __attribute__((noreturn, used));
void handle_fault(const uint32_t* stacked) __attribute__((used));
void fault_handler();
void uarte0_handler();
void timer0_handler();
void pdm_handler();
}

namespace {

using Handler = void (*)();

// ARMv7-M ARM B1.5.2: the stack, 15 system exceptions, then the chip's interrupts by number.
struct VectorTable {
    const void* stack;
    Handler system[15];
    Handler irq[jatai::kIrqCount];
};

constexpr uint32_t kUarteIrq = jatai::irq_of(jatai::uarte::kBase);
constexpr uint32_t kTimerIrq = jatai::irq_of(jatai::timer0::kBase);
constexpr uint32_t kPdmIrq = jatai::irq_of(jatai::pdm::kBase);
static_assert(kUarteIrq == 2 && kTimerIrq == 8 && kPdmIrq == 29, "the table below is in this order");

}  // namespace

#define FAULT fault_handler
#define FAULT4 FAULT, FAULT, FAULT, FAULT
#define FAULT20 FAULT4, FAULT4, FAULT4, FAULT4, FAULT4
extern "C" __attribute__((section(".vectors"), used)) const VectorTable kVectors = {
    __stack_top,
    {reset_handler, FAULT4, FAULT, nullptr, nullptr, nullptr, nullptr, FAULT, FAULT, nullptr, FAULT, FAULT},
    {FAULT, FAULT, uarte0_handler, FAULT, FAULT4, timer0_handler,  // 0-8
     FAULT20,                                                      // 9-28
     pdm_handler,                                                  // 29
     FAULT4, FAULT4, FAULT4, FAULT4, FAULT, FAULT}};               // 30-47

// Nothing but registers until the stack is ours.
extern "C" __attribute__((naked)) void reset_handler() {
    __asm volatile(
        "cpsid i\n"
        "movs r0, #0\n"
        "msr control, r0\n"  // main stack, privileged
        "isb\n"
        "ldr r0, =__stack_top\n"
        "msr msp, r0\n"
        "b prepare_and_run\n");
}

// Silences what the bootloader left running, before its interrupts can reach our table.
static void take_over_core() {
    using namespace jatai;
    reg(core::kSysTickControl) = 0;
    for (uint32_t word = 0; word * 32 < kIrqCount; ++word) {
        reg(core::kIrqDisable + 4 * word) = 0xffffffffu;
        reg(core::kIrqClearPending + 4 * word) = 0xffffffffu;
    }
    reg(core::kMpuControl) = 0;
    reg(core::kVtor) = address_of(&kVectors);
    reg(core::kCpacr) = reg(core::kCpacr) | (0xfu << 20);  // the FPU: full access to CP10 and CP11
    __asm volatile("dsb\n isb" ::: "memory");
}

extern "C" void prepare_and_run() {
    take_over_core();
    memcpy(__data_start, __data_load, static_cast<size_t>(__data_end - __data_start));
    memset(__bss_start, 0, static_cast<size_t>(__bss_end - __bss_start));
    __asm volatile("cpsie i");
    main();
    fault_handler();
    for (;;) {
    }
}

// What a firmware that keeps crash records does with a fault (crash.cpp); others have none.
extern "C" void take_fault(const uint32_t* stacked) __attribute__((weak));

// A fault, or an interrupt nobody asked for. Without take_fault(): the red light, and still. A debugger or
// the simulator finds the cause in the stacked registers and CFSR.
extern "C" __attribute__((naked)) void fault_handler() {
    __asm volatile(
        "mrs r0, msp\n"
        "b handle_fault\n");
}

extern "C" void handle_fault(const uint32_t* stacked) {
    using namespace jatai;
    if (take_fault != nullptr) take_fault(stacked);
    reg(gpio::config(pins::kRed)) = gpio::kOutput;
    reg(gpio::out_clear(pins::kRed)) = gpio::bit(pins::kRed);
    for (;;) {
        __asm volatile("cpsid i\n wfi");
    }
}
