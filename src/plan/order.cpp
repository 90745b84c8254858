#include "src/plan/order.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "src/base/error.h"

namespace jatai {

namespace {

// Walks nodes in some order and keeps count of what is alive.
class LiveCount {
  public:
    LiveCount(const Graph& graph, const std::vector<TensorId>& roots)
        : graph_(graph), roots_(roots), uses_(graph.tensors.size(), 0), alive_(graph.tensors.size(), false) {
        for (const Node& node : graph.nodes) {
            for (const TensorId t : inputs_of(node)) ++uses_[index(t)];
        }
        for (const TensorId t : graph.outputs) ++uses_[index(root(t))];
        for (const TensorId t : graph.inputs) start(root(t));
    }

    // Bytes alive while `node` runs.
    std::int64_t during(const Node& node) const {
        std::int64_t bytes = live_;
        for (const TensorId t : outputs_of(node)) bytes += alive_[index(t)] ? 0 : graph_.tensor(t).bytes();
        return bytes;
    }
    // Bytes alive once it has run.
    std::int64_t after(const Node& node) const {
        std::int64_t bytes = during(node);
        for (const TensorId t : inputs_of(node)) bytes -= uses_[index(t)] == 1 ? graph_.tensor(t).bytes() : 0;
        return bytes;
    }
    void run(const Node& node) {
        for (const TensorId t : outputs_of(node)) start(t);
        for (const TensorId t : inputs_of(node)) {
            if (--uses_[index(t)] == 0) stop(t);
        }
        for (const TensorId t : outputs_of(node)) {
            if (uses_[index(t)] == 0) stop(t);
        }
    }

  private:
    static std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }
    TensorId root(TensorId t) const { return roots_[index(t)]; }
    // The activations a node reads or writes, each memory once.
    std::set<TensorId> inputs_of(const Node& node) const { return activations(node.inputs); }
    std::set<TensorId> outputs_of(const Node& node) const { return activations(node.outputs); }
    std::set<TensorId> activations(const std::vector<TensorId>& tensors) const {
        std::set<TensorId> found;
        for (const TensorId t : tensors) {
            if (t != kNoTensor && !graph_.tensor(root(t)).constant() && !graph_.tensor(root(t)).state)
                found.insert(root(t));
        }
        return found;
    }
    void start(TensorId t) {
        if (alive_[index(t)]) return;
        alive_[index(t)] = true;
        live_ += graph_.tensor(t).bytes();
    }
    void stop(TensorId t) {
        if (!alive_[index(t)]) return;
        alive_[index(t)] = false;
        live_ -= graph_.tensor(t).bytes();
    }

    const Graph& graph_;
    const std::vector<TensorId>& roots_;
    std::vector<std::int32_t> uses_;
    std::vector<bool> alive_;
    std::int64_t live_ = 0;
};

// Always the ready node that leaves the least alive; among equals the first of the graph.
std::vector<std::size_t> greedy_order(const Graph& graph, const std::vector<TensorId>& roots) {
    std::vector<std::size_t> order;
    std::vector<bool> done(graph.nodes.size(), false), known(graph.tensors.size(), true);
    for (const Node& node : graph.nodes) {
        for (const TensorId t : node.outputs) known[static_cast<std::size_t>(t)] = false;
    }
    LiveCount live(graph, roots);
    while (order.size() < graph.nodes.size()) {
        std::size_t best = graph.nodes.size();
        std::int64_t best_after = 0;
        for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
            const Node& node = graph.nodes[i];
            const bool ready = std::all_of(node.inputs.begin(), node.inputs.end(), [&](TensorId t) {
                return t == kNoTensor || known[static_cast<std::size_t>(t)];
            });
            if (done[i] || !ready) continue;
            const std::int64_t after = live.after(node);
            if (best == graph.nodes.size() || after < best_after) {
                best = i;
                best_after = after;
            }
        }
        CHECK(best < graph.nodes.size());
        done[best] = true;
        for (const TensorId t : graph.nodes[best].outputs) known[static_cast<std::size_t>(t)] = true;
        live.run(graph.nodes[best]);
        order.push_back(best);
    }
    return order;
}

}  // namespace

std::int64_t activation_peak(const Graph& graph, const std::vector<TensorId>& roots,
                             const std::vector<std::size_t>& order) {
    LiveCount live(graph, roots);
    std::int64_t peak = 0;
    for (const std::size_t i : order) {
        peak = std::max(peak, live.during(graph.nodes[i]));
        live.run(graph.nodes[i]);
    }
    return peak;
}

std::vector<std::size_t> choose_order(const Graph& graph, const std::vector<TensorId>& roots) {
    std::vector<std::size_t> given(graph.nodes.size());
    std::iota(given.begin(), given.end(), 0u);
    // Who reads a state before it is rewritten must go on doing so.
    for (const Tensor& tensor : graph.tensors) {
        if (tensor.state) return given;
    }
    std::vector<std::size_t> greedy = greedy_order(graph, roots);
    return activation_peak(graph, roots, greedy) < activation_peak(graph, roots, given) ? greedy : given;
}

}  // namespace jatai
