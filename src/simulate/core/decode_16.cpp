// The 16-bit instructions (ARMv7-M ARM A5.2).
#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

// The flag-setting form outside IT, the quiet one inside.
OpCode quiet_in_it(OpCode setting, OpCode quiet, const Encoding& e) { return e.in_it ? quiet : setting; }

Op shift_add_subtract(const Encoding& e) {
    const unsigned d = bits(e.h1, 2, 0), n = bits(e.h1, 5, 3), kind = bits(e.h1, 12, 11);
    if (kind != 3) {
        const ConstantShift shift = constant_shift(kind, bits(e.h1, 10, 6));
        Op op =
            registers(with_operand(quiet_in_it(OpCode::MovSImm, OpCode::MovImm, e), shift.kind), e, d, 0, n);
        op.imm = shift.amount;
        return op;
    }
    const bool subtract = bit(e.h1, 9);
    const OpCode base = subtract ? quiet_in_it(OpCode::SubSImm, OpCode::SubImm, e)
                                 : quiet_in_it(OpCode::AddSImm, OpCode::AddImm, e);
    const unsigned field = bits(e.h1, 8, 6);
    if (!bit(e.h1, 10)) return registers(with_operand(base, Operand::Reg), e, d, n, field);
    Op op = registers(base, e, d, n, 0);
    op.imm = field;
    return op;
}

Op immediate_8(const Encoding& e) {
    const unsigned d = bits(e.h1, 10, 8);
    static constexpr OpCode kSetting[4] = {OpCode::MovSImm, OpCode::CmpImm, OpCode::AddSImm, OpCode::SubSImm};
    static constexpr OpCode kQuiet[4] = {OpCode::MovImm, OpCode::CmpImm, OpCode::AddImm, OpCode::SubImm};
    const unsigned kind = bits(e.h1, 12, 11);
    Op op = registers(quiet_in_it(kSetting[kind], kQuiet[kind], e), e, d, d, 0);
    op.imm = bits(e.h1, 7, 0);
    return op;
}

Op data_processing(const Encoding& e) {
    const unsigned d = bits(e.h1, 2, 0), m = bits(e.h1, 5, 3);
    const auto alu = [&](OpCode setting, OpCode quiet) {
        return registers(with_operand(quiet_in_it(setting, quiet, e), Operand::Reg), e, d, d, m);
    };
    const auto plain = [&](OpCode setting, OpCode quiet) {
        return registers(quiet_in_it(setting, quiet, e), e, d, d, m);
    };
    switch (bits(e.h1, 9, 6)) {
        case 0:
            return alu(OpCode::AndSImm, OpCode::AndImm);
        case 1:
            return alu(OpCode::EorSImm, OpCode::EorImm);
        case 2:
            return plain(OpCode::ShiftLslS, OpCode::ShiftLsl);
        case 3:
            return plain(OpCode::ShiftLsrS, OpCode::ShiftLsr);
        case 4:
            return plain(OpCode::ShiftAsrS, OpCode::ShiftAsr);
        case 5:
            return alu(OpCode::AdcSImm, OpCode::AdcImm);
        case 6:
            return alu(OpCode::SbcSImm, OpCode::SbcImm);
        case 7:
            return plain(OpCode::ShiftRorS, OpCode::ShiftRor);
        case 8:
            return alu(OpCode::TstImm, OpCode::TstImm);
        case 9:
            return registers(quiet_in_it(OpCode::RsbSImm, OpCode::RsbImm, e), e, d, m, 0);
        case 10:
            return alu(OpCode::CmpImm, OpCode::CmpImm);
        case 11:
            return alu(OpCode::CmnImm, OpCode::CmnImm);
        case 12:
            return alu(OpCode::OrrSImm, OpCode::OrrImm);
        case 13:
            return plain(OpCode::MulS, OpCode::Mul);
        case 14:
            return alu(OpCode::BicSImm, OpCode::BicImm);
        default:
            return alu(OpCode::MvnSImm, OpCode::MvnImm);
    }
}

Op add_high(const Encoding& e, unsigned d, unsigned m) {
    if (d == 15) return m == 15 ? unpredictable(e) : registers(OpCode::AddPc, e, d, 0, m);
    if (d == 13) {
        Op op = write_sp(e, SpAction::Add, 13, false);
        op.m = static_cast<std::uint8_t>(m);
        return m == 15 ? unpredictable(e) : op;
    }
    if (m != 15) return registers(OpCode::AddReg, e, d, d, m);
    Op op = registers(OpCode::AddImm, e, d, d, 0);
    op.imm = e.address + 4;
    return op;
}

