// softmax.h: SOFTMAX over the last axis, int8 to int8 or int16, uint8 to uint8.
//
//     out[r,i] = round(range * exp(beta * scale * (in[r,i] - max)) / sum of the same over i) + lowest
//
// range: how many numbers the output's type has, lowest: the lowest of them.
// All in 32-bit fixed point: exp by a barrel shifter and a Taylor polynomial, the reciprocal by three Newton
// steps, as gemmlowp's fixedpoint.h defines them for TFLite. Qi.f below: i integer bits, f fraction bits.
// Operands: 0 input [rows, depth], 1 output. Formula: docs/reference/ops.md#softmax.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"

namespace jatai {

struct SoftmaxParams {
    uint32_t rows;
    uint32_t depth;
    int32_t multiplier;  // takes a difference of stored values to Q5.26
    int32_t shift;       // to the left
    int32_t diff_min;    // differences below this give 0
};
static_assert(sizeof(SoftmaxParams) == 20, "the layout in flash");

template <typename In, typename Out>
inline bool fits_softmax(const Claim& claim) {
    const SoftmaxParams* p = claim.parameters<SoftmaxParams>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    return holds(claim, 0, count * sizeof(In)) && fills(claim, 1, count * sizeof(Out));
}

JATAI_HOT_BEGIN

template <typename In, typename Out>
inline void softmax_row(const SoftmaxParams& p, const In* in, Out* out) {
    constexpr int32_t kLow = Out(-1) < Out(0) ? -(1 << (8 * sizeof(Out) - 1)) : 0;
    constexpr int32_t kHigh = kLow + (1 << 8 * sizeof(Out)) - 1;
    int32_t largest = in[0];
    for (uint32_t i = 1; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    const uint32_t shift = static_cast<uint32_t>(p.shift) & 31;
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        if (diff < p.diff_min) continue;
        const int32_t a = multiply_high(shift_left(diff, shift), p.multiplier);
        sum += static_cast<uint32_t>(divide_by_power(exp_of<5>(a), 12));
    }
    // sum = (1 + fraction) * 2^(12 - headroom)
    const uint32_t headroom = leading_zeros(sum) & 31;
    const int32_t fraction = static_cast<int32_t>((sum << headroom) - 0x80000000u);
    const int32_t scale = reciprocal_of_one_plus(fraction);
    const uint32_t bits = 12 - headroom + 31 - 8 * sizeof(Out);
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        int32_t y = 0;
        if (diff >= p.diff_min) {
            const int32_t a = multiply_high(shift_left(diff, shift), p.multiplier);
            const int32_t product = multiply_high(scale, exp_of<5>(a));
            y = bits < 32 ? divide_by_power(product, bits) : 0;
        }
        out[i] = static_cast<Out>(clamp(add_wrapping(y, kLow), kLow, kHigh));
    }
}

template <typename In, typename Out>
inline void run_softmax(const Call& call) {
    const SoftmaxParams& p = call.parameters<SoftmaxParams>();
    const In* in = call.in<In>(0);
    Out* out = call.out<Out>(1);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) softmax_row(p, in, out);
}

JATAI_HOT_END

constexpr Kernel kSoftmaxInt8{
    {Op::Softmax, Type::Int8, 1}, fits_softmax<int8_t, int8_t>, run_softmax<int8_t, int8_t>};
constexpr Kernel kSoftmaxInt8ToInt16{
    {Op::Softmax, Type::Int8, 2}, fits_softmax<int8_t, int16_t>, run_softmax<int8_t, int16_t>};
constexpr Kernel kSoftmaxUInt8{
    {Op::Softmax, Type::UInt8, 1}, fits_softmax<uint8_t, uint8_t>, run_softmax<uint8_t, uint8_t>};

}  // namespace jatai
