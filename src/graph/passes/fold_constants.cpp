#include "src/graph/passes/fold_constants.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/graph/interpret.h"

namespace jatai {
namespace {

// Only the extents of its input count, and those are fixed.
bool reads_extents_only(const Node& node) { return op_def(node.op).reads_extents_only; }

bool can_fold(const Graph& graph, const Node& node) {
    std::int64_t in_bytes = 0;
    std::int64_t out_bytes = 0;
    for (const TensorId id : node.inputs) {
        if (id == kNoTensor) continue;
        if (!graph.tensor(id).constant() && !reads_extents_only(node)) return false;
        in_bytes += graph.tensor(id).bytes();
    }
    for (const TensorId id : node.outputs) {
        if (graph.tensor(id).state) return false;
        out_bytes += graph.tensor(id).bytes();
    }
    return out_bytes <= std::max(in_bytes, kFoldedBytes);
}

// The layer alone, with its tensors numbered anew: first the inputs, then the outputs.
Graph cut_out(const Graph& graph, const Node& node) {
    Graph alone;
    Node copy = node;
    for (TensorId& id : copy.inputs) {
        if (id != kNoTensor) id = alone.add(graph.tensor(id));
    }
    for (TensorId& id : copy.outputs) id = alone.add(graph.tensor(id));
    alone.outputs = copy.outputs;
    alone.nodes.push_back(std::move(copy));
    return alone;
}

// The answers of a layer become constants.
void fold(Graph& graph, const Node& node) {
    std::vector<Bytes> answers = run_graph(cut_out(graph, node), {});
    for (std::size_t i = 0; i < answers.size(); ++i)
        graph.tensor(node.outputs[i]).data = std::move(answers[i]);
}

bool inside(const Graph& graph, TensorId id) {
    return id >= 0 && static_cast<std::size_t>(id) < graph.tensors.size();
}

// A short list of whole numbers that no layer has given yet.
bool is_short_list(const Graph& graph, TensorId id) {
    if (!inside(graph, id)) return false;
    const Tensor& tensor = graph.tensor(id);
    return (tensor.type == Type::Int32 || tensor.type == Type::Int64) && !tensor.state &&
           !tensor.constant() && tensor.elements() <= kShapeNumbers;
}

// The layer may be run before the graph is verified: it is asked alone.
bool is_known_list(const Graph& graph, const Node& node) {
    const auto known = [&](TensorId id) { return id == kNoTensor || inside(graph, id); };
    if (node.outputs.size() != 1 || !is_short_list(graph, node.outputs[0])) return false;
    if (!std::all_of(node.inputs.begin(), node.inputs.end(), known)) return false;
    if (!can_fold(graph, node)) return false;
    try {
        op_def(node.op).verify(graph, node);
    } catch (const Error&) {
        return false;  // verify() says why
    }
    return true;
}

}  // namespace

int fold_shapes(Graph& graph) {
    return static_cast<int>(std::erase_if(graph.nodes, [&](const Node& node) {
        if (!is_known_list(graph, node)) return false;
        fold(graph, node);
        return true;
    }));
}

int fold_constants(Graph& graph) {
    const std::size_t before = graph.nodes.size();
    std::erase_if(graph.nodes, [&](const Node& node) {
        if (!can_fold(graph, node)) return false;
        fold(graph, node);
        return true;
    });
    return static_cast<int>(before - graph.nodes.size());
}

}  // namespace jatai
