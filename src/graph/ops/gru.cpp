// Inputs: 0 the sequence, [batches, steps, inputs] or time_major [steps, batches, inputs]; 1 W [3 * units,
// inputs]; 2 R [3 * units, units], gates update, reset, candidate as in ONNX; 3 biases [6 * units], three of
// W, three of R, may be absent; 4 a state [batches, units] that keeps h from run to run, absent: h begins at
// 0.
#include <cmath>

#include "device/kernels/gru.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/sigmoid_table.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

enum : std::size_t { kInput, kWeights, kRecurrent, kBias, kHidden };
constexpr std::int64_t kMostUnitsInt8 = 512;  // so that no sum of R h leaves 32 bits
constexpr std::int64_t kMostWeightBytes = 1 << 30;

const Tensor& input(const Graph& graph, const Node& node, std::size_t i) {
    return graph.tensor(node.inputs[i]);
}

bool is_float(const Graph& graph, const Node& node) {
    return input(graph, node, kInput).type == Type::Float32;
}

std::int32_t units_of(const Graph& graph, const Node& node) {
    return input(graph, node, kRecurrent).shape[1];
}

Sequence sequence_of(const Graph& graph, const Node& node) {
    const bool time_major = node.attributes.flag("time_major");
    const std::vector<std::int32_t>& in = input(graph, node, kInput).shape;
    const auto extent = [](std::int32_t x) { return static_cast<std::uint32_t>(x); };
    return {extent(in[time_major ? 1 : 0]), extent(in[time_major ? 0 : 1]), extent(in[2]),
            extent(units_of(graph, node)), time_major ? 1u : 0u};
}

void need_constant(const Graph& graph, const Node& node, std::size_t i, Type type) {
    const Tensor& tensor = input(graph, node, i);
    if (tensor.type == type && tensor.constant()) return;
    reject(graph, node,
           text("found {} {}, expected constant {}", tensor.name, shape_text(tensor), type_name(type)));
}

void need_shapes(const Graph& graph, const Node& node) {
    need_rank(graph, node, node.inputs[kInput], 3);
    need_rank(graph, node, node.inputs[kRecurrent], 2);
    const std::vector<std::int32_t>& in = input(graph, node, kInput).shape;
    const std::int64_t units = units_of(graph, node);
    if (*std::max_element(in.begin(), in.end()) > 0xFFFFFF || units > 0xFFFFFF ||
        (units + in[2]) * units * 3 * 4 > kMostWeightBytes ||
        (!is_float(graph, node) && units > kMostUnitsInt8)) {
        reject(graph, node,
               text("found {} units on {}, which are too many for one layer", units,
                    shape_text(input(graph, node, kInput))));
    }
    const auto n = static_cast<std::int32_t>(units);
    need_shape(graph, node, node.inputs[kWeights], {3 * n, in[2]});
    need_shape(graph, node, node.inputs[kRecurrent], {3 * n, n});
    if (optional_input(graph, node, kBias)) need_shape(graph, node, node.inputs[kBias], {6 * n});
    need_shape(graph, node, node.outputs[0], {in[0], in[1], n});
}

void need_state(const Graph& graph, const Node& node, Type type) {
    const Tensor* state = optional_input(graph, node, kHidden);
    if (state == nullptr) return;
    const Sequence s = sequence_of(graph, node);
    need_value(graph, node, node.inputs[kHidden], type);
    need_shape(graph, node, node.inputs[kHidden],
               {static_cast<std::int32_t>(s.batches), static_cast<std::int32_t>(s.units)});
    if (!state->state) {
        reject(graph, node,
               text("found {} computed by another layer, expected a state kept between runs", state->name));
    }
    const Quantisation& q = state->quantisation;
    if (type == Type::Int16 && (q.scale() != std::ldexp(1.0f, -15) || q.zero_point() != 0)) {
        reject(graph, node,
               text("found a state of scale {} and zero point {}, expected 2^-15 and 0", q.scale(),
                    q.zero_point()));
    }
}

void verify_int8(const Graph& graph, const Node& node) {
    need_activation(graph, node, node.inputs[kInput]);
    need_activation(graph, node, node.outputs[0]);
    for (const std::size_t i : {kWeights, kRecurrent}) {
        need_constant(graph, node, i, Type::Int8);
        const Quantisation& q = input(graph, node, i).quantisation;
        if (q.scales.size() == 1 && q.zero_point() == 0) continue;
        reject(graph, node,
               text("found {} scales and zero point {} of {}, expected one scale and 0", q.scales.size(),
                    q.zero_point(), input(graph, node, i).name));
    }
    if (optional_input(graph, node, kBias)) need_constant(graph, node, kBias, Type::Int32);
    need_state(graph, node, Type::Int16);
}

void verify_float(const Graph& graph, const Node& node) {
    need_value(graph, node, node.outputs[0], Type::Float32);
    for (const std::size_t i : {kWeights, kRecurrent}) need_constant(graph, node, i, Type::Float32);
    if (optional_input(graph, node, kBias)) need_constant(graph, node, kBias, Type::Float32);
    need_state(graph, node, Type::Float32);
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 5);
    need_shapes(graph, node);
    is_float(graph, node) ? verify_float(graph, node) : verify_int8(graph, node);
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const Sequence s = sequence_of(graph, node);
    return std::int64_t{s.batches} * s.steps * s.units * (std::int64_t{s.inputs} + s.units) * kGruGates;
}

