// execute_memory.h: loads, stores and the other instructions that may fault or be heard outside the core.
#pragma once

#include <cstring>

#include "src/simulate/core/execute_data.h"

namespace jatai::simulate {

JATAI_INLINE Outcome raise_fault(Cpu& c, FaultKind kind, std::uint32_t address = 0) {
    c.fault = {kind, address, false};
    return Outcome::Fault;
}

template <typename T>
JATAI_INLINE std::uint32_t widen(const std::uint8_t* bytes) {
    T value;
    std::memcpy(&value, bytes, sizeof value);
    if constexpr (std::is_signed_v<T>) return static_cast<std::uint32_t>(static_cast<std::int32_t>(value));
    return value;
}

template <typename T>
[[gnu::noinline]] Outcome load_outside(Cpu& c, Counters& k, std::uint32_t address, bool privileged,
                                       std::uint32_t& value) {
    std::uint32_t raw = 0;
    c.now = k;
    const Outcome outcome = c.slow->load(address, sizeof(T), privileged, raw);
    k = c.now;
    if (outcome != Outcome::Fault) {
        const auto narrow = static_cast<T>(raw);
        value = std::is_signed_v<T> ? static_cast<std::uint32_t>(static_cast<std::int32_t>(narrow)) : narrow;
    }
    return outcome;
}

// Wraps load_outside so that the address of the caller's counters never escapes: they stay in registers.
template <typename T>
JATAI_INLINE Outcome load_slowly(Cpu& c, Counters& k, std::uint32_t address, std::uint32_t& value,
                                 bool privileged) {
    Counters copy = k;
    std::uint32_t got = 0;
    const Outcome outcome = load_outside<T>(c, copy, address, privileged, got);
    k = copy;
    value = got;
    return outcome;
}

template <typename T>
JATAI_INLINE bool is_misaligned(std::uint32_t address) {
    return sizeof(T) > 1 && (address & (sizeof(T) - 1)) != 0;
}

template <typename T>
JATAI_INLINE Outcome load(Cpu& c, Counters& k, std::uint32_t address, std::uint32_t& value) {
    if (is_misaligned<T>(address)) [[unlikely]] {
        if (c.traps_unaligned) return raise_fault(c, FaultKind::Unaligned, address);
        ++k.cycles;  // two bus accesses
    }
    const std::uint32_t in_ram = address - c.ram_base;
    if (std::uint64_t{in_ram} + sizeof(T) <= c.ram_bytes) [[likely]] {
        value = widen<T>(c.ram + in_ram);
        return Outcome::Next;
    }
    const std::uint32_t in_flash = address - c.flash_base;
    if (std::uint64_t{in_flash} + sizeof(T) <= c.flash_bytes) {
        value = widen<T>(c.flash + in_flash);
        if (c.flash_data_waits) [[unlikely]]
            k.cycles += c.slow->flash_data_wait(address);
        return Outcome::Next;
    }
    return load_slowly<T>(c, k, address, value, c.is_privileged());
}

template <typename T>
JATAI_INLINE Outcome store_slowly(Cpu& c, Counters& k, std::uint32_t address, std::uint32_t value,
                                  bool privileged) {
    c.now = k;
    const Outcome outcome = c.slow->store(address, sizeof(T), privileged, static_cast<T>(value));
    k = c.now;
    return outcome;
}

template <typename T>
JATAI_INLINE Outcome store(Cpu& c, Counters& k, std::uint32_t address, std::uint32_t value) {
    if (is_misaligned<T>(address)) [[unlikely]] {
        if (c.traps_unaligned) return raise_fault(c, FaultKind::Unaligned, address);
        ++k.cycles;
    }
    const std::uint32_t in_ram = address - c.ram_base;
    if (std::uint64_t{in_ram} + sizeof(T) <= c.store_bytes) [[likely]] {
        const auto narrow = static_cast<T>(value);
        std::memcpy(c.ram + in_ram, &narrow, sizeof narrow);
        return Outcome::Next;
    }
    return store_slowly<T>(c, k, address, value, c.is_privileged());
}

template <AddressMode mode>
JATAI_INLINE std::uint32_t access_address(const Cpu& c, const Op& op) {
    if constexpr (mode == AddressMode::Literal) return op.imm;
    if constexpr (mode == AddressMode::Register) return c.r[op.n] + (c.r[op.m] << op.a);
    if constexpr (mode == AddressMode::Post) return c.r[op.n];
    return c.r[op.n] + op.imm;
}

template <AddressMode mode>
JATAI_INLINE void write_base(Cpu& c, const Op& op) {
    if constexpr (mode == AddressMode::Pre || mode == AddressMode::Post) {
        c.r[op.n] += op.imm;
        if (op.n == 13) c.watch_stack(c.r[13]);
    }
}

template <typename T, AddressMode mode>
JATAI_INLINE Outcome execute_load(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = access_address<mode>(c, op);
    std::uint32_t value = 0;
    const Outcome outcome = mode == AddressMode::Unprivileged && address >= 0xE0000000u
                                ? load_slowly<T>(c, k, address, value, false)
                                : load<T>(c, k, address, value);
    if (outcome == Outcome::Fault) return outcome;
    write_base<mode>(c, op);
    c.r[op.d] = value;
    return outcome;
}

template <typename T, AddressMode mode>
JATAI_INLINE Outcome execute_store(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = access_address<mode>(c, op);
    const Outcome outcome = mode == AddressMode::Unprivileged && address >= 0xE0000000u
                                ? store_slowly<T>(c, k, address, c.r[op.d], false)
                                : store<T>(c, k, address, c.r[op.d]);
    if (outcome != Outcome::Fault) write_base<mode>(c, op);
    return outcome;
}

#define JATAI_MEMORY_BODY(VERB, NAME, KIND, TYPE, MODE)                            \
    JATAI_INLINE Outcome execute_##VERB##NAME(Cpu& c, const Op& op, Counters& k) { \
        return execute_##KIND<TYPE, AddressMode::MODE>(c, op, k);                  \
    }
