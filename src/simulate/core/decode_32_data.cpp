// 32-bit data processing: immediates, shifted registers, registers, multiplies (ARMv7-M ARM A5.3.1-3, 11-17).
#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

struct Expanded {
    std::uint32_t value;
    std::uint8_t carry;  // 0: the carry flag stays, 1: cleared, 2: set
};

// ThumbExpandImm_C, A5.3.2.
Expanded expand_immediate(std::uint32_t imm12) {
    const std::uint32_t low = imm12 & 0xFF;
    if (bits(imm12, 11, 10) == 0) {
        switch (bits(imm12, 9, 8)) {
            case 0:
                return {low, 0};
            case 1:
                return {low << 16 | low, 0};
            case 2:
                return {low << 24 | low << 8, 0};
            default:
                return {low * 0x01010101u, 0};
        }
    }
    const std::uint32_t value = std::rotr(0x80u | bits(imm12, 6, 0), static_cast<int>(bits(imm12, 11, 7)));
    return {value, static_cast<std::uint8_t>(1 + (value >> 31))};
}

std::uint32_t immediate_12(const Encoding& e) {
    return bit(e.h1, 10) << 11 | bits(e.h2, 14, 12) << 8 | bits(e.h2, 7, 0);
}

struct Alu {
    bool known = false;
    OpCode quiet{}, setting{};
    bool has_compare = false;
    OpCode compare{};
    bool has_move = false;  // with n == 15
    OpCode move_quiet{}, move_setting{};
};

Alu alu_of(unsigned kind) {
    switch (kind) {
        case 0:
            return {true, OpCode::AndImm, OpCode::AndSImm, true, OpCode::TstImm};
        case 1:
            return {true, OpCode::BicImm, OpCode::BicSImm};
        case 2:
            return {true, OpCode::OrrImm, OpCode::OrrSImm, false, {}, true, OpCode::MovImm, OpCode::MovSImm};
        case 3:
            return {true, OpCode::OrnImm, OpCode::OrnSImm, false, {}, true, OpCode::MvnImm, OpCode::MvnSImm};
        case 4:
            return {true, OpCode::EorImm, OpCode::EorSImm, true, OpCode::TeqImm};
        case 8:
            return {true, OpCode::AddImm, OpCode::AddSImm, true, OpCode::CmnImm};
        case 10:
            return {true, OpCode::AdcImm, OpCode::AdcSImm};
        case 11:
            return {true, OpCode::SbcImm, OpCode::SbcSImm};
        case 13:
            return {true, OpCode::SubImm, OpCode::SubSImm, true, OpCode::CmpImm};
        case 14:
            return {true, OpCode::RsbImm, OpCode::RsbSImm};
        default:
            return {};
    }
}

// Chooses the operation for an ALU encoding and puts registers in place; the operand is the caller's.
// False: the encoding means nothing.
bool choose_alu(const Encoding& e, Op& op) {
    const unsigned n = bits(e.h1, 3, 0), d = bits(e.h2, 11, 8);
    const bool sets = bit(e.h1, 4);
    const Alu alu = alu_of(bits(e.h1, 8, 5));
    if (!alu.known) return false;
    op.d = static_cast<std::uint8_t>(d);
    op.n = static_cast<std::uint8_t>(n);
    op.code = sets ? alu.setting : alu.quiet;
    if (d == 15) {
        if (!alu.has_compare || !sets) return false;
        op.code = alu.compare;
    } else if (n == 15) {
        if (!alu.has_move) return false;
        op.code = sets ? alu.move_setting : alu.move_quiet;
    }
    return !(n == 15 && op.code == alu.compare && d == 15 && alu.has_compare);
}

bool is_sp_write(const Op& op, unsigned kind) {
    return op.d == 13 && (kind == 8 || kind == 13 || (kind == 2 && op.n == 15));
}

Op sp_write(const Encoding& e, const Op& op, unsigned kind) {
    const SpAction action = kind == 8 ? SpAction::Add : kind == 13 ? SpAction::Sub : SpAction::Mov;
    return write_sp(e, action, op.n, bit(e.h1, 4));
}

Op modified_immediate(const Encoding& e) {
    Op op = make_op(OpCode::Undefined, e);
    const unsigned kind = bits(e.h1, 8, 5);
    if (!choose_alu(e, op)) return undefined(e);
    const Expanded expanded = expand_immediate(immediate_12(e));
    if (is_sp_write(op, kind)) {
        if (op.n != 13) return unpredictable(e);
        op = sp_write(e, op, kind);
    } else {
        op.a = expanded.carry;
    }
    op.imm = expanded.value;
    return op;
}

