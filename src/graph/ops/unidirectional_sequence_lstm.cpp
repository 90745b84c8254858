#include <array>
#include <cmath>

#include "device/kernels/lstm_float.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/sigmoid_table.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

// Inputs by the numbers of the schema.
constexpr std::size_t kWeights = 1;    // 1..4: of the input; per gate: input, forget, cell, output
constexpr std::size_t kRecurrent = 5;  // 5..8
constexpr std::size_t kBias = 12;      // 12..15
constexpr std::size_t kHidden = 18;
constexpr std::size_t kCell = 19;
constexpr std::size_t kFewest = 20;
constexpr std::size_t kMost = 24;
constexpr std::int64_t kTanh = 4;  // ActivationFunctionType of the schema
constexpr std::int64_t kMostWeightBytes = 1 << 30;

const Tensor& input(const Graph& graph, const Node& node, std::size_t i) {
    return graph.tensor(node.inputs[i]);
}

bool is_float(const Graph& graph, const Node& node) { return input(graph, node, 0).type == Type::Float32; }

Sequence sequence_of(const Graph& graph, const Node& node) {
    const bool time_major = node.attributes.flag("time_major");
    const std::vector<std::int32_t>& in = input(graph, node, 0).shape;
    const auto extent = [](std::int32_t x) { return static_cast<std::uint32_t>(x); };
    return {extent(in[time_major ? 1 : 0]), extent(in[time_major ? 0 : 1]), extent(in[2]),
            extent(input(graph, node, kWeights).shape[0]), time_major ? 1u : 0u};
}

bool has_place(std::size_t i) {
    return i < 9 || (i >= kBias && i < kBias + kLstmGates) || i == kHidden || i == kCell;
}

void need_parts(const Graph& graph, const Node& node) {
    if (node.inputs.size() < kFewest || node.inputs.size() > kMost || node.outputs.size() != 1) {
        reject(graph, node,
               text("found {} inputs and {} outputs, expected {} to {} and 1", node.inputs.size(),
                    node.outputs.size(), kFewest, kMost));
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const bool present = node.inputs[i] != kNoTensor;
        if (present == has_place(i)) continue;
        reject(graph, node,
               present ? text("found input {}, which only an LSTM with peepholes, a projection or layer "
                              "normalisation has; expected none of them",
                              i)
                       : text("found no input {}, which it needs", i),
               text("export a plain LSTM, as Keras builds it by default"));
    }
    if (node.attributes.integer("fused_activation_function") != kTanh) {
        reject(
            graph, node,
            text("found activation {}, expected TANH", node.attributes.integer("fused_activation_function")));
    }
    if (node.attributes.real("cell_clip") < 0)
        reject(graph, node,
               text("found a cell clip of {}, expected 0 or more", node.attributes.real("cell_clip")));
}

void need_constant(const Graph& graph, const Node& node, TensorId id, Type type) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type != type || !tensor.constant()) {
        reject(graph, node,
               text("found {} {}, expected constant {}", tensor.name, shape_text(tensor), type_name(type)));
    }
}

void need_gates(const Graph& graph, const Node& node, Type weights, Type bias) {
    const std::int32_t inputs = input(graph, node, 0).shape[2];
    const std::int32_t units = input(graph, node, kWeights).shape[0];
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        need_constant(graph, node, node.inputs[kWeights + gate], weights);
        need_constant(graph, node, node.inputs[kRecurrent + gate], weights);
        need_constant(graph, node, node.inputs[kBias + gate], bias);
        need_shape(graph, node, node.inputs[kWeights + gate], {units, inputs});
        need_shape(graph, node, node.inputs[kRecurrent + gate], {units, units});
        need_shape(graph, node, node.inputs[kBias + gate], {units});
    }
    if ((std::int64_t{inputs} + units) * units * size_of(weights) * kLstmGates > kMostWeightBytes)
        reject(graph, node,
               text("found {} units on {} inputs, which are too many for one layer", units, inputs));
}

