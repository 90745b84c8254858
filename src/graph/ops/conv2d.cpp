#include "device/kernels/conv2d.h"
#include "device/kernels/conv2d_blocks.h"
#include "device/kernels/conv2d_bytes.h"
#include "device/kernels/conv2d_few.h"
#include "device/kernels/conv2d_pairs.h"
#include "device/kernels/conv2d_short.h"
#include "device/kernels/multiply_float.h"

#include "device/kernels/scratch.h"
#include "src/graph/ops/channel_pairs.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/conv2d_bytes.h"
#include "src/graph/ops/dsp_conv.h"
#include "src/graph/ops/hybrid.h"
#include "src/graph/ops/kernels.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/scales.h"
#include "src/graph/ops/window.h"
#include "src/graph/ops/zero_point.h"

namespace jatai {
namespace {

// Weights: [out_c, kernel_h, kernel_w, in_c / groups].
Taps taps_of(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return {weights.shape[1], weights.shape[2]};
}

void need_shapes(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
    const std::int32_t in_c = graph.tensor(node.inputs[0]).shape[3];
    const std::int32_t out_c = graph.tensor(node.outputs[0]).shape[3];
    need_shape(graph, node, node.inputs[1], {out_c, weights[1], weights[2], weights[3]});
    if (in_c % weights[3] != 0 || out_c % (in_c / weights[3]) != 0) {
        reject(graph, node,
               text("found weights for {} channels on an input of {} and an output of {}, expected groups of "
                    "equal size",
                    weights[3], in_c, out_c));
    }
}

void verify_float(const Graph& graph, const Node& node) {
    need_rank(graph, node, node.inputs[1], 4);
    need_window(graph, node, taps_of(graph, node), Type::Float32);
    need_shapes(graph, node);
    const Multiplied m = multiplied(node);
    const std::int64_t channels = graph.tensor(m.out).shape[3];
    if (is_hybrid(graph, m)) return need_hybrid(graph, node, m, {channels, 0});
    need_floats(graph, node, m, channels);
}

void verify_int16(const Graph& graph, const Node& node) {
    need_weights(graph, node, 4, 0);
    need_window(graph, node, taps_of(graph, node), Type::Int16);
    need_shapes(graph, node);
    need_int16(graph, node, multiplied(node), graph.tensor(node.outputs[0]).shape[3]);
}

void verify_int8(const Graph& graph, const Node& node) {
    need_weights(graph, node, 4, 0);
    need_window(graph, node, taps_of(graph, node));
    need_bias(graph, node, graph.tensor(node.outputs[0]).shape[3]);
    need_shapes(graph, node);
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 3);
    const Type type = graph.tensor(node.inputs[0]).type;
    if (type == Type::Float32) return verify_float(graph, node);
    if (type == Type::Int16) return verify_int16(graph, node);
    verify_int8(graph, node);
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return graph.tensor(node.outputs[0]).elements() * weights.shape[1] * weights.shape[2] * weights.shape[3];
}

// A window over as many groups as the weights see channels.
Window window_of(const Graph& graph, const Node& node) {
    Window window = make_window(graph, node, taps_of(graph, node));
    window.groups = static_cast<std::uint16_t>(window.in_c / graph.tensor(node.inputs[1]).shape[3]);
    return window;
}

// The layer as the reference kernels do it.
Lowered lower_plain(const Graph& graph, const Node& node, const Conv2dParams& params,
                    const std::vector<Channel>& channels) {
    if (params.weight_zero_point != 0)
        return lower_zeroed_conv(graph, node, kConv2dZeroed.key, params.window, multiplied(node));
    return {kConv2dInt8.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(table_bytes(channels)),
             Operand::of(node.outputs[0])}};
}

