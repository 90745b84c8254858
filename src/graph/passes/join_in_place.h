// join_in_place.h: marks each CONCATENATION and PACK whose parts lie one behind another in the whole: they
// may be written where the whole will be, so that nothing is copied.
//
//     %y int8[1,4,2] = CONCATENATION(%a, %b) axis=1     ->     %y ... = CONCATENATION(%a, %b) axis=1
//     in_place=yes
//
// Whether it is done the plan decides (src/plan/alias.h): each part must be memory of its own.
// Marked     joins along a dimension in front of which all extents are 1.
// Keeps      Results.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int join_in_place(Graph& graph);

}  // namespace jatai
