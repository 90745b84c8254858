// fold_zero_points.h: what the zero point of a layer's input adds to its sums goes into its bias.
//
//     before   %y = CONV_2D(%x z=-3, %w, %b)                          sums of w * (in + 3), from b
//     after    %y = CONV_2D(%x z=-3, %w, %c) zero_point_folded=yes    sums of w * in, from b + 3 * sum of w
//
// Modulo 2^32, as sums wrap on the chip. Pixels outside the image still read the zero point, so that the sum
// of all weights is right there too. Marked layers run on kernels that subtract nothing: without this pass
// MLPerf Tiny's image classification takes 4.7 times the cycles on a Cortex-M4, 76.3 M in place of 16.2 M,
// modelled (`jatai compile --without-pass fold_zero_points`).
//
// Marked   CONV_2D, DEPTHWISE_CONV_2D, FULLY_CONNECTED of int8 with constant weights of one byte, also where
//          the zero point is 0. FULLY_CONNECTED whose weights have a zero point stays: its kernel subtracts.
// Keeps    Results; and the old bias, which others may read, until drop_unused.
// Needs    To stand behind the passes that change weights, zero points or the kind of a layer.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many layers it marked.
int fold_zero_points(Graph& graph);

// A copy whose fast kernels an Interpreter may run; tensors and layers keep their numbers.
Graph zero_points_folded(Graph graph);

}  // namespace jatai
