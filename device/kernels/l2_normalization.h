// l2_normalization.h: L2_NORMALIZATION over the last axis, int8, uint8 and float32.
//
//     out[r,i] = in[r,i] / sqrt(sum of in[r,j]^2 over j)
//
// Integers: the output's scale is 1/128, its zero point 0 (uint8: 128). Floats: the root is 10^-6 at least.
// Operands: 0 input [rows, depth], 1 output of the same type. Formula:
// docs/reference/ops.md#l2_normalization.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/fixed_point.h"
#include "device/kernels/real_functions.h"

namespace jatai {

struct L2NormalizationParams {
    uint32_t rows;
    uint32_t depth;
    int32_t zero_point;  // of the input
};
static_assert(sizeof(L2NormalizationParams) == 12, "the layout in flash");

template <typename T>
inline bool fits_l2_normalization(const Claim& claim) {
    const L2NormalizationParams* p = claim.parameters<L2NormalizationParams>();
    if (p == nullptr || p->depth == 0) return false;
    const uint64_t count = uint64_t{p->rows} * p->depth;
    if (count > 0xFFFFFFFFu) return false;
    return holds(claim, 0, count * sizeof(T)) && fills(claim, 1, count * sizeof(T));
}

JATAI_HOT_BEGIN

template <typename T>
inline void l2_normalize_row(const L2NormalizationParams& p, const T* in, T* out) {
    constexpr int32_t kZero = T(-1) < T(0) ? 0 : 128;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < p.depth; ++i) {
        const uint32_t x = static_cast<uint32_t>(in[i]) - static_cast<uint32_t>(p.zero_point);
        sum += x * x;
    }
    const Factor f = inverse_square_root(static_cast<int32_t>(sum));
    for (uint32_t i = 0; i < p.depth; ++i) {
        const int32_t x =
            static_cast<int32_t>(static_cast<uint32_t>(in[i]) - static_cast<uint32_t>(p.zero_point));
        // TFLite rounds once more on uint8: there the factor of 128 comes before the first rounding.
        const int32_t unit = kZero == 0 ? rescale(x, f.multiplier, f.shift + 7)
                                        : rescale(shift_left(x, 7), f.multiplier, f.shift);
        const int32_t y = add_wrapping(unit, kZero);
        out[i] = static_cast<T>(clamp(y, kZero - 128, kZero + 127));
    }
}

inline void l2_normalize_row(const L2NormalizationParams& p, const float* in, float* out) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < p.depth; ++i) sum += in[i] * in[i];
    const float root = real_sqrt(sum);
    const float length = root < 1e-6f ? 1e-6f : root;
    for (uint32_t i = 0; i < p.depth; ++i) out[i] = in[i] / length;
}

template <typename T>
inline void run_l2_normalization(const Call& call) {
    const L2NormalizationParams& p = call.parameters<L2NormalizationParams>();
    const T* in = call.in<T>(0);
    T* out = call.out<T>(1);
    for (uint32_t r = 0; r < p.rows; ++r, in += p.depth, out += p.depth) l2_normalize_row(p, in, out);
}

JATAI_HOT_END

constexpr Kernel kL2NormalizationInt8{
    {Op::L2Normalization, Type::Int8, 1}, fits_l2_normalization<int8_t>, run_l2_normalization<int8_t>};
constexpr Kernel kL2NormalizationUInt8{
    {Op::L2Normalization, Type::UInt8, 1}, fits_l2_normalization<uint8_t>, run_l2_normalization<uint8_t>};
constexpr Kernel kL2NormalizationFloat{
    {Op::L2Normalization, Type::Float32, 1}, fits_l2_normalization<float>, run_l2_normalization<float>};

}  // namespace jatai