Op add_plain(const Encoding& e, bool subtract) {
    const unsigned d = bits(e.h2, 11, 8), n = bits(e.h1, 3, 0);
    const std::uint32_t imm = immediate_12(e);
    Op op = registers(subtract ? OpCode::SubImm : OpCode::AddImm, e, d, n, 0);
    op.imm = imm;
    if (n == 15) {
        op.code = OpCode::MovImm;
        const std::uint32_t base = (e.address + 4) & ~3u;
        op.imm = subtract ? base - imm : base + imm;
    } else if (d == 13) {
        op = write_sp(e, subtract ? SpAction::Sub : SpAction::Add, n, false);
        op.imm = imm;
    }
    return d == 15 || (d == 13 && n == 15) ? unpredictable(e) : op;
}

Op move_wide(const Encoding& e, bool top) {
    Op op = registers(top ? OpCode::Movt : OpCode::MovImm, e, bits(e.h2, 11, 8), 0, 0);
    op.imm = bits(e.h1, 3, 0) << 12 | immediate_12(e);
    return op.d == 13 || op.d == 15 ? unpredictable(e) : op;
}

// Saturations: `a` = the bit the limit is made of, `m` = shift amount, `imm` = 1 for an arithmetic right
// shift.
Op saturate(const Encoding& e) {
    const bool is_unsigned = bit(e.h1, 7), right = bit(e.h1, 5);
    const unsigned amount = bits(e.h2, 14, 12) << 2 | bits(e.h2, 7, 6);
    const unsigned width = bits(e.h2, 4, 0) + (is_unsigned ? 0 : 1);
    const unsigned d = bits(e.h2, 11, 8), n = bits(e.h1, 3, 0);
    if (right && amount == 0) {
        const unsigned lane_width = bits(e.h2, 3, 0) + (is_unsigned ? 0 : 1);
        return registers(is_unsigned ? OpCode::Usat16 : OpCode::Ssat16, e, d, n, 0, lane_width);
    }
    Op op = registers(is_unsigned ? OpCode::Usat : OpCode::Ssat, e, d, n, amount, width);
    op.imm = right;
    return op;
}

// Bit fields: `a` = lowest bit, `imm` = mask of the field, not shifted; `m` = width for the extracts.
Op bit_field(const Encoding& e) {
    const unsigned d = bits(e.h2, 11, 8), n = bits(e.h1, 3, 0),
                   lowest = bits(e.h2, 14, 12) << 2 | bits(e.h2, 7, 6);
    const unsigned last = bits(e.h2, 4, 0);
    if (bits(e.h1, 8, 4) == 0x16) {
        if (last < lowest) return unpredictable(e);
        Op op = registers(n == 15 ? OpCode::Bfc : OpCode::Bfi, e, d, n, 0, lowest);
        op.imm = static_cast<std::uint32_t>((std::uint64_t{1} << (last - lowest + 1)) - 1);
        return op;
    }
    if (lowest + last > 31) return unpredictable(e);
    return registers(bit(e.h1, 7) ? OpCode::Ubfx : OpCode::Sbfx, e, d, n, last + 1, lowest);
}

Op plain_immediate(const Encoding& e) {
    switch (bits(e.h1, 8, 4)) {
        case 0x00:
            return add_plain(e, false);
        case 0x0A:
            return add_plain(e, true);
        case 0x04:
            return move_wide(e, false);
        case 0x0C:
            return move_wide(e, true);
        case 0x10:
        case 0x12:
        case 0x18:
        case 0x1A:
            return saturate(e);
        case 0x14:
        case 0x16:
        case 0x1C:
            return bit_field(e);
        default:
            return undefined(e);
    }
}

Op shift_by_register(const Encoding& e) {
    const OpCode base = bit(e.h1, 4) ? OpCode::ShiftLslS : OpCode::ShiftLsl;
    return registers(shifted(base, bits(e.h1, 6, 5)), e, bits(e.h2, 11, 8), bits(e.h1, 3, 0),
                     bits(e.h2, 3, 0));
}

