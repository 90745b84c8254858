#include "src/graph/passes/depthwise_as_conv.h"

namespace jatai {
namespace {

constexpr int kConvVersion = 3;  // of CONV_2D with weights per channel

bool sees_one_channel(const Graph& graph, const Node& node) {
    if (node.op != Op::DepthwiseConv2d) return false;
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return in.type == Type::Int8 && weights.type == Type::Int8 && weights.constant() &&
           in.shape.back() == 1 && weights.shape.back() > 1;
}

// [1, h, w, channels] to [channels, h, w, 1].
Tensor turn(const Tensor& from) {
    Tensor to = from;
    const auto channels = static_cast<std::size_t>(from.shape[3]);
    const std::size_t taps = from.data.size() / channels;
    to.shape = {from.shape[3], from.shape[1], from.shape[2], 1};
    if (to.quantisation.per_channel()) to.quantisation.axis = 0;
    for (std::size_t o = 0; o < channels; ++o) {
        for (std::size_t k = 0; k < taps; ++k) to.data[o * taps + k] = from.data[k * channels + o];
    }
    return to;
}

}  // namespace

int depthwise_as_conv(Graph& graph) {
    int changes = 0;
    for (Node& node : graph.nodes) {
        if (!sees_one_channel(graph, node)) continue;
        Attributes settings;
        for (const auto& [name, value] : node.attributes.all()) {
            if (name != "depth_multiplier") settings.set(name, value);
        }
        node.op = Op::Conv2d;
        node.version = kConvVersion;
        node.attributes = std::move(settings);
        // Anew: another layer may read the old ones.
        node.inputs[1] = graph.add(turn(graph.tensor(node.inputs[1])));
        ++changes;
    }
    return changes;
}

}  // namespace jatai
