// execute_dsp.h: extends, multiplies and the DSP extension (ARMv7-M ARM A7.7, Armv7E-M).
#pragma once

#include "src/simulate/core/execute_data.h"

namespace jatai::simulate {

using i32 = std::int32_t;
using i64 = std::int64_t;

JATAI_INLINE i32 low_half(std::uint32_t x) { return static_cast<std::int16_t>(x); }
JATAI_INLINE i32 high_half(std::uint32_t x) { return static_cast<i32>(x) >> 16; }
template <bool top>
JATAI_INLINE i32 half(std::uint32_t x) {
    return top ? high_half(x) : low_half(x);
}
JATAI_INLINE std::uint32_t pack(std::uint32_t low, std::uint32_t high) { return (low & 0xFFFF) | high << 16; }
JATAI_INLINE std::uint32_t rotated(const Cpu& c, const Op& op) {
    return std::rotr(c.r[op.m], static_cast<int>(op.imm));
}
JATAI_INLINE std::uint32_t signed_bytes(std::uint32_t x) {
    return pack(static_cast<std::uint32_t>(static_cast<std::int8_t>(x)),
                static_cast<std::uint32_t>(static_cast<std::int8_t>(x >> 16)));
}

JATAI_INLINE void execute_Sxtb(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(static_cast<i32>(static_cast<std::int8_t>(rotated(c, op))));
}
JATAI_INLINE void execute_Sxth(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(low_half(rotated(c, op)));
}
JATAI_INLINE void execute_Uxtb(Cpu& c, const Op& op) { c.r[op.d] = rotated(c, op) & 0xFF; }
JATAI_INLINE void execute_Uxth(Cpu& c, const Op& op) { c.r[op.d] = rotated(c, op) & 0xFFFF; }
JATAI_INLINE void execute_Sxtb16(Cpu& c, const Op& op) { c.r[op.d] = signed_bytes(rotated(c, op)); }
JATAI_INLINE void execute_Uxtb16(Cpu& c, const Op& op) { c.r[op.d] = rotated(c, op) & 0x00FF00FFu; }
JATAI_INLINE void execute_Sxtab(Cpu& c, const Op& op) {
    c.r[op.d] = c.r[op.n] + static_cast<std::uint32_t>(static_cast<std::int8_t>(rotated(c, op)));
}
JATAI_INLINE void execute_Sxtah(Cpu& c, const Op& op) {
    c.r[op.d] = c.r[op.n] + static_cast<std::uint32_t>(low_half(rotated(c, op)));
}
JATAI_INLINE void execute_Uxtab(Cpu& c, const Op& op) { c.r[op.d] = c.r[op.n] + (rotated(c, op) & 0xFF); }
JATAI_INLINE void execute_Uxtah(Cpu& c, const Op& op) { c.r[op.d] = c.r[op.n] + (rotated(c, op) & 0xFFFF); }
JATAI_INLINE std::uint32_t add_halves(std::uint32_t x, std::uint32_t y) {
    return pack(x + y, (x >> 16) + (y >> 16));
}
JATAI_INLINE void execute_Sxtab16(Cpu& c, const Op& op) {
    c.r[op.d] = add_halves(c.r[op.n], signed_bytes(rotated(c, op)));
}
JATAI_INLINE void execute_Uxtab16(Cpu& c, const Op& op) {
    c.r[op.d] = add_halves(c.r[op.n], rotated(c, op) & 0x00FF00FFu);
}

// ---- saturation ------------------------------------------------------------------------------------------

JATAI_INLINE i32 saturate_signed(i64 x, unsigned width, std::uint32_t& saturated) {
    const i64 top = (i64{1} << (width - 1)) - 1;
    if (x > top || x < -top - 1) {
        saturated = 1;
        return static_cast<i32>(x > top ? top : -top - 1);
    }
    return static_cast<i32>(x);
}
JATAI_INLINE std::uint32_t saturate_unsigned(i64 x, unsigned width, std::uint32_t& saturated) {
    const i64 top = (i64{1} << width) - 1;
    if (x > top || x < 0) {
        saturated = 1;
        return static_cast<std::uint32_t>(x > top ? top : 0);
    }
    return static_cast<std::uint32_t>(x);
}

JATAI_INLINE i64 as_signed(std::uint32_t x) { return static_cast<i32>(x); }

// QADD Rd, Rm, Rn: the second operand is the doubled one.
JATAI_INLINE void execute_SaturatingAdd(Cpu& c, const Op& op) {
    c.r[op.d] =
        static_cast<std::uint32_t>(saturate_signed(as_signed(c.r[op.m]) + as_signed(c.r[op.n]), 32, c.q));
}
JATAI_INLINE void execute_SaturatingSub(Cpu& c, const Op& op) {
    c.r[op.d] =
        static_cast<std::uint32_t>(saturate_signed(as_signed(c.r[op.m]) - as_signed(c.r[op.n]), 32, c.q));
}
JATAI_INLINE void execute_SaturatingDoubleAdd(Cpu& c, const Op& op) {
    const i64 twice = saturate_signed(2 * as_signed(c.r[op.n]), 32, c.q);
    c.r[op.d] = static_cast<std::uint32_t>(saturate_signed(as_signed(c.r[op.m]) + twice, 32, c.q));
}
JATAI_INLINE void execute_SaturatingDoubleSub(Cpu& c, const Op& op) {
    const i64 twice = saturate_signed(2 * as_signed(c.r[op.n]), 32, c.q);
    c.r[op.d] = static_cast<std::uint32_t>(saturate_signed(as_signed(c.r[op.m]) - twice, 32, c.q));
}

JATAI_INLINE i64 saturation_operand(const Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n];
    return op.imm ? static_cast<i32>(x) >> op.m : static_cast<i32>(x << op.m);
}
JATAI_INLINE void execute_Ssat(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(saturate_signed(saturation_operand(c, op), op.a, c.q));
}
JATAI_INLINE void execute_Usat(Cpu& c, const Op& op) {
    c.r[op.d] = saturate_unsigned(saturation_operand(c, op), op.a, c.q);
}
JATAI_INLINE void execute_Ssat16(Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n];
    const auto low = static_cast<std::uint32_t>(saturate_signed(low_half(x), op.a, c.q));
    c.r[op.d] = pack(low, static_cast<std::uint32_t>(saturate_signed(high_half(x), op.a, c.q)));
}
JATAI_INLINE void execute_Usat16(Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n];
    const std::uint32_t low = saturate_unsigned(low_half(x), op.a, c.q);
    c.r[op.d] = pack(low, saturate_unsigned(high_half(x), op.a, c.q));
}

