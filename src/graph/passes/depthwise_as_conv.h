// depthwise_as_conv.h: a DEPTHWISE_CONV_2D on one input channel is a CONV_2D.
//
//     DEPTHWISE_CONV_2D(int8[1,49,40,1], weights[1,10,8,8])  ->  CONV_2D(..., weights[8,10,8,1])
//
// Every output channel reads the only channel there is, so the sums are the same; the kernels of CONV_2D
// share what they load among channels. First layers of audio and grey image models look like this.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int depthwise_as_conv(Graph& graph);

}  // namespace jatai
