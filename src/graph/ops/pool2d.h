// pool2d.h: what AVERAGE_POOL_2D and MAX_POOL_2D have in common.
//
//     void verify(const Graph& graph, const Node& node) { need_pool(graph, node); }
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

// int8, float32, int16 or uint8.
void need_pool(const Graph& graph, const Node& node);
// On `int8_kernel`, or on version 1 of the op's kernel for another type.
Lowered lower_pool(const Graph& graph, const Node& node, KernelKey int8_kernel);
const std::vector<OptionField>& pool_options();

}  // namespace jatai