// ---- parallel sums ---------------------------------------------------------------------------------------

enum class Lanes { S, Q, Sh, U, Uq, Uh };

constexpr bool is_unsigned(Lanes lanes) {
    return lanes == Lanes::U || lanes == Lanes::Uq || lanes == Lanes::Uh;
}

// One lane of `width` bits; `bit` gets the GE bit the plain forms set.
template <Lanes lanes, unsigned width, bool subtract>
JATAI_INLINE std::uint32_t lane(std::uint32_t x, std::uint32_t y, std::uint32_t& bit) {
    i32 a, b;
    if constexpr (is_unsigned(lanes)) {
        a = static_cast<i32>(x & ((1u << width) - 1));
        b = static_cast<i32>(y & ((1u << width) - 1));
    } else {
        a = width == 8 ? static_cast<std::int8_t>(x) : static_cast<std::int16_t>(x);
        b = width == 8 ? static_cast<std::int8_t>(y) : static_cast<std::int16_t>(y);
    }
    const i32 sum = subtract ? a - b : a + b;
    std::uint32_t ignored = 0;
    if constexpr (lanes == Lanes::Q) return static_cast<std::uint32_t>(saturate_signed(sum, width, ignored));
    if constexpr (lanes == Lanes::Uq) return saturate_unsigned(sum, width, ignored);
    if constexpr (lanes == Lanes::Sh || lanes == Lanes::Uh) return static_cast<std::uint32_t>(sum >> 1);
    bit = lanes == Lanes::U && !subtract ? sum >= (1 << width) : sum >= 0;
    return static_cast<std::uint32_t>(sum);
}

template <Lanes lanes>
JATAI_INLINE void set_ge(Cpu& c, std::uint32_t ge) {
    if constexpr (lanes == Lanes::S || lanes == Lanes::U) c.ge = ge;
}

