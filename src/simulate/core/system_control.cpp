#include "src/simulate/core/system_control.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kDwtCtrl = 0xE0001000, kDwtCyccnt = 0xE0001004;
constexpr std::uint32_t kSystCsr = 0xE000E010, kSystRvr = 0xE000E014, kSystCvr = 0xE000E018,
                        kSystCalib = 0xE000E01C;
constexpr std::uint32_t kNvicFirst = 0xE000E100, kNvicEnd = 0xE000E4F0;
constexpr std::uint32_t kScbFirst = 0xE000ED00, kScbEnd = 0xE000ED90;
constexpr std::uint32_t kDemcr = 0xE000EDFC, kStir = 0xE000EF00, kFpccr = 0xE000EF34, kFpcar = 0xE000EF38,
                        kFpdscr = 0xE000EF3C, kMvfr0 = 0xE000EF40, kMvfr1 = 0xE000EF44,
                        kItmFirst = 0xE0000000, kItmEnd = 0xE0000080, kActlr = 0xE000E008, kIctr = 0xE000E004;

bool is_in(std::uint32_t address, std::uint32_t first, std::uint32_t end) {
    return address >= first && address < end;
}

}  // namespace

void SystemControl::reset(std::uint32_t vector_table) {
    nvic.reset();
    systick.reset();
    cycle_counter.reset();
    vtor = vector_table;
    scr = cfsr = hfsr = dfsr = mmfar = bfar = cpacr = fpcar = fpdscr = demcr = 0;
    ccr = 0x200;  // STKALIGN
    fpccr = kFpccrAspen | kFpccrLspen;
    reset_requested = false;
}

std::uint32_t SystemControl::read(std::uint32_t address) {
    const std::uint64_t now = cpu_.now.cycles;
    if (is_in(address, kNvicFirst, kNvicEnd)) return read_nvic(address - kNvicFirst);
    if (is_in(address, kScbFirst, kScbEnd)) return read_scb(address - kScbFirst);
    if (is_in(address, kItmFirst, kItmEnd)) return 1;  // a stimulus port with room
    switch (address) {
        case kDwtCtrl:
            return 4u << 28 | cycle_counter.control();
        case kDwtCyccnt:
            return cycle_counter.value(now);
        case kSystCsr:
            if (systick.advance(now)) nvic.set_pending(kSysTick);
            return systick.read_control();
        case kSystRvr:
            return systick.reload();
        case kSystCvr:
            return systick.value(now);
        case kSystCalib:
            return 1u << 31;  // no reference clock: SysTick counts core cycles
        case kIctr:
            return (kExceptions - kFirstInterrupt) / 32 - 1;
        case kDemcr:
            return demcr;
        case kFpccr:
            return fpccr;
        case kFpcar:
            return fpcar;
        case kFpdscr:
            return fpdscr;
        case kMvfr0:
            return 0x10110021;
        case kMvfr1:
            return 0x11000011;
        default:
            return 0;
    }
}

void SystemControl::write(std::uint32_t address, std::uint32_t value) {
    if (is_in(address, kNvicFirst, kNvicEnd)) return write_nvic(address - kNvicFirst, value);
    if (is_in(address, kScbFirst, kScbEnd)) return write_scb(address - kScbFirst, value);
    switch (address) {
        case kStir:
            nvic.set_pending(kFirstInterrupt + (value & 0x1FF) % (kExceptions - kFirstInterrupt));
            break;
        case kFpccr:
            fpccr = (value & 0xC0000000u) | (fpccr & 0x3FFFFFFFu & ~kFpccrLspact) | (value & kFpccrLspact);
            break;
        case kFpcar:
            fpcar = value & ~7u;
            break;
        case kFpdscr:
            fpdscr = value & 0x07C00000u;
            break;
        case kActlr:
            break;
        default:
            write_timers(address, value);
    }
}

void SystemControl::write_timers(std::uint32_t address, std::uint32_t value) {
    const std::uint64_t now = cpu_.now.cycles;
    const auto traced = [&] { return (demcr >> 24 & 1) != 0; };
    switch (address) {
        case kDwtCtrl:
            cycle_counter.set_running(traced(), value & 0x0FFFFFFFu, now);
            break;
        case kDwtCyccnt:
            cycle_counter.set_value(value, now);
            break;
        case kDemcr:
            demcr = value;
            cycle_counter.set_running(traced(), cycle_counter.control(), now);
            break;
        case kSystCsr:
            if (systick.advance(now)) nvic.set_pending(kSysTick);
            systick.write_control(value, now);
            break;
        case kSystRvr:
            systick.write_reload(value);
            break;
        case kSystCvr:
            systick.clear_value(now);
            break;
        default:
            break;
    }
}

