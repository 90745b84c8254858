// add.h: ADD, int8, in vectors: the answers of device/kernels/add.h.
//
//     constexpr Kernel kAddInt8Avx2{kAddInt8.key, fits_add, run_add_lanes<Avx2>};
//
// 2 * V::kLanes elements at a time, each rounded three times as the reference rounds. Operands: those of the
// reference. Where an operand jumps along the last axis the reference does it. Cost: 48 instructions an
// element (AVX2): it is right in vectors rather than short.
#pragma once

#include "device/kernels/add.h"
#include "device/simd/finish.h"

namespace jatai {

// One operand on the scale of the sum, in the order of V::store_bytes.
template <typename V>
struct AddOperand {
    int32_t multiplier, shift, zero_point;
    uint32_t step;  // 0: the same number again

    JATAI_SIMD_INLINE void rescale(const int8_t* from, typename V::Sums* to) const {
        int16_t same[2 * V::kLanes];
        for (int16_t& x : same) x = *from;
        const typename V::Halves x = step == 0 ? V::load(same) : V::widen(from);
        const typename V::Halves quads[2] = {V::zip_low(x, x), V::zip_high(x, x)};
        for (uint32_t i = 0; i < 2; ++i) {
            const auto wide = reinterpret_cast<typename V::Sums>(quads[i]) >> 16;
            to[i] = rescale_lanes<V>((wide - zero_point) * (1 << kAddLeftShift), all_lanes<V>(multiplier),
                                     all_lanes<V>(left_of(shift)), all_lanes<V>(right_of(shift)));
        }
    }
};

template <typename V>
JATAI_SIMD_INLINE void add_row(const AddParams& p, const int8_t* a, const int8_t* b, int8_t* out) {
    constexpr uint32_t kWidth = 2 * V::kLanes;
    const uint32_t count = p.walk.shape[kWalkAxes - 1];
    const AddOperand<V> x{p.a_multiplier, p.a_shift, p.a_zero_point, p.walk.stride[0][kWalkAxes - 1]};
    const AddOperand<V> y{p.b_multiplier, p.b_shift, p.b_zero_point, p.walk.stride[1][kWalkAxes - 1]};
    ChannelScales<V> scales(p.range);
    for (uint32_t i = 0; i < kWidth; ++i) scales.set(i, {0, p.multiplier, p.shift});
    uint32_t i = 0;
    for (; count - i >= kWidth; i += kWidth) {
        typename V::Sums first[2], second[2];
        x.rescale(a + i * x.step, first);
        y.rescale(b + i * y.step, second);
        for (uint32_t k = 0; k < 2; ++k) first[k] = add_lanes<V>(first[k], second[k]);
        finish_panel<V>(scales, first, out + i, kWidth);
    }
    for (; i < count; ++i) out[i] = add_one(p, a[i * x.step], b[i * y.step]);
}

template <typename V>
JATAI_SIMD void run_add_lanes(const Call& call) {
    const AddParams& p = call.parameters<AddParams>();
    const Walk<2>& walk = p.walk;
    if (walk.stride[0][kWalkAxes - 1] > 1 || walk.stride[1][kWalkAxes - 1] > 1) return run_add(call);
    const uint32_t* shape = walk.shape;
    int8_t* out = call.out<int8_t>(2);
    for (uint32_t row = 0; row < shape[0] * shape[1] * shape[2]; ++row, out += shape[kWalkAxes - 1]) {
        const uint32_t at[3] = {row / shape[2] / shape[1], row / shape[2] % shape[1], row % shape[2]};
        uint32_t a = 0, b = 0;
        for (uint32_t axis = 0; axis < 3; ++axis) {
            a += at[axis] * walk.stride[0][axis];
            b += at[axis] * walk.stride[1][axis];
        }
        add_row<V>(p, call.in<int8_t>(0) + a, call.in<int8_t>(1) + b, out);
    }
}

}  // namespace jatai
