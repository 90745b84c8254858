// drop_empty.h: what has no elements computes nothing and takes no memory: it is left out.
//
//     drop_empty(graph);        // before verify(): %x float32[0] is gone, and the layers that only make such
//
// Layers whose every output is empty go; so do empty inputs and outputs of the model and empty parts of a
// CONCATENATION. A model whose answers are all empty is left with inputs alone. Any other layer that reads an
// empty tensor keeps it, and verify() refuses it in words.
// Needs: nothing; tensor numbers out of range are left to verify().
#pragma once

#include "src/graph/graph.h"

namespace jatai {

void drop_empty(Graph& graph);

}  // namespace jatai
