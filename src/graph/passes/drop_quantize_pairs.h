// drop_quantize_pairs.h: read past numbers that are turned into others and back again.
//
//     before   %f = DEQUANTIZE(%q)  %p = QUANTIZE(%f)  %y = ADD(%p, %p)      after   %y = ADD(%q, %q)
//
// Only where %q and %p store the same numbers for the same values: (q - zero point) * scale, divided by the
// scale and rounded, is q - zero point again. A QUANTIZE between two such tensors goes too. What nobody reads
// then is removed by drop_unused; an output of the graph keeps its layer.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many operands now read further back.
int drop_quantize_pairs(Graph& graph);

}  // namespace jatai
