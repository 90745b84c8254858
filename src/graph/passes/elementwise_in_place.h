// elementwise_in_place.h: marks each layer that works element by element and whose answer may lie on one of
// its inputs.
//
//     %y int8[1,4] = ADD(%a, %b)      ->      %y int8[1,4] = ADD(%a, %b) in_place=yes
//
// Whether the memory is really shared the plan decides (src/plan/layout.h): nobody else may need the input.
// Marked     operators whose OpDef::in_place says that they read element i before they write it, where an
// input
//            has the answer's type and shape.
// Keeps      Results: the kernels write what they would write elsewhere.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int elementwise_in_place(Graph& graph);

}  // namespace jatai
