// narrow_indices.h: indices of 64 bits as 32, which is what the kernels of GATHER and GATHER_ND read.
//
//     narrow_indices(graph);        // before verify(): it knows indices of int32 alone
//
// Constants become other constants, indices that are computed go through a CAST. Keeps: the outputs. Tensors
// and nodes there were keep their order; new ones stand before the layer that needs them.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

void narrow_indices(Graph& graph);

}  // namespace jatai
