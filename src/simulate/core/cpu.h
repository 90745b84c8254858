// cpu.h: the registers of an ARMv7E-M core with FPv4-SP, and what its instructions need within reach.
//
// Plain data: the interpreter (interpreter.cpp) owns the clock while it runs, everything slow goes through
// SlowPath. Flags are kept as the words that made them: N is the sign of `n`, Z is `z == 0`, C and V are 0
// or 1.
#pragma once

#include <cstdint>

#include "src/simulate/core/op.h"

namespace jatai::simulate {

enum class Outcome : std::uint8_t {
    Next,   // go on with the next instruction
    Leave,  // done, but something outside wants attention before the next instruction
    Fault,  // not done: cpu.fault says why
};

enum class FaultKind : std::uint8_t {
    None,
    UndefinedInstruction,
    InvalidState,
    InvalidExceptionReturn,
    NoCoprocessor,
    Unaligned,
    DivideByZero,
    FetchBus,
    DataBus,
    StackingBus,
    UnstackingBus,
    FetchMemory,  // execute-never region
};

struct Fault {
    FaultKind kind = FaultKind::None;
    std::uint32_t address = 0;  // what was touched
    bool is_write = false;
};

// The part of the clock that lives in host registers while the interpreter runs.
struct Counters {
    std::uint64_t cycles = 0;
    std::uint64_t instructions = 0;
    std::uint64_t deadline = 0;  // leave at the first taken branch after this cycle
};

class SlowPath;

struct Cpu {
    std::uint32_t r[16] = {};  // r[13]: the stack pointer in use; r[15]: valid only outside the interpreter
    std::uint32_t n = 0, z = 1, c = 0, v = 0;
    std::uint32_t q = 0;   // sticky saturation, 0 or 1
    std::uint32_t ge = 0;  // four bits
    union {
        std::uint32_t s[32] = {};
        float f[32];
    };
    bool float_ready = false;  // float instructions may run without asking prepare_float()

    std::uint8_t* ram = nullptr;
    std::uint32_t ram_base = 0, ram_bytes = 0;
    std::uint32_t store_bytes =
        0;  // ram_bytes, or 0 while RAM holds decoded code: then every store is looked at
    const std::uint8_t* flash = nullptr;
    std::uint32_t flash_base = 0, flash_bytes = 0;
    bool flash_data_waits = false;
    bool traps_unaligned = false, traps_divide_by_zero = false;  // CCR
    std::uint32_t stack_low = 0,
                  stack_floor = 0;  // lowest main stack pointer seen; what lies below is not stack

    Counters now;  // current outside the interpreter and inside SlowPath
    Fault fault;
    SlowPath* slow = nullptr;

    // Special registers
    std::uint32_t other_sp = 0;  // the banked one
    std::uint32_t ipsr = 0;
    std::uint32_t primask = 0, faultmask = 0, basepri = 0, control = 0;
    std::uint32_t fpscr = 0;       // without the sticky flags the host still holds
    bool flushes_to_zero = false;  // FPSCR.FZ
    bool exclusive = false;        // local monitor
    std::uint32_t exclusive_address = 0;
    bool event = false;  // of WFE and SEV

    bool is_privileged() const { return ipsr != 0 || (control & 1) == 0; }
    std::uint32_t apsr() const {
        return (n & 0x80000000u) | (z == 0) << 30 | c << 29 | v << 28 | q << 27 | ge << 16;
    }
    void set_nzcv(std::uint32_t apsr) {
        n = apsr;
        z = (~apsr >> 30) & 1;
        c = (apsr >> 29) & 1;
        v = (apsr >> 28) & 1;
    }
    bool uses_process_stack() const { return ipsr == 0 && (control & 2) != 0; }
    void watch_stack(std::uint32_t sp) {
        if (sp < stack_low && sp >= stack_floor) stack_low = sp;
    }
};

// What an instruction asks of the rest of the board. `cpu.now` is current while it runs, and may be changed.
class SlowPath {
  public:
    virtual ~SlowPath() = default;
    virtual Outcome load(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t& value) = 0;
    virtual Outcome store(std::uint32_t address, unsigned bytes, bool privileged, std::uint32_t value) = 0;
    // Wait cycles of a data read in flash.
    virtual std::uint32_t flash_data_wait(std::uint32_t address) = 0;
    virtual Outcome change_masks(bool disable, std::uint32_t which) = 0;
    virtual std::uint32_t read_special(std::uint32_t which) = 0;
    virtual Outcome write_special(std::uint32_t which, std::uint32_t mask, std::uint32_t value) = 0;
    // Whether float instructions may run; stores a lazily kept frame first. Otherwise cpu.fault is set.
    virtual bool prepare_float() = 0;
    virtual Outcome barrier() = 0;
};

}  // namespace jatai::simulate
