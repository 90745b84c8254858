#include "src/graph/passes/fuse_activation.h"

#include <algorithm>
#include <optional>

namespace jatai {
namespace {

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

std::optional<Activation> activation_of(Op op) {
    if (op == Op::Relu) return Activation::Relu;
    if (op == Op::Relu6) return Activation::Relu6;
    if (op == Op::ReluN1To1) return Activation::ReluN1To1;
    return std::nullopt;
}

bool can_hold_one(const Node& node) {
    static constexpr Op kOps[] = {Op::Conv2d, Op::DepthwiseConv2d, Op::FullyConnected,
                                  Op::Add,    Op::AveragePool2d,   Op::MaxPool2d};
    return std::find(std::begin(kOps), std::end(kOps), node.op) != std::end(kOps) &&
           node.attributes.integer("fused_activation_function") == 0;
}

bool same_numbers(const Tensor& a, const Tensor& b) {
    return a.type == Type::Int8 && b.type == Type::Int8 && a.quantisation.scales == b.quantisation.scales &&
           a.quantisation.zero_points == b.quantisation.zero_points;
}

std::vector<int> count_uses(const Graph& graph) {
    std::vector<int> uses(graph.tensors.size(), 0);
    for (const Node& node : graph.nodes) {
        for (const TensorId t : node.inputs) uses[index(t == kNoTensor ? 0 : t)] += t == kNoTensor ? 0 : 1;
    }
    for (const TensorId t : graph.outputs) ++uses[index(t)];
    return uses;
}

}  // namespace

int fuse_activation(Graph& graph) {
    const std::vector<int> uses = count_uses(graph);
    std::vector<std::size_t> maker(graph.tensors.size(), graph.nodes.size());
    std::vector<bool> gone(graph.nodes.size(), false);
    int changes = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        for (const TensorId t : node.outputs) maker[index(t)] = i;
        const std::optional<Activation> activation = activation_of(node.op);
        if (!activation || node.inputs[0] == kNoTensor) continue;
        const TensorId between = node.inputs[0], to = node.outputs[0];
        const std::size_t before = maker[index(between)];
        if (before == graph.nodes.size() || uses[index(between)] != 1 || !can_hold_one(graph.nodes[before]) ||
            !same_numbers(graph.tensor(between), graph.tensor(to))) {
            continue;
        }
        Node& layer = graph.nodes[before];
        layer.outputs[0] = to;
        layer.attributes.set("fused_activation_function", static_cast<std::int64_t>(*activation));
        maker[index(to)] = before;
        gone[i] = true;
        ++changes;
    }
    std::size_t at = 0;
    std::erase_if(graph.nodes, [&](const Node&) { return gone[at++]; });
    return changes;
}

}  // namespace jatai