// ---- NVIC registers --------------------------------------------------------------------------------------

std::uint32_t SystemControl::read_nvic(std::uint32_t offset) const {
    if (offset >= 0x300) return read_priorities(kFirstInterrupt + (offset - 0x300));
    const unsigned first = kFirstInterrupt + (offset & 0x7F) * 8, kind = offset >> 7;
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 32 && first + i < kExceptions; ++i) {
        const bool set = kind == 0 || kind == 1   ? nvic.is_enabled(first + i)
                         : kind == 2 || kind == 3 ? nvic.is_pending(first + i)
                                                  : nvic.is_active(first + i);
        value |= static_cast<std::uint32_t>(set) << i;
    }
    return value;
}

void SystemControl::write_nvic(std::uint32_t offset, std::uint32_t value) {
    if (offset >= 0x300) return write_priorities(kFirstInterrupt + (offset - 0x300), value);
    const unsigned first = kFirstInterrupt + (offset & 0x7F) * 8;
    for (unsigned i = 0; i < 32 && first + i < kExceptions; ++i) {
        if (!(value >> i & 1)) continue;
        switch (offset >> 7) {
            case 0:
                nvic.set_enabled(first + i, true);
                break;
            case 1:
                nvic.set_enabled(first + i, false);
                break;
            case 2:
                nvic.set_pending(first + i);
                break;
            case 3:
                nvic.clear_pending(first + i);
                break;
            default:
                break;
        }
    }
}

std::uint32_t SystemControl::read_priorities(unsigned first) const {
    std::uint32_t value = 0;
    for (unsigned i = 0; i < 4 && first + i < kExceptions; ++i)
        value |= static_cast<std::uint32_t>(nvic.priority(first + i)) << 8 * i;
    return value;
}

void SystemControl::write_priorities(unsigned first, std::uint32_t value) {
    for (unsigned i = 0; i < 4 && first + i < kExceptions; ++i)
        if (first + i > kHardFault) nvic.set_priority(first + i, static_cast<std::uint8_t>(value >> 8 * i));
}

// ---- SCB registers ---------------------------------------------------------------------------------------

std::uint32_t SystemControl::read_icsr() const {
    const unsigned best = nvic.best_pending();
    return cpu_.ipsr | (nvic.active_count() <= 1 ? 1u << 11 : 0) | best << 12 |
           static_cast<std::uint32_t>(nvic.any_interrupt_pending()) << 22 |
           static_cast<std::uint32_t>(nvic.is_pending(kSysTick)) << 26 |
           static_cast<std::uint32_t>(nvic.is_pending(kPendSv)) << 28 |
           static_cast<std::uint32_t>(nvic.is_pending(kNmi)) << 31;
}

void SystemControl::write_icsr(std::uint32_t value) {
    if (value >> 31 & 1) nvic.set_pending(kNmi);
    if (value >> 28 & 1) nvic.set_pending(kPendSv);
    if (value >> 27 & 1) nvic.clear_pending(kPendSv);
    if (value >> 26 & 1) nvic.set_pending(kSysTick);
    if (value >> 25 & 1) nvic.clear_pending(kSysTick);
}

namespace {
struct HandlerBit {
    unsigned exception, active_bit, pending_bit;
};
constexpr HandlerBit kHandlerBits[] = {
    {kMemManage, 0, 13}, {kBusFault, 1, 14}, {kUsageFault, 3, 12}, {kSvCall, 7, 15}};
}  // namespace

std::uint32_t SystemControl::read_shcsr() const {
    std::uint32_t value = 0;
    for (const HandlerBit& handler : kHandlerBits)
        value |= static_cast<std::uint32_t>(nvic.is_active(handler.exception)) << handler.active_bit |
                 static_cast<std::uint32_t>(nvic.is_pending(handler.exception)) << handler.pending_bit;
    for (unsigned i = 0; i < 3; ++i)
        value |= static_cast<std::uint32_t>(nvic.is_enabled(kMemManage + i)) << (16 + i);
    return value | static_cast<std::uint32_t>(nvic.is_active(kPendSv)) << 10 |
           static_cast<std::uint32_t>(nvic.is_active(kSysTick)) << 11;
}

