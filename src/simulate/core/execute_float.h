// execute_float.h: FPv4-SP (ARMv7-M ARM A7.7, VABS to VSUB). The host's unit computes; what it does
// differently (which NaN comes out, flush to zero, saturation) is put right in execute_float.cpp.
#pragma once

#include <bit>
#include <cmath>

#include "src/simulate/core/execute_memory.h"

namespace jatai::simulate {

enum class FloatOp { Add, Sub, Mul, Div, Sqrt, FusedAdd };

// The rare ways of one operation x op y (+ z): flush to zero, and the choice of the NaN.
float float_flushed(Cpu& c, FloatOp op, float x, float y, float z);
float float_nan(const Cpu& c, float x, float y);
float float_nan(const Cpu& c, float x, float y, float z);

JATAI_INLINE float negated(float x) {
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) ^ 0x80000000u);
}
JATAI_INLINE bool is_nan(float x) { return (std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFu) > 0x7F800000u; }

template <FloatOp op>
JATAI_INLINE float host_float(float x, float y) {
    if constexpr (op == FloatOp::Add) return x + y;
    if constexpr (op == FloatOp::Sub) return x - y;
    if constexpr (op == FloatOp::Mul) return x * y;
    if constexpr (op == FloatOp::Div) return x / y;
    return x;
}

template <FloatOp op>
JATAI_INLINE float compute(Cpu& c, float x, float y) {
    if (c.flushes_to_zero) [[unlikely]]
        return float_flushed(c, op, x, y, 0);
    const float result = host_float<op>(x, y);
    return is_nan(result) ? float_nan(c, x, y) : result;
}

inline float compute_fused(Cpu& c, float x, float y, float addend) {
    if (c.flushes_to_zero) [[unlikely]]
        return float_flushed(c, FloatOp::FusedAdd, x, y, addend);
    const float result = std::fmaf(x, y, addend);
    return is_nan(result) ? float_nan(c, addend, x, y) : result;
}

JATAI_INLINE void execute_Vadd(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Add>(c, c.f[op.n], c.f[op.m]);
}
JATAI_INLINE void execute_Vsub(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Sub>(c, c.f[op.n], c.f[op.m]);
}
JATAI_INLINE float product(Cpu& c, const Op& op) { return compute<FloatOp::Mul>(c, c.f[op.n], c.f[op.m]); }
JATAI_INLINE void execute_Vmul(Cpu& c, const Op& op) { c.f[op.d] = product(c, op); }
JATAI_INLINE void execute_Vnmul(Cpu& c, const Op& op) { c.f[op.d] = negated(product(c, op)); }
JATAI_INLINE void execute_Vmla(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Add>(c, c.f[op.d], product(c, op));
}
JATAI_INLINE void execute_Vmls(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Add>(c, c.f[op.d], negated(product(c, op)));
}
JATAI_INLINE void execute_Vnmla(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Add>(c, negated(c.f[op.d]), negated(product(c, op)));
}
JATAI_INLINE void execute_Vnmls(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Add>(c, negated(c.f[op.d]), product(c, op));
}
JATAI_INLINE void execute_Vfma(Cpu& c, const Op& op) {
    c.f[op.d] = compute_fused(c, c.f[op.n], c.f[op.m], c.f[op.d]);
}
JATAI_INLINE void execute_Vfms(Cpu& c, const Op& op) {
    c.f[op.d] = compute_fused(c, negated(c.f[op.n]), c.f[op.m], c.f[op.d]);
}
JATAI_INLINE void execute_Vfnma(Cpu& c, const Op& op) {
    c.f[op.d] = compute_fused(c, negated(c.f[op.n]), c.f[op.m], negated(c.f[op.d]));
}
JATAI_INLINE void execute_Vfnms(Cpu& c, const Op& op) {
    c.f[op.d] = compute_fused(c, c.f[op.n], c.f[op.m], negated(c.f[op.d]));
}
JATAI_INLINE void execute_Vdiv(Cpu& c, const Op& op) {
    c.f[op.d] = compute<FloatOp::Div>(c, c.f[op.n], c.f[op.m]);
}
void execute_Vsqrt(Cpu& c, const Op& op);

JATAI_INLINE void execute_Vabs(Cpu& c, const Op& op) { c.s[op.d] = c.s[op.m] & 0x7FFFFFFFu; }
JATAI_INLINE void execute_Vneg(Cpu& c, const Op& op) { c.s[op.d] = c.s[op.m] ^ 0x80000000u; }
JATAI_INLINE void execute_Vmov(Cpu& c, const Op& op) { c.s[op.d] = c.s[op.m]; }
JATAI_INLINE void execute_VmovImm(Cpu& c, const Op& op) { c.s[op.d] = op.imm; }

