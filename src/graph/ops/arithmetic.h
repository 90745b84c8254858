// arithmetic.h: what the operators of two inputs share: their checks and their parameters.
//
//     need_arithmetic(graph, node);
//     return lower_arithmetic(graph, node);
//
// Which types an operator takes is what kernels its OpDef lists.
#pragma once

#include "src/graph/op_def.h"

namespace jatai {

// Two inputs and an output of one type that the operator has a kernel for, shapes that broadcast, and, where
// numbers are stored with scales, scales whose factors fixed point can hold.
void need_arithmetic(const Graph& graph, const Node& node);

Lowered lower_arithmetic(const Graph& graph, const Node& node);

// Factors to the scale both inputs share, and from there to the output's; 0: not used. Both inputs are
// shifted up by `spare_bits` first.
struct Factors {
    double a = 0, b = 0, out = 0;
    int spare_bits = 0;
};
Factors factors_of(const Graph& graph, const Node& node);

}  // namespace jatai
