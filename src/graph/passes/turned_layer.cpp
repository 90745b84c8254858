#include "src/graph/passes/turned_layer.h"

#include <cstring>

#include "device/kernels/conv2d.h"
#include "device/kernels/fully_connected.h"
#include "src/graph/op_def.h"

namespace jatai {

std::vector<Channel> channels_of(const Graph& graph, const Node& node) {
    const Lowered step = op_def(node.op).lower(graph, node, Family::Reference);
    const bool per_layer = step.kernel == kFullyConnectedInt8.key;
    if (!per_layer && !(step.kernel == kFullyConnectedPerChannelInt8.key) &&
        !(step.kernel == kConv2dInt8.key))
        return {};
    const Bytes& table = step.operands[2].constant;
    std::vector<Channel> channels(static_cast<std::size_t>(graph.tensor(node.inputs[1]).shape[0]));
    if (!per_layer) {
        std::memcpy(channels.data(), table.data(), table.size());
        return channels;
    }
    FullyConnectedParams params;
    std::memcpy(&params, step.params.data(), sizeof params);
    for (std::size_t o = 0; o < channels.size(); ++o) {
        std::memcpy(&channels[o].bias, table.data() + o * sizeof(std::int32_t), sizeof(std::int32_t));
        channels[o].multiplier = params.multiplier;
        channels[o].shift = params.shift;
    }
    return channels;
}

bool same_factors(const std::vector<Channel>& a, const std::vector<Channel>& b) {
    return !a.empty() && a.size() == b.size() &&
           std::memcmp(a.data(), b.data(), a.size() * sizeof(Channel)) == 0;
}

TensorId add_shaped(Graph& graph, TensorId like, std::vector<std::int32_t> shape) {
    Tensor tensor = graph.tensor(like);
    tensor.shape = std::move(shape);
    return graph.add(std::move(tensor));
}

Node reshape(const Graph& graph, const std::string& name, TensorId from, TensorId to) {
    Node node{Op::Reshape, 1, name, {}, {from}, {to}};
    const auto& shape = graph.tensor(to).shape;
    node.attributes.set("new_shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
    return node;
}

}  // namespace jatai
