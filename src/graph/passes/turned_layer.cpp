#include "src/graph/passes/turned_layer.h"

#include <cstring>

#include "src/graph/ops/multiply.h"
#include "src/graph/ops/zero_point.h"

namespace jatai {

std::vector<Channel> channels_of(const Graph& graph, const Node& node) {
    if (zero_point_folded(node) || needs_zeroed(graph.tensor(node.inputs[1]))) return {};
    return plain_channels(graph, node);
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
