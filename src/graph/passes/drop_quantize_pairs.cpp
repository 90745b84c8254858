#include "src/graph/passes/drop_quantize_pairs.h"

namespace jatai {
namespace {

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

bool same_numbers(const Tensor& a, const Tensor& b) {
    return a.type == b.type && (a.type == Type::Int8 || a.type == Type::UInt8) && !a.quantisation.empty() &&
           !a.quantisation.per_channel() && a.quantisation.scales == b.quantisation.scales &&
           a.quantisation.zero_points == b.quantisation.zero_points && a.shape == b.shape;
}

}  // namespace

int drop_quantize_pairs(Graph& graph) {
    // Of a tensor made by DEQUANTIZE: what it was made from. Of one made by such a QUANTIZE: what it equals.
    std::vector<TensorId> stored(graph.tensors.size(), kNoTensor), equal(graph.tensors.size(), kNoTensor);
    int changes = 0;
    for (Node& node : graph.nodes) {
        for (TensorId& input : node.inputs) {
            if (input == kNoTensor || equal[index(input)] == kNoTensor) continue;
            input = equal[index(input)];
            ++changes;
        }
        if (node.op == Op::Dequantize) stored[index(node.outputs[0])] = node.inputs[0];
        if (node.op != Op::Quantize) continue;
        const TensorId from = node.inputs[0], to = node.outputs[0];
        const TensorId before = stored[index(from)] == kNoTensor ? from : stored[index(from)];
        if (same_numbers(graph.tensor(before), graph.tensor(to)) && !graph.tensor(before).constant())
            equal[index(to)] = before;
    }
    return changes;
}

}  // namespace jatai
