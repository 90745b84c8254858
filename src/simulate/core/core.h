// core.h: the processor on its memories: instructions, exceptions, faults, sleep.
//
//     Core core(board, bus);
//     core.use_flash(bytes, region);
//     core.reset(vector_table);
//     switch (core.run(deadline)) { case CoreEvent::Deadline: ...
//
// Keeps  A firmware cannot bring it down: what the architecture calls lockup ends in CoreEvent::Dead with a
//        FaultRecord that says where it began.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/simulate/core/code_region.h"
#include "src/simulate/core/cpu.h"
#include "src/simulate/core/float_environment.h"
#include "src/simulate/core/interpreter.h"
#include "src/simulate/core/profile.h"
#include "src/simulate/core/system_control.h"
#include "src/simulate/time/flash_model.h"

namespace jatai::simulate {

// What lies beyond flash, RAM and the private peripherals. Called with the host's float unit as the host left
// it.
class CoreBus {
  public:
    virtual ~CoreBus() = default;
    virtual Outcome load_device(std::uint32_t address, unsigned bytes, std::uint32_t& value) = 0;
    virtual Outcome store_device(std::uint32_t address, unsigned bytes, std::uint32_t value) = 0;
    virtual Outcome store_flash(std::uint32_t address, unsigned bytes, std::uint32_t value) = 0;
};

enum class CoreEvent : std::uint8_t {
    Deadline,    // the clock reached the deadline
    Attention,   // attend() was called, or a reset was asked for
    Sleep,       // WFI or WFE: call wake_up() or let time pass
    Spin,        // a branch onto itself
    Breakpoint,  // at r[15]
    Dead,        // lockup: see fault_record()
};

// The fault that began the present trouble.
struct FaultRecord {
    Fault fault;
    std::uint32_t pc = 0;
    std::uint32_t lr = 0;
    bool stacking_failed = false;  // the stack pointer itself led nowhere
};

class Core final : public SlowPath {
  public:
    Core(const Board& board, CoreBus& bus);
    Core(const Core&) = delete;

    void use_flash(const std::uint8_t* bytes, CodeRegion* region);
    void use_symbols(const std::vector<Symbol>* symbols) { symbols_ = symbols; }
    void power_up();  // RAM and profile start anew
    void reset(std::uint32_t vector_table);

    CoreEvent run(std::uint64_t deadline);
    // Leave run() soon: something about the outside has changed.
    void attend();
    Outcome outcome_now() const;  // what an access that may have raised an interrupt must return
    bool may_wake() const;
    // The asleep or spinning core may be interrupted some day.
    bool can_be_interrupted() const { return control.nvic.can_be_interrupted(); }
    void skip_breakpoint();

    // Memory as DMA and debuggers see it: RAM and flash. RAM code is decoded anew when written.
    bool read_memory(std::uint32_t address, std::uint8_t* bytes, std::size_t count) const;
    bool write_ram(std::uint32_t address, const std::uint8_t* bytes, std::size_t count);

    const std::optional<FaultRecord>& fault_record() const { return fault_record_; }
    std::uint32_t xpsr() const;
    std::uint32_t main_stack() const { return on_process_stack() ? cpu.other_sp : cpu.r[13]; }
    std::uint32_t process_stack() const { return on_process_stack() ? cpu.r[13] : cpu.other_sp; }
    std::uint32_t initial_stack() const { return initial_stack_; }
    const CodeRegion* ram_code() const { return ram_code_.get(); }

    Cpu cpu;
    SystemControl control;
    Profile profile;      // of flash
    Profile ram_profile;  // of code in RAM
    FlashModel fetch_timing, data_timing;

    // SlowPath
    Outcome load(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t& value) override;
    Outcome store(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t value) override;
    std::uint32_t flash_data_wait(std::uint32_t address) override { return data_timing.access(address); }
    Outcome change_masks(bool disable, std::uint32_t which) override;
    std::uint32_t read_special(std::uint32_t which) override;
    Outcome write_special(std::uint32_t which, std::uint32_t mask, std::uint32_t value) override;
    bool prepare_float() override;
    Outcome barrier() override { return outcome_now(); }

  private:
    bool on_process_stack() const { return cpu.uses_process_stack(); }
    void service_systick();
    CodeRegion* region_of(std::uint32_t address);
    CodeRegion& ram_region();
    Exit interpret_here(CodeRegion& region);
    std::optional<CoreEvent> handle(Exit exit);

    // exceptions.cpp
    bool fetch_possible();
    void jump(std::uint32_t target);
    void raise_fault(const Fault& fault, std::uint32_t pc);
    unsigned record_fault(const Fault& fault);
    void call_supervisor();
    void pend_or_escalate(unsigned exception);
    void take_exception(unsigned exception);
    bool push_frame();
    bool pop_frame(std::uint32_t exc_return);
    void pop_float(std::uint32_t address);
    void enter_handler(unsigned exception, std::uint32_t exc_return);
    void return_from_exception(std::uint32_t exc_return);
    bool is_valid_return(std::uint32_t exc_return) const;
    void die(bool stacking_failed);
    void set_process_stack_use(bool use);
    bool read_word(std::uint32_t address, std::uint32_t& value) const;
    bool write_word(std::uint32_t address, std::uint32_t value);
    void ram_changed(std::uint32_t offset, std::uint32_t bytes);
    void set_fpscr(std::uint32_t value);

    CoreBus& bus_;
    std::vector<std::uint8_t> ram_;
    CodeRegion* flash_code_ = nullptr;
    std::unique_ptr<CodeRegion> ram_code_;
    const std::vector<Symbol>* symbols_ = nullptr;
    FloatEnvironment float_environment_;
    std::optional<FaultRecord> fault_record_;
    std::uint32_t initial_stack_ = 0;
    bool cache_on_at_reset_;
    bool thumb_ = true;  // EPSR.T
    bool dead_ = false;
    bool attention_ = false;
    bool sleeps_on_exit_ = false;  // SCR.SLEEPONEXIT, after the last handler returned
};

}  // namespace jatai::simulate
