#include "src/graph/ops/hybrid.h"

namespace jatai {
namespace {

Operand scales_of(const Graph& graph, const Multiplied& m, std::int64_t channels) {
    const Quantisation& q = graph.tensor(m.weights).quantisation;
    std::vector<float> scales = q.scales;
    if (scales.size() == 1) scales.assign(static_cast<std::size_t>(channels), q.scales[0]);
    return Operand::of(table_bytes(scales));
}

std::vector<Operand> hybrid_operands(const Graph& graph, const Multiplied& m, std::int64_t channels,
                                     std::uint64_t scratch) {
    return {Operand::of(m.in),
            Operand::of(m.weights),
            m.bias == kNoTensor ? Operand::absent() : Operand::of(m.bias),
            scales_of(graph, m, channels),
            Operand::of(m.out),
            scratch_operand(scratch)};
}

}  // namespace

bool is_hybrid(const Graph& graph, const Multiplied& m) {
    return graph.tensor(m.in).type == Type::Float32 && graph.tensor(m.weights).type == Type::Int8;
}

void need_hybrid(const Graph& graph, const Node& node, const Multiplied& m, HybridChannels channels) {
    need_weights(graph, node, graph.tensor(m.weights).shape.size(), channels.axis);
    need_value(graph, node, m.out, Type::Float32);
    need_activation_function(graph, node);
    const Tensor& weights = graph.tensor(m.weights);
    if (!weights.constant() || weights.quantisation.empty() || weights.quantisation.zero_point() != 0) {
        reject(graph, node,
               text("found weights {} beside a float32 input, expected constant ones with a scale and zero "
                    "point 0",
                    shape_text(weights)));
    }
    if (m.bias == kNoTensor) return;
    need_value(graph, node, m.bias, Type::Float32);
    if (graph.tensor(m.bias).elements() == channels.count) return;
    reject(graph, node,
           text("found bias {}, expected {} numbers", shape_text(graph.tensor(m.bias)), channels.count));
}

// As TFLite: weights with a scale for each channel meet an input from its least to its greatest value.
Lowered lower_hybrid_conv(const Graph& graph, const Node& node, KernelKey kernel, const Window& window,
                          const Multiplied& m) {
    const FloatRange range = float_range(node);
    const bool per_channel = graph.tensor(m.weights).quantisation.scales.size() == window.out_c;
    const HybridConvParams params{window, range.low, range.high, per_channel ? 1u : 0u};
    return {kernel, params_bytes(params), hybrid_operands(graph, m, window.out_c, hybrid_image(window))};
}

Lowered lower_hybrid_dense(const Graph& graph, const Node& node, const Dense& dense, const Multiplied& m) {
    const FloatRange range = float_range(node);
    const bool asymmetric = node.attributes.flag("asymmetric_quantize_inputs");
    const HybridDenseParams params{dense, range.low, range.high, asymmetric ? 1u : 0u};
    return {kFullyConnectedHybrid.key, params_bytes(params),
            hybrid_operands(graph, m, dense.outputs, dense.depth)};
}

}  // namespace jatai
