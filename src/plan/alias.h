// alias.h: tensors that need no memory of their own: reshapes, contiguous slices and parts of a join.
//
//     const Aliases aliases = find_aliases(graph, lowered);
//     aliases.of[t].root;  aliases.of[t].offset;     // whose memory tensor t lies in, and where
//     aliases.vanished[i];                           // node i moves nothing, so it is no step
//
// A slice whose elements lie side by side is a view of what it is taken from. The parts of a concatenation
// whose elements lie one behind another are written where the whole will be, so that nothing is copied; that
// is done when every part is memory of its own that nobody else claims.
#pragma once

#include <vector>

#include "src/graph/graph.h"
#include "src/graph/op_def.h"

namespace jatai {

struct Alias {
    TensorId root = kNoTensor;
    std::int64_t offset = 0;  // in bytes; a multiple of kPlaceAlign
};

struct Aliases {
    std::vector<Alias> of;       // by tensor; of one with memory of its own: itself, 0
    std::vector<bool> vanished;  // by node
    std::vector<TensorId> roots() const;
};

// `lowered`: by node.
Aliases find_aliases(const Graph& graph, const std::vector<Lowered>& lowered);

}  // namespace jatai
