// conv_as_dense.h: a CONV_2D whose one window is the whole picture is a FULLY_CONNECTED.
//
//     CONV_2D(int8[1,1,1,256], weights[1001,1,1,256])  ->  RESHAPE, FULLY_CONNECTED(int8[1,256],
//     weights[1001,256]), RESHAPE
//
// The kernels of CONV_2D take two places at once, and here the second is not there. The reshapes move
// nothing. Keeps      Results: only where both operators round by the same factors; the pass lowers both and
// compares.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int conv_as_dense(Graph& graph);

}  // namespace jatai
