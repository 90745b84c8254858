// pair_shapes.h: sums, differences and products of int8, broadcast in every way along rows of every short
// length.
//
//     for (const Graph& graph : pair_shapes(1)) count_odd(board, graph, rows);
//
// Rows of 1 to 17 channels; one operand of the whole shape, the other of the same, for each channel, for each
// pixel, for each line, for all; both orders, scales alike and apart, with and without an activation.
#pragma once

#include <cstddef>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

// One of every `every` of them.
std::vector<Graph> pair_shapes(std::size_t every);

}  // namespace jatai
