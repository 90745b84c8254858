// table_move.h: what the operators that read or write along tables share.
//
//     Tables tables{{rows, columns}, depth};       // out[y,x,:] = in[rows[y] + columns[x], :], in blocks
//     return lower_tables(graph, node, tables);
#pragma once

#include <cstdint>
#include <vector>

#include "src/graph/op_def.h"

namespace jatai {

struct Tables {
    std::vector<std::vector<std::int64_t>> axes;  // outermost first; places in blocks
    std::int64_t block = 1;                       // elements
    bool scatter = false;                         // the tables name places of the output, which is filled
};

// The numbers in the tables are few enough. Asked before they are made. Fails with Error.
void need_tables(const Graph& graph, const Node& node, std::int64_t axes, std::int64_t entries);
// Input 0 to output 0. Needs: need_tables passed.
Lowered lower_tables(const Graph& graph, const Node& node, const Tables& tables);
const std::vector<KernelCode>& table_kernels();

// The element that stands where nothing was: the output's zero point, or 0.
Bytes element_of_nothing(const Tensor& out);

}  // namespace jatai
