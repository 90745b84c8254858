#include "src/simulate/core/core.h"

#include <algorithm>
#include <cstring>

#include "src/simulate/core/execute_float.h"
#include "src/simulate/time/cycle_table.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kPrivateFirst = 0xE0000000, kPrivateEnd = 0xE0100000;

bool is_private(std::uint32_t address) { return address >= kPrivateFirst && address < kPrivateEnd; }

}  // namespace

Core::Core(const Board& board, CoreBus& bus)
    : control(cpu),
      fetch_timing(board.flash_timing.instruction),
      data_timing(board.flash_timing.data),
      bus_(bus),
      ram_(board.ram.bytes + 8),
      cache_on_at_reset_(board.flash_timing.cache_on_at_reset) {
    cpu.slow = this;
    cpu.ram = ram_.data();
    cpu.ram_base = board.ram.base;
    cpu.ram_bytes = cpu.store_bytes = board.ram.bytes;
    cpu.flash_base = board.flash.base;
    cpu.flash_bytes = board.flash.bytes;
    cpu.flash_data_waits = data_timing.has_wait();
    ram_profile.reset(1);
    profile.reset(1);
}

void Core::use_flash(const std::uint8_t* bytes, CodeRegion* region) {
    const bool same_names =
        flash_code_ != nullptr && flash_code_->functions().size() == region->functions().size();
    cpu.flash = bytes;
    flash_code_ = region;
    if (!same_names) profile.reset(region->functions().size());
}

void Core::power_up() {
    std::fill(ram_.begin(), ram_.end(), std::uint8_t{0});
    ram_code_.reset();
    ram_profile.reset(1);
    profile.reset(flash_code_->functions().size());
    cpu.store_bytes = cpu.ram_bytes;
    cpu.now = {};
}

void Core::reset(std::uint32_t vector_table) {
    std::fill(std::begin(cpu.r), std::end(cpu.r), 0u);
    std::fill(std::begin(cpu.s), std::end(cpu.s), 0u);
    cpu.set_nzcv(0);
    cpu.q = cpu.ge = 0;
    cpu.ipsr = cpu.primask = cpu.faultmask = cpu.basepri = cpu.control = 0;
    cpu.exclusive = cpu.event = false;
    cpu.traps_unaligned = cpu.traps_divide_by_zero = false;
    cpu.other_sp = 0;
    cpu.float_ready = false;
    cpu.fault = {};
    set_fpscr(0);
    control.reset(vector_table);
    fetch_timing.enable_cache(cache_on_at_reset_);
    data_timing.enable_cache(cache_on_at_reset_);
    fault_record_.reset();
    dead_ = sleeps_on_exit_ = false;
    std::uint32_t sp = 0, pc = 0;
    const bool found = read_word(vector_table, sp) && read_word(vector_table + 4, pc);
    cpu.r[13] = initial_stack_ = sp & ~3u;
    cpu.r[14] = 0xFFFFFFFF;
    cpu.r[15] = pc & ~1u;
    thumb_ = pc & 1;
    cpu.stack_low = cpu.r[13];
    cpu.stack_floor = cpu.ram_base;
    if (!found) die(false);
}

void Core::attend() {
    attention_ = true;
    cpu.now.deadline = 0;
}

Outcome Core::outcome_now() const {
    return attention_ || control.reset_requested || control.nvic.preempts() ? Outcome::Leave : Outcome::Next;
}

bool Core::may_wake() const {
    return control.nvic.wakes() || ((control.scr & 0x10) && control.nvic.any_interrupt_pending());
}

void Core::skip_breakpoint() { cpu.r[15] += 2; }

void Core::service_systick() {
    if (control.systick.next_event() > cpu.now.cycles) return;
    if (control.systick.advance(cpu.now.cycles)) control.nvic.set_pending(kSysTick);
}

// ---- the loop --------------------------------------------------------------------------------------------

CodeRegion& Core::ram_region() {
    if (!ram_code_) {
        CodeLayout layout{
            .base = cpu.ram_base, .memory = cpu.ram, .bytes = cpu.ram_bytes, .symbols = symbols_};
        ram_code_ = std::make_unique<CodeRegion>(std::move(layout));
        ram_profile.reset(ram_code_->functions().size());
        cpu.store_bytes = 0;  // from now on every store is looked at
    }
    return *ram_code_;
}

CodeRegion* Core::region_of(std::uint32_t address) {
    if (flash_code_->holds(address)) return flash_code_;
    return address - cpu.ram_base < cpu.ram_bytes ? &ram_region() : nullptr;
}

Exit Core::interpret_here(CodeRegion& region) {
    const bool in_flash = &region == flash_code_;
    const Running running{region, in_flash ? profile : ram_profile,
                          in_flash && fetch_timing.has_wait() ? &fetch_timing : nullptr};
    float_environment_.enter(cpu.fpscr);
    const Exit exit = interpret(cpu, running);
    cpu.fpscr |= float_environment_.leave();
    return exit;
}