// A layer whose bias has the zero point of its input in already.
Lowered lower_folded(const Graph& graph, const Node& node, Family family) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const WeightSums sums = sum_weights(weights, weight_slices(graph, node));
    const std::vector<Channel> channels = plain_channels(graph, node);

    Conv2dParams params{};
    params.window = window_of(graph, node);
    params.input_zero_point =
        static_cast<std::int8_t>(graph.tensor(node.inputs[0]).quantisation.zero_point());
    params.range = output_range(graph, node);
    params.facts = prove_facts(channels, sums.magnitudes);
    params.weight_zero_point = static_cast<std::int8_t>(weights.quantisation.zero_point());

    Lowered step = lower_plain(graph, node, params, channels);
    if (family == Family::CortexM0 && lower_bytes(weights, channels, params, step)) return step;
    if (family != Family::CortexM) return step;
    if (lower_dsp_conv(weights, channels, sums, params, step)) return step;
    if (params.weight_zero_point != 0) return step;
    step.operands.push_back(scratch_operand(conv2d_scratch_bytes(params)));
    if (params.window.groups == 1 && can_pair(weights, sums.magnitudes)) {
        step.kernel = kConv2dPairsInt8.key;
        step.operands[1] = Operand::of(table_bytes(pack_pairs(weights)));
    }
    return step;
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Type type = graph.tensor(node.inputs[0]).type;
    const Multiplied m = multiplied(node);
    const Window window = window_of(graph, node);
    if (is_hybrid(graph, m)) return lower_hybrid_conv(graph, node, kConv2dHybrid.key, window, m);
    if (type == Type::Float32) return lower_float_conv(node, kConv2dFloat.key, window, m);
    if (type == Type::Int16)
        return lower_int16_conv(graph, node, kConv2dInt16.key, kConv2dWide.key, window, m);
    if (zero_point_folded(node)) return lower_folded(graph, node, family);
    const bool four_bits = graph.tensor(m.weights).four_bits;
    return lower_zeroed_conv(graph, node, four_bits ? kConv2dInt4.key : kConv2dZeroed.key, window, m);
}

}  // namespace

const OpDef& conv2d_def() {
    static const OpDef def{
        Op::Conv2d,
        "CONV_2D",
        3,
        1,
        8,
        {{"padding", 0, FieldType::Int8, 0},
         {"stride_w", 1, FieldType::Int32, 0},
         {"stride_h", 2, FieldType::Int32, 0},
         {"fused_activation_function", 3, FieldType::Int8, 0},
         {"dilation_w_factor", 4, FieldType::Int32, 1},
         {"dilation_h_factor", 5, FieldType::Int32, 1}},
        {{&kConv2dInt8, "kConv2dInt8", "device/kernels/conv2d.h", true},
         {&kConv2dPairsInt8, "kConv2dPairsInt8", "device/kernels/conv2d_pairs.h", true},
         {&kConv2dLinesInt8, "kConv2dLinesInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dRoundedInt8, "kConv2dRoundedInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dZeroedLinesInt8, "kConv2dZeroedLinesInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dZeroedRoundedInt8, "kConv2dZeroedRoundedInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dHeldInt8, "kConv2dHeldInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dZeroedHeldInt8, "kConv2dZeroedHeldInt8", "device/kernels/conv2d_blocks.h", true},
         {&kConv2dFewInt8, "kConv2dFewInt8", "device/kernels/conv2d_few.h", true},
         {&kConv2dShort8Int8, "kConv2dShort8Int8", "device/kernels/conv2d_short.h", true},
         {&kConv2dShort12Int8, "kConv2dShort12Int8", "device/kernels/conv2d_short.h", true},
         {&kConv2dByteLinesInt8, "kConv2dByteLinesInt8", "device/kernels/conv2d_bytes.h"},
         {&kConv2dByteRoundedInt8, "kConv2dByteRoundedInt8", "device/kernels/conv2d_bytes.h"},
         {&kConv2dFloat, "kConv2dFloat", "device/kernels/multiply_float.h"},
         {&kConv2dHybrid, "kConv2dHybrid", "device/kernels/multiply_hybrid.h"},
         {&kConv2dInt16, "kConv2dInt16", "device/kernels/multiply_int16.h"},
         {&kConv2dWide, "kConv2dWide", "device/kernels/multiply_int16.h"},
         {&kConv2dZeroed, "kConv2dZeroed", "device/kernels/multiply_int8.h"},
         {&kConv2dInt4, "kConv2dInt4", "device/kernels/multiply_int8.h"}},
        verify,
        macs,
        lower};
    return def;
}

}  // namespace jatai
