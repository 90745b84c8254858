// gru.h: GRU, float32 and int8 with a state of int16.
//
//     z = logistic(Wz x + bz + Rz h + cz)      r likewise      h = (1 - z) * g + z * h
//     g = tanh(Wg x + bg + r * (Rg h + cg))                    linear_before_reset
//     g = tanh(Wg x + bg + Rg (r * h) + cg)                    else
//
// Gates in ONNX's order: update z, reset r, candidate g. h is the answer of each step. An operand for h keeps
// it from run to run. int8: products are brought to Q3.12 and held in 16 bits, h is Q0.15; the table is that
// of sigmoid_table.h. Operands: 0 input, 1 weights: per gate W [units, inputs], then R [units, units], 2
// biases: per gate b [units], then c [units] (int32 or float), 3 table, absent for float, 4 h [batches,
// units] int16 or float, 5 output int8 or float, 6 scratch [4, units] int16 or float.
// Formula: docs/reference/ops.md#gru.
#pragma once

#include "device/kernels/lstm.h"
#include "device/kernels/real_math.h"

namespace jatai {

enum : uint32_t { kUpdateGate, kResetGate, kCandidate, kGruGates };

struct GruParams {
    Sequence sequence;
    uint8_t linear_before_reset;
    uint8_t keeps_state;  // 0: h begins at 0 in every run
    int8_t zero_point;    // of the output; float: not used, as all below
    uint8_t reserved;
    GateFactor input[kGruGates];
    GateFactor recurrent[kGruGates];
    GateFactor output;  // from Q0.15
};
static_assert(sizeof(GruParams) == 80, "the layout in flash");

// Bytes of an element: of input and output, of weights, of biases, of h and scratch.
struct GruSizes {
    uint64_t value, weight, bias, state, table;
};

inline bool fits_gru(const Claim& claim, const GruSizes& bytes) {
    const GruParams* p = claim.parameters<GruParams>();
    if (p == nullptr || !sequence_fits(p->sequence)) return false;
    const Sequence& s = p->sequence;
    return holds(claim, 0, s.input_elements() * bytes.value) &&
           holds(claim, 1, kGruGates * s.weights_per_gate() * bytes.weight) &&
           holds(claim, 2, uint64_t{2} * kGruGates * s.units * bytes.bias) && holds(claim, 3, bytes.table) &&
           fills(claim, 4, s.state_elements() * bytes.state) &&
           fills(claim, 5, s.output_elements() * bytes.value) &&
           fills(claim, 6, uint64_t{4} * s.units * bytes.state);
}

inline bool fits_gru_float(const Claim& claim) { return fits_gru(claim, {4, 4, 4, 4, 0}); }
inline bool fits_gru_int8(const Claim& claim) {
    return fits_gru(claim, {1, 1, 4, 2, kSigmoidTableEntries * sizeof(uint16_t)});
}

JATAI_HOT_BEGIN

// One step in either arithmetic. It says what a product of weights and a vector is, and the curves.
struct GruFloat {
    using Value = float;
    using State = float;
    const Call& call;
    const GruParams& p;

    float wx(uint32_t gate, uint32_t u, const float* x) const {
        const uint32_t inputs = p.sequence.inputs, units = p.sequence.units;
        return dot(call.in<float>(1) + gate * units * (inputs + units) + u * inputs, x, inputs) +
               call.in<float>(2)[2 * gate * units + u];
    }
    float rh(uint32_t gate, uint32_t u, const float* h) const {
        const uint32_t inputs = p.sequence.inputs, units = p.sequence.units;
        const float* r = call.in<float>(1) + gate * units * (inputs + units) + units * inputs;
        return dot(r + u * units, h, units) + call.in<float>(2)[(2 * gate + 1) * units + u];
    }
    static float add(float a, float b) { return a + b; }
    static float times(float a, float b) { return a * b; }
    float logistic(float x) const { return real_logistic(x); }
    float curve(float x) const { return real_tanh(x); }
    static float blend(float z, float g, float h) { return (1.0f - z) * g + z * h; }
    float answer(float h) const { return h; }

  private:
    static float dot(const float* weights, const float* vector, uint32_t count) {
        float sum = 0.0f;
        for (uint32_t i = 0; i < count; ++i) sum += weights[i] * vector[i];
        return sum;
    }
};

struct GruInt8 {
    using Value = int8_t;
    using State = int16_t;
    const Call& call;
    const GruParams& p;

