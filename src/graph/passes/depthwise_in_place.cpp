#include "src/graph/passes/depthwise_in_place.h"

#include "src/graph/ops/window.h"

namespace jatai {
namespace {

constexpr std::int32_t kChannelsAtOnce = 4;  // where fewer are left, kernels take some channels twice

bool keeps_shape(const Graph& graph, const Node& node) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return in.type == Type::Int8 && weights.type == Type::Int8 && weights.constant() && !weights.four_bits &&
           in.shape[0] == 1 && in.shape[2] == out.shape[2] && in.shape[3] == out.shape[3] &&
           out.shape[3] % kChannelsAtOnce == 0;
}

}  // namespace

int depthwise_in_place(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (node.op != Op::DepthwiseConv2d || !keeps_shape(graph, node) || node.attributes.has(kInPlaceRows))
            continue;
        if (node.attributes.integer("stride_h", 1) != 1 || node.attributes.integer("stride_w", 1) != 1)
            continue;
        node.attributes.set(kInPlaceRows, reaches_of(graph, node).h.before + 1);
        ++changes;
    }
    return changes;
}

}  // namespace jatai