void execute_Vcmp(Cpu& c, const Op& op);
void execute_Vcmpz(Cpu& c, const Op& op);
JATAI_INLINE void execute_VcvtFromInt(Cpu& c, const Op& op) {
    c.f[op.d] = static_cast<float>(static_cast<std::int32_t>(c.s[op.m]));
}
JATAI_INLINE void execute_VcvtFromUnsigned(Cpu& c, const Op& op) {
    c.f[op.d] = static_cast<float>(static_cast<std::int64_t>(c.s[op.m]));
}
void execute_VcvtToInt(Cpu& c, const Op& op);
void execute_VcvtToUnsigned(Cpu& c, const Op& op);
void execute_VcvtFromFixed(Cpu& c, const Op& op);
void execute_VcvtToFixed(Cpu& c, const Op& op);
void execute_VcvtHalfToFloat(Cpu& c, const Op& op);
void execute_VcvtFloatToHalf(Cpu& c, const Op& op);

JATAI_INLINE void execute_VmovToCore(Cpu& c, const Op& op) { c.r[op.d] = c.s[op.n]; }
JATAI_INLINE void execute_VmovFromCore(Cpu& c, const Op& op) { c.s[op.d] = c.r[op.n]; }
JATAI_INLINE void execute_VmovPairToCore(Cpu& c, const Op& op) {
    c.r[op.n] = c.s[op.d];
    c.r[op.m] = c.s[op.d + 1];
}
JATAI_INLINE void execute_VmovPairFromCore(Cpu& c, const Op& op) {
    c.s[op.d] = c.r[op.n];
    c.s[op.d + 1] = c.r[op.m];
}
void execute_Vmrs(Cpu& c, const Op& op);
void execute_Vmsr(Cpu& c, const Op& op);
// FPSCR as the guest sees it, and its setting, while the interpreter's float environment is entered.
std::uint32_t read_fpscr(Cpu& c);
void write_fpscr(Cpu& c, std::uint32_t value);

// ---- loads and stores ------------------------------------------------------------------------------------

// `a` = 1: the address is a literal.
JATAI_INLINE std::uint32_t float_address(const Cpu& c, const Op& op) {
    return op.a ? op.imm : c.r[op.n] + op.imm;
}
JATAI_INLINE Outcome load_singles(Cpu& c, Counters& k, std::uint32_t address, unsigned first,
                                  unsigned count) {
    Outcome outcome = require_aligned(c, address);
    for (unsigned i = 0; i < count && outcome != Outcome::Fault; ++i) {
        std::uint32_t value = 0;
        outcome = worse(outcome, load<std::uint32_t>(c, k, address + 4 * i, value));
        if (outcome != Outcome::Fault) c.s[first + i] = value;
    }
    return outcome;
}
JATAI_INLINE Outcome store_singles(Cpu& c, Counters& k, std::uint32_t address, unsigned first,
                                   unsigned count) {
    Outcome outcome = require_aligned(c, address);
    for (unsigned i = 0; i < count && outcome != Outcome::Fault; ++i)
        outcome = worse(outcome, store<std::uint32_t>(c, k, address + 4 * i, c.s[first + i]));
    return outcome;
}
JATAI_INLINE Outcome execute_Vldr(Cpu& c, const Op& op, Counters& k) {
    return load_singles(c, k, float_address(c, op), op.d, 1);
}
JATAI_INLINE Outcome execute_Vstr(Cpu& c, const Op& op, Counters& k) {
    return store_singles(c, k, float_address(c, op), op.d, 1);
}
JATAI_INLINE Outcome execute_VldrDouble(Cpu& c, const Op& op, Counters& k) {
    return load_singles(c, k, float_address(c, op), op.d, 2);
}
JATAI_INLINE Outcome execute_VstrDouble(Cpu& c, const Op& op, Counters& k) {
    return store_singles(c, k, float_address(c, op), op.d, 2);
}

// VLDM, VSTM, VPUSH, VPOP: `m` singles, `imm` bytes, `a` bit 0 writes the base back, bit 1 goes down.
JATAI_INLINE void float_write_base(Cpu& c, const Op& op) {
    if (!(op.a & 1)) return;
    c.r[op.n] += (op.a & 2) ? 0u - op.imm : op.imm;
    if (op.n == 13) c.watch_stack(c.r[13]);
}
JATAI_INLINE Outcome execute_Vldm(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = c.r[op.n] - ((op.a & 2) ? op.imm : 0);
    const Outcome outcome = load_singles(c, k, address, op.d, op.m);
    if (outcome != Outcome::Fault) float_write_base(c, op);
    return outcome;
}
JATAI_INLINE Outcome execute_Vstm(Cpu& c, const Op& op, Counters& k) {
    const std::uint32_t address = c.r[op.n] - ((op.a & 2) ? op.imm : 0);
    const Outcome outcome = store_singles(c, k, address, op.d, op.m);
    if (outcome != Outcome::Fault) float_write_base(c, op);
    return outcome;
}

}  // namespace jatai::simulate
