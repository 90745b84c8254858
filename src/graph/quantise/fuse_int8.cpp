// Scales read off the QUANTIZE and DEQUANTIZE layers of a graph.
#include <algorithm>
#include <set>

#include "src/graph/quantise/converter.h"

namespace jatai::quantise {
namespace {

using Kind = OpRule::Kind;

// Who reads a tensor.
struct Readers {
    std::vector<const Node*> nodes;
    bool door = false;
};

std::vector<Readers> readers_of(const Graph& graph) {
    std::vector<Readers> readers(graph.tensors.size());
    for (const Node& node : graph.nodes) {
        for (const TensorId id : node.inputs) {
            if (id != kNoTensor) readers[static_cast<std::size_t>(id)].nodes.push_back(&node);
        }
    }
    for (const TensorId id : graph.outputs) readers[static_cast<std::size_t>(id)].door = true;
    return readers;
}

// The scale of a value that is only ever quantised, always the same way.
Quantisation scale_by_readers(const Graph& graph, const Readers& readers) {
    Quantisation scale;
    if (readers.door) return scale;
    for (const Node* node : readers.nodes) {
        const Tensor& out = graph.tensor(node->outputs[0]);
        if (node->op != Op::Quantize || out.type != Type::Int8) return {};
        if (!scale.empty() && !same(scale, out.quantisation)) return {};
        scale = out.quantisation;
    }
    return scale;
}

}  // namespace

Graph fuse_int8(Graph graph, const StoredConstants& stored) {
    const bool quantised = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
        return node.op == Op::Quantize || node.op == Op::Dequantize;
    });
    if (!quantised) return graph;
    Recipe recipe;
    recipe.stored = stored;
    recipe.scales.resize(graph.tensors.size());
    const std::vector<Readers> readers = readers_of(graph);
    std::set<TensorId> written;
    for (const Node& node : graph.nodes) written.insert(node.outputs.begin(), node.outputs.end());
    for (const TensorId id : written) {
        if (graph.tensor(id).type == Type::Float32)
            recipe.scales[static_cast<std::size_t>(id)] =
                scale_by_readers(graph, readers[static_cast<std::size_t>(id)]);
    }
    // A value that is only moved before it is quantised may be quantised before it is moved.
    for (std::size_t i = graph.nodes.size(); i-- > 0;) {
        const Node& node = graph.nodes[i];
        if (rule_of(node.op).kind != Kind::Same || node.outputs.size() != 1) continue;
        const Quantisation& out = recipe.scales[static_cast<std::size_t>(node.outputs[0])];
        for (const TensorId id : node.inputs) {
            if (out.empty() || id == kNoTensor || !written.contains(id)) continue;
            const auto at = static_cast<std::size_t>(id);
            const bool alone = readers[at].nodes.size() == 1 && !readers[at].door;
            if (alone && graph.tensor(id).type == Type::Float32 && recipe.scales[at].empty())
                recipe.scales[at] = out;
        }
    }
    return to_int8(graph, recipe);
}

}  // namespace jatai::quantise
