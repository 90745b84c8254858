// svdf_float.h: SVDF, float32.
//
//     as svdf.h, in single precision; the bias first, then filter by filter
//
// Operands: 0 input, 1 weights of the input, 2 weights of time, 3 bias[units] or absent, 4 state, 5 output.
// Formula: docs/reference/ops.md#svdf.
#pragma once

#include "device/kernels/svdf.h"

namespace jatai {

struct SvdfFloatParams {
    SvdfShape shape;
    float low, high;  // what the fused activation leaves
};
static_assert(sizeof(SvdfFloatParams) == 24, "the layout in flash");

inline bool fits_svdf_float(const Claim& claim) {
    const SvdfFloatParams* p = claim.parameters<SvdfFloatParams>();
    if (p == nullptr || !svdf_fits(p->shape)) return false;
    const SvdfShape& s = p->shape;
    constexpr uint64_t kBytes = sizeof(float);
    return holds(claim, 0, uint64_t{s.batches} * s.inputs * kBytes) &&
           holds(claim, 1, s.filters() * s.inputs * kBytes) &&
           holds(claim, 2, s.filters() * s.memory * kBytes) && fills(claim, 4, s.state_elements() * kBytes) &&
           fills(claim, 5, uint64_t{s.batches} * s.units * kBytes) &&
           (claim.operand_bytes[3] == 0 || claim.operand_bytes[3] >= s.units * kBytes);
}

JATAI_HOT_BEGIN

inline float svdf_float_filter(uint32_t memory_size, const float* weights, float* memory, float newest) {
    float sum = 0.0f;
    for (uint32_t m = 0; m < memory_size; ++m) {
        memory[m] = m + 1 < memory_size ? memory[m + 1] : newest;
        sum += weights[m] * memory[m];
    }
    return sum;
}

inline float svdf_float_feature(const float* weights, const float* in, uint32_t inputs) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < inputs; ++i) sum += weights[i] * in[i];
    return sum;
}

inline void run_svdf_float(const Call& call) {
    const SvdfFloatParams& p = call.parameters<SvdfFloatParams>();
    const SvdfShape& s = p.shape;
    const float* in = call.in<float>(0);
    const float* bias = call.in<float>(3);
    float* memory = call.out<float>(4);
    float* out = call.out<float>(5);
    for (uint32_t b = 0; b < s.batches; ++b, in += s.inputs) {
        const float* feature = call.in<float>(1);
        const float* time = call.in<float>(2);
        for (uint32_t u = 0; u < s.units; ++u) {
            float sum = bias == nullptr ? 0.0f : bias[u];
            for (uint32_t r = 0; r < s.rank; ++r, feature += s.inputs, time += s.memory, memory += s.memory)
                sum += svdf_float_filter(s.memory, time, memory, svdf_float_feature(feature, in, s.inputs));
            *out++ = sum < p.low ? p.low : (sum > p.high ? p.high : sum);
        }
    }
}

JATAI_HOT_END

constexpr Kernel kSvdfFloat{{Op::Svdf, Type::Float32, 1}, fits_svdf_float, run_svdf_float};

}  // namespace jatai