Op extend(const Encoding& e) {
    static constexpr OpCode kPlain[6] = {OpCode::Sxth,   OpCode::Uxth, OpCode::Sxtb16,
                                         OpCode::Uxtb16, OpCode::Sxtb, OpCode::Uxtb};
    static constexpr OpCode kAdding[6] = {OpCode::Sxtah,   OpCode::Uxtah, OpCode::Sxtab16,
                                          OpCode::Uxtab16, OpCode::Sxtab, OpCode::Uxtab};
    const unsigned kind = bits(e.h1, 6, 4), n = bits(e.h1, 3, 0);
    if (kind > 5) return undefined(e);
    Op op = registers(n == 15 ? kPlain[kind] : kAdding[kind], e, bits(e.h2, 11, 8), n, bits(e.h2, 3, 0));
    op.imm = bits(e.h2, 5, 4) * 8;
    return op;
}

Op parallel(const Encoding& e) {
    static constexpr int kLane[8] = {4, 0, 1, -1,
                                     5, 3, 2, -1};  // by h1<6:4>: Add8, Add16, Asx, Sub8, Sub16, Sax
    static constexpr OpCode kSigned[4] = {OpCode::SAdd16, OpCode::QAdd16, OpCode::ShAdd16, OpCode::Undefined};
    static constexpr OpCode kUnsigned[4] = {OpCode::UAdd16, OpCode::UqAdd16, OpCode::UhAdd16,
                                            OpCode::Undefined};
    const int lane = kLane[bits(e.h1, 6, 4)];
    const unsigned prefix = bits(e.h2, 5, 4);
    if (lane < 0 || prefix == 3) return undefined(e);
    const OpCode base = bit(e.h2, 6) ? kUnsigned[prefix] : kSigned[prefix];
    return registers(shifted(base, static_cast<unsigned>(lane)), e, bits(e.h2, 11, 8), bits(e.h1, 3, 0),
                     bits(e.h2, 3, 0));
}

Op miscellaneous(const Encoding& e) {
    static constexpr OpCode kCodes[4][4] = {
        {OpCode::SaturatingAdd, OpCode::SaturatingDoubleAdd, OpCode::SaturatingSub,
         OpCode::SaturatingDoubleSub},
        {OpCode::Rev, OpCode::Rev16, OpCode::Rbit, OpCode::Revsh},
        {OpCode::Sel, OpCode::Undefined, OpCode::Undefined, OpCode::Undefined},
        {OpCode::Clz, OpCode::Undefined, OpCode::Undefined, OpCode::Undefined}};
    const OpCode code = kCodes[bits(e.h1, 5, 4)][bits(e.h2, 5, 4)];
    if (code == OpCode::Undefined || bit(e.h1, 6)) return undefined(e);
    return registers(code, e, bits(e.h2, 11, 8), bits(e.h1, 3, 0), bits(e.h2, 3, 0));
}

OpCode multiply_code(const Encoding& e, bool accumulate) {
    const unsigned pick = bits(e.h2, 5, 4), low = pick & 1;
    const auto either = [&](OpCode adding, OpCode plain, unsigned step) {
        return shifted(accumulate ? adding : plain, step);
    };
    switch (bits(e.h1, 6, 4)) {
        case 0:
            return pick == 0   ? either(OpCode::Mla, OpCode::Mul, 0)
                   : pick == 1 ? OpCode::Mls
                               : OpCode::Undefined;
        case 1:
            return either(OpCode::Smlabb, OpCode::Smulbb, pick);
        case 2:
            return pick > 1 ? OpCode::Undefined : either(OpCode::Smlad, OpCode::Smuad, low);
        case 3:
            return pick > 1 ? OpCode::Undefined : either(OpCode::Smlawb, OpCode::Smulwb, low);
        case 4:
            return pick > 1 ? OpCode::Undefined : either(OpCode::Smlsd, OpCode::Smusd, low);
        case 5:
            return pick > 1 ? OpCode::Undefined : either(OpCode::Smmla, OpCode::Smmul, low);
        case 6:
            return pick > 1 ? OpCode::Undefined : shifted(OpCode::Smmls, low);
        default:
            return pick == 0 ? either(OpCode::Usada8, OpCode::Usad8, 0) : OpCode::Undefined;
    }
}

Op multiply_32(const Encoding& e) {
    const unsigned a = bits(e.h2, 15, 12);
    if (bits(e.h2, 7, 6) != 0) return undefined(e);
    const OpCode code = multiply_code(e, a != 15);
    if (code == OpCode::Undefined) return undefined(e);
    return registers(code, e, bits(e.h2, 11, 8), bits(e.h1, 3, 0), bits(e.h2, 3, 0), a);
}

