#include "src/graph/passes/fuse_pad.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "src/graph/ops/window.h"

namespace jatai {
namespace {

struct Margin {
    std::int64_t top, left;
};

std::optional<std::vector<std::int64_t>> numbers_of(const Tensor& tensor) {
    if (!tensor.constant() || (tensor.type != Type::Int32 && tensor.type != Type::Int64)) return std::nullopt;
    std::vector<std::int64_t> numbers;
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        std::int64_t wide = 0;
        std::int32_t narrow = 0;
        std::memcpy(&narrow, tensor.data.data() + i * size_of(tensor.type), sizeof narrow);
        if (tensor.type == Type::Int64) std::memcpy(&wide, tensor.data.data() + i * 8, sizeof wide);
        numbers.push_back(tensor.type == Type::Int64 ? wide : narrow);
    }
    return numbers;
}

// The number a margin holds must be the one that padding reads.
bool holds_zero_point(const Graph& graph, const Node& node) {
    const Quantisation& in = graph.tensor(node.inputs[0]).quantisation;
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    if (in.scales != out.scales || in.zero_points != out.zero_points) return false;
    if (node.op == Op::Pad) return true;
    const Tensor& value = graph.tensor(node.inputs[2]);
    return value.constant() && static_cast<std::int8_t>(value.data[0]) == out.zero_point();
}

// Rows above and columns to the left; none: it is not a margin of rows and columns.
std::optional<Margin> margin_of(const Graph& graph, const Node& node) {
    if (node.op != Op::Pad && node.op != Op::PadV2) return std::nullopt;
    const Tensor& in = graph.tensor(node.inputs[0]);
    if (in.type != Type::Int8 || in.constant() || in.shape.size() != 4 || !holds_zero_point(graph, node))
        return std::nullopt;
    const auto numbers = numbers_of(graph.tensor(node.inputs[1]));
    if (!numbers || numbers->size() != 8) return std::nullopt;
    const std::vector<std::int64_t>& n = *numbers;
    if (n[0] != 0 || n[1] != 0 || n[6] != 0 || n[7] != 0) return std::nullopt;
    return Margin{n[2], n[4]};
}

bool meets_image(const Reach& reach, std::int64_t margin, std::int64_t in, std::int64_t out) {
    const std::int64_t before = reach.before + margin;
    return before < reach.reach && (out - 1) * reach.stride - before < in;
}

bool can_pad(const Graph& graph, const Node& reader, const Tensor& in, Margin margin) {
    if (reader.op != Op::Conv2d && reader.op != Op::DepthwiseConv2d) return false;
    const Reaches reaches = reaches_of(graph, reader);
    const std::vector<std::int32_t>& out = graph.tensor(reader.outputs[0]).shape;
    return meets_image(reaches.h, margin.top, in.shape[1], out[1]) &&
           meets_image(reaches.w, margin.left, in.shape[2], out[2]);
}

void pad_itself(const Graph& graph, Node& reader, TensorId from, Margin margin) {
    const Reaches reaches = reaches_of(graph, reader);
    reader.attributes.set("padding", static_cast<std::int64_t>(kExplicitPadding));
    reader.attributes.set("pad_top", reaches.h.before + margin.top);
    reader.attributes.set("pad_left", reaches.w.before + margin.left);
    reader.inputs[0] = from;
}

}  // namespace

int fuse_pad(Graph& graph) {
    int changes = 0;
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
        const std::optional<Margin> margin = margin_of(graph, graph.nodes[i]);
        if (!margin) continue;
        const TensorId from = graph.nodes[i].inputs[0], padded = graph.nodes[i].outputs[0];
        for (Node& reader : graph.nodes) {
            if (reader.inputs.empty() || reader.inputs[0] != padded) continue;
            if (!can_pad(graph, reader, graph.tensor(from), *margin)) continue;
            pad_itself(graph, reader, from, *margin);
            ++changes;
        }
    }
    return changes;
}

}  // namespace jatai
