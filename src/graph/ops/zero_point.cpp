#include "src/graph/ops/zero_point.h"

#include "src/graph/ops/multiply.h"

namespace jatai {
namespace {

bool weighs(Op op) { return op == Op::Conv2d || op == Op::DepthwiseConv2d || op == Op::FullyConnected; }

std::vector<std::int64_t> sums_of(const Graph& graph, const Node& node) {
    return sum_weights(graph.tensor(node.inputs[1]), weight_slices(graph, node)).sums;
}

std::int32_t input_zero_point(const Graph& graph, const Node& node) {
    return graph.tensor(node.inputs[0]).quantisation.zero_point();
}

}  // namespace

bool can_fold_zero_point(const Graph& graph, const Node& node) {
    if (!weighs(node.op) || graph.tensor(node.inputs[0]).type != Type::Int8) return false;
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (!weights.constant() || weights.four_bits) return false;
    return node.op != Op::FullyConnected || !needs_zeroed(weights);
}

Slices weight_slices(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const bool last = node.op == Op::DepthwiseConv2d;
    const std::int64_t channels = last ? weights.shape.back() : weights.shape.front();
    const std::int64_t count = weights.elements() / channels;
    return last ? Slices{channels, 1, channels, count} : Slices{channels, count, 1, count};
}

std::vector<Channel> folded_channels(const Graph& graph, const Node& node) {
    std::vector<Channel> channels = plain_channels(graph, node);
    if (zero_point_folded(node)) return channels;
    return raise_inputs(std::move(channels), sums_of(graph, node), input_zero_point(graph, node));
}

std::vector<Channel> unfolded(const Graph& graph, const Node& node, const std::vector<Channel>& channels) {
    return raise_inputs(channels, sums_of(graph, node), -input_zero_point(graph, node));
}

}  // namespace jatai
