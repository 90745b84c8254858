// svdf.h: SVDF, int8 with a state of int16, for Cortex-M with DSP: the answers of device/kernels/svdf.h,
// sooner.
//
//     const Kernel* const kernels[] = {&kSvdfInt16StateCortexM, ...};      // written by the compiler
//
// The part over the input is dot_bytes.h; its zero point times the sum of the weights is taken away after. In
// the part over time a filter's memory moves on by one while it is weighed, two places at a time: registers
// hold two places, two weights, the sum. Operands: those of the reference. A zero point of the state goes to
// the reference; without the DSP extension everything does. Cost: 3.5 instructions per multiply-accumulate
// over the input, 4 over time, 60 for each filter besides.
#pragma once

#include "device/cortex_m/dot_bytes.h"
#include "device/kernels/svdf.h"

namespace jatai {

#if JATAI_HAS_DSP

JATAI_HOT_BEGIN

JATAI_INLINE uint32_t load_places(const int16_t* p) { return load4(reinterpret_cast<const int8_t*>(p)); }

inline uint32_t filter_cortex_m(const int16_t* weights, int16_t* memory, uint32_t places, int16_t newest) {
    int32_t sum = 0;
    uint32_t m = 0;
    for (; m + 2 < places; m += 2) {
        const uint32_t moved = load_places(memory + m + 1);
        store4(reinterpret_cast<int8_t*>(memory + m), moved);
        sum = smlad(moved, load_places(weights + m), sum);
    }
    for (; m < places; ++m) {
        memory[m] = m + 1 < places ? memory[m + 1] : newest;
        sum = add_wrapping(sum, weights[m] * memory[m]);
    }
    return static_cast<uint32_t>(sum);
}

inline int16_t feature_cortex_m(const SvdfParams& p, const int8_t* weights, const int8_t* in) {
    const uint32_t inputs = p.shape.inputs;
    const uint32_t zero = static_cast<uint32_t>(int32_t{p.input_zero_point});
    const uint32_t sum = static_cast<uint32_t>(dot_bytes(weights, in, inputs)) -
                         zero * static_cast<uint32_t>(sum_bytes(weights, inputs));
    const int32_t y = rescale(static_cast<int32_t>(sum), p.feature_multiplier, p.feature_shift);
    return static_cast<int16_t>(clamp(y, -32768, 32767));
}

inline void run_svdf_cortex_m(const Call& call) {
    const SvdfParams& p = call.parameters<SvdfParams>();
    if (p.state_zero_point != 0) return run_svdf<int16_t>(call);
    const SvdfShape& s = p.shape;
    const int8_t* in = call.in<int8_t>(0);
    int16_t* memory = call.out<int16_t>(4);
    int8_t* out = call.out<int8_t>(5);
    for (uint32_t b = 0; b < s.batches; ++b, in += s.inputs) {
        const int8_t* feature = call.in<int8_t>(1);
        const int16_t* time = call.in<int16_t>(2);
        for (uint32_t u = 0; u < s.units; ++u) {
            uint32_t sum = static_cast<uint32_t>(call.in<int32_t>(3)[u]);
            for (uint32_t r = s.rank; r != 0; --r, feature += s.inputs, time += s.memory, memory += s.memory)
                sum += filter_cortex_m(time, memory, s.memory, feature_cortex_m(p, feature, in));
            const int32_t y = rescale(static_cast<int32_t>(sum), p.output_multiplier, p.output_shift);
            *out++ = static_cast<int8_t>(clamp(add_wrapping(y, p.output_zero_point), -128, 127));
        }
    }
}

JATAI_HOT_END

#else

inline void run_svdf_cortex_m(const Call& call) { run_svdf<int16_t>(call); }

#endif

constexpr Kernel kSvdfInt16StateCortexM{{Op::Svdf, Type::Int16, 1}, fits_svdf_int16, run_svdf_cortex_m};

}  // namespace jatai
