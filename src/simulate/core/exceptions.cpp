// Exception entry and return, and faults (ARMv7-M ARM B1.5).
#include "src/simulate/core/core.h"
#include "src/simulate/time/cycle_table.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kFrameBytes = 32, kFloatFrameBytes = 104;
constexpr std::uint32_t kReturnHandler = 1, kReturnMain = 9, kReturnProcess = 13;

bool is_exc_return(std::uint32_t target) { return target >= 0xF0000000u; }

}  // namespace

void Core::die(bool stacking_failed) {
    if (!fault_record_) fault_record_ = FaultRecord{cpu.fault, cpu.r[15], cpu.r[14], false};
    fault_record_->stacking_failed |= stacking_failed;
    dead_ = true;
}

// Whether the core can run at r[15]; raises the fault otherwise.
bool Core::fetch_possible() {
    const std::uint32_t pc = cpu.r[15];
    if (!thumb_) {
        raise_fault({FaultKind::InvalidState, pc, false}, pc);
        return false;
    }
    if (region_of(pc) != nullptr) return true;
    const bool never = pc >= 0x40000000u && (pc < 0x60000000u || pc >= 0xA0000000u);
    raise_fault({never ? FaultKind::FetchMemory : FaultKind::FetchBus, pc, false}, pc);
    return false;
}

void Core::jump(std::uint32_t target) {
    if (is_exc_return(target) && cpu.ipsr != 0) return return_from_exception(target);
    cpu.r[15] = target & ~1u;
    thumb_ = target & 1;
}

// ---- faults ----------------------------------------------------------------------------------------------

// Sets the status registers; gives the exception the fault belongs to.
unsigned Core::record_fault(const Fault& fault) {
    const auto bus_at = [&](std::uint32_t bit) {
        control.cfsr |= bit | kCfsrBfarValid;
        control.bfar = fault.address;
        return kBusFault;
    };
    const auto usage = [&](std::uint32_t bit) {
        control.cfsr |= bit;
        return kUsageFault;
    };
    switch (fault.kind) {
        case FaultKind::DataBus:
            return bus_at(kCfsrPreciserr);
        case FaultKind::FetchBus:
            control.cfsr |= kCfsrIbuserr;
            return kBusFault;
        case FaultKind::StackingBus:
            control.cfsr |= kCfsrStkerr;
            return kBusFault;
        case FaultKind::UnstackingBus:
            control.cfsr |= kCfsrUnstkerr;
            return kBusFault;
        case FaultKind::FetchMemory:
            control.cfsr |= kCfsrIaccviol;
            return kMemManage;
        case FaultKind::InvalidState:
            return usage(kCfsrInvstate);
        case FaultKind::InvalidExceptionReturn:
            return usage(kCfsrInvpc);
        case FaultKind::NoCoprocessor:
            return usage(kCfsrNocp);
        case FaultKind::Unaligned:
            return usage(kCfsrUnaligned);
        case FaultKind::DivideByZero:
            return usage(kCfsrDivbyzero);
        default:
            return usage(kCfsrUndefinstr);
    }
}

void Core::raise_fault(const Fault& fault, std::uint32_t pc) {
    if (!fault_record_) fault_record_ = FaultRecord{fault, pc, cpu.r[14], false};
    cpu.r[15] = pc;
    pend_or_escalate(record_fault(fault));
}

void Core::pend_or_escalate(unsigned exception) {
    Nvic& nvic = control.nvic;
    if (nvic.is_enabled(exception) && nvic.could_take(exception)) {
        take_exception(exception);
    } else if (nvic.could_take(kHardFault)) {
        control.hfsr |= kHfsrForced;
        take_exception(kHardFault);
    } else {
        die(false);
    }
}

void Core::call_supervisor() {
    if (control.nvic.could_take(kSvCall)) {
        take_exception(kSvCall);
        return;
    }
    if (!fault_record_) fault_record_ = FaultRecord{{FaultKind::None, 0, false}, cpu.r[15], cpu.r[14], false};
    pend_or_escalate(kSvCall);
}

// ---- entry -----------------------------------------------------------------------------------------------

bool Core::push_frame() {
    const bool with_float = cpu.control & 4;
    const std::uint32_t align = control.ccr >> 9 & 1;
    const std::uint32_t sp = cpu.r[13], padding = align & (sp >> 2);
    const std::uint32_t frame = (sp - (with_float ? kFloatFrameBytes : kFrameBytes)) & ~(4 * align);
    const std::uint32_t words[8] = {cpu.r[0],  cpu.r[1],  cpu.r[2],  cpu.r[3],
                                    cpu.r[12], cpu.r[14], cpu.r[15], xpsr() | padding << 9};
    cpu.r[13] = frame;
    cpu.watch_stack(frame);
    for (std::uint32_t i = 0; i < 8; ++i)
        if (!write_word(frame + 4 * i, words[i])) return false;
    if (!with_float) return true;
    control.fpcar = frame + kFrameBytes;
    if (control.fpccr & kFpccrLspen) {
        control.fpccr |= kFpccrLspact;
        return true;
    }
    for (std::uint32_t i = 0; i < 16; ++i)
        if (!write_word(control.fpcar + 4 * i, cpu.s[i])) return false;
    cpu.now.cycles += kLazyFloatStack;
    return write_word(control.fpcar + 64, cpu.fpscr);
}

