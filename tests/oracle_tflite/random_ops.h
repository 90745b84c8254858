// random_ops.h: layers nobody would think of, for comparison with TensorFlow Lite.
//
//     Rng rng(seed);
//     const Graph graph = random_layers().at(Op::Conv2d)(rng);  // one layer, verified, of random shape and
//     scales const std::vector<Bytes> inputs = random_inputs(graph, rng);
#pragma once

#include <map>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/rng.h"
#include "src/graph/graph.h"

namespace jatai {

// For each operator that is compared: what makes one such layer, verified.
const std::map<Op, Graph (*)(Rng&)>& random_layers();

// Random bytes for integers, [-4, 4) for floats.
std::vector<Bytes> random_inputs(const Graph& graph, Rng& rng);

}  // namespace jatai
