// rescaled_pair.h: MUL and SUB for Cortex-M with DSP: the answers of device/kernels/rescaled_pair.h, sooner.
//
//     const Kernel* const kernels[] = {&kMulInt8CortexM, ...};      // written by the compiler
//
//     out = clamp(zero + rescale((a - zero_a) * (b - zero_b)))
//
// A product of two bytes is far below 2^30, so it is requantised the short way: one SMMULR, four instructions
// more. Registers in the loop of MUL: a, b, output, end; two zero points, multiplier, nudge, bits; the
// product. SUB: byte_sum.h. Operands: those of the reference. Factors of 1/2 or more go to the reference;
// without the DSP extension everything does. Cost of MUL: 14 instructions an element, 12 where one is
// repeated along a row.
#pragma once

#include "device/cortex_m/byte_sum.h"
#include "device/kernels/rescaled_pair.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

// Twice the product.
struct ProductOfBytes {
    int32_t a_zero, b_zero;
    ShortScale scale;

    int32_t left(int32_t a) const { return 2 * a - 2 * a_zero; }
    int32_t right(int32_t b) const { return b - b_zero; }
    int8_t finish(int32_t a, int32_t b) const {
        return static_cast<int8_t>(ssat8(rescale_doubled(a * b, scale)));
    }
};

inline bool is_short_pair(const RescaledPairParams& p) {
    return is_byte(p.a_zero_point) && is_byte(p.b_zero_point) && is_byte(p.zero_point) && is_byte(p.low) &&
           is_byte(p.high) && p.shift <= -1 && p.shift >= -22;
}

template <typename Walked>
JATAI_INLINE void hold_pair(const Call& call, const Walked& walked) {
    const RescaledPairParams& p = call.parameters<RescaledPairParams>();
    int8_t* const out = call.out<int8_t>(2);
    walked(p, BytePair{call.in<int8_t>(0), call.in<int8_t>(1), out});
    hold_bytes(out, static_cast<uint32_t>(walked_elements(p.walk.shape)), p.low, p.high);
}

template <typename Rows>
JATAI_INLINE void run_mul_rows(const Call& call) {
    const RescaledPairParams& params = call.parameters<RescaledPairParams>();
    if (!is_short_pair(params) || !Rows::knows(params.walk))
        return run_rescaled_pair<int8_t, int8_t, RescaledTimes>(call);
    hold_pair(call, [](const RescaledPairParams& p, BytePair at) {
        Rows::walk_over(
            p.walk, at,
            ProductOfBytes{p.a_zero_point, p.b_zero_point, ShortScale(p.multiplier, p.shift, p.zero_point)});
    });
}

inline void run_mul_cortex_m(const Call& call) { run_mul_rows<PlainRows>(call); }
inline void run_mul_held_cortex_m(const Call& call) { run_mul_rows<ShortRows>(call); }

template <typename Rows>
JATAI_INLINE void run_sub_rows(const Call& call) {
    const RescaledPairParams& p = call.parameters<RescaledPairParams>();
    const ByteSum sum{{p.a_zero_point, p.a_multiplier, p.a_shift},
                      {p.b_zero_point, p.b_multiplier, p.b_shift},
                      p.multiplier,
                      p.shift,
                      p.zero_point};
    if (!is_short_pair(p) || !Rows::knows(p.walk) || !sum.is_short() ||
        p.spare_bits != static_cast<int32_t>(kAddLeftShift))
        return run_rescaled_pair<int8_t, int8_t, RescaledMinus>(call);
    hold_pair(call,
              [&sum](const RescaledPairParams& q, BytePair at) { run_byte_sum<Rows, -1>(sum, q.walk, at); });
}

inline void run_sub_cortex_m(const Call& call) { run_sub_rows<PlainRows>(call); }
inline void run_sub_held_cortex_m(const Call& call) { run_sub_rows<ShortRows>(call); }

JATAI_HOT_END

#else

inline void run_mul_cortex_m(const Call& call) { run_rescaled_pair<int8_t, int8_t, RescaledTimes>(call); }
inline void run_sub_cortex_m(const Call& call) { run_rescaled_pair<int8_t, int8_t, RescaledMinus>(call); }
inline void run_mul_held_cortex_m(const Call& call) { run_mul_cortex_m(call); }
inline void run_sub_held_cortex_m(const Call& call) { run_sub_cortex_m(call); }

#endif

constexpr Kernel kMulInt8CortexM{
    {Op::Mul, Type::Int8, 1}, fits_rescaled_pair<int8_t, int8_t>, run_mul_cortex_m};
constexpr Kernel kSubInt8CortexM{
    {Op::Sub, Type::Int8, 1}, fits_rescaled_pair<int8_t, int8_t>, run_sub_cortex_m};
constexpr Kernel kMulHeldInt8CortexM{
    {Op::Mul, Type::Int8, 2}, fits_rescaled_pair<int8_t, int8_t>, run_mul_held_cortex_m};
constexpr Kernel kSubHeldInt8CortexM{
    {Op::Sub, Type::Int8, 2}, fits_rescaled_pair<int8_t, int8_t>, run_sub_held_cortex_m};

}  // namespace jatai