template <Lanes lanes, bool low_subtracts, bool high_subtracts, bool crossed>
JATAI_INLINE void execute_halves(Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n];
    const std::uint32_t y = crossed ? std::rotl(c.r[op.m], 16) : c.r[op.m];
    std::uint32_t low_bit = 0, high_bit = 0;
    const std::uint32_t low = lane<lanes, 16, low_subtracts>(x, y, low_bit);
    const std::uint32_t high = lane<lanes, 16, high_subtracts>(x >> 16, y >> 16, high_bit);
    c.r[op.d] = pack(low, high);
    set_ge<lanes>(c, low_bit * 3 | high_bit * 12);
}

template <Lanes lanes, bool subtract>
JATAI_INLINE void execute_bytes(Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n], y = c.r[op.m];
    std::uint32_t result = 0, ge = 0;
    for (unsigned i = 0; i < 4; ++i) {
        std::uint32_t bit = 0;
        result |= (lane<lanes, 8, subtract>(x >> 8 * i, y >> 8 * i, bit) & 0xFF) << 8 * i;
        ge |= bit << i;
    }
    c.r[op.d] = result;
    set_ge<lanes>(c, ge);
}

#define JATAI_PARALLEL_BODY(P)                                                                               \
    JATAI_INLINE void execute_##P##Add16(Cpu& c, const Op& op) { execute_halves<Lanes::P, 0, 0, 0>(c, op); } \
    JATAI_INLINE void execute_##P##Asx(Cpu& c, const Op& op) { execute_halves<Lanes::P, 1, 0, 1>(c, op); }   \
    JATAI_INLINE void execute_##P##Sax(Cpu& c, const Op& op) { execute_halves<Lanes::P, 0, 1, 1>(c, op); }   \
    JATAI_INLINE void execute_##P##Sub16(Cpu& c, const Op& op) { execute_halves<Lanes::P, 1, 1, 0>(c, op); } \
    JATAI_INLINE void execute_##P##Add8(Cpu& c, const Op& op) { execute_bytes<Lanes::P, 0>(c, op); }         \
    JATAI_INLINE void execute_##P##Sub8(Cpu& c, const Op& op) { execute_bytes<Lanes::P, 1>(c, op); }
JATAI_PARALLEL_BODY(S)
JATAI_PARALLEL_BODY(Q)
JATAI_PARALLEL_BODY(Sh)
JATAI_PARALLEL_BODY(U)
JATAI_PARALLEL_BODY(Uq)
JATAI_PARALLEL_BODY(Uh)
#undef JATAI_PARALLEL_BODY

JATAI_INLINE void execute_Pkhbt(Cpu& c, const Op& op) {
    c.r[op.d] = (c.r[op.n] & 0xFFFF) | (c.r[op.m] << op.imm & 0xFFFF0000u);
}
JATAI_INLINE void execute_Pkhtb(Cpu& c, const Op& op) {
    const auto shifted = static_cast<std::uint32_t>(as_signed(c.r[op.m]) >> op.imm);
    c.r[op.d] = (c.r[op.n] & 0xFFFF0000u) | (shifted & 0xFFFF);
}
JATAI_INLINE void execute_Sel(Cpu& c, const Op& op) {
    const std::uint32_t mask = ((c.ge * 0x00204081u) & 0x01010101u) * 0xFF;
    c.r[op.d] = (c.r[op.n] & mask) | (c.r[op.m] & ~mask);
}
JATAI_INLINE std::uint32_t byte_differences(std::uint32_t x, std::uint32_t y) {
    std::uint32_t sum = 0;
    for (unsigned i = 0; i < 32; i += 8) {
        const i32 difference = static_cast<i32>(x >> i & 0xFF) - static_cast<i32>(y >> i & 0xFF);
        sum += static_cast<std::uint32_t>(difference < 0 ? -difference : difference);
    }
    return sum;
}
JATAI_INLINE void execute_Usad8(Cpu& c, const Op& op) { c.r[op.d] = byte_differences(c.r[op.n], c.r[op.m]); }
JATAI_INLINE void execute_Usada8(Cpu& c, const Op& op) {
    c.r[op.d] = c.r[op.a] + byte_differences(c.r[op.n], c.r[op.m]);
}

// ---- multiplies ------------------------------------------------------------------------------------------

