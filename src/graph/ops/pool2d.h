// pool2d.h: what AVERAGE_POOL_2D and MAX_POOL_2D have in common.
//
//     void verify(const Graph& graph, const Node& node) { need_pool(graph, node); }
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

void need_pool(const Graph& graph, const Node& node);
Lowered lower_pool(const Graph& graph, const Node& node, KernelKey kernel);
const std::vector<OptionField>& pool_options();

}  // namespace jatai
