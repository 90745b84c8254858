// broadcast.h: how the shapes of several inputs become one walk over the output.
//
//     need_broadcast(graph, node, {0, 1});                       // verify: refuses in words
//     params.walk = make_walk<2>(graph, node, {0, 1});           // lower
//
// Shapes are aligned at their last dimension, as in NumPy; an extent of 1 is repeated. Neighbouring
// dimensions along which every input behaves alike become one axis; at most kWalkAxes may be left.
#pragma once

#include <array>
#include <vector>

#include "device/kernels/walk.h"
#include "src/graph/graph.h"

namespace jatai {

// One axis of the output: its extent, and for each input whether it moves along the axis.
struct JoinedAxis {
    std::int64_t extent;
    std::vector<bool> moves;
};

// The axes of the output for these inputs (places in node.inputs), outermost first. Empty: the shapes do not
// broadcast to the output's.
std::vector<JoinedAxis> join_axes(const Graph& graph, const Node& node,
                                  const std::vector<std::size_t>& inputs);

void need_broadcast(const Graph& graph, const Node& node, const std::vector<std::size_t>& inputs);

void fill_walk(const std::vector<JoinedAxis>& axes, std::uint32_t* shape, std::uint32_t (*stride)[kWalkAxes]);

// Needs: need_broadcast() held.
template <std::uint32_t N>
Walk<N> make_walk(const Graph& graph, const Node& node, const std::array<std::size_t, N>& inputs) {
    Walk<N> walk{};
    fill_walk(join_axes(graph, node, {inputs.begin(), inputs.end()}), walk.shape, walk.stride);
    return walk;
}

}  // namespace jatai
