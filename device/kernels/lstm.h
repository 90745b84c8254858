// lstm.h: UNIDIRECTIONAL_SEQUENCE_LSTM, int8 or int16, with an int16 cell state.
//
//     i = logistic(Wi x + Ri h + bi)   f, o likewise   g = tanh(Wg x + Rg h + bg)
//     c = f * c + i * g                h = o * tanh(c)         h is the answer of each step
//
// Gates in the order of the schema: input, forget, cell, output. Both products of a gate are brought to Q3.12
// and held in 16 bits before they are added. h and c are kept from run to run. Each sample of the batch runs
// through all its steps before the next. Of int16 the sums, and the biases, have 64 bits. Operands: 0 input,
// 1 weights int8: per gate W [units, inputs], then R [units, units], 2 biases int32 or int64: per gate of W
// [units], of R [units], 3 table of sigmoid_table.h, 4 h [batches, units], 5 c int16 [batches, units], 6
// output, 7 scratch int16 [4, units]; input, h and output of one type.
// Formula: docs/reference/ops.md#unidirectional_sequence_lstm.
#pragma once

#include "device/kernels/check.h"
#include "device/kernels/multiply_int16.h"
#include "device/kernels/requantize.h"
#include "device/kernels/sigmoid_table.h"

namespace jatai {

enum : uint32_t { kInputGate, kForgetGate, kCellGate, kOutputGate, kLstmGates };

// How a sequence lies in memory.
struct Sequence {
    uint32_t batches, steps, inputs, units;
    uint32_t time_major;  // 1: [steps, batches, ..]; 0: [batches, steps, ..]

