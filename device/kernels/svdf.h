// svdf.h: SVDF, int8 with a state of int16 or int8: a dense layer whose weights are split into a part over
// the input and a part over time.
//
//     state[f] <- state[f] moved by one, hold(zero + rescale_1(sum over i of wf[f,i] * (in[i] - zero_in)))
//     out[u] = hold(zero_out + rescale_2(bias[u] + sum over f of unit u, over m of wt[f,m] * (state[f,m] -
//     zero)))
//
// Unit u sums the filters u * rank .. u * rank + rank - 1. The state is kept from run to run. Operands: 0
// input int8 [batches, inputs], 1 wf int8 [filters, inputs], 2 wt [filters, memory] of the state's type, 3
// bias int32[units], 4 state [batches, filters, memory], 5 output int8 [batches, units].
// Formula: docs/reference/ops.md#svdf.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/requantize.h"

namespace jatai {

// Extents of an SVDF. Filters: units * rank.
struct SvdfShape {
    uint32_t batches, inputs, units;
    uint16_t rank, memory;

    uint64_t filters() const { return uint64_t{units} * rank; }
    uint64_t state_elements() const { return batches * filters() * memory; }
};

inline bool svdf_fits(const SvdfShape& s) {
    constexpr uint32_t kMost = 0xFFFFFF;
    if (s.batches == 0 || s.inputs == 0 || s.units == 0 || s.rank == 0 || s.memory == 0) return false;
    return s.batches <= kMost && s.inputs <= kMost && s.units <= kMost && s.filters() <= kMost &&
           s.batches * s.filters() <= 0xFFFFFFFFu;
}

struct SvdfParams {
    SvdfShape shape;
    int32_t feature_multiplier, feature_shift;
    int32_t output_multiplier, output_shift;
    int16_t state_zero_point;
    int8_t input_zero_point;
    int8_t output_zero_point;
};
static_assert(sizeof(SvdfParams) == 36, "the layout in flash");

inline bool fits_svdf(const Claim& claim, uint64_t state_bytes) {
    const SvdfParams* p = claim.parameters<SvdfParams>();
    if (p == nullptr || !svdf_fits(p->shape)) return false;
    const SvdfShape& s = p->shape;
    return holds(claim, 0, uint64_t{s.batches} * s.inputs) && holds(claim, 1, s.filters() * s.inputs) &&
           holds(claim, 2, s.filters() * s.memory * state_bytes) &&
           holds(claim, 3, uint64_t{s.units} * sizeof(int32_t)) &&
           fills(claim, 4, s.state_elements() * state_bytes) &&
           fills(claim, 5, uint64_t{s.batches} * s.units);
}

inline bool fits_svdf_int16(const Claim& claim) { return fits_svdf(claim, 2); }
inline bool fits_svdf_int8(const Claim& claim) { return fits_svdf(claim, 1); }

JATAI_HOT_BEGIN

// What the newest place of a filter's memory gets.
template <typename State>
State svdf_feature(const SvdfParams& p, const int8_t* weights, const int8_t* in) {
    uint32_t sum = 0;
    for (uint32_t i = 0; i < p.shape.inputs; ++i)
        sum += static_cast<uint32_t>(weights[i] * (in[i] - p.input_zero_point));
    constexpr int32_t kLow = -(1 << (8 * sizeof(State) - 1));
    const int32_t held =
        clamp(rescale(static_cast<int32_t>(sum), p.feature_multiplier, p.feature_shift), kLow, -kLow - 1);
    return static_cast<State>(held + p.state_zero_point);
}

template <typename State>
uint32_t svdf_filter(const SvdfParams& p, const State* weights, State* memory, State newest) {
    const uint32_t last = p.shape.memory - 1u;
    uint32_t sum = 0;
    for (uint32_t m = 0; m <= last; ++m) {
        memory[m] = m < last ? memory[m + 1] : newest;
        sum += static_cast<uint32_t>(weights[m] * (memory[m] - p.state_zero_point));
    }
    return sum;
}

template <typename State>
void run_svdf(const Call& call) {
    const SvdfParams& p = call.parameters<SvdfParams>();
    const SvdfShape& s = p.shape;
    const int8_t* in = call.in<int8_t>(0);
    State* memory = call.out<State>(4);
    int8_t* out = call.out<int8_t>(5);
    for (uint32_t b = 0; b < s.batches; ++b, in += s.inputs) {
        const int8_t* feature = call.in<int8_t>(1);
        const State* time = call.in<State>(2);
        for (uint32_t u = 0; u < s.units; ++u) {
            uint32_t sum = static_cast<uint32_t>(call.in<int32_t>(3)[u]);
            for (uint32_t r = 0; r < s.rank; ++r, feature += s.inputs, time += s.memory, memory += s.memory)
                sum += svdf_filter(p, time, memory, svdf_feature<State>(p, feature, in));
            const int32_t y = rescale(static_cast<int32_t>(sum), p.output_multiplier, p.output_shift);
            *out++ = static_cast<int8_t>(clamp(add_wrapping(y, p.output_zero_point), -128, 127));
        }
    }
}

JATAI_HOT_END

constexpr Kernel kSvdfInt16State{{Op::Svdf, Type::Int16, 1}, fits_svdf_int16, run_svdf<int16_t>};
constexpr Kernel kSvdfInt8State{{Op::Svdf, Type::Int8, 1}, fits_svdf_int8, run_svdf<int8_t>};

}  // namespace jatai