void need_state(const Graph& graph, const Node& node, TensorId id, Type type) {
    const Sequence s = sequence_of(graph, node);
    need_value(graph, node, id, type);
    need_shape(graph, node, id, {static_cast<std::int32_t>(s.batches), static_cast<std::int32_t>(s.units)});
    if (graph.tensor(id).state) return;
    reject(graph, node,
           text("found {} computed by another layer, expected a state kept between runs",
                graph.tensor(id).name));
}

// x such that 2^x is the scale of the cell state, where there is one the table can use.
int cell_power(const Graph& graph, const Node& node) {
    const float scale = input(graph, node, kCell).quantisation.scale();
    int power = 0;
    const float fraction = std::frexp(scale, &power);
    const bool exact = fraction == 0.5f;
    if (!exact || power - 1 < -28 || power - 1 > 0 ||
        input(graph, node, kCell).quantisation.zero_point() != 0) {
        reject(graph, node,
               text("found a cell state of scale {} and zero point {}, expected a power of two up to 1 and 0",
                    scale, input(graph, node, kCell).quantisation.zero_point()));
    }
    return power - 1;
}

// int16 has no zero points.
void need_symmetric(const Graph& graph, const Node& node, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type != Type::Int16 || tensor.quantisation.zero_point() == 0) return;
    reject(
        graph, node,
        text("found {} int16 with zero point {}, expected 0", tensor.name, tensor.quantisation.zero_point()));
}

GateFactor factor_of(double real) {
    const Multiplier m = quantize_multiplier(real);
    return {m.multiplier, m.shift};
}

// As TFLite: the product of the scales in single precision, over the 2^-12 of a gate.
GateFactor gate_factor(const Tensor& values, const Tensor& weights) {
    const float product = values.quantisation.scale() * weights.quantisation.scale();
    return factor_of(static_cast<double>(product) * 4096);
}

// The sums of int16 are rescaled from 64 bits, which only so large a factor survives.
void need_wide_gates(const Graph& graph, const Node& node) {
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        const Tensor& recurrent = input(graph, node, kRecurrent + gate);
        const GateFactor a = gate_factor(input(graph, node, 0), input(graph, node, kWeights + gate));
        const GateFactor b = gate_factor(input(graph, node, kHidden), recurrent);
        need_wide(graph, node, {a.multiplier, a.shift});
        need_wide(graph, node, {b.multiplier, b.shift});
    }
}

void verify_whole(const Graph& graph, const Node& node) {
    const Type type = input(graph, node, 0).type == Type::Int16 ? Type::Int16 : Type::Int8;
    need_gates(graph, node, Type::Int8, type == Type::Int16 ? Type::Int64 : Type::Int32);
    for (const TensorId id : {node.inputs[0], node.outputs[0], node.inputs[kHidden]}) {
        need_activation(graph, node, id, type);
        need_symmetric(graph, node, id);
    }
    need_state(graph, node, node.inputs[kHidden], type);
    need_state(graph, node, node.inputs[kCell], Type::Int16);
    cell_power(graph, node);
    for (std::size_t i = kWeights; i < kRecurrent + kLstmGates; ++i) {
        const Quantisation& q = input(graph, node, i).quantisation;
        if (q.scales.size() == 1 && q.zero_point() == 0) continue;
        reject(graph, node,
               text("found {} scales and zero point {} of {}, expected one scale and 0", q.scales.size(),
                    q.zero_point(), input(graph, node, i).name));
    }
    if (type == Type::Int16) need_wide_gates(graph, node);
}

void verify_float(const Graph& graph, const Node& node) {
    need_value(graph, node, node.outputs[0], Type::Float32);
    need_gates(graph, node, Type::Float32, Type::Float32);
    need_state(graph, node, node.inputs[kHidden], Type::Float32);
    need_state(graph, node, node.inputs[kCell], Type::Float32);
}

