#include "device/kernels/svdf_float.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

enum : std::size_t { kInput, kFeature, kTime, kBias, kState };

const Tensor& input(const Graph& graph, const Node& node, std::size_t i) {
    return graph.tensor(node.inputs[i]);
}

SvdfShape shape_of(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& in = input(graph, node, kInput).shape;
    const std::int64_t rank = node.attributes.integer("rank");
    return {static_cast<std::uint32_t>(in[0]), static_cast<std::uint32_t>(in[1]),
            static_cast<std::uint32_t>(input(graph, node, kFeature).shape[0] / rank),
            static_cast<std::uint16_t>(rank), static_cast<std::uint16_t>(input(graph, node, kTime).shape[1])};
}

void need_shapes(const Graph& graph, const Node& node) {
    for (const std::size_t i : {kInput, kFeature, kTime}) need_rank(graph, node, node.inputs[i], 2);
    const std::vector<std::int32_t>& in = input(graph, node, kInput).shape;
    const std::int32_t filters = input(graph, node, kFeature).shape[0];
    const std::int32_t memory = input(graph, node, kTime).shape[1];
    const std::int64_t rank = node.attributes.integer("rank");
    if (rank < 1 || rank > 65535 || filters % rank != 0 || memory > 65535 || filters > 0xFFFFFF ||
        in[0] > 0xFFFFFF || in[1] > 0xFFFFFF) {
        reject(graph, node,
               text("found rank {} of {} filters over {} steps, expected a divisor of the filters", rank,
                    filters, memory));
    }
    need_shape(graph, node, node.inputs[kFeature], {filters, in[1]});
    need_shape(graph, node, node.inputs[kTime], {filters, memory});
    need_shape(graph, node, node.inputs[kState], {in[0], filters * memory});
    need_shape(graph, node, node.outputs[0], {in[0], static_cast<std::int32_t>(filters / rank)});
}

void need_state(const Graph& graph, const Node& node) {
    const Tensor& state = input(graph, node, kState);
    if (state.state) return;
    reject(graph, node,
           text("found {} computed by another layer, expected a state kept between runs", state.name));
}

void need_constant(const Graph& graph, const Node& node, std::size_t i, Type type) {
    const Tensor& tensor = input(graph, node, i);
    if (tensor.type != type || !tensor.constant()) {
        reject(graph, node,
               text("found {} {}, expected constant {}", tensor.name, shape_text(tensor), type_name(type)));
    }
}

void need_symmetric(const Graph& graph, const Node& node, std::size_t i) {
    const Quantisation& q = input(graph, node, i).quantisation;
    if (q.scales.size() == 1 && q.zero_point() == 0) return;
    reject(graph, node,
           text("found {} scales and zero point {} of {}, expected one scale and 0", q.scales.size(),
                q.zero_point(), input(graph, node, i).name));
}

void verify_integer(const Graph& graph, const Node& node) {
    const Type type = input(graph, node, kState).type == Type::Int8 ? Type::Int8 : Type::Int16;
    need_activation(graph, node, node.inputs[kInput]);
    need_activation(graph, node, node.outputs[0]);
    need_activation(graph, node, node.inputs[kState], type);
    need_constant(graph, node, kFeature, Type::Int8);
    need_constant(graph, node, kTime, type);
    need_symmetric(graph, node, kFeature);
    need_symmetric(graph, node, kTime);
    if (optional_input(graph, node, kBias) == nullptr) return;
    need_constant(graph, node, kBias, Type::Int32);
}

