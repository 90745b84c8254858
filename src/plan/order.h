// order.h: in which order the ops of a graph run, so that little is alive at once.
//
//     const OrderProblem problem{graph, roots, scratch};
//     const ChosenOrder order = choose_order(problem);
//     order.nodes;  order.peak_bytes;  order.bound_bytes;      // equal: no order can do with less
//
// Exact where the search ends within its budget (a chain has one order, most networks few); otherwise the
// best of the graph's own order, a greedy one and what the search found, with a bound that no order can beat.
// The graph's own order stands unless another needs strictly less. Keeps  The same graph gives the same order
// on every machine. Layers that touch one state keep their order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

struct OrderProblem {
    const Graph& graph;
    // roots[t]: the tensor whose memory tensor t shares (itself, or the input of a reshape).
    const std::vector<TensorId>& roots;
    std::vector<std::int64_t> scratch;  // by node: bytes it needs while it runs; empty: none do
};

struct ChosenOrder {
    std::vector<std::size_t> nodes;
    std::int64_t peak_bytes = 0;   // the most alive at once
    std::int64_t bound_bytes = 0;  // no order needs less
};

ChosenOrder choose_order(const OrderProblem& problem);

// The most activation and scratch bytes alive at once when nodes run in `order`.
std::int64_t activation_peak(const OrderProblem& problem, const std::vector<std::size_t>& order);

}  // namespace jatai
