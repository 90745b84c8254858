// fuse_activation.h: RELU, RELU6 and RELU_N1_TO_1 become part of the layer in front of them.
//
//     before   %a = CONV_2D(%x)  %y = RELU(%a)          after   %y = CONV_2D(%x)
//     fused_activation_function=relu
//
// Only int8, and only where both store the same numbers for the same values: then both hold a number in the
// same range, one after the other or at once. Nobody else may read what lies between.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many activations are part of another layer now.
int fuse_activation(Graph& graph);

}  // namespace jatai