JATAI_INLINE void execute_Mul(Cpu& c, const Op& op) { c.r[op.d] = c.r[op.n] * c.r[op.m]; }
JATAI_INLINE void execute_MulS(Cpu& c, const Op& op) {
    execute_Mul(c, op);
    set_nz(c, c.r[op.d]);
}
JATAI_INLINE void execute_Mla(Cpu& c, const Op& op) { c.r[op.d] = c.r[op.a] + c.r[op.n] * c.r[op.m]; }
JATAI_INLINE void execute_Mls(Cpu& c, const Op& op) { c.r[op.d] = c.r[op.a] - c.r[op.n] * c.r[op.m]; }

// Writes `sum`; Q is set when it does not fit 32 bits. The result wraps.
JATAI_INLINE void put_sticky(Cpu& c, const Op& op, i64 sum) {
    c.r[op.d] = static_cast<std::uint32_t>(sum);
    c.q |= sum != static_cast<i32>(sum);
}

template <bool n_top, bool m_top>
JATAI_INLINE i32 half_product(const Cpu& c, const Op& op) {
    return half<n_top>(c.r[op.n]) * half<m_top>(c.r[op.m]);
}
#define JATAI_HALF_BODY(NAME, N, M)                                          \
    JATAI_INLINE void execute_Smul##NAME(Cpu& c, const Op& op) {             \
        c.r[op.d] = static_cast<std::uint32_t>(half_product<N, M>(c, op));   \
    }                                                                        \
    JATAI_INLINE void execute_Smla##NAME(Cpu& c, const Op& op) {             \
        put_sticky(c, op, as_signed(c.r[op.a]) + half_product<N, M>(c, op)); \
    }                                                                        \
    JATAI_INLINE void execute_Smlal##NAME(Cpu& c, const Op& op) {            \
        add_long(c, op, half_product<N, M>(c, op));                          \
    }

JATAI_INLINE i64 get_long(const Cpu& c, const Op& op) {
    return static_cast<i64>(static_cast<std::uint64_t>(c.r[op.d]) << 32 | c.r[op.a]);
}
JATAI_INLINE void put_long(Cpu& c, const Op& op, i64 value) {
    c.r[op.a] = static_cast<std::uint32_t>(value);
    c.r[op.d] = static_cast<std::uint32_t>(static_cast<std::uint64_t>(value) >> 32);
}
JATAI_INLINE void add_long(Cpu& c, const Op& op, i64 addend) {
    put_long(
        c, op,
        static_cast<i64>(static_cast<std::uint64_t>(get_long(c, op)) + static_cast<std::uint64_t>(addend)));
}
JATAI_HALF_BODY(bb, false, false)
JATAI_HALF_BODY(bt, false, true)
JATAI_HALF_BODY(tb, true, false)
JATAI_HALF_BODY(tt, true, true)
#undef JATAI_HALF_BODY

template <bool top>
JATAI_INLINE i64 wide_product(const Cpu& c, const Op& op) {
    return (as_signed(c.r[op.n]) * half<top>(c.r[op.m])) >> 16;
}
JATAI_INLINE void execute_Smulwb(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(wide_product<false>(c, op));
}
JATAI_INLINE void execute_Smulwt(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(wide_product<true>(c, op));
}
JATAI_INLINE void execute_Smlawb(Cpu& c, const Op& op) {
    put_sticky(c, op, as_signed(c.r[op.a]) + wide_product<false>(c, op));
}
JATAI_INLINE void execute_Smlawt(Cpu& c, const Op& op) {
    put_sticky(c, op, as_signed(c.r[op.a]) + wide_product<true>(c, op));
}

