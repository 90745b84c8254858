// canonical_shapes.h: layers that move nothing become reshapes, which cost nothing.
//
//     %y int8[1,5,8] = TRANSPOSE(%x, {1,0,2})      ->      %y int8[1,5,8] = RESHAPE(%x)      of %x
//     int8[5,1,8]
//
// What counts: TRANSPOSE that keeps the order of the axes longer than one; PAD, PADV2, SLICE, STRIDED_SLICE
// without a step back, TILE and BROADCAST_TO of as many elements as go in; CONCATENATION, PACK, SPLIT,
// SPLIT_V and UNPACK of one; pools of one element. Both tensors must be stored alike. drop_identity_reshape
// and the plan do the rest. Keeps      Results, bit for bit: every such layer copies its bytes in order.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int canonical_shapes(Graph& graph);

}  // namespace jatai
