// execute_data.h: what the arithmetic and logic instructions do (ARMv7-M ARM A7.7).
#pragma once

#include <bit>
#include <cstdint>

#include "src/simulate/core/cpu.h"

#define JATAI_INLINE [[gnu::always_inline]] inline

namespace jatai::simulate {

enum class Alu { And, Bic, Orr, Orn, Eor, Add, Adc, Sbc, Sub, Rsb, Mov, Mvn, Tst, Teq, Cmn, Cmp };

constexpr bool is_arithmetic(Alu alu) {
    return alu == Alu::Add || alu == Alu::Adc || alu == Alu::Sbc || alu == Alu::Sub || alu == Alu::Rsb ||
           alu == Alu::Cmn || alu == Alu::Cmp;
}

JATAI_INLINE void set_nz(Cpu& c, std::uint32_t value) {
    c.n = value;
    c.z = value;
}

// Shift by a constant as the decoder left it; `carry` gets the last bit shifted out.
template <Operand kind>
JATAI_INLINE std::uint32_t shift_constant(const Cpu& c, std::uint32_t value, std::uint32_t amount,
                                          std::uint32_t& carry) {
    if constexpr (kind == Operand::Lsl) {
        carry = (value >> (32 - amount)) & 1;
        return static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) << amount);
    } else if constexpr (kind == Operand::Lsr) {
        carry = (value >> (amount - 1)) & 1;
        return static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> amount);
    } else if constexpr (kind == Operand::Asr) {
        const auto wide = static_cast<std::int64_t>(static_cast<std::int32_t>(value));
        carry = static_cast<std::uint32_t>(wide >> (amount - 1)) & 1;
        return static_cast<std::uint32_t>(wide >> amount);
    } else if constexpr (kind == Operand::Ror) {
        if (amount == 0) {  // RRX
            carry = value & 1;
            return c.c << 31 | value >> 1;
        }
        const std::uint32_t result = std::rotr(value, static_cast<int>(amount));
        carry = result >> 31;
        return result;
    } else {
        return value;
    }
}

JATAI_INLINE std::uint32_t add_with_carry(Cpu& c, std::uint32_t x, std::uint32_t y, std::uint32_t carry) {
    const std::uint64_t wide = static_cast<std::uint64_t>(x) + y + carry;
    const auto result = static_cast<std::uint32_t>(wide);
    c.c = static_cast<std::uint32_t>(wide >> 32);
    c.v = (~(x ^ y) & (x ^ result)) >> 31;
    set_nz(c, result);
    return result;
}

JATAI_INLINE std::uint32_t subtract_with_flags(Cpu& c, std::uint32_t x, std::uint32_t y) {
    const std::uint32_t result = x - y;
    c.c = x >= y;
    c.v = ((x ^ y) & (x ^ result)) >> 31;
    set_nz(c, result);
    return result;
}

template <Alu alu>
JATAI_INLINE std::uint32_t logic(std::uint32_t x, std::uint32_t y) {
    if constexpr (alu == Alu::And || alu == Alu::Tst) return x & y;
    if constexpr (alu == Alu::Bic) return x & ~y;
    if constexpr (alu == Alu::Orr) return x | y;
    if constexpr (alu == Alu::Orn) return x | ~y;
    if constexpr (alu == Alu::Eor || alu == Alu::Teq) return x ^ y;
    if constexpr (alu == Alu::Mov) return y;
    if constexpr (alu == Alu::Mvn) return ~y;
    return 0;
}

template <Alu alu, bool sets>
JATAI_INLINE std::uint32_t arithmetic(Cpu& c, std::uint32_t x, std::uint32_t y) {
    if constexpr (sets) {
        if constexpr (alu == Alu::Add || alu == Alu::Cmn) return add_with_carry(c, x, y, 0);
        if constexpr (alu == Alu::Adc) return add_with_carry(c, x, y, c.c);
        if constexpr (alu == Alu::Sbc) return add_with_carry(c, x, ~y, c.c);
        if constexpr (alu == Alu::Sub || alu == Alu::Cmp) return subtract_with_flags(c, x, y);
        return subtract_with_flags(c, y, x);
    } else {
        if constexpr (alu == Alu::Add) return x + y;
        if constexpr (alu == Alu::Adc) return x + y + c.c;
        if constexpr (alu == Alu::Sbc) return x - y - (1 - c.c);
        if constexpr (alu == Alu::Sub) return x - y;
        return y - x;
    }
}

