#include "src/graph/verify.h"

#include <fmt/ranges.h>

#include <cmath>
#include <limits>
#include <vector>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

void verify_size(const Graph& graph, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type == Type::None) {
        throw Error{text("{}: found no element type, expected int8 or another", place_of(graph, id))};
    }
    if (tensor.shape.size() > kMaxRank) {
        throw Error{text("{}: found {} dimensions, expected at most {}", place_of(graph, id),
                         tensor.shape.size(), kMaxRank)};
    }
    std::int64_t bytes = size_of(tensor.type);
    for (const std::int32_t extent : tensor.shape) {
        if (extent < 1) {
            throw Error{text("{}: found {}, expected every dimension to be 1 or more", place_of(graph, id),
                             shape_text(tensor)),
                        text("export the model with a fixed input shape and a batch of 1")};
        }
        if (bytes > kMaxTensorBytes / extent) {
            throw Error{
                text("{}: found {}, expected less than 2 GB", place_of(graph, id), shape_text(tensor))};
        }
        bytes *= extent;
    }
    if (!tensor.data.empty() && static_cast<std::int64_t>(tensor.data.size()) != bytes) {
        throw Error{text("{}: found {} bytes of constant data, expected {} for {}", place_of(graph, id),
                         tensor.data.size(), bytes, shape_text(tensor)),
                    text("the file is damaged, or was written by a faulty converter")};
    }
}

// The lowest and highest value a zero point may take.
std::pair<std::int64_t, std::int64_t> range_of(Type type) {
    switch (type) {
        case Type::Int8:
            return {-128, 127};
        case Type::UInt8:
            return {0, 255};
        case Type::Int16:
            return {-32768, 32767};
        default:
            return {std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max()};
    }
}

void verify_channels(const Graph& graph, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    const Quantisation& q = tensor.quantisation;
    if (q.zero_points.size() != q.scales.size()) {
        throw Error{text("{}: found {} scales and {} zero points, expected as many of both",
                         place_of(graph, id), q.scales.size(), q.zero_points.size())};
    }
    if (!q.per_channel()) return;
    // Old converters give a bias the axis of its weights; with one dimension there is no other slice it could
    // mean.
    if (tensor.shape.size() == 1 && static_cast<std::size_t>(tensor.shape[0]) == q.scales.size()) return;
    const auto axis = static_cast<std::size_t>(q.axis);
    if (q.axis < 0 || axis >= tensor.shape.size() ||
        static_cast<std::size_t>(tensor.shape[axis]) != q.scales.size()) {
        throw Error{text("{}: found {} scales along dimension {}, expected one per slice of {}",
                         place_of(graph, id), q.scales.size(), q.axis, shape_text(tensor))};
    }
}

void verify_quantisation(const Graph& graph, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    const Quantisation& q = tensor.quantisation;
    verify_channels(graph, id);
    const auto [low, high] = range_of(tensor.type);
    for (std::size_t c = 0; c < q.scales.size(); ++c) {
        if (!std::isfinite(q.scales[c]) || q.scales[c] < 0 || (q.scales[c] == 0 && !tensor.constant())) {
            throw Error{
                text("{}: found a scale of {}, expected a number above 0", place_of(graph, id), q.scales[c])};
        }
        if (q.zero_points[c] < low || q.zero_points[c] > high) {
            throw Error{text("{}: found a zero point of {}, expected {} to {}", place_of(graph, id),
                             q.zero_points[c], low, high)};
        }
    }
}

bool in_range(const Graph& graph, TensorId id) {
    return id >= 0 && static_cast<std::size_t>(id) < graph.tensors.size();
}

// What is known while walking the nodes: which tensors have a value.
using Ready = std::vector<bool>;

