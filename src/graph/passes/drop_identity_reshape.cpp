#include "src/graph/passes/drop_identity_reshape.h"

namespace jatai {
namespace {

bool same_meaning(const Tensor& a, const Tensor& b) {
    return a.type == b.type && a.quantisation.scales == b.quantisation.scales &&
           a.quantisation.zero_points == b.quantisation.zero_points;
}

// The same bytes under another shape.
bool reshapes(const Node& node) {
    return node.op == Op::Reshape || node.op == Op::ExpandDims || node.op == Op::Squeeze;
}

}  // namespace

int drop_identity_reshape(Graph& graph) {
    // For the output of a reshape: the tensor it reshapes, at the start of a chain of reshapes.
    std::vector<TensorId> source(graph.tensors.size(), kNoTensor);
    int changes = 0;
    for (Node& node : graph.nodes) {
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            TensorId& input = node.inputs[i];
            const TensorId from = input == kNoTensor ? kNoTensor : source[static_cast<std::size_t>(input)];
            if (from == kNoTensor) continue;
            if (!(reshapes(node) && i == 0) && graph.tensor(from).shape != graph.tensor(input).shape)
                continue;
            input = from;
            ++changes;
        }
        if (!reshapes(node)) continue;
        const TensorId from = node.inputs[0];
        const TensorId to = node.outputs[0];
        if (same_meaning(graph.tensor(from), graph.tensor(to))) source[static_cast<std::size_t>(to)] = from;
    }
    return changes;
}

}  // namespace jatai