CoreEvent Core::run(std::uint64_t deadline) {
    attention_ = false;
    for (;;) {
        service_systick();
        if (control.reset_requested) return CoreEvent::Attention;
        if (control.nvic.preempts()) take_exception(control.nvic.best_pending());
        if (dead_) return CoreEvent::Dead;
        if (attention_) return CoreEvent::Attention;
        if (sleeps_on_exit_) {
            sleeps_on_exit_ = false;
            return CoreEvent::Sleep;
        }
        if (cpu.now.cycles >= deadline) return CoreEvent::Deadline;
        if (!fetch_possible()) continue;
        cpu.now.deadline = std::min(deadline, control.systick.next_event());
        if (const std::optional<CoreEvent> event = handle(interpret_here(*region_of(cpu.r[15]))))
            return *event;
    }
}

std::optional<CoreEvent> Core::handle(Exit exit) {
    switch (exit) {
        case Exit::Deadline:
        case Exit::Leave:
            return std::nullopt;
        case Exit::Jump:
            jump(cpu.r[15]);
            return std::nullopt;
        case Exit::Fault:
            raise_fault(cpu.fault, cpu.r[15]);
            return std::nullopt;
        case Exit::Supervisor:
            call_supervisor();
            return std::nullopt;
        case Exit::Event:
            cpu.event = true;
            return std::nullopt;
        case Exit::SleepEvent:
            if (cpu.event) {
                cpu.event = false;
                return std::nullopt;
            }
            return CoreEvent::Sleep;
        case Exit::Sleep:
            return CoreEvent::Sleep;
        case Exit::Spin:
            return CoreEvent::Spin;
        default:
            return CoreEvent::Breakpoint;
    }
}

// ---- memory ----------------------------------------------------------------------------------------------

bool Core::read_memory(std::uint32_t address, std::uint8_t* bytes, std::size_t count) const {
    const std::uint32_t in_ram = address - cpu.ram_base, in_flash = address - cpu.flash_base;
    if (in_ram < cpu.ram_bytes && count <= cpu.ram_bytes - in_ram) {
        std::memcpy(bytes, cpu.ram + in_ram, count);
        return true;
    }
    if (in_flash < cpu.flash_bytes && count <= cpu.flash_bytes - in_flash) {
        std::memcpy(bytes, cpu.flash + in_flash, count);
        return true;
    }
    return false;
}

bool Core::write_ram(std::uint32_t address, const std::uint8_t* bytes, std::size_t count) {
    const std::uint32_t in_ram = address - cpu.ram_base;
    if (in_ram >= cpu.ram_bytes || count > cpu.ram_bytes - in_ram) return false;
    std::memcpy(cpu.ram + in_ram, bytes, count);
    ram_changed(in_ram, static_cast<std::uint32_t>(count));
    return true;
}

void Core::ram_changed(std::uint32_t offset, std::uint32_t bytes) {
    if (!ram_code_ || bytes == 0) return;
    bool near = false;
    for (std::uint32_t at = offset & ~255u; at < offset + bytes; at += 256)
        near |= ram_code_->has_code_near(at);
    near |= ram_code_->has_code_near(offset + bytes - 1);
    if (near) ram_code_->forget(offset, bytes);
}

bool Core::read_word(std::uint32_t address, std::uint32_t& value) const {
    return (address & 3) == 0 && read_memory(address, reinterpret_cast<std::uint8_t*>(&value), 4);
}

bool Core::write_word(std::uint32_t address, std::uint32_t value) {
    return (address & 3) == 0 && write_ram(address, reinterpret_cast<const std::uint8_t*>(&value), 4);
}

Outcome Core::load(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t& value) {
    if (is_private(address)) {
        const bool allowed = privileged || address == 0xE0001004;
        if (!allowed || address % bytes != 0) {
            cpu.fault = {FaultKind::DataBus, address, false};
            return Outcome::Fault;
        }
        value = control.read_bytes(address, bytes);
        return Outcome::Next;
    }
    cpu.fpscr |= float_environment_.leave();
    const Outcome outcome = bus_.load_device(address, bytes, value);
    float_environment_.enter(cpu.fpscr);
    if (outcome == Outcome::Fault) cpu.fault = {FaultKind::DataBus, address, false};
    return outcome == Outcome::Next ? outcome_now() : outcome;
}

Outcome Core::store(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t value) {
    if (address - cpu.ram_base < cpu.ram_bytes) {  // RAM that may hold code
        if (!write_ram(address, reinterpret_cast<const std::uint8_t*>(&value), bytes)) {
            cpu.fault = {FaultKind::DataBus, address, true};
            return Outcome::Fault;
        }
        return Outcome::Next;
    }
    if (is_private(address)) {
        if (!privileged || address % bytes != 0) {
            cpu.fault = {FaultKind::DataBus, address, true};
            return Outcome::Fault;
        }
        control.write_bytes(address, bytes, value);
        cpu.now.deadline = std::min(cpu.now.deadline, control.systick.next_event());
        return outcome_now();
    }
    cpu.fpscr |= float_environment_.leave();
    const bool in_flash = address - cpu.flash_base < cpu.flash_bytes;
    const Outcome outcome =
        in_flash ? bus_.store_flash(address, bytes, value) : bus_.store_device(address, bytes, value);
    float_environment_.enter(cpu.fpscr);
    if (outcome == Outcome::Fault) cpu.fault = {FaultKind::DataBus, address, true};
    return outcome == Outcome::Next ? outcome_now() : outcome;
}

