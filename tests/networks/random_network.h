// random_network.h: a network of random layers on images of int8, int16 or float32, as no converter would
// write it but might.
//
//     Rng rng(7);
//     const Graph graph = random_network(rng);             // verified
//     const Bytes input = random_input(graph, rng);        // one sample
//
// Where the passes and the plan have something to do, they find it: dead channels, pads before convolutions,
// activations behind them, residual sums, branches that join, gates, reshapes, a pair of QUANTIZE.
#pragma once

#include "src/base/rng.h"
#include "src/graph/graph.h"

namespace jatai {

// 3 to 24 layers; the last value is an output, and sometimes one in the middle is.
Graph random_network(Rng& rng);

Bytes random_input(const Graph& graph, Rng& rng);

}  // namespace jatai
