#include "device/kernels/fully_connected.h"
#include "device/kernels/fully_connected_pairs.h"
#include "device/kernels/multiply_float.h"

#include "device/kernels/scratch.h"
#include "src/graph/ops/channel_pairs.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/conv2d_bytes.h"
#include "src/graph/ops/hybrid.h"
#include "src/graph/ops/kernels.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/zero_point.h"

namespace jatai {
namespace {

constexpr std::int64_t kMaxExtent = 0xFFFFFF;
constexpr std::int64_t kManyInputs = 2048;  // of a dense layer, from which on its speed outweighs its code

void need_sizes(const Graph& graph, const Node& node) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
    const std::int64_t batches = in.elements() / weights[1];
    if (in.elements() % weights[1] != 0 || out.elements() != batches * weights[0] || out.shape.empty() ||
        out.shape.back() != weights[0]) {
        reject(graph, node,
               text("found {} to {} by weights {}, expected matching sizes", shape_text(in), shape_text(out),
                    shape_text(graph.tensor(node.inputs[1]))));
    }
    if (weights[0] > kMaxExtent || weights[1] > kMaxExtent || batches > 65535) {
        reject(graph, node,
               text("found weights {}, which are too large for one layer",
                    shape_text(graph.tensor(node.inputs[1]))));
    }
}

void verify_float(const Graph& graph, const Node& node) {
    need_rank(graph, node, node.inputs[1], 2);
    const Multiplied m = multiplied(node);
    const std::int64_t outputs = graph.tensor(m.weights).shape[0];
    if (is_hybrid(graph, m)) return need_hybrid(graph, node, m, {outputs, 0});
    need_floats(graph, node, m, outputs);
}

void verify_int16(const Graph& graph, const Node& node) {
    need_weights(graph, node, 2, 0);
    need_int16(graph, node, multiplied(node), graph.tensor(node.inputs[1]).shape[0]);
}

void verify_int8(const Graph& graph, const Node& node) {
    need_activation(graph, node, node.inputs[0]);
    need_activation(graph, node, node.outputs[0]);
    need_weights(graph, node, 2, 0);
    need_activation_function(graph, node);
    need_bias(graph, node, graph.tensor(node.inputs[1]).shape[0]);
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 3);
    if (node.attributes.integer("weights_format") != 0) {
        reject(graph, node, text("found shuffled weights, expected the plain order"),
               text("convert the model again without a platform-specific optimisation"));
    }
    switch (graph.tensor(node.inputs[0]).type) {
        case Type::Float32:
            verify_float(graph, node);
            break;
        case Type::Int16:
            verify_int16(graph, node);
            break;
        default:
            verify_int8(graph, node);
    }
    need_sizes(graph, node);
}

std::int64_t macs(const Graph& graph, const Node& node) {
    return graph.tensor(node.outputs[0]).elements() * graph.tensor(node.inputs[1]).shape[1];
}

Dense dense_of(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
    return {static_cast<std::uint32_t>(graph.tensor(node.inputs[0]).elements() / weights[1]),
            static_cast<std::uint32_t>(weights[1]), static_cast<std::uint32_t>(weights[0])};
}

Lowered lower_float(const Graph& graph, const Node& node) {
    const Multiplied m = multiplied(node);
    if (is_hybrid(graph, m)) return lower_hybrid_dense(graph, node, dense_of(graph, node), m);
    const FloatRange range = float_range(node);
    const FloatDenseParams params{dense_of(graph, node), range.low, range.high};
    return {kFullyConnectedFloat.key, params_bytes(params), operands_of(m)};
}

// The same layer as a convolution of one tap.
ConvParams as_convolution(const FullyConnectedParams& p) {
    ConvParams params{};
    const auto depth = static_cast<std::uint16_t>(p.depth), outputs = static_cast<std::uint16_t>(p.outputs);
    params.window = {1, 1, p.batches, depth, 1, p.batches, outputs, 1, 1, 1, 1, 1, 1, 0, 0, 1};
    params.range = p.range;
    params.facts = p.facts;
    return params;
}

