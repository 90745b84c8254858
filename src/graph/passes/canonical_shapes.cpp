#include "src/graph/passes/canonical_shapes.h"

#include <algorithm>
#include <cstring>

#include "src/graph/passes/turned_layer.h"

namespace jatai {
namespace {

bool stored_alike(const Tensor& a, const Tensor& b) {
    return a.type == b.type && a.elements() == b.elements() && !a.four_bits && !b.four_bits &&
           a.quantisation.scales == b.quantisation.scales &&
           a.quantisation.zero_points == b.quantisation.zero_points;
}

std::vector<std::int32_t> words_of(const Tensor& tensor) {
    if (!tensor.constant() || tensor.type != Type::Int32) return {};
    std::vector<std::int32_t> words(static_cast<std::size_t>(tensor.elements()));
    std::memcpy(words.data(), tensor.data.data(), words.size() * sizeof(std::int32_t));
    return words;
}

// The axes longer than one stand in their order.
bool keeps_order(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& shape = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int32_t> axes = words_of(graph.tensor(node.inputs[1]));
    std::int32_t last = -1;
    for (const std::int32_t axis : axes) {
        if (axis < 0 || static_cast<std::size_t>(axis) >= shape.size()) return false;
        if (shape[static_cast<std::size_t>(axis)] == 1) continue;
        if (axis < last) return false;
        last = axis;
    }
    return !axes.empty();
}

bool steps_forward(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t> steps = words_of(graph.tensor(node.inputs[3]));
    return !steps.empty() && std::all_of(steps.begin(), steps.end(), [](std::int32_t s) { return s > 0; });
}

// Windows of one element, one after the other. (With as many outputs as inputs, no stride is above one.)
bool pools_nothing(const Node& node) {
    return node.attributes.integer("filter_width") == 1 && node.attributes.integer("filter_height") == 1 &&
           node.attributes.integer("fused_activation_function") == 0;
}

std::size_t parts_of(const Node& node) { return std::max(node.inputs.size(), node.outputs.size()); }

// Where the bytes of its first output come from; kNoTensor: it does more than to hand them on.
TensorId handed_on(const Graph& graph, const Node& node) {
    switch (node.op) {
        case Op::Transpose:
            return keeps_order(graph, node) ? node.inputs[0] : kNoTensor;
        case Op::Pad:
        case Op::PadV2:
        case Op::Slice:
        case Op::Tile:
        case Op::BroadcastTo:
            return node.inputs[0];
        case Op::StridedSlice:
            return steps_forward(graph, node) ? node.inputs[0] : kNoTensor;
        case Op::Concatenation:
        case Op::Pack:
        case Op::Unpack:
            return parts_of(node) == 1 && node.attributes.integer("fused_activation_function") == 0
                       ? node.inputs[0]
                       : kNoTensor;
        case Op::Split:
            return node.outputs.size() == 1 ? node.inputs[1] : kNoTensor;
        case Op::SplitV:
            return node.outputs.size() == 1 ? node.inputs[0] : kNoTensor;
        case Op::MaxPool2d:
        case Op::AveragePool2d:
            return pools_nothing(node) ? node.inputs[0] : kNoTensor;
        default:
            return kNoTensor;
    }
}

}  // namespace

int canonical_shapes(Graph& graph) {
    return turn_nodes(graph, [](const Graph& g, const Node& node) {
        const TensorId from = handed_on(g, node);
        if (from == kNoTensor || !stored_alike(g.tensor(from), g.tensor(node.outputs[0])))
            return std::vector<Node>{};
        return std::vector<Node>{reshape(g, node.name, from, node.outputs[0])};
    });
}

}  // namespace jatai
