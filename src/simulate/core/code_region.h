// code_region.h: a memory of instructions, predecoded halfword by halfword as they are reached.
//
//     CodeRegion region({.base = 0, .memory = flash.data(), .bytes = size, .line_bytes = 16});
//     const Op* slot = region.slots() + (pc - region.base()) / 2;       // may still be OpCode::Undecoded
//     region.decode(slot);                                              // now it is not
//
// Keeps    A slot's meaning depends on the bytes alone, never on the order in which slots are reached:
// machines
//          that share a region cost the same cycles as alone.
// Threads  decode() may be called from several threads; readers see a slot's code last (acquire).
// Memory   16 bytes per halfword, touched only where code runs.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "src/simulate/core/op.h"
#include "src/simulate/firmware.h"

namespace jatai::simulate {

enum class Mark : std::uint8_t { BenchBegin, BenchEnd, OpBegin, OpEnd };

struct CodeLayout {
    std::uint32_t base = 0;
    const std::uint8_t* memory = nullptr;
    std::uint32_t bytes = 0;
    std::uint32_t line_bytes = 0;  // instruction fetch goes by lines of this size; 0: no wait states to model
    std::map<std::uint32_t, Mark> marks;
    const std::vector<Symbol>* symbols = nullptr;
};

class CodeRegion {
  public:
    explicit CodeRegion(CodeLayout layout);

    std::uint32_t base() const { return layout_.base; }
    std::uint32_t bytes() const { return layout_.bytes; }
    std::uint32_t line_bytes() const { return layout_.line_bytes; }
    bool holds(std::uint32_t address) const { return address - layout_.base < layout_.bytes; }
    const Op* slots() const { return slots_.get(); }
    std::uint32_t address_of(const Op* slot) const {
        return layout_.base + static_cast<std::uint32_t>(slot - slots_.get()) * 2;
    }

    void decode(const Op* slot);
    // ITSTATE (8 bits, as in xPSR) of the instruction at `address`, 0 outside IT blocks; and its setting, for
    // returns into the middle of a block.
    std::uint8_t it_state(std::uint32_t address) const;
    void set_it_state(std::uint32_t address, std::uint8_t state);

    // The bytes changed: decode again when reached.
    void forget(std::uint32_t offset, std::uint32_t bytes);
    bool has_code_near(std::uint32_t offset) const { return code_pages_[offset >> kPageShift]; }

    // Index into functions() of the code at each halfword.
    const std::uint16_t* function_of() const { return function_of_.data(); }
    const std::vector<Symbol>& functions() const { return functions_; }

  private:
    static constexpr unsigned kPageShift = 8;
    struct Free {
        void operator()(Op* ops) const { std::free(ops); }
    };

    Op& mutable_slot(const Op* slot) { return slots_.get()[slot - slots_.get()]; }
    std::uint32_t half(std::uint32_t index) const;
    Op decode_alone(std::uint32_t index, bool in_it) const;
    Op finish(std::uint32_t index, Op op, std::uint8_t it) const;
    void fit_branch(std::uint32_t index, Op& op) const;
    void publish(std::uint32_t index, const Op& op, std::uint8_t it);
    void decode_it_block(std::uint32_t index, std::uint8_t state);
    const Op* keep(const Op& op);
    bool starts_line(std::uint32_t index, unsigned halfwords) const;
    void index_functions();

    CodeLayout layout_;
    std::unique_ptr<Op[], Free> slots_;
    std::deque<Op> kept_;  // operations behind guards
    std::vector<bool> code_pages_;
    std::vector<std::uint16_t> function_of_;
    std::vector<Symbol> functions_;
    bool rewritten_ = false;
    std::mutex mutex_;
};

}  // namespace jatai::simulate
