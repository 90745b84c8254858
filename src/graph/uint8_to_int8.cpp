#include "src/graph/uint8_to_int8.h"

#include <algorithm>
#include <map>

#include "src/graph/op_def.h"

namespace jatai {
namespace {

constexpr std::int32_t kMiddle = 128;

bool known(const Graph& graph, TensorId id) {
    return id >= 0 && static_cast<std::size_t>(id) < graph.tensors.size();
}

bool is_uint8(const Graph& graph, TensorId id) {
    return known(graph, id) && graph.tensor(id).type == Type::UInt8;
}

bool keeps_uint8(const Tensor& tensor) { return tensor.state && tensor.type == Type::UInt8; }

bool is_old(const Graph& graph) {
    if (std::any_of(graph.tensors.begin(), graph.tensors.end(), keeps_uint8)) return false;
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
        const bool weighs =
            node.op == Op::Conv2d || node.op == Op::DepthwiseConv2d || node.op == Op::FullyConnected;
        return weighs && !node.inputs.empty() && is_uint8(graph, node.inputs[0]);
    });
}

void move_by_128(Tensor& tensor) {
    tensor.type = Type::Int8;
    for (std::int32_t& zero : tensor.quantisation.zero_points) zero -= kMiddle;
    for (std::uint8_t& byte : tensor.data) byte ^= kMiddle;
}

// A second tensor for the same numbers, without them.
TensorId twin_of(Graph& graph, TensorId id) {
    const Tensor& old = graph.tensor(id);
    Tensor twin;
    twin.name = old.name + "_twin";
    twin.type = old.type;
    twin.shape = old.shape;
    twin.quantisation = old.quantisation;
    return graph.add(std::move(twin));
}

Node quantize(const Graph& graph, TensorId from, TensorId to) {
    Node node;
    node.op = Op::Quantize;
    node.version = 2;
    node.name = graph.tensor(to).name;
    node.inputs = {from};
    node.outputs = {to};
    return node;
}

// Gives every door of uint8 a twin inside; the doors' own numbers stay with the doors.
struct Doors {
    std::vector<Node> first, last;
    std::vector<TensorId> fixed;  // stay uint8
};
Doors open_doors(Graph& graph) {
    Doors doors;
    std::map<TensorId, TensorId> twins;
    const auto open = [&](TensorId id) {
        if (!is_uint8(graph, id) || graph.tensor(id).constant() || twins.contains(id)) return false;
        twins[id] = twin_of(graph, id);
        doors.fixed.push_back(id);
        return true;
    };
    for (const TensorId id : graph.inputs) {
        if (open(id)) doors.first.push_back(quantize(graph, id, twins[id]));
    }
    for (const TensorId id : graph.outputs) {
        if (open(id)) doors.last.push_back(quantize(graph, twins[id], id));
    }
    const auto enter = [&](std::vector<TensorId>& ids) {
        for (TensorId& id : ids) {
            const auto twin = twins.find(id);
            if (twin != twins.end()) id = twin->second;
        }
    };
    for (Node& node : graph.nodes) {
        enter(node.inputs);
        enter(node.outputs);
    }
    return doors;
}

// Before and after each mean of uint8: a tensor of its own that stays uint8.
std::vector<Node> wrap_means(Graph& graph, std::vector<TensorId>& fixed) {
    std::vector<Node> nodes;
    for (Node& node : graph.nodes) {
        const bool mean = node.op == Op::AveragePool2d && node.inputs.size() == 1 &&
                          node.outputs.size() == 1 && is_uint8(graph, node.inputs[0]) &&
                          is_uint8(graph, node.outputs[0]);
        if (!mean) {
            nodes.push_back(std::move(node));
            continue;
        }
        const TensorId in = twin_of(graph, node.inputs[0]);
        const TensorId out = twin_of(graph, node.outputs[0]);
        fixed.insert(fixed.end(), {in, out});
        nodes.push_back(quantize(graph, node.inputs[0], in));
        Node after = quantize(graph, out, node.outputs[0]);
        node.inputs = {in};
        node.outputs = {out};
        nodes.push_back(std::move(node));
        nodes.push_back(std::move(after));
    }
    return nodes;
}

}  // namespace

void uint8_to_int8(Graph& graph) {
    if (!is_old(graph)) return;
    Doors doors = open_doors(graph);
    std::vector<Node> inside = wrap_means(graph, doors.fixed);
    std::vector<bool> fixed(graph.tensors.size(), false);
    for (const TensorId id : doors.fixed) fixed[static_cast<std::size_t>(id)] = true;
    for (std::size_t i = 0; i < graph.tensors.size(); ++i) {
        if (graph.tensors[i].type == Type::UInt8 && !fixed[i]) move_by_128(graph.tensors[i]);
    }
    graph.nodes = std::move(doors.first);
    std::move(inside.begin(), inside.end(), std::back_inserter(graph.nodes));
    std::move(doors.last.begin(), doors.last.end(), std::back_inserter(graph.nodes));
}

}  // namespace jatai
