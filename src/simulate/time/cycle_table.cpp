#include "src/simulate/time/cycle_table.h"

#include <bit>

namespace jatai::simulate {
namespace {

bool between(OpCode code, OpCode first, OpCode last) { return code >= first && code <= last; }

bool is_single_load(OpCode code) {
    return between(code, OpCode::LoadWordOffset, OpCode::LoadSignedHalfLiteral) || code == OpCode::Vldr ||
           code == OpCode::VldrDouble;
}

bool is_core_load(OpCode code) {
    return between(code, OpCode::LoadWordOffset, OpCode::LoadSignedHalfLiteral);
}

AddressMode mode_of(OpCode code) {
    const int first = static_cast<int>(OpCode::LoadWordOffset);
    return static_cast<AddressMode>((static_cast<int>(code) - first) % 6);
}

// Whether the address of the load `op` is made from core register `r`.
bool addresses_with(const Op& op, unsigned r) {
    if (!is_core_load(op.code)) return op.a == 0 && op.n == r;
    const AddressMode mode = mode_of(op.code);
    if (mode == AddressMode::Literal) return false;
    return op.n == r || (mode == AddressMode::Register && op.m == r);
}

bool overlaps(const Op& op, const Op& next) {
    if (!is_single_load(op.code) || !is_single_load(next.code)) return false;
    return !(is_core_load(op.code) && addresses_with(next, op.d));
}

bool makes_float(OpCode code) { return between(code, OpCode::Vadd, OpCode::VcvtFloatToHalf); }

bool reads_float(const Op& op, unsigned s) {
    const auto in_list = [&](unsigned first, unsigned count) { return s >= first && s < first + count; };
    switch (op.code) {
        case OpCode::VmovImm:
            return false;
        case OpCode::VmovToCore:
            return op.n == s;
        case OpCode::VmovPairToCore:
            return in_list(op.d, 2);
        case OpCode::Vstr:
            return op.d == s;
        case OpCode::VstrDouble:
            return in_list(op.d, 2);
        case OpCode::Vstm:
            return in_list(op.d, op.m);
        case OpCode::Vcmpz:
        case OpCode::VcvtToFixed:
        case OpCode::VcvtFromFixed:
            return op.d == s;
        case OpCode::Vcmp:
            return op.d == s || op.m == s;
        default:
            break;
    }
    if (between(op.code, OpCode::Vadd, OpCode::Vdiv)) {
        const bool accumulates = between(op.code, OpCode::Vmla, OpCode::Vfnms);
        return op.n == s || op.m == s || (accumulates && op.d == s);
    }
    return makes_float(op.code) && op.m == s;
}

unsigned float_cycles(const Op& op) {
    switch (op.code) {
        case OpCode::Vdiv:
        case OpCode::Vsqrt:
            return 14;
        case OpCode::VmovPairToCore:
        case OpCode::VmovPairFromCore:
        case OpCode::Vldr:
        case OpCode::VstrDouble:
            return 2;
        case OpCode::VldrDouble:
            return 3;
        case OpCode::Vldm:
        case OpCode::Vstm:
            return 1u + op.m;
        default:
            return between(op.code, OpCode::Vmla, OpCode::Vfnms) ? 3 : 1;
    }
}

unsigned plain_cycles(const Op& op) {
    if (op.code >= OpCode::Vadd) return float_cycles(op);
    if (is_core_load(op.code)) return 2;
    switch (op.code) {
        case OpCode::LoadDualOffset:
        case OpCode::LoadDualIndexed:
        case OpCode::StoreDualOffset:
        case OpCode::StoreDualIndexed:
        case OpCode::Barrier:
            return 3;
        case OpCode::LoadMultiple:
        case OpCode::StoreMultiple:
        case OpCode::Push:
        case OpCode::LoadMultiplePc:
            return 1u + static_cast<unsigned>(std::popcount(op.imm));
        case OpCode::Ldrex:
        case OpCode::Ldrexb:
        case OpCode::Ldrexh:
        case OpCode::Strex:
        case OpCode::Strexb:
        case OpCode::Strexh:
        case OpCode::Sdiv:
        case OpCode::Udiv:
        case OpCode::LoadPc:
        case OpCode::Tbb:
        case OpCode::Tbh:
            return 2;
        default:
            return 1;
    }
}

// IT is folded into a 16-bit instruction before it.
bool folds(const Op& op, const Op& next) {
    const bool stays = op.code >= OpCode::AndImm || op.code == OpCode::Nop;
    return next.code == OpCode::It && op.halfwords == 1 && stays;
}

}  // namespace

std::uint8_t base_cycles(const Op& op, const Op& next, Joined joined) {
    unsigned cycles = plain_cycles(op);
    if (joined == Joined::Yes) {
        if (overlaps(op, next) || folds(op, next)) --cycles;
        if (makes_float(op.code) && op.code != OpCode::Vcmp && op.code != OpCode::Vcmpz &&
            reads_float(next, op.d))
            ++cycles;
    }
    return static_cast<std::uint8_t>(cycles);
}

}  // namespace jatai::simulate
