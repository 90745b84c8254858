#include "src/graph/passes/lay_columns_down.h"

#include "src/graph/ops/window.h"

namespace jatai {
namespace {

bool slides(Op op) {
    return op == Op::Conv2d || op == Op::DepthwiseConv2d || op == Op::AveragePool2d || op == Op::MaxPool2d;
}

bool is_column(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    if (in[1] == 1 || in[2] != 1 || graph.tensor(node.outputs[0]).shape[2] != 1) return false;
    const Reach across = reaches_of(graph, node).w;
    return across.reach == 1 && across.before == 0;
}

}  // namespace

int lay_columns_down(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (!slides(node.op) || node.attributes.has(kLiesDown) || !is_column(graph, node)) continue;
        node.attributes.set(kLiesDown, std::int64_t{1});
        ++changes;
    }
    return changes;
}

}  // namespace jatai
