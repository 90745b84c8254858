#include "src/graph/passes/dense_as_conv.h"

#include <cstring>

#include "device/kernels/conv2d.h"
#include "device/kernels/fully_connected.h"
#include "src/graph/op_def.h"

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

// The factors of each output channel, as the reference kernels get them; empty: another arithmetic.
std::vector<Channel> channels_of(const Graph& graph, const Node& node) {
    const Lowered step = op_def(node.op).lower(graph, node, Family::Reference);
    const bool per_layer = step.kernel == kFullyConnectedInt8.key;
    if (!per_layer && !(step.kernel == kFullyConnectedPerChannelInt8.key) &&
        !(step.kernel == kConv2dInt8.key))
        return {};
    const Bytes& table = step.operands[2].constant;
    std::vector<Channel> channels(static_cast<std::size_t>(graph.tensor(node.inputs[1]).shape[0]));
    if (!per_layer) {
        std::memcpy(channels.data(), table.data(), table.size());
        return channels;
    }
    FullyConnectedParams params;
    std::memcpy(&params, step.params.data(), sizeof params);
    for (std::size_t o = 0; o < channels.size(); ++o) {
        std::memcpy(&channels[o].bias, table.data() + o * sizeof(std::int32_t), sizeof(std::int32_t));
        channels[o].multiplier = params.multiplier;
        channels[o].shift = params.shift;
    }
    return channels;
}

bool same_factors(const std::vector<Channel>& a, const std::vector<Channel>& b) {
    return !a.empty() && a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(Channel)) == 0;
}

TensorId add_shaped(Graph& graph, TensorId like, std::vector<std::int32_t> shape) {
    Tensor tensor = graph.tensor(like);
    tensor.shape = std::move(shape);
    return graph.add(std::move(tensor));
}

Node reshape(const Graph& graph, const std::string& name, TensorId from, TensorId to) {
    Node node{Op::Reshape, 1, name, {}, {from}, {to}};
    const auto& shape = graph.tensor(to).shape;
    node.attributes.set("new_shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    return node;
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
    int changes = 0;
    std::vector<Node> nodes;
    for (const Node& node : graph.nodes) {
        const std::vector<Node> instead = can_turn(graph, node) ? turned(graph, node) : std::vector<Node>{};
        changes += instead.empty() ? 0 : 1;
        if (instead.empty()) nodes.push_back(node);
        nodes.insert(nodes.end(), instead.begin(), instead.end());
    }
    graph.nodes = std::move(nodes);
    return changes;
}

}  // namespace jatai
