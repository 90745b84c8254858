// FPv4-SP (ARMv7-M ARM A6): everything single precision, and the double-word loads, stores and moves.
// Registers are numbered as singles: D3 is 6.
#include "src/simulate/core/decode_help.h"

namespace jatai::simulate {
namespace {

unsigned single_d(const Encoding& e) { return bits(e.h2, 15, 12) << 1 | bit(e.h1, 6); }
unsigned single_n(const Encoding& e) { return bits(e.h1, 3, 0) << 1 | bit(e.h2, 7); }
unsigned single_m(const Encoding& e) { return bits(e.h2, 3, 0) << 1 | bit(e.h2, 5); }
bool is_double(const Encoding& e) { return bit(e.h2, 8); }
unsigned first_register(const Encoding& e) {
    return is_double(e) ? (bit(e.h1, 6) << 4 | bits(e.h2, 15, 12)) * 2 : single_d(e);
}

// VFPExpandImm for singles, A6.4.1.
std::uint32_t expand_float(std::uint32_t imm8) {
    const std::uint32_t b = bit(imm8, 6);
    return bit(imm8, 7) << 31 | (b ? 0x1Fu : 0x20u) << 25 | bits(imm8, 5, 0) << 19;
}

Op conversion_fixed(const Encoding& e) {
    const bool to_fixed = bit(e.h1, 2), is_unsigned = bit(e.h1, 0), word = bit(e.h2, 7);
    const unsigned size = word ? 32 : 16, fraction = bits(e.h2, 3, 0) << 1 | bit(e.h2, 5);
    if (fraction > size) return unpredictable(e);
    Op op = registers(to_fixed ? OpCode::VcvtToFixed : OpCode::VcvtFromFixed, e, single_d(e), 0, 0,
                      (is_unsigned ? 1 : 0) | (word ? 2 : 0));
    op.imm = size - fraction;
    return op;
}

Op conversion_int(const Encoding& e) {
    const unsigned kind = bits(e.h1, 2, 0);
    if (kind == 0) {
        const OpCode code = bit(e.h2, 7) ? OpCode::VcvtFromInt : OpCode::VcvtFromUnsigned;
        return registers(code, e, single_d(e), 0, single_m(e));
    }
    const OpCode code = kind == 5 ? OpCode::VcvtToInt : OpCode::VcvtToUnsigned;
    return registers(code, e, single_d(e), 0, single_m(e), bit(e.h2, 7));  // a: round towards zero
}

Op other(const Encoding& e) {
    const unsigned d = single_d(e), m = single_m(e), pick = bits(e.h2, 7, 6);
    if (!bit(e.h2, 6)) {
        Op op = registers(OpCode::VmovImm, e, d, 0, 0);
        op.imm = expand_float(bits(e.h1, 3, 0) << 4 | bits(e.h2, 3, 0));
        return op;
    }
    switch (bits(e.h1, 3, 0)) {
        case 0:
            return registers(pick == 1 ? OpCode::Vmov : OpCode::Vabs, e, d, 0, m);
        case 1:
            return registers(pick == 1 ? OpCode::Vneg : OpCode::Vsqrt, e, d, 0, m);
        case 2:
        case 3:
            return registers(bit(e.h1, 0) ? OpCode::VcvtFloatToHalf : OpCode::VcvtHalfToFloat, e, d, 0, m,
                             bit(e.h2, 7));
        case 4:
            return registers(OpCode::Vcmp, e, d, 0, m, bit(e.h2, 7));
        case 5:
            return registers(OpCode::Vcmpz, e, d, 0, 0, bit(e.h2, 7));
        case 7:
            return undefined(e);  // single to double
        case 8:
        case 12:
        case 13:
            return conversion_int(e);
        case 10:
        case 11:
        case 14:
        case 15:
            return conversion_fixed(e);
        default:
            return undefined(e);
    }
}

Op data_processing(const Encoding& e) {
    if (is_double(e)) return undefined(e);  // FPv4-SP has no double arithmetic
    const unsigned op6 = bit(e.h2, 6);
    OpCode code;
    switch (bit(e.h1, 7) << 2 | bits(e.h1, 5, 4)) {
        case 0:
            code = op6 ? OpCode::Vmls : OpCode::Vmla;
            break;
        case 1:
            code = op6 ? OpCode::Vnmla : OpCode::Vnmls;
            break;
        case 2:
            code = op6 ? OpCode::Vnmul : OpCode::Vmul;
            break;
        case 3:
            code = op6 ? OpCode::Vsub : OpCode::Vadd;
            break;
        case 4:
            if (op6) return undefined(e);
            code = OpCode::Vdiv;
            break;
        case 5:
            code = op6 ? OpCode::Vfnma : OpCode::Vfnms;
            break;
        case 6:
            code = op6 ? OpCode::Vfms : OpCode::Vfma;
            break;
        default:
            return other(e);
    }
    return registers(code, e, single_d(e), single_n(e), single_m(e));
}

// Transfers of one word between a core register and a single, a half of a double, or a system register.
Op transfer(const Encoding& e) {
    const bool to_core = bit(e.h1, 4);
    const unsigned t = bits(e.h2, 15, 12), kind = bits(e.h1, 7, 5);
    if (kind == 7) {
        if (bits(e.h1, 3, 0) != 1) return undefined(e);
        return registers(to_core ? OpCode::Vmrs : OpCode::Vmsr, e, t, t, 0);
    }
    if (t == 15) return unpredictable(e);
    unsigned s = single_n(e);
    if (is_double(e)) {
        if (kind > 1 || bits(e.h2, 6, 5) != 0) return undefined(e);
        s = (bit(e.h2, 7) << 4 | bits(e.h1, 3, 0)) * 2 + kind;
        if (s > 31) return undefined(e);
    } else if (kind != 0) {
        return undefined(e);
    }
    return to_core ? registers(OpCode::VmovToCore, e, t, s, 0) : registers(OpCode::VmovFromCore, e, s, t, 0);
}

Op transfer_pair(const Encoding& e) {
    const unsigned t = bits(e.h2, 15, 12), t2 = bits(e.h1, 3, 0);
    const unsigned s = is_double(e) ? (bit(e.h2, 5) << 4 | bits(e.h2, 3, 0)) * 2 : single_m(e);
    if (s > 30 || t == 15 || t2 == 15) return unpredictable(e);
    if (bits(e.h2, 7, 6) != 0 || !bit(e.h2, 4)) return undefined(e);
    return registers(bit(e.h1, 4) ? OpCode::VmovPairToCore : OpCode::VmovPairFromCore, e, s, t, t2);
}

Op load_store(const Encoding& e) {
    const bool pre = bit(e.h1, 8), up = bit(e.h1, 7), back = bit(e.h1, 5), load = bit(e.h1, 4);
    const unsigned n = bits(e.h1, 3, 0), first = first_register(e), words = bits(e.h2, 7, 0);
    const std::uint32_t offset = words * 4;
    if (pre && !back) {
        const OpCode code = is_double(e) ? (load ? OpCode::VldrDouble : OpCode::VstrDouble)
                                         : (load ? OpCode::Vldr : OpCode::Vstr);
        if (is_double(e) && first > 30) return undefined(e);
        Op op = registers(code, e, first, n, 0, n == 15);
        op.imm = up ? offset : 0u - offset;
        if (n == 15) {
            if (!load) return unpredictable(e);
            op.imm += (e.address + 4) & ~3u;
        }
        return op;
    }
    if (pre == up) return undefined(e);
    const unsigned count = is_double(e) ? words & ~1u : words;
    if (count == 0 || first + count > 32 || n == 15) return unpredictable(e);
    Op op = registers(load ? OpCode::Vldm : OpCode::Vstm, e, first, n, count, (back ? 1 : 0) | (up ? 0 : 2));
    op.imm = offset;
    return op;
}

}  // namespace

Op decode_float(const Encoding& e) {
    const unsigned coprocessor = bits(e.h2, 11, 8);
    if (coprocessor != 10 && coprocessor != 11) return undefined(e, UndefinedReason::NoCoprocessor);
    if (bit(e.h1, 12)) return undefined(e);  // the second set of coprocessor encodings: nothing in FPv4
    if (bits(e.h1, 9, 8) == 2) {
        if (bit(e.h2, 4)) return transfer(e);
        return data_processing(e);
    }
    if (bits(e.h1, 9, 8) == 3) return undefined(e);
    if (bits(e.h1, 8, 5) == 2) return transfer_pair(e);
    if (bits(e.h1, 8, 5) == 0) return undefined(e);
    return load_store(e);
}

}  // namespace jatai::simulate