#define JATAI_LOAD_BODIES(NAME, TYPE)                               \
    JATAI_MEMORY_BODY(Load, NAME##Offset, load, TYPE, Offset)       \
    JATAI_MEMORY_BODY(Load, NAME##Register, load, TYPE, Register)   \
    JATAI_MEMORY_BODY(Load, NAME##Pre, load, TYPE, Pre)             \
    JATAI_MEMORY_BODY(Load, NAME##Post, load, TYPE, Post)           \
    JATAI_MEMORY_BODY(Load, NAME##Unpriv, load, TYPE, Unprivileged) \
    JATAI_MEMORY_BODY(Load, NAME##Literal, load, TYPE, Literal)
#define JATAI_STORE_BODIES(NAME, TYPE)                              \
    JATAI_MEMORY_BODY(Store, NAME##Offset, store, TYPE, Offset)     \
    JATAI_MEMORY_BODY(Store, NAME##Register, store, TYPE, Register) \
    JATAI_MEMORY_BODY(Store, NAME##Pre, store, TYPE, Pre)           \
    JATAI_MEMORY_BODY(Store, NAME##Post, store, TYPE, Post)         \
    JATAI_MEMORY_BODY(Store, NAME##Unpriv, store, TYPE, Unprivileged)
JATAI_LOAD_BODIES(Word, std::uint32_t)
JATAI_LOAD_BODIES(Byte, std::uint8_t)
JATAI_LOAD_BODIES(Half, std::uint16_t)
JATAI_LOAD_BODIES(SignedByte, std::int8_t)
JATAI_LOAD_BODIES(SignedHalf, std::int16_t)
JATAI_STORE_BODIES(Word, std::uint32_t)
JATAI_STORE_BODIES(Byte, std::uint8_t)
JATAI_STORE_BODIES(Half, std::uint16_t)
#undef JATAI_MEMORY_BODY
#undef JATAI_LOAD_BODIES
#undef JATAI_STORE_BODIES

// Several words from or to one aligned address; the worst outcome of all. Values of a failed load are not
// used.
JATAI_INLINE Outcome worse(Outcome x, Outcome y) { return x > y ? x : y; }

JATAI_INLINE Outcome require_aligned(Cpu& c, std::uint32_t address, std::uint32_t bytes = 4) {
    if ((address & (bytes - 1)) == 0) [[likely]]
        return Outcome::Next;
    return raise_fault(c, FaultKind::Unaligned, address);
}

JATAI_INLINE Outcome load_pair(Cpu& c, const Op& op, Counters& k, std::uint32_t address) {
    std::uint32_t first = 0, second = 0;
    Outcome outcome = require_aligned(c, address);
    if (outcome != Outcome::Fault) outcome = load<std::uint32_t>(c, k, address, first);
    if (outcome != Outcome::Fault) outcome = worse(outcome, load<std::uint32_t>(c, k, address + 4, second));
    if (outcome == Outcome::Fault) return outcome;
    c.r[op.d] = first;
    c.r[op.m] = second;
    return outcome;
}

JATAI_INLINE Outcome store_pair(Cpu& c, const Op& op, Counters& k, std::uint32_t address) {
    Outcome outcome = require_aligned(c, address);
    if (outcome != Outcome::Fault) outcome = store<std::uint32_t>(c, k, address, c.r[op.d]);
    if (outcome == Outcome::Fault) return outcome;
    return worse(outcome, store<std::uint32_t>(c, k, address + 4, c.r[op.m]));
}

JATAI_INLINE Outcome execute_LoadDualOffset(Cpu& c, const Op& op, Counters& k) {
    return load_pair(c, op, k, c.r[op.n] + op.imm);
}
JATAI_INLINE Outcome execute_StoreDualOffset(Cpu& c, const Op& op, Counters& k) {
    return store_pair(c, op, k, c.r[op.n] + op.imm);
}

// `a`: 1 pre-indexed, 2 post-indexed, 3 literal.
JATAI_INLINE std::uint32_t dual_address(const Cpu& c, const Op& op) {
    return op.a == 3 ? op.imm : op.a == 2 ? c.r[op.n] : c.r[op.n] + op.imm;
}
JATAI_INLINE void dual_write_base(Cpu& c, const Op& op, std::uint32_t base) {
    if (op.a == 3) return;
    c.r[op.n] = base + op.imm;
    if (op.n == 13) c.watch_stack(c.r[13]);
}
JATAI_INLINE Outcome execute_LoadDualIndexed(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t base = c.r[op.n];
    const Outcome outcome = load_pair(c, op, k, dual_address(c, op));
    if (outcome != Outcome::Fault) dual_write_base(c, op, base);
    return outcome;
}
JATAI_INLINE Outcome execute_StoreDualIndexed(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t base = c.r[op.n];
    const Outcome outcome = store_pair(c, op, k, dual_address(c, op));
    if (outcome != Outcome::Fault) dual_write_base(c, op, base);
    return outcome;
}

// LDM: `imm` registers, `a` bit 0 writes the base back, bit 1 goes down. Loads into `values`, in order of
// number.
JATAI_INLINE Outcome load_list(Cpu& c, const Op& op, Counters& k, std::uint32_t (&values)[16]) {
    const std::uint32_t bytes = 4u * static_cast<std::uint32_t>(std::popcount(op.imm));
    std::uint32_t address = c.r[op.n] - ((op.a & 2) ? bytes : 0);
    Outcome outcome = require_aligned(c, address);
    for (std::uint32_t left = op.imm; left != 0 && outcome != Outcome::Fault; left &= left - 1, address += 4)
        outcome = worse(outcome, load<std::uint32_t>(c, k, address, values[std::countr_zero(left)]));
    return outcome;
}
JATAI_INLINE void finish_list(Cpu& c, const Op& op, const std::uint32_t (&values)[16]) {
    if (op.a & 1) {
        const std::uint32_t bytes = 4u * static_cast<std::uint32_t>(std::popcount(op.imm));
        c.r[op.n] += (op.a & 2) ? 0u - bytes : bytes;
    }
    for (std::uint32_t left = op.imm & 0x7FFF; left != 0; left &= left - 1)
        c.r[std::countr_zero(left)] = values[std::countr_zero(left)];
}
JATAI_INLINE Outcome execute_LoadMultiple(Cpu& c, const Op& op, Counters& k) {
    std::uint32_t values[16];
    const Outcome outcome = load_list(c, op, k, values);
    if (outcome != Outcome::Fault) finish_list(c, op, values);
    return outcome;
}

JATAI_INLINE Outcome execute_StoreMultiple(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t bytes = 4u * static_cast<std::uint32_t>(std::popcount(op.imm));
    const std::uint32_t base = c.r[op.n], end = (op.a & 2) ? base - bytes : base + bytes;
    std::uint32_t address = (op.a & 2) ? end : base;
    Outcome outcome = require_aligned(c, address);
    for (std::uint32_t left = op.imm; left != 0 && outcome != Outcome::Fault; left &= left - 1, address += 4)
        outcome = worse(outcome, store<std::uint32_t>(c, k, address, c.r[std::countr_zero(left)]));
    if ((op.a & 1) && outcome != Outcome::Fault) c.r[op.n] = end;
    return outcome;
}
JATAI_INLINE Outcome execute_Push(Cpu& c, const Op& op, Counters& k) {
    const Outcome outcome = execute_StoreMultiple(c, op, k);
    if (outcome != Outcome::Fault) c.watch_stack(c.r[13]);
    return outcome;
}

// ---- exclusives ------------------------------------------------------------------------------------------

template <typename T>
JATAI_INLINE Outcome load_exclusive(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = c.r[op.n] + op.imm;
    Outcome outcome = require_aligned(c, address, sizeof(T));
    std::uint32_t value = 0;
    if (outcome != Outcome::Fault) outcome = load<T>(c, k, address, value);
    if (outcome == Outcome::Fault) return outcome;
    c.exclusive = true;
    c.exclusive_address = address;
    c.r[op.d] = value;
    return outcome;
}
template <typename T>
JATAI_INLINE Outcome store_exclusive(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = c.r[op.n] + op.imm;
    Outcome outcome = require_aligned(c, address, sizeof(T));
    if (outcome == Outcome::Fault) return outcome;
    const bool holds = c.exclusive && c.exclusive_address == address;
    if (holds) outcome = store<T>(c, k, address, c.r[op.d]);
    if (outcome == Outcome::Fault) return outcome;
    c.exclusive = false;
    c.r[op.m] = holds ? 0 : 1;
    return outcome;
}
JATAI_INLINE Outcome execute_Ldrex(Cpu& c, const Op& op, Counters& k) {
    return load_exclusive<std::uint32_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Ldrexb(Cpu& c, const Op& op, Counters& k) {
    return load_exclusive<std::uint8_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Ldrexh(Cpu& c, const Op& op, Counters& k) {
    return load_exclusive<std::uint16_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Strex(Cpu& c, const Op& op, Counters& k) {
    return store_exclusive<std::uint32_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Strexb(Cpu& c, const Op& op, Counters& k) {
    return store_exclusive<std::uint8_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Strexh(Cpu& c, const Op& op, Counters& k) {
    return store_exclusive<std::uint16_t>(c, op, k);
}
JATAI_INLINE Outcome execute_Clrex(Cpu& c, const Op&, Counters&) {
    c.exclusive = false;
    return Outcome::Next;
}

// ---- division --------------------------------------------------------------------------------------------

// 2 to 12 cycles (Cortex-M4 TRM table 3-1), early termination by the bits of the quotient. The even spread of
// the 11 values over the 32 quotient lengths is inferred: the manual gives only the range.
JATAI_INLINE std::uint32_t division_cycles(std::uint32_t dividend, std::uint32_t divisor) {
    const int quotient_bits = std::countl_zero(divisor) - std::countl_zero(dividend) + 1;
    return quotient_bits <= 0 ? 0 : (static_cast<std::uint32_t>(quotient_bits) * 10 + 31) / 32;
}
JATAI_INLINE Outcome execute_Udiv(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t x = c.r[op.n], y = c.r[op.m];
    if (y == 0) {
        if (c.traps_divide_by_zero) return raise_fault(c, FaultKind::DivideByZero);
        c.r[op.d] = 0;
        return Outcome::Next;
    }
    k.cycles += division_cycles(x, y);
    c.r[op.d] = x / y;
    return Outcome::Next;
}
JATAI_INLINE Outcome execute_Sdiv(Cpu& c, const Op& op, Counters& k) {
    const auto x = static_cast<std::int32_t>(c.r[op.n]), y = static_cast<std::int32_t>(c.r[op.m]);
    if (y == 0) {
        if (c.traps_divide_by_zero) return raise_fault(c, FaultKind::DivideByZero);
        c.r[op.d] = 0;
        return Outcome::Next;
    }
    const auto magnitude = [](std::int32_t v) {
        return v < 0 ? 0u - static_cast<std::uint32_t>(v) : static_cast<std::uint32_t>(v);
    };
    k.cycles += division_cycles(magnitude(x), magnitude(y));
    c.r[op.d] = static_cast<std::uint32_t>(static_cast<std::int64_t>(x) / y);
    return Outcome::Next;
}

// ---- system ----------------------------------------------------------------------------------------------

// Runs a SlowPath call with the clock handed over and taken back.
template <typename Call>
JATAI_INLINE Outcome outside(Cpu& c, Counters& k, Call call) {
    c.now = k;
    const Outcome outcome = call();
    k = c.now;
    return outcome;
}
JATAI_INLINE Outcome execute_Cps(Cpu& c, const Op& op, Counters& k) {
    return outside(c, k, [&] { return c.slow->change_masks(op.a != 0, op.imm); });
}
JATAI_INLINE Outcome execute_Msr(Cpu& c, const Op& op, Counters& k) {
    return outside(c, k, [&] { return c.slow->write_special(op.imm, op.a, c.r[op.n]); });
}
JATAI_INLINE Outcome execute_Mrs(Cpu& c, const Op& op, Counters& k) {
    return outside(c, k, [&] {
        c.r[op.d] = c.slow->read_special(op.imm);
        return Outcome::Next;
    });
}
JATAI_INLINE Outcome execute_Barrier(Cpu& c, const Op&, Counters& k) {
    return outside(c, k, [&] { return c.slow->barrier(); });
}

}  // namespace jatai::simulate