// Gate by gate the rows of W, then those of R.
Bytes pack_weights(const Graph& graph, const Node& node) {
    Bytes packed;
    for (std::size_t gate = 0; gate < kGruGates; ++gate) {
        for (const std::size_t i : {kWeights, kRecurrent}) {
            const Bytes& data = input(graph, node, i).data;
            const auto part = static_cast<std::ptrdiff_t>(data.size() / kGruGates);
            const auto first = data.begin() + static_cast<std::ptrdiff_t>(gate) * part;
            packed.insert(packed.end(), first, first + part);
        }
    }
    return packed;
}

// Gate by gate the biases of W, then those of R; zeros when there are none.
template <typename T>
std::vector<T> pack_biases(const Graph& graph, const Node& node) {
    const auto units = static_cast<std::size_t>(units_of(graph, node));
    std::vector<T> all(6 * units);
    if (const Tensor* bias = optional_input(graph, node, kBias))
        std::memcpy(all.data(), bias->data.data(), all.size() * sizeof(T));
    std::vector<T> packed;
    for (std::size_t gate = 0; gate < kGruGates; ++gate) {
        for (const std::size_t part : {gate, gate + kGruGates}) {
            const auto first = all.begin() + static_cast<std::ptrdiff_t>(part * units);
            packed.insert(packed.end(), first, first + static_cast<std::ptrdiff_t>(units));
        }
    }
    return packed;
}

// What the zero point of the input adds to every sum of a row of W, taken away from its bias.
void fold_zero_point(const Graph& graph, const Node& node, std::vector<std::int32_t>& biases) {
    const Tensor& weights = input(graph, node, kWeights);
    const std::int64_t rows = weights.shape[0], columns = weights.shape[1], units = rows / kGruGates;
    const std::int64_t zero = input(graph, node, kInput).quantisation.zero_point();
    const WeightSums sums = sum_weights(weights, {rows, columns, 1, columns});
    for (std::int64_t row = 0; row < rows; ++row) {
        std::int32_t& bias = biases[static_cast<std::size_t>(row / units * 2 * units + row % units)];
        const auto less = static_cast<std::uint64_t>(-zero * sums.sums[static_cast<std::size_t>(row)]);
        bias = add_wrapping(bias, static_cast<std::int32_t>(static_cast<std::uint32_t>(less)));
    }
}

GateFactor factor_of(double real) {
    const Multiplier m = quantize_multiplier(real);
    return {m.multiplier, m.shift};
}

void fill_factors(const Graph& graph, const Node& node, GruParams& params) {
    const float product =
        input(graph, node, kInput).quantisation.scale() * input(graph, node, kWeights).quantisation.scale();
    const double recurrent = input(graph, node, kRecurrent).quantisation.scale();
    for (std::size_t gate = 0; gate < kGruGates; ++gate) {
        params.input[gate] = factor_of(static_cast<double>(product) * 4096);
        params.recurrent[gate] = factor_of(std::ldexp(recurrent, 12 - 15));
    }
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    params.output = factor_of(std::ldexp(1.0, -15) / static_cast<double>(out.scale()));
    params.zero_point = static_cast<std::int8_t>(out.zero_point());
}

Operand hidden_operand(const Node& node, const Sequence& s, std::uint64_t element) {
    const bool kept = node.inputs.size() > kHidden && node.inputs[kHidden] != kNoTensor;
    return kept ? Operand::of(node.inputs[kHidden]) : scratch_operand(s.state_elements() * element);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const bool real = is_float(graph, node);
    GruParams params{};
    params.sequence = sequence_of(graph, node);
    params.linear_before_reset = node.attributes.flag("linear_before_reset") ? 1 : 0;
    params.keeps_state = optional_input(graph, node, kHidden) != nullptr ? 1 : 0;
    Operand biases, table;
    if (real) {
        biases = Operand::of(table_bytes(pack_biases<float>(graph, node)));
    } else {
        fill_factors(graph, node, params);
        std::vector<std::int32_t> folded = pack_biases<std::int32_t>(graph, node);
        fold_zero_point(graph, node, folded);
        biases = Operand::of(table_bytes(folded));
        table = Operand::of(table_bytes(logistic_table()));
    }
    const std::uint64_t element = real ? sizeof(float) : sizeof(std::int16_t);
    return {real ? kGruFloat.key : kGruInt8.key,
            params_bytes(params),
            {Operand::of(node.inputs[kInput]), Operand::of(pack_weights(graph, node)), std::move(biases),
             std::move(table), hidden_operand(node, params.sequence, element), Operand::of(node.outputs[0]),
             scratch_operand(4 * std::uint64_t{params.sequence.units} * element)}};
}

}  // namespace

const OpDef& gru_def() {
    static const OpDef def{
        .op = Op::Gru,
        .name = "JataiGru",
        .builtin_code = kCustomOp,
        .options_type = 0,
        .max_version = 1,
        .options = {{"linear_before_reset", 0, FieldType::Bool, 0}, {"time_major", 1, FieldType::Bool, 0}},
        .kernels = {{&kGruFloat, "kGruFloat", "device/kernels/gru.h"},
                    {&kGruInt8, "kGruInt8", "device/kernels/gru.h"}},
        .verify = verify,
        .macs = macs,
        .lower = lower};
    return def;
}

}  // namespace jatai