    int16_t wx(uint32_t gate, uint32_t u, const int8_t* x) const {
        const uint32_t inputs = p.sequence.inputs, units = p.sequence.units;
        const int8_t* w = call.in<int8_t>(1) + gate * units * (inputs + units) + u * inputs;
        return dot(w, x, inputs, call.in<int32_t>(2)[2 * gate * units + u], p.input[gate]);
    }
    int16_t rh(uint32_t gate, uint32_t u, const int16_t* h) const {
        const uint32_t inputs = p.sequence.inputs, units = p.sequence.units;
        const int8_t* r = call.in<int8_t>(1) + gate * units * (inputs + units) + units * inputs;
        return dot(r + u * units, h, units, call.in<int32_t>(2)[(2 * gate + 1) * units + u],
                   p.recurrent[gate]);
    }
    static int16_t add(int16_t a, int16_t b) { return hold16(a + b); }
    // Of a number in Q0.15, to the nearest, halves up.
    static int16_t times(int16_t a, int16_t b) { return hold16((a * b + (1 << 14)) >> 15); }
    int16_t logistic(int16_t x) const { return table_logistic(call.in<uint16_t>(3), 3 * x); }
    int16_t curve(int16_t x) const { return table_tanh(call.in<uint16_t>(3), 3 * x); }
    static int16_t blend(int16_t z, int16_t g, int16_t h) {
        const int64_t sum = int64_t{32768 - z} * g + int64_t{z} * h + (1 << 14);
        return static_cast<int16_t>(sum >> 15);
    }
    int8_t answer(int16_t h) const {
        const int32_t y = rescale(h, p.output.multiplier, p.output.shift);
        return static_cast<int8_t>(clamp(add_wrapping(y, p.zero_point), -128, 127));
    }

  private:
    template <typename T>
    static int16_t dot(const int8_t* weights, const T* vector, uint32_t count, int32_t bias,
                       GateFactor factor) {
        uint32_t sum = static_cast<uint32_t>(bias);
        for (uint32_t i = 0; i < count; ++i) sum += static_cast<uint32_t>(weights[i] * vector[i]);
        return hold16(rescale(static_cast<int32_t>(sum), factor.multiplier, factor.shift));
    }
};

// The new h of one sample. Scratch: z, r, g, r * h.
template <typename Gru>
void gru_step(const Gru& gru, const typename Gru::Value* x, typename Gru::State* h) {
    using State = typename Gru::State;
    const uint32_t units = gru.p.sequence.units;
    State* z = gru.call.template out<State>(6);
    State* r = z + units;
    State* g = r + units;
    State* reset = g + units;
    for (uint32_t u = 0; u < units; ++u) {
        z[u] = gru.logistic(gru.add(gru.wx(kUpdateGate, u, x), gru.rh(kUpdateGate, u, h)));
        r[u] = gru.logistic(gru.add(gru.wx(kResetGate, u, x), gru.rh(kResetGate, u, h)));
    }
    const bool linear = gru.p.linear_before_reset != 0;
    for (uint32_t u = 0; u < units; ++u) reset[u] = gru.times(r[u], h[u]);
    for (uint32_t u = 0; u < units; ++u) {
        const State past = linear ? gru.times(r[u], gru.rh(kCandidate, u, h)) : gru.rh(kCandidate, u, reset);
        g[u] = gru.curve(gru.add(gru.wx(kCandidate, u, x), past));
    }
    for (uint32_t u = 0; u < units; ++u) h[u] = gru.blend(z[u], g[u], h[u]);
}

template <typename Gru>
void run_gru(const Call& call) {
    const GruParams& p = call.parameters<GruParams>();
    const Sequence& s = p.sequence;
    const Gru gru{call, p};
    for (uint32_t b = 0; b < s.batches; ++b) {
        typename Gru::State* h = call.out<typename Gru::State>(4) + b * s.units;
        if (p.keeps_state == 0) {
            for (uint32_t u = 0; u < s.units; ++u) h[u] = 0;
        }
        for (uint32_t t = 0; t < s.steps; ++t) {
            gru_step(gru, call.in<typename Gru::Value>(0) + s.at(b, t) * s.inputs, h);
            typename Gru::Value* out = call.out<typename Gru::Value>(5) + s.at(b, t) * s.units;
            for (uint32_t u = 0; u < s.units; ++u) out[u] = gru.answer(h[u]);
        }
    }
}

JATAI_HOT_END

constexpr Kernel kGruFloat{{Op::Gru, Type::Float32, 1}, fits_gru_float, run_gru<GruFloat>};
constexpr Kernel kGruInt8{{Op::Gru, Type::Int8, 1}, fits_gru_int8, run_gru<GruInt8>};

}  // namespace jatai