template <Alu alu, Operand kind, bool sets>
JATAI_INLINE void execute_alu(Cpu& c, const Op& op) {
    std::uint32_t carry = c.c;
    std::uint32_t y;
    if constexpr (kind == Operand::Imm) {
        y = op.imm;
        if (sets && !is_arithmetic(alu) && op.a != 0) carry = op.a - 1u;
    } else {
        y = shift_constant<kind>(c, c.r[op.m], op.imm, carry);
    }
    std::uint32_t result;
    if constexpr (is_arithmetic(alu)) {
        result = arithmetic<alu, sets>(c, c.r[op.n], y);
    } else {
        result = logic<alu>(c.r[op.n], y);
        if constexpr (sets) {
            set_nz(c, result);
            if constexpr (kind != Operand::Reg) c.c = carry;
        }
    }
    if constexpr (alu < Alu::Tst) c.r[op.d] = result;
}

#define JATAI_EXECUTE(NAME, ALU, SETS)                            \
    JATAI_INLINE void execute_##NAME##Imm(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Imm, SETS>(c, op);              \
    }                                                             \
    JATAI_INLINE void execute_##NAME##Reg(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Reg, SETS>(c, op);              \
    }                                                             \
    JATAI_INLINE void execute_##NAME##Lsl(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Lsl, SETS>(c, op);              \
    }                                                             \
    JATAI_INLINE void execute_##NAME##Lsr(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Lsr, SETS>(c, op);              \
    }                                                             \
    JATAI_INLINE void execute_##NAME##Asr(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Asr, SETS>(c, op);              \
    }                                                             \
    JATAI_INLINE void execute_##NAME##Ror(Cpu& c, const Op& op) { \
        execute_alu<ALU, Operand::Ror, SETS>(c, op);              \
    }
