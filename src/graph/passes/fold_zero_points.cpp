#include "src/graph/passes/fold_zero_points.h"

#include <algorithm>

#include "src/graph/ops/zero_point.h"

namespace jatai {
namespace {

constexpr std::size_t kBias = 2;  // which input

// A bias of its own; the old one, whose scales it keeps, may serve other layers.
Tensor folded_bias(const Graph& graph, const Node& node) {
    const Tensor* old = optional_input(graph, node, kBias);
    std::vector<std::int32_t> starts;
    for (const Channel& channel : folded_channels(graph, node)) starts.push_back(channel.bias);
    Tensor bias;
    bias.name = old ? old->name : node.name + "_bias";
    bias.type = Type::Int32;
    bias.shape = {static_cast<std::int32_t>(starts.size())};
    if (old) bias.quantisation = old->quantisation;
    bias.data = table_bytes(starts);
    return bias;
}

void fold(Graph& graph, Node& node) {
    if (graph.tensor(node.inputs[0]).quantisation.zero_point() != 0) {
        const TensorId bias = graph.add(folded_bias(graph, node));
        node.inputs.resize(std::max(node.inputs.size(), kBias + 1), kNoTensor);
        node.inputs[kBias] = bias;
    }
    node.attributes.set(kZeroPointFolded, true);
}

}  // namespace

int fold_zero_points(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (zero_point_folded(node) || !can_fold_zero_point(graph, node)) continue;
        fold(graph, node);
        ++changes;
    }
    return changes;
}

Graph zero_points_folded(Graph graph) {
    fold_zero_points(graph);
    return graph;
}

}  // namespace jatai