// ---- special registers -----------------------------------------------------------------------------------

std::uint32_t Core::xpsr() const {
    const CodeRegion* region = flash_code_->holds(cpu.r[15]) ? flash_code_ : ram_code_.get();
    const std::uint32_t it = region != nullptr ? region->it_state(cpu.r[15]) : 0;
    return cpu.apsr() | cpu.ipsr | static_cast<std::uint32_t>(thumb_) << 24 | (it & 3) << 25 |
           (it >> 2) << 10;
}

Outcome Core::change_masks(bool disable, std::uint32_t which) {
    if (!cpu.is_privileged()) return Outcome::Next;
    if (which & 2) cpu.primask = disable;
    if ((which & 1) && (!disable || control.nvic.execution_priority() > -1)) cpu.faultmask = disable;
    control.masks_changed();
    return outcome_now();
}

std::uint32_t Core::read_special(std::uint32_t which) {
    if (which <= 7) {
        const std::uint32_t ipsr = (which & 1) ? cpu.ipsr : 0;
        return ipsr | ((which & 4) ? 0 : cpu.apsr());
    }
    if (!cpu.is_privileged() && which != 20) return 0;
    switch (which) {
        case 8:
            return main_stack();
        case 9:
            return process_stack();
        case 16:
            return cpu.primask;
        case 17:
        case 18:
            return cpu.basepri;
        case 19:
            return cpu.faultmask;
        case 20:
            return cpu.control;
        default:
            return 0;
    }
}

Outcome Core::write_special(std::uint32_t which, std::uint32_t mask, std::uint32_t value) {
    if (which <= 3) {
        if (mask & 2) {
            cpu.set_nzcv(value);
            cpu.q = value >> 27 & 1;
        }
        if (mask & 1) cpu.ge = value >> 16 & 15;
        return Outcome::Next;
    }
    if (!cpu.is_privileged()) return Outcome::Next;
    const auto priority = static_cast<std::uint8_t>(value & kPriorityMask);
    switch (which) {
        case 8:
            (on_process_stack() ? cpu.other_sp : cpu.r[13]) = value & ~3u;
            break;
        case 9:
            (on_process_stack() ? cpu.r[13] : cpu.other_sp) = value & ~3u;
            break;
        case 16:
            cpu.primask = value & 1;
            break;
        case 17:
            cpu.basepri = priority;
            break;
        case 18:
            if (priority != 0 && (cpu.basepri == 0 || priority < cpu.basepri)) cpu.basepri = priority;
            break;
        case 19:
            if (control.nvic.execution_priority() > -1) cpu.faultmask = value & 1;
            break;
        case 20:
            set_process_stack_use(cpu.ipsr == 0 ? value & 2 : cpu.control & 2);
            cpu.control = (cpu.control & 2) | (value & 5);
            cpu.float_ready = false;
            break;
        default:
            break;
    }
    control.masks_changed();
    return outcome_now();
}

void Core::set_process_stack_use(bool use) {
    if (use != ((cpu.control & 2) != 0) && cpu.ipsr == 0) std::swap(cpu.r[13], cpu.other_sp);
    cpu.control = (cpu.control & ~2u) | (use ? 2 : 0);
    cpu.stack_floor = on_process_stack() ? 0xFFFFFFFF : cpu.ram_base;  // only the main stack is watched
}

// ---- float unit ------------------------------------------------------------------------------------------

void Core::set_fpscr(std::uint32_t value) {
    cpu.fpscr = value & kFpscrWritable;
    cpu.flushes_to_zero = cpu.fpscr & kFpFlushToZero;
}

// ExecuteFPCheck, B1.5.7: enabled at all, a lazily kept frame stored, and the context marked as in use.
bool Core::prepare_float() {
    if (!control.float_enabled()) {
        cpu.fault = {FaultKind::NoCoprocessor, 0, false};
        return false;
    }
    if (control.fpccr & kFpccrLspact) {
        for (std::uint32_t i = 0; i < 16; ++i) {
            if (write_word(control.fpcar + 4 * i, cpu.s[i])) continue;
            cpu.fault = {FaultKind::StackingBus, control.fpcar, true};
            return false;
        }
        write_word(control.fpcar + 64, read_fpscr(cpu));
        control.fpccr &= ~kFpccrLspact;
        cpu.now.cycles += kLazyFloatStack;
    }
    if ((control.fpccr & kFpccrAspen) && !(cpu.control & 4)) {
        cpu.control |= 4;
        write_fpscr(cpu, control.fpdscr);
    }
    cpu.float_ready = true;
    return true;
}

}  // namespace jatai::simulate