Op move_high(const Encoding& e, unsigned d, unsigned m) {
    if (d == 15) return m == 15 ? unpredictable(e) : registers(OpCode::MovPc, e, d, 0, m);
    if (m == 15) {
        Op op = registers(OpCode::MovImm, e, d, 0, 0);
        op.imm = e.address + 4;
        return d == 13 ? unpredictable(e) : op;
    }
    if (d != 13) return registers(OpCode::MovReg, e, d, 0, m);
    Op op = write_sp(e, SpAction::Mov, 0, false);
    op.m = static_cast<std::uint8_t>(m);
    return op;
}

Op special_data(const Encoding& e) {
    const unsigned d = bits(e.h1, 2, 0) | bit(e.h1, 7) << 3, m = bits(e.h1, 6, 3);
    switch (bits(e.h1, 9, 8)) {
        case 0:
            return add_high(e, d, m);
        case 1:
            return d == 15 || m == 15 ? unpredictable(e) : registers(OpCode::CmpReg, e, 0, d, m);
        case 2:
            return move_high(e, d, m);
        default: {
            const bool link = bit(e.h1, 7);
            if (bits(e.h1, 2, 0) != 0 || (link && m == 15)) return unpredictable(e);
            if (m == 15) {  // BX PC leaves Thumb state: the jump itself faults
                Op op = undefined(e, UndefinedReason::Unpredictable);
                return op;
            }
            return registers(link ? OpCode::Blx : OpCode::Bx, e, 0, 0, m);
        }
    }
}

Op load_literal(const Encoding& e) {
    Op op = registers(OpCode::LoadWordLiteral, e, bits(e.h1, 10, 8), 15, 0);
    op.imm = ((e.address + 4) & ~3u) + bits(e.h1, 7, 0) * 4;
    return op;
}

Op load_store_register(const Encoding& e) {
    static constexpr OpCode kCodes[8] = {OpCode::StoreWordRegister, OpCode::StoreHalfRegister,
                                         OpCode::StoreByteRegister, OpCode::LoadSignedByteRegister,
                                         OpCode::LoadWordRegister,  OpCode::LoadHalfRegister,
                                         OpCode::LoadByteRegister,  OpCode::LoadSignedHalfRegister};
    return registers(kCodes[bits(e.h1, 11, 9)], e, bits(e.h1, 2, 0), bits(e.h1, 5, 3), bits(e.h1, 8, 6));
}

Op load_store_immediate(const Encoding& e) {
    const bool load = bit(e.h1, 11);
    Op op;
    switch (bits(e.h1, 15, 12)) {
        case 6:
            op = make_op(load ? OpCode::LoadWordOffset : OpCode::StoreWordOffset, e);
            op.imm = bits(e.h1, 10, 6) * 4;
            break;
        case 7:
            op = make_op(load ? OpCode::LoadByteOffset : OpCode::StoreByteOffset, e);
            op.imm = bits(e.h1, 10, 6);
            break;
        case 8:
            op = make_op(load ? OpCode::LoadHalfOffset : OpCode::StoreHalfOffset, e);
            op.imm = bits(e.h1, 10, 6) * 2;
            break;
        default:
            op = registers(load ? OpCode::LoadWordOffset : OpCode::StoreWordOffset, e, bits(e.h1, 10, 8), 13,
                           0);
            op.imm = bits(e.h1, 7, 0) * 4;
            return op;
    }
    op.d = static_cast<std::uint8_t>(bits(e.h1, 2, 0));
    op.n = static_cast<std::uint8_t>(bits(e.h1, 5, 3));
    return op;
}

Op address_of_pc_or_sp(const Encoding& e) {
    const unsigned d = bits(e.h1, 10, 8), offset = bits(e.h1, 7, 0) * 4;
    Op op = registers(bit(e.h1, 11) ? OpCode::AddImm : OpCode::MovImm, e, d, 13, 0);
    op.imm = bit(e.h1, 11) ? offset : ((e.address + 4) & ~3u) + offset;
    return op;
}

Op hint(const Encoding& e) {
    const unsigned mask = bits(e.h1, 3, 0), kind = bits(e.h1, 7, 4);
    if (mask != 0) {
        const bool ok = kind != 15 && !(kind == 14 && std::popcount(mask) != 1) && !e.in_it;
        Op op = make_op(OpCode::It, e);
        op.imm = bits(e.h1, 7, 0);
        return ok ? op : unpredictable(e);
    }
    switch (kind) {
        case 2:
            return make_op(OpCode::Wfe, e);
        case 3:
            return make_op(OpCode::Wfi, e);
        case 4:
            return make_op(OpCode::Sev, e);
        default:
            return make_op(OpCode::Nop, e);
    }
}