// A layer whose bias has the zero point of its input in already.
Lowered lower_folded(const Graph& graph, const Node& node, Family family) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const std::int64_t depth = weights.shape[1];
    const WeightSums sums = sum_weights(weights, weight_slices(graph, node));
    const std::vector<Channel> channels = plain_channels(graph, node);
    const bool per_channel = weights.quantisation.per_channel();

    FullyConnectedParams params{};
    params.batches = static_cast<std::uint16_t>(graph.tensor(node.inputs[0]).elements() / depth);
    params.depth = static_cast<std::uint32_t>(depth);
    params.outputs = static_cast<std::uint32_t>(weights.shape[0]);
    params.range = output_range(graph, node);
    std::vector<std::int32_t> bias;
    if (!per_channel) {
        params.multiplier = channels[0].multiplier;
        params.shift = channels[0].shift;
        for (const Channel& c : channels) bias.push_back(c.bias);
    }
    params.facts = prove_facts(channels, sums.magnitudes);

    Lowered step{
        per_channel ? kFullyConnectedPerChannelInt8.key : kFullyConnectedInt8.key,
        params_bytes(params),
        {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]),
         Operand::of(per_channel ? table_bytes(channels) : table_bytes(bias)), Operand::of(node.outputs[0])}};
    if (family == Family::CortexM0 && depth <= 0xFFFF && params.outputs <= 0xFFFF &&
        lower_bytes(weights, channels, as_convolution(params), step))
        return step;
    if (family == Family::CortexM) {
        step.operands.push_back(scratch_operand(fully_connected_scratch_bytes(params.depth)));
        // Pairs come in fours: one or two outputs of many inputs are sooner one by one.
        const bool few = params.outputs < 3 && depth >= kManyInputs;
        if (!few && can_pair(weights, sums.magnitudes)) {
            step.kernel = per_channel ? kFullyConnectedPairsPerChannelInt8.key : kFullyConnectedPairsInt8.key;
            step.operands[1] = Operand::of(table_bytes(pack_pairs(weights)));
        }
    }
    return step;
}

Lowered lower_int16(const Graph& graph, const Node& node) {
    const Multiplied m = multiplied(node);
    const Tensor& weights = graph.tensor(m.weights);
    const Int16Range range = int16_range(graph, node);
    const Int16DenseParams params{dense_of(graph, node), range.low, range.high};
    const bool in_32 = sums_in_32_bits(graph, m);
    Bytes table = in_32 ? table_bytes(plain_channels(graph, m, weights.shape[0], scales_of(node.op, weights)))
                        : table_bytes(wide_channels(graph, m, weights.shape[0], scales_of(node.op, weights)));
    return {in_32 ? kFullyConnectedInt16.key : kFullyConnectedWide.key,
            params_bytes(params),
            {Operand::of(m.in), Operand::of(m.weights), Operand::of(std::move(table)), Operand::of(m.out)}};
}

Lowered lower_zeroed(const Graph& graph, const Node& node) {
    const Multiplied m = multiplied(node);
    const Tensor& weights = graph.tensor(m.weights);
    const ZeroedDenseParams params{dense_of(graph, node), zeroed_range(graph, node, m)};
    return {weights.four_bits ? kFullyConnectedInt4.key : kFullyConnectedZeroed.key,
            params_bytes(params),
            {Operand::of(m.in), zeroed_weights(graph, m.weights),
             Operand::of(table_bytes(plain_channels(graph, node))), Operand::of(m.out)}};
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Type type = graph.tensor(node.inputs[0]).type;
    if (type == Type::Float32) return lower_float(graph, node);
    if (type == Type::Int16) return lower_int16(graph, node);
    return zero_point_folded(node) ? lower_folded(graph, node, family) : lower_zeroed(graph, node);
}

}  // namespace

const OpDef& fully_connected_def() {
    static const OpDef def{
        Op::FullyConnected,
        "FULLY_CONNECTED",
        9,
        8,
        12,
        {{"fused_activation_function", 0, FieldType::Int8, 0},
         {"weights_format", 1, FieldType::Int8, 0},
         {"keep_num_dims", 2, FieldType::Bool, 0},
         {"asymmetric_quantize_inputs", 3, FieldType::Bool, 0}},
        {{&kFullyConnectedInt8, "kFullyConnectedInt8", "device/kernels/fully_connected.h", true},
         {&kFullyConnectedPerChannelInt8, "kFullyConnectedPerChannelInt8", "device/kernels/fully_connected.h",
          true},
         {&kFullyConnectedPairsInt8, "kFullyConnectedPairsInt8", "device/kernels/fully_connected_pairs.h",
          true},
         {&kFullyConnectedPairsPerChannelInt8, "kFullyConnectedPairsPerChannelInt8",
          "device/kernels/fully_connected_pairs.h", true},
         {&kFullyConnectedFloat, "kFullyConnectedFloat", "device/kernels/multiply_float.h"},
         {&kFullyConnectedHybrid, "kFullyConnectedHybrid", "device/kernels/multiply_hybrid.h"},
         {&kFullyConnectedInt16, "kFullyConnectedInt16", "device/kernels/multiply_int16.h"},
         {&kFullyConnectedWide, "kFullyConnectedWide", "device/kernels/multiply_int16.h"},
         {&kFullyConnectedZeroed, "kFullyConnectedZeroed", "device/kernels/multiply_int8.h"},
         {&kFullyConnectedInt4, "kFullyConnectedInt4", "device/kernels/multiply_int8.h"}},
        verify,
        macs,
        lower};
    return def;
}

}  // namespace jatai