void verify_float(const Graph& graph, const Node& node) {
    for (const TensorId id : {node.inputs[kInput], node.inputs[kFeature], node.inputs[kTime],
                              node.inputs[kState], node.outputs[0]})
        need_value(graph, node, id, Type::Float32);
    need_activation_function(graph, node);
    if (optional_input(graph, node, kBias) != nullptr)
        need_value(graph, node, node.inputs[kBias], Type::Float32);
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 5);
    if (node.inputs.size() < 5 || node.inputs[kState] == kNoTensor)
        reject(graph, node, text("found no input {}, which it needs", std::size_t{kState}));
    need_shapes(graph, node);
    need_state(graph, node);
    if (optional_input(graph, node, kBias) != nullptr)
        need_shape(graph, node, node.inputs[kBias], {graph.tensor(node.outputs[0]).shape[1]});
    if (input(graph, node, kInput).type == Type::Float32) return verify_float(graph, node);
    verify_integer(graph, node);
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const SvdfShape s = shape_of(graph, node);
    return static_cast<std::int64_t>(s.batches * s.filters() * (std::uint64_t{s.inputs} + s.memory));
}

// Both quotients in single precision, as TFLite.
Multiplier factor_of(const Tensor& a, const Tensor& b, const Tensor& out) {
    return quantize_multiplier(a.quantisation.scale() * b.quantisation.scale() / out.quantisation.scale());
}

std::vector<Operand> operands_of(const Node& node, Operand bias) {
    return {Operand::of(node.inputs[kInput]), Operand::of(node.inputs[kFeature]),
            Operand::of(node.inputs[kTime]),  std::move(bias),
            Operand::of(node.inputs[kState]), Operand::of(node.outputs[0])};
}

Lowered lower_integer(const Graph& graph, const Node& node) {
    const Tensor& state = input(graph, node, kState);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const Multiplier feature = factor_of(input(graph, node, kInput), input(graph, node, kFeature), state);
    const Multiplier answer = factor_of(state, input(graph, node, kTime), out);
    SvdfParams params{};
    params.shape = shape_of(graph, node);
    params.feature_multiplier = feature.multiplier, params.feature_shift = feature.shift;
    params.output_multiplier = answer.multiplier, params.output_shift = answer.shift;
    params.state_zero_point = static_cast<std::int16_t>(state.quantisation.zero_point());
    params.input_zero_point = static_cast<std::int8_t>(input(graph, node, kInput).quantisation.zero_point());
    params.output_zero_point = static_cast<std::int8_t>(out.quantisation.zero_point());
    const bool has_bias = optional_input(graph, node, kBias) != nullptr;
    const KernelKey key = state.type == Type::Int8 ? kSvdfInt8State.key : kSvdfInt16State.key;
    return {key, params_bytes(params),
            operands_of(node, has_bias ? Operand::of(node.inputs[kBias])
                                       : Operand::of(Bytes(params.shape.units * sizeof(std::int32_t))))};
}

Lowered lower_float(const Graph& graph, const Node& node) {
    const FloatRange range = float_range(node);
    const SvdfFloatParams params{shape_of(graph, node), range.low, range.high};
    const bool has_bias = optional_input(graph, node, kBias) != nullptr;
    return {kSvdfFloat.key, params_bytes(params),
            operands_of(node, has_bias ? Operand::of(node.inputs[kBias]) : Operand::absent())};
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    return input(graph, node, kInput).type == Type::Float32 ? lower_float(graph, node)
                                                            : lower_integer(graph, node);
}

}  // namespace

const OpDef& svdf_def() {
    static const OpDef def{.op = Op::Svdf,
                           .name = "SVDF",
                           .builtin_code = 27,
                           .options_type = 6,
                           .max_version = 4,
                           .options = {{"rank", 0, FieldType::Int32, 0},
                                       {"fused_activation_function", 1, FieldType::Int8, 0},
                                       {"asymmetric_quantize_inputs", 2, FieldType::Bool, 0}},
                           .kernels = {{&kSvdfInt16State, "kSvdfInt16State", "device/kernels/svdf.h", true},
                                       {&kSvdfInt8State, "kSvdfInt8State", "device/kernels/svdf.h"},
                                       {&kSvdfFloat, "kSvdfFloat", "device/kernels/svdf_float.h"}},
                           .verify = verify,
                           .macs = macs,
                           .lower = lower};
    return def;
}

}  // namespace jatai
