#include "src/graph/drop_empty.h"

#include <algorithm>

namespace jatai {
namespace {

bool is_empty(const Graph& graph, TensorId id) {
    if (id < 0 || static_cast<std::size_t>(id) >= graph.tensors.size()) return false;
    const Tensor& tensor = graph.tensor(id);
    const bool negative =
        std::any_of(tensor.shape.begin(), tensor.shape.end(), [](std::int32_t n) { return n < 0; });
    return !negative && std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
}

bool makes_nothing(const Graph& graph, const Node& node) {
    return !node.outputs.empty() && std::all_of(node.outputs.begin(), node.outputs.end(),
                                                [&](TensorId id) { return is_empty(graph, id); });
}

}  // namespace

void drop_empty(Graph& graph) {
    const auto empty = [&](TensorId id) { return is_empty(graph, id); };
    std::erase_if(graph.nodes, [&](const Node& node) { return makes_nothing(graph, node); });
    for (Node& node : graph.nodes) {
        if (node.op == Op::Concatenation) std::erase_if(node.inputs, empty);
    }
    std::erase_if(graph.inputs, empty);
    const bool answered = !graph.outputs.empty();
    std::erase_if(graph.outputs, empty);
    if (answered && graph.outputs.empty()) graph.nodes.clear();
}

}  // namespace jatai
