#include "src/graph/passes/dense_as_conv.h"

#include "src/graph/passes/turned_layer.h"

namespace jatai {
namespace {

constexpr int kConvVersion = 3;  // of CONV_2D with weights per channel
constexpr std::int64_t kMostExtent = 65535;
constexpr std::int32_t kFewestOutputs = 4;  // what the fast kernels of CONV_2D take at once

std::int64_t rows_of(const Graph& graph, const Node& node) {
    return graph.tensor(node.inputs[0]).elements() / graph.tensor(node.inputs[1]).shape[1];
}

bool can_turn(const Graph& graph, const Node& node) {
    if (node.op != Op::FullyConnected) return false;
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (in.type != Type::Int8 || weights.type != Type::Int8 || !weights.constant() || weights.four_bits)
        return false;
    const std::int64_t rows = rows_of(graph, node);
    return rows > 1 && rows <= kMostExtent && weights.shape[0] >= kFewestOutputs &&
           weights.shape[0] <= kMostExtent && weights.shape[1] <= kMostExtent;
}

// The layers that stand for `dense`; empty when they would round otherwise.
std::vector<Node> turned(Graph& graph, const Node& dense) {
    const auto rows = static_cast<std::int32_t>(rows_of(graph, dense));
    const std::vector<std::int32_t> weights = graph.tensor(dense.inputs[1]).shape;
    const std::size_t tensors = graph.tensors.size();
    const TensorId in = add_shaped(graph, dense.inputs[0], {1, 1, rows, weights[1]});
    const TensorId taps = add_shaped(graph, dense.inputs[1], {weights[0], 1, 1, weights[1]});
    const TensorId out = add_shaped(graph, dense.outputs[0], {1, 1, rows, weights[0]});
    Node conv = dense;
    conv.op = Op::Conv2d;
    conv.version = kConvVersion;
    conv.attributes = {};
    conv.attributes.set("padding", static_cast<std::int64_t>(Padding::Valid));
    conv.attributes.set("stride_w", std::int64_t{1});
    conv.attributes.set("stride_h", std::int64_t{1});
    const std::int64_t activation = dense.attributes.integer("fused_activation_function");
    if (activation != 0) conv.attributes.set("fused_activation_function", activation);
    conv.inputs[0] = in;
    conv.inputs[1] = taps;
    conv.outputs[0] = out;
    if (!same_factors(channels_of(graph, dense), channels_of(graph, conv))) {
        graph.tensors.resize(tensors);
        return {};
    }
    return {reshape(graph, dense.name, dense.inputs[0], in), conv,
            reshape(graph, dense.name, out, dense.outputs[0])};
}

}  // namespace

int dense_as_conv(Graph& graph) {
    return turn_nodes(graph, [](Graph& g, const Node& node) {
        return can_turn(g, node) ? turned(g, node) : std::vector<Node>{};
    });
}

}  // namespace jatai
