// order.h: in which order the ops of a graph run, so that little is alive at once.
//
//     std::vector<std::size_t> order = choose_order(graph, roots);
//
// The graph's own order stands unless another needs strictly less memory. Branches are what makes a
// difference: a chain has only one order.
#pragma once

#include <cstddef>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

// `roots[t]`: the tensor whose memory tensor t shares (itself, or the input of a reshape).
std::vector<std::size_t> choose_order(const Graph& graph, const std::vector<TensorId>& roots);

// The most activation bytes alive at once when nodes run in `order`.
std::int64_t activation_peak(const Graph& graph, const std::vector<TensorId>& roots,
                             const std::vector<std::size_t>& order);

}  // namespace jatai
