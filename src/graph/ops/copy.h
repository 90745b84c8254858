// copy.h: what the operators that only move a whole tensor share: the reading and the writing of a state.
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

// One input, one output, the same elements.
void need_copy(const Graph& graph, const Node& node);
Lowered lower_copy(const Graph& graph, const Node& node, Family family);
const std::vector<KernelCode>& copy_kernels();

}  // namespace jatai
