// move.h: what the operators that move bytes without looking at them share: two strided walks, and checks.
//
//     Move move = whole(graph.tensor(in).shape);              // every element, to where it was
//     std::reverse(move.axes.begin(), move.axes.end());       // ... now think of other strides
//     return lower_move(graph, node, move);                   // as a step of device/kernels/move.h
//
// An axis says how far one step goes in the input and in the output, in elements.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/graph/op_def.h"

namespace jatai {

struct MoveAxisPlan {
    std::int64_t extent, from, to;
};

struct Move {
    std::vector<MoveAxisPlan> axes;  // outermost first
    std::int64_t from = 0;           // elements before the first one, on either side
    std::int64_t to = 0;
    std::int64_t elements() const;
};

// The product of the extents behind each dimension: its stride in elements.
std::vector<std::int64_t> strides_of(const std::vector<std::int32_t>& shape);
// Every element of a tensor, in order, from where it is to where it is.
Move whole(const std::vector<std::int32_t>& shape);
// The same walk with as few axes as there can be.
Move joined(const Move& move);

// Fails with Error when the walk needs more axes than the kernel has.
void need_axes(const Graph& graph, const Node& node, const Move& move);
// Input 0 to output 0. With a `fill`, the output is filled with it before.
Lowered lower_move(const Graph& graph, const Node& node, const Move& move);
Lowered lower_move(const Graph& graph, const Move& move, Operand from, TensorId to,
                   Operand fill = Operand::absent());
const std::vector<KernelCode>& move_kernels();

// Input `i` is a constant list of int32 or int64; gives its numbers. Fails with Error.
std::vector<std::int64_t> constant_list(const Graph& graph, const Node& node, std::size_t i);
// A number of 0 .. rank-1, or counted from behind. Fails with Error.
std::size_t need_axis(const Graph& graph, const Node& node, std::int64_t axis, std::size_t rank);
// The tensors hold elements of the same type.
void need_same_type(const Graph& graph, const Node& node, TensorId a, TensorId b);

}  // namespace jatai
