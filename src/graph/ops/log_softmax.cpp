#include "device/kernels/log_softmax.h"

#include <cmath>

#include "src/graph/ops/common.h"
#include "src/graph/ops/fixed_scaling.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

void need_scales(const Graph& graph, const Node& node) {
    need_activation(graph, node, node.inputs[0]);
    need_activation(graph, node, node.outputs[0]);
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    if (out.zero_point() != 127 || out.scale() != 1.0f / 16) {
        reject(graph, node,
               text("found output scale {} and zero point {}, expected 1/{} and {}", out.scale(),
                    out.zero_point(), 16, 127));
    }
    const double scale = graph.tensor(node.inputs[0]).quantisation.scale();
    if (!(to_q5_26(scale) > 1) || scale > 8)
        reject(graph, node, text("found input scale {}, expected up to {}", scale, 8));
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Type out = graph.tensor(node.outputs[0]).type;
    if (in.type != out || (in.type != Type::Int8 && in.type != Type::Float32)) {
        reject(graph, node,
               text("found {} to {}, expected both of one type: {}", type_name(in.type), type_name(out),
                    "int8, float32"),
               text("convert the model with full integer quantisation to int8"));
    }
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.shape.empty()) reject(graph, node, text("found a single number, expected at least one dimension"));
    if (in.type == Type::Int8) need_scales(graph, node);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    LogSoftmaxParams params{};
    params.depth = static_cast<std::uint32_t>(in.shape.back());
    params.rows = static_cast<std::uint32_t>(in.elements() / in.shape.back());
    if (in.type == Type::Int8) {
        const ExpScaling s = exp_scaling(in.quantisation.scale());
        const Multiplier back = quantize_multiplier(std::ldexp(1.0, 31 - s.multiplier.shift) /
                                                    static_cast<double>(s.multiplier.multiplier));
        params.multiplier = s.multiplier.multiplier, params.shift = s.multiplier.shift;
        params.reverse_multiplier = back.multiplier, params.reverse_shift = back.shift;
        params.diff_min = s.diff_min;
    }
    return {{Op::LogSoftmax, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& log_softmax_def() {
    static const OpDef def{
        .op = Op::LogSoftmax,
        .name = "LOG_SOFTMAX",
        .builtin_code = 50,
        .options_type = 36,
        .max_version = 2,
        .options = {},
        .kernels = {{&kLogSoftmaxInt8, "kLogSoftmaxInt8", "device/kernels/log_softmax.h"},
                    {&kLogSoftmaxFloat, "kLogSoftmaxFloat", "device/kernels/log_softmax.h"}},
        .verify = verify,
        .macs = no_macs,
        .lower = lower};
    return def;
}

}  // namespace jatai
