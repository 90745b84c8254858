#include "src/graph/uint8_concatenation.h"

#include <algorithm>
#include <cmath>

#include "device/kernels/requantize.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/common.h"

namespace jatai {
namespace {

const Tensor* uint8_of_one_scale(const Graph& graph, TensorId id) {
    if (id < 0 || static_cast<std::size_t>(id) >= graph.tensors.size()) return nullptr;
    const Tensor& tensor = graph.tensor(id);
    const Quantisation& q = tensor.quantisation;
    const bool one = q.scales.size() == 1 && q.zero_points.size() == 1 && q.scales[0] > 1e-6f &&
                     q.scales[0] < 1e3f && q.zero_points[0] >= 0 && q.zero_points[0] <= 255;
    return tensor.type == Type::UInt8 && one ? &tensor : nullptr;
}

bool same_scale(const Quantisation& a, const Quantisation& b) {
    return a.scales == b.scales && a.zero_points == b.zero_points;
}

// What the join makes of a byte.
int joined(int byte, const Quantisation& in, const Quantisation& out) {
    const float scale = in.scale() * (1.0f / out.scale());
    const float bias = -static_cast<float>(in.zero_point()) * scale;
    const float value = std::round(static_cast<float>(byte) * scale + bias);
    return static_cast<int>(std::clamp(value + static_cast<float>(out.zero_point()), 0.0f, 255.0f));
}

int through_integers(int byte, const Quantisation& in, const Quantisation& out) {
    const Multiplier factor =
        quantize_multiplier(static_cast<double>(in.scale()) / static_cast<double>(out.scale()));
    const std::int32_t value = rescale(byte - in.zero_point(), factor.multiplier, factor.shift);
    return clamp(add_wrapping(value, out.zero_point()), 0, 255);
}

int through_floats(int byte, const Quantisation& in, const Quantisation& out) {
    const float value = in.scale() * static_cast<float>(byte - in.zero_point());
    return static_cast<int>(std::clamp<std::int64_t>(stored_value(value, out), 0, 255));
}

using Road = int (*)(int byte, const Quantisation& in, const Quantisation& out);

bool same_bytes(Road road, const Quantisation& in, const Quantisation& out) {
    for (int byte = 0; byte < 256; ++byte) {
        if (joined(byte, in, out) != road(byte, in, out)) return false;
    }
    return true;
}

// One layer from `from` to a new tensor like it.
Node step(Graph& graph, Op op, TensorId from, Type type, const Quantisation& q) {
    const Tensor& in = graph.tensor(from);
    Tensor part{in.name + "_rescaled", type, in.shape, q, {}};
    Node node;
    node.op = op;
    node.version = 2;
    node.name = part.name;
    node.inputs = {from};
    node.outputs = {graph.add(std::move(part))};
    return node;
}

// The layers that bring a part to the scale of the output; none where that is not needed or not the same.
std::vector<Node> steps_to(Graph& graph, TensorId id, const Quantisation& target) {
    const Tensor* in = uint8_of_one_scale(graph, id);
    if (in == nullptr || same_scale(in->quantisation, target)) return {};
    const Quantisation from = in->quantisation;
    if (same_bytes(through_integers, from, target))
        return {step(graph, Op::Quantize, id, Type::UInt8, target)};
    if (!same_bytes(through_floats, from, target)) return {};
    const Node real = step(graph, Op::Dequantize, id, Type::Float32, {});
    return {real, step(graph, Op::Quantize, real.outputs[0], Type::UInt8, target)};
}

std::vector<Node> rescaled(Graph& graph, Node& join) {
    std::vector<Node> before;
    const Tensor* out = join.outputs.size() == 1 ? uint8_of_one_scale(graph, join.outputs[0]) : nullptr;
    if (join.op != Op::Concatenation || out == nullptr) return before;
    const Quantisation target = out->quantisation;
    for (TensorId& id : join.inputs) {
        for (Node& node : steps_to(graph, id, target)) {
            id = node.outputs[0];
            before.push_back(std::move(node));
        }
    }
    return before;
}

}  // namespace

void rescale_parts(Graph& graph) {
    std::vector<Node> nodes;
    for (Node& node : graph.nodes) {
        std::vector<Node> before = rescaled(graph, node);
        std::move(before.begin(), before.end(), std::back_inserter(nodes));
        nodes.push_back(std::move(node));
    }
    graph.nodes = std::move(nodes);
}

}  // namespace jatai
