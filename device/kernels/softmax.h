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

// The exponential of a difference of stored values, in Q0.31. Needs: difference >= diff_min.
inline int32_t softmax_exp(const SoftmaxParams& p, int32_t difference) {
    const uint32_t shift = static_cast<uint32_t>(p.shift) & 31;
    return exp_of<5>(multiply_high(shift_left(difference, shift), p.multiplier));
}

// Divides exponentials by their sum, (1 + fraction) * 2^(12 - headroom), and scales to `out_bits`.
struct SoftmaxScale {
    int32_t factor;
    uint32_t bits;

    SoftmaxScale(uint32_t sum, uint32_t out_bits) {
        const uint32_t headroom = leading_zeros(sum) & 31;
        factor = reciprocal_of_one_plus(static_cast<int32_t>((sum << headroom) - 0x80000000u));
        bits = 12 - headroom + 31 - out_bits;
    }
    int32_t operator()(int32_t e) const {
        return bits < 32 ? divide_by_power(multiply_high(factor, e), bits) : 0;
    }
};

template <typename In, typename Out>
inline void softmax_row(const SoftmaxParams& p, const In* in, Out* out) {
    constexpr int32_t kLow = Out(-1) < Out(0) ? -(1 << (8 * sizeof(Out) - 1)) : 0;
    constexpr int32_t kHigh = kLow + (1 << 8 * sizeof(Out)) - 1;
    int32_t largest = in[0];
    for (uint32_t i = 1; i < p.depth; ++i) largest = in[i] > largest ? in[i] : largest;
    uint32_t sum = 0;  // Q12.19
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        if (diff >= p.diff_min) sum += static_cast<uint32_t>(divide_by_power(softmax_exp(p, diff), 12));
    }
    const SoftmaxScale scale(sum, 8 * sizeof(Out));
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t diff = in[i] - largest;
        const int32_t y = diff >= p.diff_min ? scale(softmax_exp(p, diff)) : 0;
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
