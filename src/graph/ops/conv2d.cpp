#include "device/kernels/conv2d.h"

#include "device/cortex_m/scratch.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/window.h"

namespace jatai {
namespace {

// Weights: [out_c, kernel_h, kernel_w, in_c / groups].
Taps taps_of(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return {weights.shape[1], weights.shape[2]};
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 3);
    need_weights(graph, node, 4, 0);
    need_window(graph, node, taps_of(graph, node));
    const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
    const std::int32_t in_c = graph.tensor(node.inputs[0]).shape[3];
    const std::int32_t out_c = graph.tensor(node.outputs[0]).shape[3];
    need_bias(graph, node, out_c);
    need_shape(graph, node, node.inputs[1], {out_c, weights[1], weights[2], weights[3]});
    if (in_c % weights[3] != 0 || out_c % (in_c / weights[3]) != 0) {
        reject(graph, node,
               text("found weights for {} channels on an input of {} and an output of {}, expected groups of "
                    "equal size",
                    weights[3], in_c, out_c));
    }
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return graph.tensor(node.outputs[0]).elements() * weights.shape[1] * weights.shape[2] * weights.shape[3];
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const std::int64_t taps = weights.elements() / weights.shape[0];
    const WeightSums sums = sum_weights(weights, {weights.shape[0], taps, 1, taps});
    const std::vector<Channel> channels = make_channels(graph, node, sums.sums);

    Conv2dParams params{};
    params.window = make_window(graph, node, taps_of(graph, node));
    params.window.groups = static_cast<std::uint16_t>(params.window.in_c / weights.shape[3]);
    params.input_zero_point =
        static_cast<std::int8_t>(graph.tensor(node.inputs[0]).quantisation.zero_point());
    params.range = output_range(graph, node);
    params.facts = prove_facts(channels, sums.magnitudes);

    Lowered step{kConv2dInt8.key,
                 params_bytes(params),
                 {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]),
                  Operand::of(table_bytes(channels)), Operand::of(node.outputs[0])}};
    if (family == Family::CortexM) step.operands.push_back(scratch_operand(conv2d_scratch_bytes(params)));
    return step;
}

}  // namespace

const OpDef& conv2d_def() {
    static const OpDef def{Op::Conv2d,
                           "CONV_2D",
                           3,
                           1,
                           8,
                           {{"padding", 0, FieldType::Int8, 0},
                            {"stride_w", 1, FieldType::Int32, 0},
                            {"stride_h", 2, FieldType::Int32, 0},
                            {"fused_activation_function", 3, FieldType::Int8, 0},
                            {"dilation_w_factor", 4, FieldType::Int32, 1},
                            {"dilation_h_factor", 5, FieldType::Int32, 1}},
                           "device/kernels/conv2d.h",
                           verify,
                           macs,
                           lower};
    return def;
}

}  // namespace jatai
