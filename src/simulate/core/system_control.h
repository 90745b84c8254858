// system_control.h: the private peripheral bus 0xE0000000: SCB, NVIC, SysTick, DWT, FPU control (ARMv7-M ARM
// B3).
//
//     SystemControl control(cpu);
//     control.read(0xE0001004, value);        // DWT_CYCCNT: modelled cycles
//
// Keeps  An address without a register reads as zero and takes no write, as the architecture asks (RAZ/WI).
#pragma once

#include <cstdint>

#include "src/simulate/core/cpu.h"
#include "src/simulate/core/nvic.h"
#include "src/simulate/core/timers.h"

namespace jatai::simulate {

// CFSR bits, B3.2.15.
constexpr std::uint32_t kCfsrIaccviol = 1u << 0, kCfsrIbuserr = 1u << 8, kCfsrPreciserr = 1u << 9,
                        kCfsrUnstkerr = 1u << 11, kCfsrStkerr = 1u << 12, kCfsrBfarValid = 1u << 15,
                        kCfsrUndefinstr = 1u << 16, kCfsrInvstate = 1u << 17, kCfsrInvpc = 1u << 18,
                        kCfsrNocp = 1u << 19, kCfsrUnaligned = 1u << 24, kCfsrDivbyzero = 1u << 25;
constexpr std::uint32_t kHfsrForced = 1u << 30;
constexpr std::uint32_t kFpccrLspact = 1, kFpccrLspen = 1u << 30, kFpccrAspen = 1u << 31;

class SystemControl {
  public:
    explicit SystemControl(Cpu& cpu) : cpu_(cpu) {}

    void reset(std::uint32_t vector_table);

    std::uint32_t read(std::uint32_t address);  // a multiple of 4
    void write(std::uint32_t address, std::uint32_t value);
    // Sub-word access; only the priority and fault status registers define it.
    std::uint32_t read_bytes(std::uint32_t address, unsigned bytes);
    void write_bytes(std::uint32_t address, unsigned bytes, std::uint32_t value);

    bool float_enabled() const {
        return (cpacr >> 20 & 3) == 3 || ((cpacr >> 20 & 3) == 1 && cpu_.is_privileged());
    }
    void masks_changed() { nvic.set_masks(cpu_.primask, cpu_.faultmask, cpu_.basepri); }

    Nvic nvic;
    SysTick systick;
    CycleCounter cycle_counter;
    std::uint32_t vtor = 0, scr = 0, ccr = 0, cfsr = 0, hfsr = 0, dfsr = 0, mmfar = 0, bfar = 0;
    std::uint32_t cpacr = 0, fpccr = 0, fpcar = 0, fpdscr = 0, demcr = 0;
    bool reset_requested = false;

  private:
    std::uint32_t read_scb(std::uint32_t offset);
    std::uint32_t read_identity(std::uint32_t offset) const;
    std::uint32_t read_nvic(std::uint32_t offset) const;
    std::uint32_t read_icsr() const;
    std::uint32_t read_shcsr() const;
    void write_scb(std::uint32_t offset, std::uint32_t value);
    void write_nvic(std::uint32_t offset, std::uint32_t value);
    void write_icsr(std::uint32_t value);
    void write_shcsr(std::uint32_t value);
    void write_priorities(unsigned first, std::uint32_t value);
    std::uint32_t read_priorities(unsigned first) const;
    void write_timers(std::uint32_t address, std::uint32_t value);

    Cpu& cpu_;
};

}  // namespace jatai::simulate
