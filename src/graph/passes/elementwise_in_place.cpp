#include "src/graph/passes/elementwise_in_place.h"

#include <algorithm>

#include "src/graph/op_def.h"

namespace jatai {
namespace {

bool can_share(const Graph& graph, const Node& node) {
    if (!op_def(node.op).in_place || node.outputs.size() != 1) return false;
    const Tensor& out = graph.tensor(node.outputs[0]);
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](TensorId t) {
        return t != kNoTensor && !graph.tensor(t).constant() && graph.tensor(t).shape == out.shape &&
               graph.tensor(t).bytes() == out.bytes();
    });
}

}  // namespace

int elementwise_in_place(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (node.attributes.has(kInPlace) || !can_share(graph, node)) continue;
        node.attributes.set(kInPlace, true);
        ++changes;
    }
    return changes;
}

}  // namespace jatai
