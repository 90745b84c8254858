// op.h: one predecoded instruction.
//
//     Op op = decode(halfwords, address, ItState{});
//     op.code == OpCode::AddImm;  op.d;  op.n;  op.imm;
//
// An operation whose execution needs more than its own (a condition from IT, a new flash line, a profiling
// mark) stands behind a guard: the slot holds the guard and `real` points at the operation.
#pragma once

#include <cstdint>

#include "src/simulate/core/op_list.h"

namespace jatai::simulate {

enum class OpCode : std::uint16_t {
#define JATAI_NAME(name) name,
    JATAI_JUMP_OPS(JATAI_NAME) JATAI_ALU_OPS(JATAI_NAME) JATAI_DSP_OPS(JATAI_NAME)
        JATAI_MEMORY_OPS(JATAI_NAME) JATAI_FLOAT_OPS(JATAI_NAME) JATAI_FLOATMEM_OPS(JATAI_NAME)
#undef JATAI_NAME
            Count
};
static_assert(static_cast<int>(OpCode::Undecoded) == 0, "zeroed memory is undecoded code");

struct Op {
    OpCode code = OpCode::Undecoded;
    std::uint8_t halfwords = 0;  // 1 or 2
    std::uint8_t cycles = 0;     // what it always costs; the rest depends on operands
    std::uint8_t d = 0, n = 0, m = 0, a = 0;
    union {
        struct {
            std::uint32_t imm;
            std::uint32_t extra;
        };
        const Op* real;  // of a guard
    };
    Op() : imm(0), extra(0) {}
};
static_assert(sizeof(Op) == 16);

// Conditions as in the instruction set (ARMv7-M ARM A7.3): 14 is "always".
constexpr std::uint8_t kAlways = 14;

// How LDR and friends form the address: the order of the names in op_list.h.
enum class AddressMode : std::uint8_t { Offset, Register, Pre, Post, Unprivileged, Literal };

// Operand kinds of the ALU operations: the order of JATAI_OPERANDS.
enum class Operand : std::uint8_t { Imm, Reg, Lsl, Lsr, Asr, Ror };

}  // namespace jatai::simulate
