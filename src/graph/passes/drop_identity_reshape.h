// drop_identity_reshape.h: read past reshapes that change nothing, and join reshapes of reshapes.
//
//     before   %a[1,4] = RESHAPE(%x[1,4])   %y = SOFTMAX(%a)          after   %y = SOFTMAX(%x)
//     before   %a[4] = RESHAPE(%x)  %b[1,4] = RESHAPE(%a)             after   %b[1,4] = RESHAPE(%x)
//
// The reshapes left without a reader are removed by drop_unused. A reshape that writes an output of the graph
// stays: the output's name and shape are a promise to the caller.
// Keeps: inputs, outputs and results, bit for bit: a reshape moves no byte.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many operands now read further back.
int drop_identity_reshape(Graph& graph);

}  // namespace jatai
