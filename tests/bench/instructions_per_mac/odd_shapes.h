// odd_shapes.h: layers of unusual shapes, each a model of its own.
//
//     for (const Graph& graph : odd_shapes(200, 1)) ...      // the same seed gives the same layers
//
// Convolutions, depthwise ones and dense layers of int8 with odd channels, kernels, strides, dilations,
// multipliers, activations, and some with a zero point of the weights; then ADD, MUL and pools.
#pragma once

#include <cstdint>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

std::vector<Graph> odd_shapes(std::size_t count, std::uint64_t seed);

}  // namespace jatai
