#include "src/graph/passes/conv_as_dense.h"

#include "src/graph/passes/turned_layer.h"

namespace jatai {
namespace {

constexpr int kDenseVersion = 12;                // of FULLY_CONNECTED with weights per channel
constexpr std::int64_t kFewestProducts = 16384;  // below, the code of dense layers outweighs what is saved

bool one_window(const std::vector<std::int32_t>& in, const std::vector<std::int32_t>& weights,
                const std::vector<std::int32_t>& out) {
    return in[0] == 1 && out[1] == 1 && out[2] == 1 && in[1] == weights[1] && in[2] == weights[2] &&
           in[3] == weights[3];
}

bool can_turn(const Graph& graph, const Node& node) {
    if (node.op != Op::Conv2d) return false;
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& weights = graph.tensor(node.inputs[1]);
    if (in.type != Type::Int8 || weights.type != Type::Int8 || !weights.constant() || weights.four_bits)
        return false;
    return weights.elements() >= kFewestProducts && weights.quantisation.zero_point() == 0 &&
           node.attributes.integer("dilation_h_factor") <= 1 &&
           node.attributes.integer("dilation_w_factor") <= 1 &&
           one_window(in.shape, weights.shape, graph.tensor(node.outputs[0]).shape);
}

// A scale for each output: those of a whole dense layer are multiplied in another precision.
void spread_scales(Quantisation& quantisation, std::int32_t outputs) {
    if (quantisation.per_channel()) return;
    quantisation.scales.assign(static_cast<std::size_t>(outputs), quantisation.scale());
    quantisation.zero_points.assign(static_cast<std::size_t>(outputs), 0);
    quantisation.axis = 0;
}

// The layers that stand for `conv`; empty when they would round otherwise.
std::vector<Node> turned(Graph& graph, const Node& conv) {
    const std::int32_t outputs = graph.tensor(conv.inputs[1]).shape[0];
    const auto depth = static_cast<std::int32_t>(graph.tensor(conv.inputs[1]).elements() / outputs);
    const std::size_t tensors = graph.tensors.size();
    const TensorId in = add_shaped(graph, conv.inputs[0], {1, depth});
    const TensorId weights = add_shaped(graph, conv.inputs[1], {outputs, depth});
    spread_scales(graph.tensors[static_cast<std::size_t>(weights)].quantisation, outputs);
    const TensorId out = add_shaped(graph, conv.outputs[0], {1, outputs});
    Node dense = conv;
    dense.op = Op::FullyConnected;
    dense.version = kDenseVersion;
    dense.attributes = {};
    const std::int64_t activation = conv.attributes.integer("fused_activation_function");
    if (activation != 0) dense.attributes.set("fused_activation_function", activation);
    dense.inputs[0] = in;
    dense.inputs[1] = weights;
    dense.outputs[0] = out;
    if (!same_factors(channels_of(graph, conv), channels_of(graph, dense))) {
        graph.tensors.resize(tensors);
        return {};
    }
    return {reshape(graph, conv.name, conv.inputs[0], in), dense,
            reshape(graph, conv.name, out, conv.outputs[0])};
}

}  // namespace

int conv_as_dense(Graph& graph) {
    return turn_nodes(graph, [](Graph& g, const Node& node) {
        return can_turn(g, node) ? turned(g, node) : std::vector<Node>{};
    });
}

}  // namespace jatai