OpCode long_code(unsigned kind, unsigned op2) {
    const unsigned low = op2 & 1, pair = op2 & 3;
    switch (kind) {
        case 0:
            return op2 == 0 ? OpCode::Smull : OpCode::Undefined;
        case 1:
            return op2 == 15 ? OpCode::Sdiv : OpCode::Undefined;
        case 2:
            return op2 == 0 ? OpCode::Umull : OpCode::Undefined;
        case 3:
            return op2 == 15 ? OpCode::Udiv : OpCode::Undefined;
        case 4:
            if (op2 == 0) return OpCode::Smlal;
            if (op2 >= 8 && op2 <= 11) return shifted(OpCode::Smlalbb, pair);
            return op2 == 12 || op2 == 13 ? shifted(OpCode::Smlald, low) : OpCode::Undefined;
        case 5:
            return op2 == 12 || op2 == 13 ? shifted(OpCode::Smlsld, low) : OpCode::Undefined;
        case 6:
            return op2 == 0 ? OpCode::Umlal : op2 == 6 ? OpCode::Umaal : OpCode::Undefined;
        default:
            return OpCode::Undefined;
    }
}

// Long multiplies: `a` = low result register, `d` = high. Divisions: `d` alone.
Op multiply_64(const Encoding& e) {
    const OpCode code = long_code(bits(e.h1, 6, 4), bits(e.h2, 7, 4));
    if (code == OpCode::Undefined) return undefined(e);
    return registers(code, e, bits(e.h2, 11, 8), bits(e.h1, 3, 0), bits(e.h2, 3, 0), bits(e.h2, 15, 12));
}

bool names_sp_or_pc(unsigned r) { return r == 13 || r == 15; }

// The extensions, parallel sums and multiplies may name neither the stack pointer nor the program counter.
Op refuse_odd_registers(const Encoding& e, const Op& op) {
    if (op.code == OpCode::Undefined) return op;
    return names_sp_or_pc(op.d) || op.n == 13 || names_sp_or_pc(op.m) ? unpredictable(e) : op;
}

}  // namespace

Op decode_data_immediate(const Encoding& e) {
    return bit(e.h1, 9) ? plain_immediate(e) : modified_immediate(e);
}

Op decode_data_shifted(const Encoding& e) {
    const unsigned kind = bits(e.h1, 8, 5), m = bits(e.h2, 3, 0), type = bits(e.h2, 5, 4);
    const unsigned amount = bits(e.h2, 14, 12) << 2 | bits(e.h2, 7, 6);
    const ConstantShift shift = constant_shift(type, amount);
    if (kind == 6) {
        if (bit(e.h1, 4) || bit(type, 0)) return undefined(e);
        Op op =
            registers(type == 0 ? OpCode::Pkhbt : OpCode::Pkhtb, e, bits(e.h2, 11, 8), bits(e.h1, 3, 0), m);
        op.imm = shift.amount;
        return op;
    }
    Op op = make_op(OpCode::Undefined, e);
    if (!choose_alu(e, op)) return undefined(e);
    if (m == 15 || bit(e.h2, 15)) return unpredictable(e);
    if (is_sp_write(op, kind)) {
        op = sp_write(e, op, kind);
        op.extra = static_cast<std::uint32_t>(shift.kind) | shift.amount << 8;
    } else {
        op.code = with_operand(op.code, shift.kind);
        op.imm = shift.amount;
    }
    op.m = static_cast<std::uint8_t>(m);
    return op;
}

Op decode_data_register(const Encoding& e) {
    if (bits(e.h2, 15, 12) != 15) return undefined(e);
    if (!bit(e.h1, 7)) {
        const bool extends = bit(e.h2, 7);
        if (!extends && bits(e.h2, 6, 4) != 0) return undefined(e);
        return refuse_odd_registers(e, extends ? extend(e) : shift_by_register(e));
    }
    return refuse_odd_registers(e, bit(e.h2, 7) ? miscellaneous(e) : parallel(e));
}

Op decode_multiply(const Encoding& e) {
    return refuse_odd_registers(e, bit(e.h1, 7) ? multiply_64(e) : multiply_32(e));
}

}  // namespace jatai::simulate
