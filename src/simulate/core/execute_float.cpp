#include "src/simulate/core/execute_float.h"

#include <initializer_list>

#include "src/simulate/core/float_environment.h"

namespace jatai::simulate {
namespace {

constexpr std::uint32_t kDefaultNan = 0x7FC00000u, kQuiet = 0x00400000u, kSign = 0x80000000u;

std::uint32_t bits_of(float x) { return std::bit_cast<std::uint32_t>(x); }
float float_of(std::uint32_t x) { return std::bit_cast<float>(x); }
bool is_signalling(float x) { return is_nan(x) && !(bits_of(x) & kQuiet); }
bool is_denormal(float x) {
    const std::uint32_t magnitude = bits_of(x) & ~kSign;
    return magnitude != 0 && magnitude < 0x00800000u;
}

// Denormal inputs become zero of their sign when FPSCR.FZ is set.
float input(Cpu& c, float x) {
    if (!c.flushes_to_zero || !is_denormal(x)) return x;
    c.fpscr |= kFpInputDenormal;
    return float_of(bits_of(x) & kSign);
}

float propagate(const Cpu& c, float nan) {
    return float_of(c.fpscr & kFpDefaultNan ? kDefaultNan : bits_of(nan) | kQuiet);
}

float host_compute(FloatOp op, float x, float y, float z) {
    switch (op) {
        case FloatOp::Add:
            return x + y;
        case FloatOp::Sub:
            return x - y;
        case FloatOp::Mul:
            return x * y;
        case FloatOp::Div:
            return x / y;
        case FloatOp::Sqrt:
            return std::sqrt(x);
        default:
            return std::fmaf(x, y, z);
    }
}

// The smallest normal number that was less before rounding: flushed all the same (FPRound, A2.5.4).
bool rounded_up_to_normal(FloatOp op, double x, double y, double z, float result, std::uint32_t raised) {
    if ((bits_of(result) & ~kSign) != 0x00800000u || !(raised & kFpInexact)) return false;
    double exact = x * y + z;
    if (op == FloatOp::Add) exact = x + y;
    if (op == FloatOp::Sub) exact = x - y;
    if (op == FloatOp::Mul) exact = x * y;
    if (op == FloatOp::Div) exact = x / y;
    FloatEnvironment::clear_flags();
    return std::fabs(exact) < 0x1p-126;
}

}  // namespace

// FPProcessNaNs: the first signalling one, else the first quiet one, else the default.
float float_nan(const Cpu& c, float x, float y) {
    for (float candidate : {x, y})
        if (is_signalling(candidate)) return propagate(c, candidate);
    for (float candidate : {x, y})
        if (is_nan(candidate)) return propagate(c, candidate);
    return float_of(kDefaultNan);
}

// FPMulAdd: the addend comes first; infinity times zero plus a quiet NaN gives the default NaN.
float float_nan(const Cpu& c, float addend, float x, float y) {
    for (float candidate : {addend, x, y})
        if (is_signalling(candidate)) return propagate(c, candidate);
    const bool invalid = (std::isinf(x) && y == 0) || (x == 0 && std::isinf(y));
    if (is_nan(addend) && invalid) return float_of(kDefaultNan);
    for (float candidate : {addend, x, y})
        if (is_nan(candidate)) return propagate(c, candidate);
    return float_of(kDefaultNan);
}

float float_flushed(Cpu& c, FloatOp op, float x, float y, float z) {
    const std::uint32_t before = FloatEnvironment::flags();
    x = input(c, x);
    y = input(c, y);
    z = input(c, z);
    FloatEnvironment::clear_flags();
    volatile float host = host_compute(op, x, y, z);  // computed between the two looks at the flags
    float result = host;
    std::uint32_t raised = FloatEnvironment::flags();
    FloatEnvironment::clear_flags();
    if ((raised & kFpUnderflow) || is_denormal(result) || rounded_up_to_normal(op, x, y, z, result, raised)) {
        result = float_of(bits_of(result) & kSign);
        raised = kFpUnderflow;
    } else if (is_nan(result)) {
        result =
            op == FloatOp::FusedAdd ? float_nan(c, z, x, y) : float_nan(c, x, op == FloatOp::Sqrt ? x : y);
    }
    c.fpscr |= before | raised;
    return result;
}

void execute_Vsqrt(Cpu& c, const Op& op) {
    const float x = c.f[op.m];
    if (c.flushes_to_zero) {
        c.f[op.d] = float_flushed(c, FloatOp::Sqrt, x, 0, 0);
        return;
    }
    const float result = std::sqrt(x);
    c.f[op.d] = is_nan(result) ? float_nan(c, x, x) : result;
}

namespace {

// FPCompare, A2.5.5: N Z C V into FPSCR.
void compare(Cpu& c, float x, float y, bool signals_quiet) {
    x = input(c, x);
    y = input(c, y);
    std::uint32_t nzcv;
    if (is_nan(x) || is_nan(y)) {
        nzcv = 3;
        if (signals_quiet || is_signalling(x) || is_signalling(y)) c.fpscr |= kFpInvalid;
    } else {
        nzcv = x == y ? 6 : x < y ? 8 : 2;
    }
    c.fpscr = (c.fpscr & 0x0FFFFFFFu) | nzcv << 28;
}

double round_by_mode(const Cpu& c, double x) {
    switch (c.fpscr >> 22 & 3) {
        case 1:
            return std::ceil(x);
        case 2:
            return std::floor(x);
        case 3:
            return std::trunc(x);
        default: {
            const double down = std::floor(x), rest = x - down;
            if (rest != 0.5) return rest < 0.5 ? down : down + 1;
            return std::fmod(down, 2.0) == 0 ? down : down + 1;
        }
    }
}

// To an integer between the limits: saturates and says invalid outside, inexact when something was cut off.
std::int64_t to_integer(Cpu& c, double x, bool truncates, std::int64_t low, std::int64_t high) {
    if (std::isnan(x)) {
        c.fpscr |= kFpInvalid;
        return 0;
    }
    const double rounded = truncates ? std::trunc(x) : round_by_mode(c, x);
    if (rounded < static_cast<double>(low) || rounded > static_cast<double>(high)) {
        c.fpscr |= kFpInvalid;
        return rounded < 0 ? low : high;
    }
    if (rounded != x) c.fpscr |= kFpInexact;
    return static_cast<std::int64_t>(rounded);
}

// Arithmetic in double that must not be seen in the guest's flags.
template <typename Body>
void without_host_flags(Cpu& c, Body body) {
    const std::uint32_t before = FloatEnvironment::flags();
    body();
    FloatEnvironment::clear_flags();
    c.fpscr |= before;
}

struct IntegerLimits {
    std::int64_t low, high;
};
IntegerLimits integer_limits(bool is_unsigned, bool is_word) {
    const unsigned width = is_word ? 32 : 16;
    if (is_unsigned) return {0, (std::int64_t{1} << width) - 1};
    return {-(std::int64_t{1} << (width - 1)), (std::int64_t{1} << (width - 1)) - 1};
}

void convert_to_integer(Cpu& c, const Op& op, bool is_unsigned) {
    without_host_flags(c, [&] {
        const IntegerLimits limits = integer_limits(is_unsigned, true);
        const double x = input(c, c.f[op.m]);
        c.s[op.d] = static_cast<std::uint32_t>(to_integer(c, x, op.a != 0, limits.low, limits.high));
    });
}

}  // namespace

void execute_Vcmp(Cpu& c, const Op& op) { compare(c, c.f[op.d], c.f[op.m], op.a != 0); }
void execute_Vcmpz(Cpu& c, const Op& op) { compare(c, c.f[op.d], 0.0f, op.a != 0); }
void execute_VcvtToInt(Cpu& c, const Op& op) { convert_to_integer(c, op, false); }
void execute_VcvtToUnsigned(Cpu& c, const Op& op) { convert_to_integer(c, op, true); }

// Fixed point: `a` bit 0 unsigned, bit 1 word; `imm` fraction bits. Always truncates, in place.
void execute_VcvtToFixed(Cpu& c, const Op& op) {
    without_host_flags(c, [&] {
        const IntegerLimits limits = integer_limits(op.a & 1, op.a & 2);
        const double scaled = std::ldexp(static_cast<double>(input(c, c.f[op.d])), static_cast<int>(op.imm));
        c.s[op.d] = static_cast<std::uint32_t>(to_integer(c, scaled, true, limits.low, limits.high));
    });
}

// From fixed point: always rounds to nearest.
void execute_VcvtFromFixed(Cpu& c, const Op& op) {
    std::int64_t fixed = (op.a & 1) ? std::int64_t{c.s[op.d]} : static_cast<std::int32_t>(c.s[op.d]);
    if (!(op.a & 2)) fixed = (op.a & 1) ? fixed & 0xFFFF : static_cast<std::int16_t>(fixed);
    const std::uint32_t before = FloatEnvironment::flags();
    FloatEnvironment nearest;
    nearest.enter(0);
    volatile float result =
        static_cast<float>(std::ldexp(static_cast<double>(fixed), -static_cast<int>(op.imm)));
    const std::uint32_t raised = nearest.leave();
    c.f[op.d] = result;
    c.fpscr |= before | raised;
}

// ---- half precision (IEEE, or the alternative form without infinities: FPSCR.AHP) -------------------------

namespace {

float half_to_float(Cpu& c, std::uint32_t half) {
    const std::uint32_t sign = half >> 15 << 31, exponent = half >> 10 & 31, fraction = half & 0x3FF;
    if (exponent == 31 && !(c.fpscr & kFpAlternativeHalf)) {
        if (fraction == 0) return float_of(sign | 0x7F800000u);
        if (!(fraction & 0x200)) c.fpscr |= kFpInvalid;
        if (c.fpscr & kFpDefaultNan) return float_of(kDefaultNan);
        return float_of(sign | 0x7FC00000u | fraction << 13);
    }
    const double magnitude =
        exponent == 0 ? std::ldexp(static_cast<double>(fraction), -24)
                      : std::ldexp(static_cast<double>(fraction + 1024), static_cast<int>(exponent) - 25);
    return float_of(sign | bits_of(static_cast<float>(magnitude)));
}

std::uint32_t nan_to_half(Cpu& c, float x) {
    const std::uint32_t sign = bits_of(x) >> 31 << 15;
    if (is_signalling(x)) c.fpscr |= kFpInvalid;
    if (c.fpscr & kFpAlternativeHalf) {
        c.fpscr |= kFpInvalid;
        return sign;
    }
    if (c.fpscr & kFpDefaultNan) return 0x7E00;
    return sign | 0x7E00 | (bits_of(x) >> 13 & 0x1FF);
}

// A finite number: scaled so that one unit is the last place of the half, rounded there.
std::uint32_t finite_to_half(Cpu& c, float x) {
    const bool alternative = c.fpscr & kFpAlternativeHalf;
    const std::uint32_t sign = bits_of(x) >> 31 << 15;
    const double value = x;
    int exponent = 0;
    std::frexp(value, &exponent);  // |value| = m * 2^exponent, m in [0.5, 1)
    const int last_place = exponent - 11 < -24 ? -24 : exponent - 11;
    const double units = round_by_mode(c, std::ldexp(value, -last_place));
    const double rounded = std::ldexp(std::fabs(units), last_place);
    const bool inexact = std::ldexp(units, last_place) != value;
    const double top = alternative ? 131008.0 : 65504.0;
    if (rounded > top) {
        if (alternative) {
            c.fpscr |= kFpInvalid;
            return sign | 0x7FFF;
        }
        c.fpscr |= kFpOverflow | kFpInexact;
        const std::uint32_t mode = c.fpscr >> 22 & 3;
        const bool to_infinity = mode == 0 || (mode == 1 && !sign) || (mode == 2 && sign);
        return sign | (to_infinity ? 0x7C00 : 0x7BFF);
    }
    if (inexact) c.fpscr |= kFpInexact | (std::fabs(value) < 0x1p-14 ? kFpUnderflow : 0);
    if (rounded == 0) return sign;
    if (rounded < 0x1p-14) return sign | static_cast<std::uint32_t>(std::ldexp(rounded, 24));
    int half_exponent = 0;
    const double mantissa = std::frexp(rounded, &half_exponent);  // in [0.5, 1)
    const auto fraction = static_cast<std::uint32_t>(std::ldexp(mantissa, 11)) - 1024;
    return sign | static_cast<std::uint32_t>(half_exponent + 14) << 10 | fraction;
}

std::uint32_t float_to_half(Cpu& c, float x) {
    x = input(c, x);
    if (is_nan(x)) return nan_to_half(c, x);
    if (!std::isinf(x)) return finite_to_half(c, x);
    const std::uint32_t sign = bits_of(x) >> 31 << 15;
    if (!(c.fpscr & kFpAlternativeHalf)) return sign | 0x7C00;
    c.fpscr |= kFpInvalid;
    return sign | 0x7FFF;
}

}  // namespace

void execute_VcvtHalfToFloat(Cpu& c, const Op& op) {
    without_host_flags(c, [&] { c.f[op.d] = half_to_float(c, op.a ? c.s[op.m] >> 16 : c.s[op.m] & 0xFFFF); });
}

void execute_VcvtFloatToHalf(Cpu& c, const Op& op) {
    without_host_flags(c, [&] {
        const std::uint32_t half = float_to_half(c, c.f[op.m]);
        c.s[op.d] = op.a ? (c.s[op.d] & 0xFFFF) | half << 16 : (c.s[op.d] & 0xFFFF0000u) | half;
    });
}

// ---- FPSCR -----------------------------------------------------------------------------------------------

std::uint32_t read_fpscr(Cpu& c) {
    c.fpscr |= FloatEnvironment::flags();
    return c.fpscr;
}

void write_fpscr(Cpu& c, std::uint32_t value) {
    c.fpscr = value & kFpscrWritable;
    c.flushes_to_zero = c.fpscr & kFpFlushToZero;
    FloatEnvironment::clear_flags();
    FloatEnvironment().enter(c.fpscr);  // the run loop's own leave() restores the host
}

void execute_Vmrs(Cpu& c, const Op& op) {
    const std::uint32_t fpscr = read_fpscr(c);
    if (op.d == 15)
        c.set_nzcv(fpscr);
    else
        c.r[op.d] = fpscr;
}

void execute_Vmsr(Cpu& c, const Op& op) { write_fpscr(c, c.r[op.n]); }

}  // namespace jatai::simulate
