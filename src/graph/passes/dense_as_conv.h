// dense_as_conv.h: a FULLY_CONNECTED of several rows is a CONV_2D of one tap over a picture one row high.
//
//     FULLY_CONNECTED(int8[6,16], weights[8,16])  ->  RESHAPE, CONV_2D(int8[1,1,6,16], weights[8,1,1,16]),
//     RESHAPE
//
// The kernels of CONV_2D take two places at once and load every weight once for both. The reshapes move
// nothing. Keeps      Results: only where both operators round by the same factors. TFLite multiplies the
// scales of a
//            dense layer in single precision, those of channels in double; the pass lowers both and compares.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int dense_as_conv(Graph& graph);

}  // namespace jatai
