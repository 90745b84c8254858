#include "src/graph/stats.h"

#include <algorithm>
#include <numeric>

#include "src/graph/op_def.h"

namespace jatai {
namespace {

struct Life {
    std::ptrdiff_t first = -1;
    std::ptrdiff_t last = -1;
    std::int64_t bytes = 0;
};

void extend(Life& life, std::ptrdiff_t step) {
    if (life.first < 0) life.first = step;
    life.last = std::max(life.last, step);
}

// Lives of the activations; a reshape's output shares the life of its input.
std::vector<Life> find_lives(const Graph& graph) {
    std::vector<std::size_t> owner(graph.tensors.size());
    std::iota(owner.begin(), owner.end(), std::size_t{0});
    std::vector<Life> lives(graph.tensors.size());
    const auto touch = [&](TensorId id, std::ptrdiff_t step) {
        if (id == kNoTensor || graph.tensor(id).constant()) return;
        const std::size_t at = owner[static_cast<std::size_t>(id)];
        extend(lives[at], step);
        lives[at].bytes = std::max(lives[at].bytes, graph.tensor(id).bytes());
    };
    for (const TensorId id : graph.inputs) touch(id, 0);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const Node& node = graph.nodes[i];
        if (node.op == Op::Reshape) {
            owner[static_cast<std::size_t>(node.outputs[0])] =
                owner[static_cast<std::size_t>(node.inputs[0])];
        }
        for (const TensorId id : node.inputs) touch(id, static_cast<std::ptrdiff_t>(i));
        for (const TensorId id : node.outputs) touch(id, static_cast<std::ptrdiff_t>(i));
    }
    for (const TensorId id : graph.outputs) touch(id, static_cast<std::ptrdiff_t>(graph.nodes.size()) - 1);
    return lives;
}

}  // namespace

std::int64_t macs(const Graph& graph) {
    std::int64_t sum = 0;
    for (const Node& node : graph.nodes) sum += op_def(node.op).macs(graph, node);
    return sum;
}

std::int64_t weight_bytes(const Graph& graph) {
    std::vector<bool> read(graph.tensors.size(), false);
    for (const Node& node : graph.nodes) {
        for (const TensorId id : node.inputs) {
            if (id != kNoTensor) read[static_cast<std::size_t>(id)] = true;
        }
    }
    std::int64_t sum = 0;
    for (std::size_t i = 0; i < read.size(); ++i) {
        if (read[i]) sum += static_cast<std::int64_t>(graph.tensors[i].data.size());
    }
    return sum;
}

std::int64_t live_peak_bytes(const Graph& graph) {
    std::vector<std::int64_t> change(graph.nodes.size() + 2, 0);
    for (const Life& life : find_lives(graph)) {
        if (life.first < 0) continue;
        change[static_cast<std::size_t>(life.first)] += life.bytes;
        change[static_cast<std::size_t>(std::max(life.first, life.last)) + 1] -= life.bytes;
    }
    std::int64_t live = 0;
    std::int64_t peak = 0;
    for (const std::int64_t delta : change) peak = std::max(peak, live += delta);
    return peak;
}

}  // namespace jatai
