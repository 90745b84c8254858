// decode_help.h: the small words the decoders are written in.
#pragma once

#include <bit>
#include <cstdint>

#include "src/simulate/core/decode.h"

namespace jatai::simulate {

inline std::uint32_t bits(std::uint32_t value, unsigned high, unsigned low) {
    return (value >> low) & ((1u << (high - low + 1)) - 1);
}
inline std::uint32_t bit(std::uint32_t value, unsigned n) { return (value >> n) & 1; }

inline std::int32_t sign_extend(std::uint32_t value, unsigned width) {
    return static_cast<std::int32_t>(value << (32 - width)) >> (32 - width);
}

inline Op make_op(OpCode code, const Encoding& e) {
    Op op;
    op.code = code;
    op.halfwords = is_wide(e.h1) ? 2 : 1;
    return op;
}

inline Op undefined(const Encoding& e, UndefinedReason reason = UndefinedReason::Undefined) {
    Op op = make_op(OpCode::Undefined, e);
    op.a = static_cast<std::uint8_t>(reason);
    op.imm = is_wide(e.h1) ? (e.h1 << 16 | e.h2) : e.h1;
    return op;
}
inline Op unpredictable(const Encoding& e) { return undefined(e, UndefinedReason::Unpredictable); }

inline OpCode shifted(OpCode base, unsigned steps) {
    return static_cast<OpCode>(static_cast<unsigned>(base) + steps);
}
inline OpCode with_operand(OpCode imm_code, Operand operand) {
    return shifted(imm_code, static_cast<unsigned>(operand));
}

inline Op registers(OpCode code, const Encoding& e, unsigned d, unsigned n, unsigned m, unsigned a = 0) {
    Op op = make_op(code, e);
    op.d = static_cast<std::uint8_t>(d);
    op.n = static_cast<std::uint8_t>(n);
    op.m = static_cast<std::uint8_t>(m);
    op.a = static_cast<std::uint8_t>(a);
    return op;
}

// A shift by a constant (DecodeImmShift, A7.4.2): a zero means 32 for LSR and ASR, and RRX for ROR.
struct ConstantShift {
    Operand kind;
    unsigned amount;
};
inline ConstantShift constant_shift(unsigned type, unsigned amount) {
    switch (type) {
        case 0:
            return amount == 0 ? ConstantShift{Operand::Reg, 0} : ConstantShift{Operand::Lsl, amount};
        case 1:
            return {Operand::Lsr, amount == 0 ? 32 : amount};
        case 2:
            return {Operand::Asr, amount == 0 ? 32 : amount};
        default:
            return {Operand::Ror, amount};  // 0: RRX
    }
}

inline Op branch_to(OpCode code, const Encoding& e, std::int32_t offset) {
    Op op = make_op(code, e);
    op.imm = static_cast<std::uint32_t>((offset + 4) / 2);
    return op;
}

// Writes to the stack pointer keep it a multiple of 4 and are watched: one operation for all of them.
enum class SpAction : std::uint8_t { Add, Sub, Mov };
inline Op write_sp(const Encoding& e, SpAction action, unsigned n, bool sets_flags) {
    return registers(OpCode::AluSp, e, sets_flags, n, 15, static_cast<unsigned>(action));
}

}  // namespace jatai::simulate