void verify(const Graph& graph, const Node& node) {
    need_parts(graph, node);
    need_rank(graph, node, node.inputs[0], 3);
    need_rank(graph, node, node.inputs[kWeights], 2);
    const std::vector<std::int32_t>& in = input(graph, node, 0).shape;
    need_shape(graph, node, node.outputs[0], {in[0], in[1], input(graph, node, kWeights).shape[0]});
    if (*std::max_element(in.begin(), in.end()) > 0xFFFFFF)
        reject(graph, node,
               text("found {}, which is too long for one layer", shape_text(input(graph, node, 0))));
    if (is_float(graph, node)) return verify_float(graph, node);
    verify_whole(graph, node);
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const Sequence s = sequence_of(graph, node);
    return std::int64_t{s.batches} * s.steps * s.units * (std::int64_t{s.inputs} + s.units) * kLstmGates;
}

// Gate by gate the weights of the input, then those of the hidden state.
Bytes pack_weights(const Graph& graph, const Node& node) {
    Bytes packed;
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        for (const std::size_t first : {kWeights, kRecurrent}) {
            const Bytes& data = input(graph, node, first + gate).data;
            packed.insert(packed.end(), data.begin(), data.end());
        }
    }
    return packed;
}

// - zero * sum of each row of weights, wrapping as the chip does.
std::vector<std::int32_t> fold_zero_point(const Tensor& weights, std::int32_t zero) {
    const std::int64_t columns = weights.shape[1];
    const WeightSums sums = sum_weights(weights, {weights.shape[0], columns, 1, columns});
    std::vector<std::int32_t> folded;
    for (const std::int64_t sum : sums.sums)
        folded.push_back(static_cast<std::int32_t>(static_cast<std::uint64_t>(-sum * zero)));
    return folded;
}

// The zero points of the input and of h folded into the biases, as int32 or, of int16, int64.
template <typename T>
Bytes pack_biases(const Graph& graph, const Node& node) {
    std::vector<T> packed;
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        std::vector<std::int32_t> of_input = fold_zero_point(input(graph, node, kWeights + gate),
                                                             input(graph, node, 0).quantisation.zero_point());
        for (std::size_t u = 0; u < of_input.size(); ++u) {
            std::make_unsigned_t<T> bias;
            std::memcpy(&bias, input(graph, node, kBias + gate).data.data() + u * sizeof bias, sizeof bias);
            packed.push_back(static_cast<T>(bias + static_cast<std::make_unsigned_t<T>>(of_input[u])));
        }
        const std::vector<std::int32_t> of_hidden = fold_zero_point(
            input(graph, node, kRecurrent + gate), input(graph, node, kHidden).quantisation.zero_point());
        packed.insert(packed.end(), of_hidden.begin(), of_hidden.end());
    }
    return table_bytes(packed);
}

// Of sums of 64 bits: 16 bits of multiplier, a shift to the right.
GateFactor wide_gate_factor(const GateFactor& factor) {
    const Multiplier m = wide_factor({factor.multiplier, factor.shift});
    return {m.multiplier, m.shift};
}

void fill_factors(const Graph& graph, const Node& node, LstmParams& params) {
    const Tensor& hidden = input(graph, node, kHidden);
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        params.input[gate] = gate_factor(input(graph, node, 0), input(graph, node, kWeights + gate));
        params.recurrent[gate] = gate_factor(hidden, input(graph, node, kRecurrent + gate));
        if (hidden.type != Type::Int16) continue;
        params.input[gate] = wide_gate_factor(params.input[gate]);
        params.recurrent[gate] = wide_gate_factor(params.recurrent[gate]);
    }
    const double cell = input(graph, node, kCell).quantisation.scale();
    const double gate_output = std::ldexp(1, -15);
    params.forget_cell = factor_of(gate_output * cell / cell);
    params.input_cell = factor_of(gate_output * gate_output / cell);
    params.hidden = factor_of(gate_output * gate_output / static_cast<double>(hidden.quantisation.scale()));
}