void Core::take_exception(unsigned exception) {
    const bool process = on_process_stack(), from_handler = cpu.ipsr != 0;
    const std::uint32_t no_float = cpu.control & 4 ? 0 : 16;
    cpu.now.cycles += kExceptionEntry;
    if (!push_frame()) {
        control.cfsr |= kCfsrStkerr;
        die(true);
        return;
    }
    const std::uint32_t kind = from_handler ? kReturnHandler : process ? kReturnProcess : kReturnMain;
    if (process) {
        std::swap(cpu.r[13], cpu.other_sp);
    }
    enter_handler(exception, 0xFFFFFFE0u | no_float | kind);
}

void Core::enter_handler(unsigned exception, std::uint32_t exc_return) {
    std::uint32_t vector = 0;
    control.nvic.activate(exception);
    cpu.ipsr = exception;
    cpu.r[14] = exc_return;
    cpu.control &= ~6u;
    cpu.stack_floor = cpu.ram_base;
    cpu.float_ready = false;
    cpu.exclusive = false;
    cpu.event = true;
    if (!read_word(control.vtor + 4 * exception, vector)) {
        die(false);
        return;
    }
    cpu.r[15] = vector & ~1u;
    thumb_ = vector & 1;
}

// ---- return ----------------------------------------------------------------------------------------------

bool Core::is_valid_return(std::uint32_t exc_return) const {
    const std::uint32_t kind = exc_return & 15;
    if ((exc_return & 0x0FFFFFE0u) != 0x0FFFFFE0u || !control.nvic.is_active(cpu.ipsr)) return false;
    const bool last = control.nvic.active_count() == 1;
    if (kind == kReturnHandler) return !last;
    return (kind == kReturnMain || kind == kReturnProcess) && (last || (control.ccr & 1));
}

void Core::return_from_exception(std::uint32_t exc_return) {
    const bool valid = is_valid_return(exc_return);
    const unsigned returning = cpu.ipsr;
    cpu.r[15] = exc_return & ~1u;
    if (!valid) return raise_fault({FaultKind::InvalidExceptionReturn, exc_return, false}, cpu.r[15]);
    control.nvic.deactivate(returning);
    if (returning != kNmi) {
        cpu.faultmask = 0;
        control.masks_changed();
    }
    if (returning >= kHardFault && returning <= kUsageFault) fault_record_.reset();
    service_systick();
    if (control.nvic.preempts()) {
        cpu.now.cycles += kTailChain;
        enter_handler(control.nvic.best_pending(), exc_return);
        return;
    }
    cpu.now.cycles += kExceptionReturn;
    if (!pop_frame(exc_return)) {
        control.cfsr |= kCfsrUnstkerr;
        cpu.fault = {FaultKind::UnstackingBus, cpu.r[13], false};
        die(true);
    }
    sleeps_on_exit_ = cpu.ipsr == 0 && (control.scr & 2);
}

void Core::pop_float(std::uint32_t address) {
    if (control.fpccr & kFpccrLspact) {  // never stored: the registers still hold it
        control.fpccr &= ~kFpccrLspact;
        return;
    }
    std::uint32_t fpscr = 0;
    for (std::uint32_t i = 0; i < 16; ++i) read_word(address + 4 * i, cpu.s[i]);
    if (read_word(address + 64, fpscr)) set_fpscr(fpscr);
}

bool Core::pop_frame(std::uint32_t exc_return) {
    const bool with_float = !(exc_return & 16), process = (exc_return & 15) == kReturnProcess;
    std::uint32_t& sp = process ? cpu.other_sp : cpu.r[13];
    const std::uint32_t frame = sp;
    std::uint32_t words[8];
    for (std::uint32_t i = 0; i < 8; ++i)
        if (!read_word(frame + 4 * i, words[i])) return false;
    if (with_float) pop_float(frame + kFrameBytes);
    const std::uint32_t psr = words[7];
    sp = (frame + (with_float ? kFloatFrameBytes : kFrameBytes)) | (psr >> 9 & 1) << 2;
    for (unsigned i = 0; i < 4; ++i) cpu.r[i] = words[i];
    cpu.r[12] = words[4];
    cpu.r[14] = words[5];
    cpu.r[15] = words[6] & ~1u;
    cpu.set_nzcv(psr);
    cpu.q = psr >> 27 & 1;
    cpu.ge = psr >> 16 & 15;
    thumb_ = psr >> 24 & 1;
    cpu.ipsr = (exc_return & 15) == kReturnHandler ? psr & 0x1FF : 0;
    cpu.control = (cpu.control & ~4u) | (with_float ? 4 : 0);
    if (process) set_process_stack_use(true);
    cpu.float_ready = false;
    cpu.exclusive = false;
    cpu.event = true;
    const auto it = static_cast<std::uint8_t>((psr >> 25 & 3) | (psr >> 10 & 0x3F) << 2);
    if (CodeRegion* region = region_of(cpu.r[15])) region->set_it_state(cpu.r[15], it);
    return true;
}

}  // namespace jatai::simulate
