// drop_unused.h: remove layers and tensors that no output depends on.
//
//     before   %a = ADD(%x, %x)   %b = SOFTMAX(%x)   output %b       after   %b = SOFTMAX(%x)   output %b
//
// Keeps: inputs, also those nobody reads (the caller still has to give them), outputs and results, bit for
// bit.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many layers and tensors went.
int drop_unused(Graph& graph);

}  // namespace jatai