// The argument of tanh, from the scale of the cell state to the table's 3 * 2^12.
void fill_tanh(int power, LstmParams& params) {
    const int left = power + 12;
    params.tanh_multiplier = left > 0 ? 3 << left : 3;
    params.tanh_shift = static_cast<std::uint8_t>(left > 0 ? 0 : -left);
}

Lowered lower_whole(const Graph& graph, const Node& node) {
    LstmParams params{};
    params.sequence = sequence_of(graph, node);
    fill_factors(graph, node, params);
    fill_tanh(cell_power(graph, node), params);
    params.hidden_zero_point =
        static_cast<std::int8_t>(input(graph, node, kHidden).quantisation.zero_point());
    const double clip = static_cast<float>(node.attributes.real("cell_clip"));
    const double cell = input(graph, node, kCell).quantisation.scale();
    params.cell_clip = static_cast<std::int16_t>(std::clamp(clip / cell, -32768.0, 32767.0));
    const bool wide = input(graph, node, 0).type == Type::Int16;
    Bytes biases = wide ? pack_biases<std::int64_t>(graph, node) : pack_biases<std::int32_t>(graph, node);
    return {wide ? kLstmInt16.key : kLstmInt8.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(pack_weights(graph, node)),
             Operand::of(std::move(biases), wide ? 8 : 4), Operand::of(table_bytes(logistic_table())),
             Operand::of(node.inputs[kHidden]), Operand::of(node.inputs[kCell]), Operand::of(node.outputs[0]),
             scratch_operand(std::uint64_t{kLstmGates} * params.sequence.units * sizeof(std::int16_t))}};
}

Lowered lower_float(const Graph& graph, const Node& node) {
    const LstmFloatParams params{sequence_of(graph, node),
                                 static_cast<float>(node.attributes.real("cell_clip"))};
    Bytes biases;
    for (std::size_t gate = 0; gate < kLstmGates; ++gate) {
        const Bytes& data = input(graph, node, kBias + gate).data;
        biases.insert(biases.end(), data.begin(), data.end());
    }
    return {
        kLstmFloat.key,
        params_bytes(params),
        {Operand::of(node.inputs[0]), Operand::of(pack_weights(graph, node)), Operand::of(std::move(biases)),
         Operand::of(node.inputs[kHidden]), Operand::of(node.inputs[kCell]), Operand::of(node.outputs[0]),
         scratch_operand(std::uint64_t{kLstmGates} * params.sequence.units * sizeof(float))}};
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    return is_float(graph, node) ? lower_float(graph, node) : lower_whole(graph, node);
}

}  // namespace

const OpDef& unidirectional_sequence_lstm_def() {
    static const OpDef def{.op = Op::UnidirectionalSequenceLstm,
                           .name = "UNIDIRECTIONAL_SEQUENCE_LSTM",
                           .builtin_code = 44,
                           .options_type = 71,
                           .max_version = 4,
                           .options = {{"fused_activation_function", 0, FieldType::Int8, 0},
                                       {"cell_clip", 1, FieldType::Float32, 0},
                                       {"proj_clip", 2, FieldType::Float32, 0},
                                       {"time_major", 3, FieldType::Bool, 0},
                                       {"asymmetric_quantize_inputs", 4, FieldType::Bool, 0},
                                       {"diagonal_recurrent_tensors", 5, FieldType::Bool, 0}},
                           .kernels = {{&kLstmInt8, "kLstmInt8", "device/kernels/lstm.h", true},
                                       {&kLstmInt16, "kLstmInt16", "device/kernels/lstm.h"},
                                       {&kLstmFloat, "kLstmFloat", "device/kernels/lstm_float.h"}},
                           .verify = verify,
                           .macs = macs,
                           .lower = lower};
    return def;
}

}  // namespace jatai