#define JATAI_EXECUTE_BOTH(NAME)          \
    JATAI_EXECUTE(NAME, Alu::NAME, false) \
    JATAI_EXECUTE(NAME##S, Alu::NAME, true)
#define JATAI_EXECUTE_COMPARE(NAME) JATAI_EXECUTE(NAME, Alu::NAME, true)
JATAI_ALU_NAMES(JATAI_EXECUTE_BOTH)
JATAI_COMPARE_NAMES(JATAI_EXECUTE_COMPARE)
#undef JATAI_EXECUTE
#undef JATAI_EXECUTE_BOTH
#undef JATAI_EXECUTE_COMPARE

// Shifts by a register: amounts up to 255 (Shift_C, A7.4.2).
template <Operand kind, bool sets>
JATAI_INLINE void execute_shift(Cpu& c, const Op& op) {
    const std::uint32_t value = c.r[op.n], amount = c.r[op.m] & 0xFF;
    std::uint32_t result = value, carry = c.c;
    if (amount != 0) {
        if constexpr (kind == Operand::Ror) {
            result = std::rotr(value, static_cast<int>(amount & 31));
            carry = result >> 31;
        } else if constexpr (kind == Operand::Asr) {
            const auto wide = static_cast<std::int64_t>(static_cast<std::int32_t>(value));
            const std::uint32_t capped = amount < 32 ? amount : 32;
            carry = static_cast<std::uint32_t>(wide >> (capped - 1)) & 1;
            result = static_cast<std::uint32_t>(wide >> capped);
        } else if (amount > 32) {
            result = carry = 0;
        } else {
            result = shift_constant<kind>(c, value, amount, carry);
        }
    }
    c.r[op.d] = result;
    if constexpr (sets) {
        set_nz(c, result);
        c.c = carry;
    }
}
JATAI_INLINE void execute_ShiftLsl(Cpu& c, const Op& op) { execute_shift<Operand::Lsl, false>(c, op); }
JATAI_INLINE void execute_ShiftLsr(Cpu& c, const Op& op) { execute_shift<Operand::Lsr, false>(c, op); }
JATAI_INLINE void execute_ShiftAsr(Cpu& c, const Op& op) { execute_shift<Operand::Asr, false>(c, op); }
JATAI_INLINE void execute_ShiftRor(Cpu& c, const Op& op) { execute_shift<Operand::Ror, false>(c, op); }
JATAI_INLINE void execute_ShiftLslS(Cpu& c, const Op& op) { execute_shift<Operand::Lsl, true>(c, op); }
JATAI_INLINE void execute_ShiftLsrS(Cpu& c, const Op& op) { execute_shift<Operand::Lsr, true>(c, op); }
JATAI_INLINE void execute_ShiftAsrS(Cpu& c, const Op& op) { execute_shift<Operand::Asr, true>(c, op); }
JATAI_INLINE void execute_ShiftRorS(Cpu& c, const Op& op) { execute_shift<Operand::Ror, true>(c, op); }

inline std::uint32_t stack_operand(const Cpu& c, const Op& op) {
    if (op.m == 15) return op.imm;
    const std::uint32_t value = c.r[op.m], amount = op.extra >> 8;
    std::uint32_t carry = 0;
    switch (static_cast<Operand>(op.extra & 0xFF)) {
        case Operand::Lsl:
            return shift_constant<Operand::Lsl>(c, value, amount, carry);
        case Operand::Lsr:
            return shift_constant<Operand::Lsr>(c, value, amount, carry);
        case Operand::Asr:
            return shift_constant<Operand::Asr>(c, value, amount, carry);
        case Operand::Ror:
            return shift_constant<Operand::Ror>(c, value, amount, carry);
        default:
            return value;
    }
}

// ADD, SUB and MOV to the stack pointer: `a` 0 add, 1 subtract, 2 move; `d` sets flags.
JATAI_INLINE void execute_AluSp(Cpu& c, const Op& op) {
    const std::uint32_t y = stack_operand(c, op);
    std::uint32_t result = y;
    if (op.a == 0) result = op.d ? add_with_carry(c, c.r[op.n], y, 0) : c.r[op.n] + y;
    if (op.a == 1) result = op.d ? subtract_with_flags(c, c.r[op.n], y) : c.r[op.n] - y;
    if (op.a == 2 && op.d) set_nz(c, result);
    c.r[13] = result & ~3u;
    c.watch_stack(result & ~3u);
}

JATAI_INLINE void execute_Movt(Cpu& c, const Op& op) { c.r[op.d] = (c.r[op.d] & 0xFFFF) | op.imm << 16; }
JATAI_INLINE void execute_Bfi(Cpu& c, const Op& op) {
    c.r[op.d] = (c.r[op.d] & ~(op.imm << op.a)) | (c.r[op.n] & op.imm) << op.a;
}
JATAI_INLINE void execute_Bfc(Cpu& c, const Op& op) { c.r[op.d] &= ~(op.imm << op.a); }
JATAI_INLINE void execute_Sbfx(Cpu& c, const Op& op) {
    c.r[op.d] =
        static_cast<std::uint32_t>(static_cast<std::int32_t>(c.r[op.n] << (32 - op.m - op.a)) >> (32 - op.m));
}
JATAI_INLINE void execute_Ubfx(Cpu& c, const Op& op) {
    c.r[op.d] = c.r[op.n] << (32 - op.m - op.a) >> (32 - op.m);
}
JATAI_INLINE void execute_Clz(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(std::countl_zero(c.r[op.m]));
}
JATAI_INLINE void execute_Rev(Cpu& c, const Op& op) { c.r[op.d] = __builtin_bswap32(c.r[op.m]); }
JATAI_INLINE void execute_Rev16(Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.m];
    c.r[op.d] = (x >> 8 & 0x00FF00FFu) | (x << 8 & 0xFF00FF00u);
}
JATAI_INLINE void execute_Revsh(Cpu& c, const Op& op) {
    const auto half = static_cast<std::int16_t>(__builtin_bswap16(static_cast<std::uint16_t>(c.r[op.m])));
    c.r[op.d] = static_cast<std::uint32_t>(static_cast<std::int32_t>(half));
}
JATAI_INLINE void execute_Rbit(Cpu& c, const Op& op) {
    std::uint32_t x = __builtin_bswap32(c.r[op.m]);
    x = (x >> 4 & 0x0F0F0F0Fu) | (x << 4 & 0xF0F0F0F0u);
    x = (x >> 2 & 0x33333333u) | (x << 2 & 0xCCCCCCCCu);
    c.r[op.d] = (x >> 1 & 0x55555555u) | (x << 1 & 0xAAAAAAAAu);
}

}  // namespace jatai::simulate