    uint64_t input_elements() const { return uint64_t{batches} * steps * inputs; }
    uint64_t output_elements() const { return uint64_t{batches} * steps * units; }
    uint64_t state_elements() const { return uint64_t{batches} * units; }
    uint64_t weights_per_gate() const { return uint64_t{units} * (uint64_t{inputs} + units); }
    // Which vector of the sequence is step t of sample b.
    uint32_t at(uint32_t b, uint32_t t) const { return time_major != 0 ? t * batches + b : b * steps + t; }
};

// What the counts above, and the indices of `run`, need to stay in range. Nothing is empty: the work is
// bounded by the bytes of the operands.
inline bool sequence_fits(const Sequence& s) {
    constexpr uint32_t kMost = 0xFFFFFF;
    constexpr uint64_t kElements = 0xFFFFFFFF;
    if (s.batches == 0 || s.steps == 0 || s.inputs == 0 || s.units == 0) return false;
    if (s.batches > kMost || s.steps > kMost || s.inputs > kMost || s.units > kMost) return false;
    const uint64_t vectors = uint64_t{s.batches} * s.steps;
    return vectors <= kElements && vectors * s.inputs <= kElements && vectors * s.units <= kElements;
}

struct GateFactor {
    int32_t multiplier;
    int32_t shift;
};

struct LstmParams {
    Sequence sequence;
    GateFactor input[kLstmGates];      // of the product with the input
    GateFactor recurrent[kLstmGates];  // of the product with h
    GateFactor forget_cell;            // f * c to c
    GateFactor input_cell;             // i * g to c
    GateFactor hidden;                 // o * tanh(c) to h
    int32_t tanh_multiplier;           // c * this / 2^tanh_shift is the argument of the table
    uint8_t tanh_shift;
    int8_t hidden_zero_point;  // int16: 0
    int16_t cell_clip;         // 0: none
};
static_assert(sizeof(LstmParams) == 116, "the layout in flash");

template <typename Arithmetic>
inline bool fits_lstm(const Claim& claim) {
    const LstmParams* p = claim.parameters<LstmParams>();
    if (p == nullptr || !sequence_fits(p->sequence)) return false;
    const Sequence& s = p->sequence;
    constexpr uint64_t kValue = sizeof(typename Arithmetic::Value);
    constexpr uint64_t kBias = sizeof(typename Arithmetic::Bias);
    return holds(claim, 0, s.input_elements() * kValue) &&
           holds(claim, 1, kLstmGates * s.weights_per_gate()) &&
           holds(claim, 2, uint64_t{2} * kLstmGates * s.units * kBias) &&
           holds(claim, 3, kSigmoidTableEntries * sizeof(uint16_t)) &&
           fills(claim, 4, s.state_elements() * kValue) &&
           fills(claim, 5, s.state_elements() * sizeof(int16_t)) &&
           fills(claim, 6, s.output_elements() * kValue) &&
           fills(claim, 7, uint64_t{kLstmGates} * s.units * sizeof(int16_t));
}

JATAI_HOT_BEGIN

inline int16_t hold16(int32_t x) { return static_cast<int16_t>(clamp(x, -32768, 32767)); }

inline int16_t times16(int32_t a, int32_t b, GateFactor factor) {
    return hold16(rescale(a * b, factor.multiplier, factor.shift));
}

// One row of weights times a vector, in Q3.12: sums of 32 bits, or of 64.
struct LstmOf8 {
    using Value = int8_t;
    using Bias = int32_t;
    static constexpr int32_t kLow = -128, kHigh = 127;
    static JATAI_NOINLINE int32_t dot(const int8_t* weights, const int8_t* vector, uint32_t count,
                                      int32_t bias, GateFactor factor) {
        uint32_t sum = static_cast<uint32_t>(bias);
        for (uint32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(weights[i] * vector[i]);
        return hold16(rescale(static_cast<int32_t>(sum), factor.multiplier, factor.shift));
    }
};
struct LstmOf16 {
    using Value = int16_t;
    using Bias = int64_t;
    static constexpr int32_t kLow = -32768, kHigh = 32767;
    static JATAI_NOINLINE int32_t dot(const int8_t* weights, const int16_t* vector, uint32_t count,
                                      int64_t bias, GateFactor factor) {
        uint64_t sum = static_cast<uint64_t>(bias);
        for (uint32_t i = 0; i < count; ++i)
            sum += static_cast<uint64_t>(static_cast<int64_t>(weights[i] * vector[i]));
        return hold16(rescale_wide(sum, factor.multiplier, factor.shift));
    }
};

// All units of one gate, after its activation.
template <typename Arithmetic>
inline void lstm_gate(const Call& call, const typename Arithmetic::Value* x,
                      const typename Arithmetic::Value* h, uint32_t gate) {
    const LstmParams& p = call.parameters<LstmParams>();
    const uint32_t inputs = p.sequence.inputs, units = p.sequence.units;
    const int8_t* w = call.in<int8_t>(1) + gate * units * (inputs + units);
    const int8_t* r = w + units * inputs;
    const auto* w_bias = call.in<typename Arithmetic::Bias>(2) + 2 * gate * units;
    const auto* r_bias = w_bias + units;
    const uint16_t* table = call.in<uint16_t>(3);
    int16_t* out = call.out<int16_t>(7) + gate * units;
    for (uint32_t u = 0; u < units; ++u, w += inputs, r += units) {
        const int32_t sum = hold16(Arithmetic::dot(w, x, inputs, w_bias[u], p.input[gate]) +
                                   Arithmetic::dot(r, h, units, r_bias[u], p.recurrent[gate]));
        out[u] = gate == kCellGate ? table_tanh(table, 3 * sum) : table_logistic(table, 3 * sum);
    }
}

// The new cell and hidden state of one sample, from its gates.
template <typename Arithmetic>
inline void lstm_update(const Call& call, typename Arithmetic::Value* h, int16_t* c) {
    const LstmParams& p = call.parameters<LstmParams>();
    const uint32_t units = p.sequence.units;
    const int16_t* gates = call.in<int16_t>(7);
    const uint32_t shift = p.tanh_shift & 31u;
    const uint32_t half = shift > 0 ? 1u << (shift - 1) : 0;
    for (uint32_t u = 0; u < units; ++u) {
        const int32_t kept = times16(gates[kForgetGate * units + u], c[u], p.forget_cell);
        const int32_t added =
            times16(gates[kInputGate * units + u], gates[kCellGate * units + u], p.input_cell);
        int32_t cell = hold16(kept + added);
        if (p.cell_clip > 0) cell = clamp(cell, -p.cell_clip, p.cell_clip);
        c[u] = static_cast<int16_t>(cell);
        const uint32_t scaled = static_cast<uint32_t>(cell) * static_cast<uint32_t>(p.tanh_multiplier) + half;
        const int32_t curve = table_tanh(call.in<uint16_t>(3), static_cast<int32_t>(scaled) >> shift);
        const int32_t y =
            rescale(curve * gates[kOutputGate * units + u], p.hidden.multiplier, p.hidden.shift);
        h[u] = static_cast<typename Arithmetic::Value>(
            clamp(add_wrapping(y, p.hidden_zero_point), Arithmetic::kLow, Arithmetic::kHigh));
    }
}

template <typename Arithmetic>
inline void run_lstm(const Call& call) {
    using Value = typename Arithmetic::Value;
    const Sequence& s = call.parameters<LstmParams>().sequence;
    for (uint32_t b = 0; b < s.batches; ++b) {
        Value* h = call.out<Value>(4) + b * s.units;
        int16_t* c = call.out<int16_t>(5) + b * s.units;
        for (uint32_t t = 0; t < s.steps; ++t) {
            const Value* x = call.in<Value>(0) + s.at(b, t) * s.inputs;
            for (uint32_t gate = 0; gate < kLstmGates; ++gate) lstm_gate<Arithmetic>(call, x, h, gate);
            lstm_update<Arithmetic>(call, h, c);
            Value* out = call.out<Value>(6) + s.at(b, t) * s.units;
            for (uint32_t u = 0; u < s.units; ++u) out[u] = h[u];
        }
    }
}

JATAI_HOT_END

constexpr Kernel kLstmInt8{
    {Op::UnidirectionalSequenceLstm, Type::Int8, 1}, fits_lstm<LstmOf8>, run_lstm<LstmOf8>};
constexpr Kernel kLstmInt16{
    {Op::UnidirectionalSequenceLstm, Type::Int16, 1}, fits_lstm<LstmOf16>, run_lstm<LstmOf16>};

}  // namespace jatai
