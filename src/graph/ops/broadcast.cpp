#include "src/graph/ops/broadcast.h"

#include <algorithm>

#include "src/graph/ops/common.h"

namespace jatai {
namespace {

// The extent along dimension `i` of an output of `rank` dimensions.
std::int32_t extent_at(const std::vector<std::int32_t>& shape, std::size_t rank, std::size_t i) {
    const std::size_t missing = rank - shape.size();
    return i < missing ? 1 : shape[i - missing];
}

std::string shapes_text(const Graph& graph, const Node& node, const std::vector<std::size_t>& inputs) {
    std::string words;
    for (const std::size_t i : inputs) {
        if (!words.empty()) words += ", ";
        words += shape_text(graph.tensor(node.inputs[i]));
    }
    return words;
}

}  // namespace

std::vector<JoinedAxis> join_axes(const Graph& graph, const Node& node,
                                  const std::vector<std::size_t>& inputs) {
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    for (const std::size_t i : inputs) {
        if (graph.tensor(node.inputs[i]).shape.size() > out.size()) return {};
    }
    std::vector<JoinedAxis> axes;
    for (std::size_t d = 0; d < out.size(); ++d) {
        JoinedAxis axis{out[d], {}};
        std::int32_t largest = 1;
        for (const std::size_t i : inputs) {
            const std::int32_t extent = extent_at(graph.tensor(node.inputs[i]).shape, out.size(), d);
            if (extent != out[d] && extent != 1) return {};
            largest = std::max(largest, extent);
            axis.moves.push_back(extent != 1);
        }
        if (largest != out[d]) return {};
        if (out[d] == 1) continue;
        if (!axes.empty() && axes.back().moves == axis.moves) {
            axes.back().extent *= axis.extent;
        } else {
            axes.push_back(axis);
        }
    }
    if (axes.empty()) axes.push_back({1, std::vector<bool>(inputs.size(), true)});
    return axes;
}

void need_broadcast(const Graph& graph, const Node& node, const std::vector<std::size_t>& inputs) {
    const std::vector<JoinedAxis> axes = join_axes(graph, node, inputs);
    if (axes.empty()) {
        reject(graph, node,
               text("found {} to {}, expected shapes that broadcast", shapes_text(graph, node, inputs),
                    shape_text(graph.tensor(node.outputs[0]))));
    }
    if (axes.size() > kWalkAxes) {
        reject(graph, node,
               text("found {}, expected broadcasting along at most {} groups of dimensions",
                    shapes_text(graph, node, inputs), kWalkAxes));
    }
}

void fill_walk(const std::vector<JoinedAxis>& axes, std::uint32_t* shape,
               std::uint32_t (*stride)[kWalkAxes]) {
    std::vector<std::uint32_t> step(axes.front().moves.size(), 1);
    std::fill(shape, shape + kWalkAxes, 1u);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const JoinedAxis& axis = axes[axes.size() - 1 - i];
        const std::size_t at = kWalkAxes - 1 - i;
        shape[at] = static_cast<std::uint32_t>(axis.extent);
        for (std::size_t n = 0; n < step.size(); ++n) {
            stride[n][at] = axis.moves[n] ? step[n] : 0;
            if (axis.moves[n]) step[n] *= shape[at];
        }
    }
}

}  // namespace jatai
