#include "src/graph/passes/drop_unused.h"

#include <algorithm>

namespace jatai {
namespace {

void mark(std::vector<bool>& used, const std::vector<TensorId>& ids) {
    for (const TensorId id : ids) {
        if (id != kNoTensor) used[static_cast<std::size_t>(id)] = true;
    }
}

// Which tensors matter: walked backwards, since a reader stands after its writer.
std::vector<bool> find_used(const Graph& graph) {
    std::vector<bool> used(graph.tensors.size(), false);
    mark(used, graph.outputs);
    for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
        const bool live = std::any_of(node->outputs.begin(), node->outputs.end(), [&](TensorId id) {
            return used[static_cast<std::size_t>(id)] || graph.tensor(id).state;
        });
        if (!live) continue;
        mark(used, node->inputs);
        mark(used, node->outputs);
    }
    mark(used, graph.inputs);
    return used;
}

void rename(std::vector<TensorId>& ids, const std::vector<TensorId>& new_id) {
    for (TensorId& id : ids) {
        if (id != kNoTensor) id = new_id[static_cast<std::size_t>(id)];
    }
}

}  // namespace

int drop_unused(Graph& graph) {
    const std::vector<bool> used = find_used(graph);
    const std::size_t before = graph.nodes.size() + graph.tensors.size();
    std::erase_if(graph.nodes, [&](const Node& node) {
        return std::none_of(node.outputs.begin(), node.outputs.end(),
                            [&](TensorId id) { return used[static_cast<std::size_t>(id)]; });
    });
    std::vector<TensorId> new_id(graph.tensors.size(), kNoTensor);
    std::vector<Tensor> kept;
    for (std::size_t i = 0; i < used.size(); ++i) {
        if (!used[i]) continue;
        new_id[i] = static_cast<TensorId>(kept.size());
        kept.push_back(std::move(graph.tensors[i]));
    }
    graph.tensors = std::move(kept);
    for (Node& node : graph.nodes) {
        rename(node.inputs, new_id);
        rename(node.outputs, new_id);
    }
    rename(graph.inputs, new_id);
    rename(graph.outputs, new_id);
    return static_cast<int>(before - graph.nodes.size() - graph.tensors.size());
}

}  // namespace jatai