void verify_inputs(const Graph& graph, Ready& ready) {
    for (const TensorId id : graph.inputs) {
        if (!in_range(graph, id)) {
            throw Error{
                text("graph input: found tensor {}, expected a number below {}", id, graph.tensors.size())};
        }
        if (ready[static_cast<std::size_t>(id)]) {
            throw Error{
                text("{}: found it twice among the inputs, or constant; expected a value that is given once",
                     place_of(graph, id))};
        }
        ready[static_cast<std::size_t>(id)] = true;
    }
}

void verify_operands(const Graph& graph, const Node& node, Ready& ready) {
    for (const TensorId id : node.inputs) {
        if (id == kNoTensor) continue;
        if (!in_range(graph, id)) {
            throw Error{text("{}: found input tensor {}, expected a number below {}", place_of(graph, node),
                             id, graph.tensors.size())};
        }
        if (!ready[static_cast<std::size_t>(id)]) {
            throw Error{text("{}: found {} read before any layer writes it", place_of(graph, node),
                             place_of(graph, id)),
                        text("layers must stand in an order in which they can run")};
        }
    }
    if (node.outputs.empty()) throw Error{text("{}: found no output", place_of(graph, node))};
    for (const TensorId id : node.outputs) {
        if (!in_range(graph, id)) {
            throw Error{text("{}: found output tensor {}, expected a number below {}", place_of(graph, node),
                             id, graph.tensors.size())};
        }
        if (graph.tensor(id).state) continue;
        if (ready[static_cast<std::size_t>(id)]) {
            throw Error{text("{}: found {} written a second time, expected one writer", place_of(graph, node),
                             place_of(graph, id))};
        }
        ready[static_cast<std::size_t>(id)] = true;
    }
}

void verify_counts(const Graph& graph) {
    if (graph.tensors.size() > kMaxTensors || graph.nodes.size() > kMaxNodes) {
        throw Error{text("model: found {} layers and {} tensors, expected at most {} and {}",
                         graph.nodes.size(), graph.tensors.size(), kMaxNodes, kMaxTensors)};
    }
    // Answers without elements were left out, and all layers with them (drop_empty).
    if (graph.inputs.empty() || (graph.outputs.empty() && !graph.nodes.empty())) {
        throw Error{text("model: found {} inputs and {} outputs, expected at least one of each",
                         graph.inputs.size(), graph.outputs.size())};
    }
}

}  // namespace

void verify_tensors(const Graph& graph) {
    verify_counts(graph);
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        const auto id = static_cast<TensorId>(i);
        verify_size(graph, id);
        verify_quantisation(graph, id);
    }
}

void verify(const Graph& graph) {
    verify_tensors(graph);
    Ready ready(graph.tensors.size(), false);
    for (std::size_t i = 0; i < graph.tensors.size(); ++i)
        ready[i] = graph.tensors[i].constant() || graph.tensors[i].state;
    verify_inputs(graph, ready);
    for (const Node& node : graph.nodes) {
        verify_operands(graph, node, ready);
        op_def(node.op).verify(graph, node);
    }
    for (const TensorId id : graph.outputs) {
        if (!in_range(graph, id)) {
            throw Error{
                text("graph output: found tensor {}, expected a number below {}", id, graph.tensors.size())};
        }
        if (!ready[static_cast<std::size_t>(id)]) {
            throw Error{text("{}: found a graph output that no layer writes", place_of(graph, id))};
        }
    }
}

std::string place_of(const Graph& graph, const Node& node) {
    const char* op = op_def(node.op).name;
    const auto index = &node - graph.nodes.data();
    if (node.name.empty()) return text("layer {} ({})", index, op);
    return text("layer {} {} ({})", index, node.name, op);
}

std::string place_of(const Graph& graph, TensorId id) {
    if (!in_range(graph, id)) return text("tensor {}", id);
    return text("tensor {} {}", id, graph.tensor(id).name);
}

std::string shape_text(const Tensor& tensor) {
    return fmt::format("{}[{}]", type_name(tensor.type), fmt::join(tensor.shape, ","));
}

}  // namespace jatai
