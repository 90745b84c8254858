// turned_layer.h: what passes share that put one layer of products in the place of another.
//
//     if (!same_factors(channels_of(graph, dense), channels_of(graph, conv))) return {};
//     return {reshape(graph, dense.name, dense.inputs[0], in), conv, reshape(graph, dense.name, out, ...)};
//
// Needs: weights that are int8 and constant.
#pragma once

#include <string>
#include <vector>

#include "device/kernels/requantize.h"
#include "src/graph/graph.h"

namespace jatai {

// Bias and factor of each output channel; empty: weights with a zero point or of 4 bits, or the bias has
// taken in the zero point of the input (fold_zero_points.h).
std::vector<Channel> channels_of(const Graph& graph, const Node& node);

// False where either is empty.
bool same_factors(const std::vector<Channel>& a, const std::vector<Channel>& b);

// A tensor as `like`, of another shape.
TensorId add_shaped(Graph& graph, TensorId like, std::vector<std::int32_t> shape);

Node reshape(const Graph& graph, const std::string& name, TensorId from, TensorId to);

// Every node that `turn` answers with others gives way to them; returns how many did.
template <typename Turn>
int turn_nodes(Graph& graph, const Turn& turn) {
    int changes = 0;
    std::vector<Node> nodes;
    for (const Node& node : graph.nodes) {
        const std::vector<Node> instead = turn(graph, node);
        changes += instead.empty() ? 0 : 1;
        if (instead.empty()) nodes.push_back(node);
        nodes.insert(nodes.end(), instead.begin(), instead.end());
    }
    graph.nodes = std::move(nodes);
    return changes;
}

}  // namespace jatai
