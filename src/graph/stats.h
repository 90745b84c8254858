// stats.h: what a model costs, before any plan is made.
//
//     fmt::print("{} MACs, {} bytes of weights, {} bytes live at most\n", macs(g), weight_bytes(g),
//                live_peak_bytes(g));
//
// Needs: verify(graph) holds.
#pragma once

#include <cstdint>

#include "src/graph/graph.h"

namespace jatai {

// Multiply-accumulates of one run.
std::int64_t macs(const Graph& graph);
// Constants that some layer reads, as the model stores them.
std::int64_t weight_bytes(const Graph& graph);
// The largest sum of activations that live at the same time, in the order of the nodes: from where a tensor
// is written to where it is read last. No arena can be smaller without changing the graph or the order. The
// output of a reshape is its input.
std::int64_t live_peak_bytes(const Graph& graph);

}  // namespace jatai
