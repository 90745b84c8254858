// lstm_float.h: UNIDIRECTIONAL_SEQUENCE_LSTM, float32.
//
//     as lstm.h, in single precision: each gate is (Wx + b) + Rh, summed in this order
//
// Operands: 0 input, 1 weights: per gate W [units, inputs], then R [units, units], 2 biases: per gate
// [units], 3 h [batches, units], 4 c [batches, units], 5 output, 6 scratch [4, units].
// Formula: docs/reference/ops.md#unidirectional_sequence_lstm.
#pragma once

#include "device/kernels/lstm.h"
#include "device/kernels/real_math.h"

namespace jatai {

struct LstmFloatParams {
    Sequence sequence;
    float cell_clip;  // 0: none
};
static_assert(sizeof(LstmFloatParams) == 24, "the layout in flash");

inline bool fits_lstm_float(const Claim& claim) {
    const LstmFloatParams* p = claim.parameters<LstmFloatParams>();
    if (p == nullptr || !sequence_fits(p->sequence)) return false;
    const Sequence& s = p->sequence;
    constexpr uint64_t kBytes = sizeof(float);
    return holds(claim, 0, s.input_elements() * kBytes) &&
           holds(claim, 1, kLstmGates * s.weights_per_gate() * kBytes) &&
           holds(claim, 2, uint64_t{kLstmGates} * s.units * kBytes) &&
           fills(claim, 3, s.state_elements() * kBytes) && fills(claim, 4, s.state_elements() * kBytes) &&
           fills(claim, 5, s.output_elements() * kBytes) &&
           fills(claim, 6, uint64_t{kLstmGates} * s.units * kBytes);
}

JATAI_HOT_BEGIN

inline float float_dot(const float* weights, const float* vector, uint32_t count) {
    float sum = 0.0f;
    for (uint32_t i = 0; i < count; ++i) sum += weights[i] * vector[i];
    return sum;
}

inline void lstm_float_gate(const Call& call, const float* x, const float* h, uint32_t gate) {
    const Sequence& s = call.parameters<LstmFloatParams>().sequence;
    const float* w = call.in<float>(1) + gate * s.units * (s.inputs + s.units);
    const float* r = w + s.units * s.inputs;
    const float* bias = call.in<float>(2) + gate * s.units;
    float* out = call.out<float>(6) + gate * s.units;
    for (uint32_t u = 0; u < s.units; ++u, w += s.inputs, r += s.units) {
        const float sum = (float_dot(w, x, s.inputs) + bias[u]) + float_dot(r, h, s.units);
        out[u] = gate == kCellGate ? real_tanh(sum) : real_logistic(sum);
    }
}

inline void lstm_float_update(const Call& call, float* h, float* c) {
    const LstmFloatParams& p = call.parameters<LstmFloatParams>();
    const uint32_t units = p.sequence.units;
    const float* gates = call.in<float>(6);
    for (uint32_t u = 0; u < units; ++u) {
        float cell = gates[kForgetGate * units + u] * c[u] +
                     gates[kInputGate * units + u] * gates[kCellGate * units + u];
        if (p.cell_clip > 0)
            cell = cell < -p.cell_clip ? -p.cell_clip : (cell > p.cell_clip ? p.cell_clip : cell);
        c[u] = cell;
        h[u] = gates[kOutputGate * units + u] * real_tanh(cell);
    }
}

inline void run_lstm_float(const Call& call) {
    const Sequence& s = call.parameters<LstmFloatParams>().sequence;
    for (uint32_t b = 0; b < s.batches; ++b) {
        float* h = call.out<float>(3) + b * s.units;
        float* c = call.out<float>(4) + b * s.units;
        for (uint32_t t = 0; t < s.steps; ++t) {
            const float* x = call.in<float>(0) + s.at(b, t) * s.inputs;
            for (uint32_t gate = 0; gate < kLstmGates; ++gate) lstm_float_gate(call, x, h, gate);
            lstm_float_update(call, h, c);
            float* out = call.out<float>(5) + s.at(b, t) * s.units;
            for (uint32_t u = 0; u < s.units; ++u) out[u] = h[u];
        }
    }
}

JATAI_HOT_END

constexpr Kernel kLstmFloat{
    {Op::UnidirectionalSequenceLstm, Type::Float32, 1}, fits_lstm_float, run_lstm_float};

}  // namespace jatai