Op compare_and_branch(const Encoding& e) {
    const std::int32_t offset = static_cast<std::int32_t>(bit(e.h1, 9) << 6 | bits(e.h1, 7, 3) << 1);
    Op op = branch_to(bit(e.h1, 11) ? OpCode::Cbnz : OpCode::Cbz, e, offset);
    op.n = static_cast<std::uint8_t>(bits(e.h1, 2, 0));
    return e.in_it ? unpredictable(e) : op;
}

Op push_pop(const Encoding& e) {
    const bool load = bit(e.h1, 11);
    const std::uint32_t list = bits(e.h1, 7, 0) | bit(e.h1, 8) << (load ? 15 : 14);
    if (list == 0) return unpredictable(e);
    const OpCode code = !load ? OpCode::Push : bit(list, 15) ? OpCode::LoadMultiplePc : OpCode::LoadMultiple;
    Op op = registers(code, e, 0, 13, 0, load ? 1 : 3);
    op.imm = list;
    return op;
}

Op adjust_sp(const Encoding& e) {
    Op op = write_sp(e, bit(e.h1, 7) ? SpAction::Sub : SpAction::Add, 13, false);
    op.imm = bits(e.h1, 6, 0) * 4;
    return op;
}

Op miscellaneous(const Encoding& e) {
    const unsigned d = bits(e.h1, 2, 0), m = bits(e.h1, 5, 3);
    switch (bits(e.h1, 11, 8)) {
        case 0:
            return adjust_sp(e);
        case 1:
        case 3:
        case 9:
        case 11:
            return compare_and_branch(e);
        case 2: {
            static constexpr OpCode kExtends[4] = {OpCode::Sxth, OpCode::Sxtb, OpCode::Uxth, OpCode::Uxtb};
            return registers(kExtends[bits(e.h1, 7, 6)], e, d, 0, m);
        }
        case 4:
        case 5:
        case 12:
        case 13:
            return push_pop(e);
        case 6: {
            if (bits(e.h1, 7, 5) != 3 || bit(e.h1, 3) || bit(e.h1, 2)) return undefined(e);
            Op op = make_op(OpCode::Cps, e);
            op.a = static_cast<std::uint8_t>(bit(e.h1, 4));
            op.imm = bits(e.h1, 1, 0);
            return e.in_it ? unpredictable(e) : op;
        }
        case 10: {
            static constexpr OpCode kReverses[4] = {OpCode::Rev, OpCode::Rev16, OpCode::Undefined,
                                                    OpCode::Revsh};
            const unsigned kind = bits(e.h1, 7, 6);
            return kind == 2 ? undefined(e) : registers(kReverses[kind], e, d, 0, m);
        }
        case 14: {
            Op op = make_op(OpCode::Bkpt, e);
            op.imm = bits(e.h1, 7, 0);
            return op;
        }
        case 15:
            return hint(e);
        default:
            return undefined(e);
    }
}

Op multiple(const Encoding& e) {
    const bool load = bit(e.h1, 11);
    const unsigned n = bits(e.h1, 10, 8);
    const std::uint32_t list = bits(e.h1, 7, 0);
    if (list == 0) return unpredictable(e);
    const bool writes_back = !load || !bit(list, n);
    Op op = registers(load ? OpCode::LoadMultiple : OpCode::StoreMultiple, e, 0, n, 0, writes_back);
    op.imm = list;
    return op;
}

Op conditional_branch(const Encoding& e) {
    const unsigned condition = bits(e.h1, 11, 8);
    if (condition == 14) return undefined(e);
    if (condition == 15) {
        Op op = make_op(OpCode::Svc, e);
        op.imm = bits(e.h1, 7, 0);
        return op;
    }
    Op op = branch_to(shifted(OpCode::BranchEq, condition), e, sign_extend(bits(e.h1, 7, 0) << 1, 9));
    op.a = static_cast<std::uint8_t>(condition);
    return e.in_it ? unpredictable(e) : op;
}

}  // namespace

Op decode_16(const Encoding& e) {
    switch (bits(e.h1, 15, 12)) {
        case 0:
        case 1:
            return shift_add_subtract(e);
        case 2:
        case 3:
            return immediate_8(e);
        case 4:
            if (bit(e.h1, 11)) return load_literal(e);
            return bit(e.h1, 10) ? special_data(e) : data_processing(e);
        case 5:
            return load_store_register(e);
        case 6:
        case 7:
        case 8:
        case 9:
            return load_store_immediate(e);
        case 10:
            return address_of_pc_or_sp(e);
        case 11:
            return miscellaneous(e);
        case 12:
            return multiple(e);
        case 13:
            return conditional_branch(e);
        default:
            return branch_to(OpCode::Branch, e, sign_extend(bits(e.h1, 10, 0) << 1, 12));
    }
}

}  // namespace jatai::simulate