// The two half products of SMUAD, SMLAD, SMUSD, ... as one 64-bit sum.
template <bool crossed, bool subtract>
JATAI_INLINE i64 dual_product(const Cpu& c, const Op& op) {
    const std::uint32_t x = c.r[op.n], y = crossed ? std::rotr(c.r[op.m], 16) : c.r[op.m];
    const i64 low = low_half(x) * low_half(y), high = high_half(x) * high_half(y);
    return subtract ? low - high : low + high;
}
JATAI_INLINE void execute_Smuad(Cpu& c, const Op& op) {
    put_sticky(c, op, dual_product<false, false>(c, op));
}
JATAI_INLINE void execute_Smuadx(Cpu& c, const Op& op) {
    put_sticky(c, op, dual_product<true, false>(c, op));
}
JATAI_INLINE void execute_Smusd(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(dual_product<false, true>(c, op));
}
JATAI_INLINE void execute_Smusdx(Cpu& c, const Op& op) {
    c.r[op.d] = static_cast<std::uint32_t>(dual_product<true, true>(c, op));
}
template <bool crossed, bool subtract>
JATAI_INLINE void dual_accumulate(Cpu& c, const Op& op) {
    put_sticky(c, op, as_signed(c.r[op.a]) + dual_product<crossed, subtract>(c, op));
}
JATAI_INLINE void execute_Smlad(Cpu& c, const Op& op) { dual_accumulate<false, false>(c, op); }
JATAI_INLINE void execute_Smladx(Cpu& c, const Op& op) { dual_accumulate<true, false>(c, op); }
JATAI_INLINE void execute_Smlsd(Cpu& c, const Op& op) { dual_accumulate<false, true>(c, op); }
JATAI_INLINE void execute_Smlsdx(Cpu& c, const Op& op) { dual_accumulate<true, true>(c, op); }
template <bool crossed, bool subtract>
JATAI_INLINE void dual_long(Cpu& c, const Op& op) {
    add_long(c, op, dual_product<crossed, subtract>(c, op));
}
JATAI_INLINE void execute_Smlald(Cpu& c, const Op& op) { dual_long<false, false>(c, op); }
JATAI_INLINE void execute_Smlaldx(Cpu& c, const Op& op) { dual_long<true, false>(c, op); }
JATAI_INLINE void execute_Smlsld(Cpu& c, const Op& op) { dual_long<false, true>(c, op); }
JATAI_INLINE void execute_Smlsldx(Cpu& c, const Op& op) { dual_long<true, true>(c, op); }

// The most significant words: a 32-bit number times 2^32, plus or minus the product, rounded or cut.
template <int sign, bool rounds>
JATAI_INLINE void top_word(Cpu& c, const Op& op, std::uint32_t addend) {
    const auto product = static_cast<std::uint64_t>(as_signed(c.r[op.n]) * as_signed(c.r[op.m]));
    std::uint64_t sum = static_cast<std::uint64_t>(addend) << 32;
    sum = sign > 0 ? sum + product : sum - product;
    if (rounds) sum += 0x80000000u;
    c.r[op.d] = static_cast<std::uint32_t>(sum >> 32);
}
JATAI_INLINE void execute_Smmul(Cpu& c, const Op& op) { top_word<1, false>(c, op, 0); }
JATAI_INLINE void execute_Smmulr(Cpu& c, const Op& op) { top_word<1, true>(c, op, 0); }
JATAI_INLINE void execute_Smmla(Cpu& c, const Op& op) { top_word<1, false>(c, op, c.r[op.a]); }
JATAI_INLINE void execute_Smmlar(Cpu& c, const Op& op) { top_word<1, true>(c, op, c.r[op.a]); }
JATAI_INLINE void execute_Smmls(Cpu& c, const Op& op) { top_word<-1, false>(c, op, c.r[op.a]); }
JATAI_INLINE void execute_Smmlsr(Cpu& c, const Op& op) { top_word<-1, true>(c, op, c.r[op.a]); }

JATAI_INLINE void execute_Smull(Cpu& c, const Op& op) {
    put_long(c, op, as_signed(c.r[op.n]) * as_signed(c.r[op.m]));
}
JATAI_INLINE std::uint64_t unsigned_product(const Cpu& c, const Op& op) {
    return static_cast<std::uint64_t>(c.r[op.n]) * c.r[op.m];
}
JATAI_INLINE void execute_Umull(Cpu& c, const Op& op) {
    put_long(c, op, static_cast<i64>(unsigned_product(c, op)));
}
JATAI_INLINE void execute_Smlal(Cpu& c, const Op& op) {
    add_long(c, op, as_signed(c.r[op.n]) * as_signed(c.r[op.m]));
}
JATAI_INLINE void execute_Umlal(Cpu& c, const Op& op) {
    add_long(c, op, static_cast<i64>(unsigned_product(c, op)));
}
JATAI_INLINE void execute_Umaal(Cpu& c, const Op& op) {
    put_long(c, op, static_cast<i64>(unsigned_product(c, op) + c.r[op.d] + c.r[op.a]));
}

}  // namespace jatai::simulate