void SystemControl::write_shcsr(std::uint32_t value) {
    for (unsigned i = 0; i < 3; ++i) nvic.set_enabled(kMemManage + i, value >> (16 + i) & 1);
    for (const HandlerBit& handler : kHandlerBits) {
        if (value >> handler.pending_bit & 1)
            nvic.set_pending(handler.exception);
        else
            nvic.clear_pending(handler.exception);
    }
}

// CPUID and the feature registers of a Cortex-M4 r0p1 (TRM table 4-1).
std::uint32_t SystemControl::read_identity(std::uint32_t offset) const {
    switch (offset) {
        case 0x00:
            return 0x410FC241;
        case 0x40:
            return 0x00000030;
        case 0x44:
            return 0x00000200;
        case 0x48:
            return 0x00100000;
        case 0x50:
            return 0x00000030;
        case 0x58:
            return 0x01000000;
        case 0x60:
            return 0x01101110;
        case 0x64:
            return 0x02112000;
        case 0x68:
            return 0x21232231;
        case 0x6C:
            return 0x01111131;
        case 0x70:
            return 0x01310102;
        default:
            return 0;
    }
}

std::uint32_t SystemControl::read_scb(std::uint32_t offset) {
    switch (offset) {
        case 0x04:
            return read_icsr();
        case 0x08:
            return vtor;
        case 0x0C:
            return 0xFA050000u | nvic.priority_group() << 8;
        case 0x10:
            return scr;
        case 0x14:
            return ccr;
        case 0x18:
        case 0x1C:
        case 0x20:
            return read_priorities(4 + (offset - 0x18));
        case 0x24:
            return read_shcsr();
        case 0x28:
            return cfsr;
        case 0x2C:
            return hfsr;
        case 0x30:
            return dfsr;
        case 0x34:
            return mmfar;
        case 0x38:
            return bfar;
        case 0x88:
            return cpacr;
        default:
            return read_identity(offset);
    }
}

void SystemControl::write_scb(std::uint32_t offset, std::uint32_t value) {
    switch (offset) {
        case 0x04:
            write_icsr(value);
            break;
        case 0x08:
            vtor = value & ~0x7Fu;
            break;
        case 0x0C:
            if (value >> 16 != 0x05FA) break;
            nvic.set_priority_group(value >> 8 & 7);
            if (value & 4) reset_requested = true;
            break;
        case 0x10:
            scr = value & 0x16;
            break;
        case 0x14:
            ccr = value & 0x31B;
            cpu_.traps_unaligned = ccr >> 3 & 1;
            cpu_.traps_divide_by_zero = ccr >> 4 & 1;
            break;
        case 0x18:
        case 0x1C:
        case 0x20:
            write_priorities(4 + (offset - 0x18), value);
            break;
        case 0x24:
            write_shcsr(value);
            break;
        case 0x28:
            cfsr &= ~value;
            break;
        case 0x2C:
            hfsr &= ~value;
            break;
        case 0x30:
            dfsr &= ~value;
            break;
        case 0x34:
            mmfar = value;
            break;
        case 0x38:
            bfar = value;
            break;
        case 0x88:
            cpacr = value & 0x00F00000u;
            cpu_.float_ready = false;  // asked again at the next float instruction
            break;
        default:
            break;
    }
}

// ---- sub-word access -------------------------------------------------------------------------------------

std::uint32_t SystemControl::read_bytes(std::uint32_t address, unsigned bytes) {
    if (bytes == 4) return read(address);
    const std::uint32_t word = read(address & ~3u) >> (address & 3) * 8;
    return bytes == 1 ? word & 0xFF : word & 0xFFFF;
}

void SystemControl::write_bytes(std::uint32_t address, unsigned bytes, std::uint32_t value) {
    if (bytes == 4) return write(address, value);
    const std::uint32_t shift = (address & 3) * 8, mask = (bytes == 1 ? 0xFFu : 0xFFFFu) << shift;
    const std::uint32_t aligned = address & ~3u;
    const bool clears_by_ones = aligned == kScbFirst + 0x28;
    const std::uint32_t kept = clears_by_ones ? 0 : read(aligned) & ~mask;
    write(aligned, kept | (value << shift & mask));
}

}  // namespace jatai::simulate
