// 32-bit branches and control instructions (ARMv7-M ARM A5.3.4).
#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

// T4 and BL: 25 bits, the top ones inverted against the sign (A7.7.12).
std::int32_t far_offset(const Encoding& e) {
    const std::uint32_t s = bit(e.h1, 10);
    const std::uint32_t i1 = 1 ^ bit(e.h2, 13) ^ s, i2 = 1 ^ bit(e.h2, 11) ^ s;
    return sign_extend(s << 24 | i1 << 23 | i2 << 22 | bits(e.h1, 9, 0) << 12 | bits(e.h2, 10, 0) << 1, 25);
}

std::int32_t conditional_offset(const Encoding& e) {
    return sign_extend(bit(e.h1, 10) << 20 | bit(e.h2, 11) << 19 | bit(e.h2, 13) << 18 |
                           bits(e.h1, 5, 0) << 12 | bits(e.h2, 10, 0) << 1,
                       21);
}

Op barrier_or_clrex(const Encoding& e) {
    switch (bits(e.h2, 7, 4)) {
        case 2:
            return make_op(OpCode::Clrex, e);
        case 4:
        case 5:
        case 6:
            return make_op(OpCode::Barrier, e);
        default:
            return undefined(e);
    }
}

Op wide_hint(const Encoding& e) {
    if (bits(e.h2, 10, 8) != 0) return undefined(e);  // CPS has no 32-bit form on M
    switch (bits(e.h2, 7, 0)) {
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

Op control(const Encoding& e) {
    switch (bits(e.h1, 10, 4)) {
        case 0x38:
        case 0x39: {
            Op op = registers(OpCode::Msr, e, 0, bits(e.h1, 3, 0), 0, bits(e.h2, 11, 10));
            op.imm = bits(e.h2, 7, 0);
            return op.n == 13 || op.n == 15 ? unpredictable(e) : op;
        }
        case 0x3A:
            return wide_hint(e);
        case 0x3B:
            return barrier_or_clrex(e);
        case 0x3E:
        case 0x3F: {
            Op op = registers(OpCode::Mrs, e, bits(e.h2, 11, 8), 0, 0);
            op.imm = bits(e.h2, 7, 0);
            return op.d == 13 || op.d == 15 ? unpredictable(e) : op;
        }
        default:
            return undefined(e);
    }
}

}  // namespace

Op decode_branch_and_control(const Encoding& e) {
    if (bit(e.h2, 14)) {
        if (!bit(e.h2, 12)) return undefined(e);  // BLX immediate would leave Thumb state
        return branch_to(OpCode::BranchLink, e, far_offset(e));
    }
    if (bit(e.h2, 12)) return branch_to(OpCode::Branch, e, far_offset(e));
    const unsigned condition = bits(e.h1, 9, 6);
    if (condition >= 14)
        return bit(e.h1, 10) && condition == 15 && bits(e.h1, 5, 4) == 3 ? undefined(e) : control(e);
    if (e.in_it) return unpredictable(e);
    Op op = branch_to(shifted(OpCode::BranchEq, condition), e, conditional_offset(e));
    op.a = static_cast<std::uint8_t>(condition);
    return op;
}

}  // namespace jatai::simulate
