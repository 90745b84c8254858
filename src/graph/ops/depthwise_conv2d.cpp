#include "device/kernels/depthwise_conv2d.h"
#include "device/kernels/depthwise_strips.h"
#include "device/kernels/multiply_float.h"

#include "device/kernels/scratch.h"
#include "src/graph/ops/common.h"
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

// Weights: [1, kernel_h, kernel_w, out_c].
Taps taps_of(const Graph& graph, const Node& node) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    return {weights.shape[1], weights.shape[2]};
}

void need_shapes(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& weights = graph.tensor(node.inputs[1]).shape;
    const std::int32_t in_c = graph.tensor(node.inputs[0]).shape[3];
    const std::int32_t out_c = graph.tensor(node.outputs[0]).shape[3];
    need_shape(graph, node, node.inputs[1], {1, weights[1], weights[2], out_c});
    if (out_c % in_c != 0) {
        reject(graph, node,
               text("found {} output channels on {} input channels, expected a multiple", out_c, in_c));
    }
}

void verify_float(const Graph& graph, const Node& node) {
    need_rank(graph, node, node.inputs[1], 4);
    need_window(graph, node, taps_of(graph, node), Type::Float32);
    need_shapes(graph, node);
    const Multiplied m = multiplied(node);
    const std::int64_t channels = graph.tensor(m.out).shape[3];
    if (is_hybrid(graph, m)) return need_hybrid(graph, node, m, {channels, 3});
    need_floats(graph, node, m, channels);
}

void verify_int16(const Graph& graph, const Node& node) {
    need_weights(graph, node, 4, 3);
    need_window(graph, node, taps_of(graph, node), Type::Int16);
    need_shapes(graph, node);
    need_int16(graph, node, multiplied(node), graph.tensor(node.outputs[0]).shape[3]);
}

void verify_int8(const Graph& graph, const Node& node) {
    need_weights(graph, node, 4, 3);
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
    return graph.tensor(node.outputs[0]).elements() * weights.shape[1] * weights.shape[2];
}

// 256 times any sum with its bias holds 32 bits.
bool have_room(const std::vector<Channel>& channels, const std::vector<SumSpan>& spans) {
    for (std::size_t o = 0; o < channels.size(); ++o) {
        const std::int64_t most =
            std::max(-spans[o].low, spans[o].high) + std::abs(std::int64_t{channels[o].bias});
        if (most >= 1 << 22) return false;
    }
    return true;
}

// `step` by strips, where that is exact. An activation that clamps is held at the end, after two roundings.
bool lower_strips(const Tensor& weights, const std::vector<Channel>& channels,
                  const DepthwiseConv2dParams& params, Lowered& step) {
    const Window& w = params.window;
    if (!is_spread_strips(w)) return false;
    const bool full = is_full(params.range), spread = w.in_c != w.out_c || !full;
    const bool zeroed = params.weight_zero_point != 0;
    const std::vector<SumSpan> spans = sum_spans(weights, {params.window.out_c, 1, params.window.out_c, 9});
    const std::vector<ScaleLine> lines =
        full ? find_lines(channels, spans, params.range, kStripLine) : std::vector<ScaleLine>{};
    if (!lines.empty()) {
        step.kernel = spread   ? kDepthwiseSpreadLinesInt8.key
                      : zeroed ? kDepthwiseZeroedLinesInt8.key
                               : kDepthwiseLinesInt8.key;
        step.operands[2] = Operand::of(table_bytes(lines));
    } else if ((params.facts & kShortRequantise) && have_room(channels, spans)) {
        step.kernel = spread   ? kDepthwiseSpreadRoundedInt8.key
                      : zeroed ? kDepthwiseZeroedRoundedInt8.key
                               : kDepthwiseRoundedInt8.key;
        step.operands[2] = Operand::of(table_bytes(rounded_scales(channels, params.range)));
    } else {
        return false;
    }
    step.operands.push_back(scratch_operand(spread ? spread_strips_scratch_bytes(params)
                                                   : depthwise_strips_scratch_bytes(params)));
    return true;
}

constexpr std::uint32_t kDenseChannels = 4;

// `step` as a convolution over all channels, where there are so few that multiplying with nothing is sooner
// than loading each number by itself.
bool lower_dense(const Tensor& weights, const std::vector<Channel>& channels, const WeightSums& sums,
                 const DepthwiseConv2dParams& params, Lowered& step) {
    const Window& w = params.window;
    if (w.in_c > kDenseChannels || (w.in_c == w.out_c && w.in_c == kDenseChannels)) return false;
    ConvParams conv = params;
    conv.window.groups = 1;
    return lower_dsp_conv(dense_weights(weights, w.in_c), channels, sums, conv, step);
}

// Strips for a core without the DSP extension.
bool lower_words(const Tensor& weights, const std::vector<Channel>& channels,
                 const DepthwiseConv2dParams& params, Lowered& step) {
    if (!is_depthwise_strips(params.window) || !is_full(params.range)) return false;
    const std::vector<SumSpan> spans = sum_spans(weights, {params.window.out_c, 1, params.window.out_c, 9});
    const std::vector<ScaleLine> lines =
        find_lines(channels, spans, params.range, kStripLine, kHalfwordLimits);
    if (lines.empty()) return false;
    step.kernel = kDepthwiseLinesInt8.key;
    step.operands[2] = Operand::of(table_bytes(lines));
    step.operands.push_back(scratch_operand(depthwise_words_scratch_bytes(params)));
    return true;
}

// A layer whose bias has the zero point of its input in already.
Lowered lower_folded(const Graph& graph, const Node& node, Family family) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const WeightSums sums = sum_weights(weights, weight_slices(graph, node));
    const std::vector<Channel> channels = plain_channels(graph, node);

    DepthwiseConv2dParams params{};
    params.window = make_window(graph, node, taps_of(graph, node));
    params.input_zero_point =
        static_cast<std::int8_t>(graph.tensor(node.inputs[0]).quantisation.zero_point());
    params.range = output_range(graph, node);
    params.facts = prove_facts(channels, sums.magnitudes);

    params.weight_zero_point = static_cast<std::int8_t>(weights.quantisation.zero_point());
    const bool zeroed = params.weight_zero_point != 0;
    if (zeroed && family != Family::CortexM)
        return lower_zeroed_conv(graph, node, kDepthwiseConv2dZeroed.key, params.window, multiplied(node));

    Lowered step{zeroed ? kDepthwiseConv2dZeroedInt8.key : kDepthwiseConv2dInt8.key,
                 params_bytes(params),
                 {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]),
                  Operand::of(table_bytes(channels)), Operand::of(node.outputs[0])}};
    if (family == Family::CortexM0 && lower_words(weights, channels, params, step)) return step;
    if (family == Family::CortexM) {
        if (lower_strips(weights, channels, params, step)) return step;
        if (lower_dense(weights, channels, sums, params, step)) return step;
        step.operands.push_back(scratch_operand(depthwise_conv2d_scratch_bytes(params)));
    }
    return step;
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Type type = graph.tensor(node.inputs[0]).type;
    const Multiplied m = multiplied(node);
    const Window window = make_window(graph, node, taps_of(graph, node));
    if (is_hybrid(graph, m)) return lower_hybrid_conv(graph, node, kDepthwiseHybrid.key, window, m);
    if (type == Type::Float32) return lower_float_conv(node, kDepthwiseConv2dFloat.key, window, m);
    if (type == Type::Int16) return lower_int16_conv(graph, node, {}, kDepthwiseConv2dWide.key, window, m);
    if (zero_point_folded(node)) return lower_folded(graph, node, family);
    const bool four_bits = graph.tensor(m.weights).four_bits;
    const KernelKey key = four_bits ? kDepthwiseConv2dInt4.key : kDepthwiseConv2dZeroed.key;
    return lower_zeroed_conv(graph, node, key, window, m);
}

}  // namespace

const OpDef& depthwise_conv2d_def() {
    static const OpDef def{
        Op::DepthwiseConv2d,
        "DEPTHWISE_CONV_2D",
        4,
        2,
        7,
        {{"padding", 0, FieldType::Int8, 0},
         {"stride_w", 1, FieldType::Int32, 0},
         {"stride_h", 2, FieldType::Int32, 0},
         {"depth_multiplier", 3, FieldType::Int32, 0},
         {"fused_activation_function", 4, FieldType::Int8, 0},
         {"dilation_w_factor", 5, FieldType::Int32, 1},
         {"dilation_h_factor", 6, FieldType::Int32, 1}},
        {{&kDepthwiseConv2dInt8, "kDepthwiseConv2dInt8", "device/kernels/depthwise_conv2d.h", true},
         {&kDepthwiseConv2dZeroedInt8, "kDepthwiseConv2dZeroedInt8", "device/kernels/depthwise_conv2d.h",
          true},
         {&kDepthwiseLinesInt8, "kDepthwiseLinesInt8", "device/kernels/depthwise_strips.h", true},
         {&kDepthwiseRoundedInt8, "kDepthwiseRoundedInt8", "device/kernels/depthwise_strips.h", true},
         {&kDepthwiseZeroedLinesInt8, "kDepthwiseZeroedLinesInt8", "device/kernels/depthwise_strips.h", true},
         {&kDepthwiseZeroedRoundedInt8, "kDepthwiseZeroedRoundedInt8", "device/kernels/depthwise_strips.h",
          true},
         {&kDepthwiseSpreadLinesInt8, "kDepthwiseSpreadLinesInt8", "device/kernels/depthwise_strips.h", true},
         {&kDepthwiseSpreadRoundedInt8, "kDepthwiseSpreadRoundedInt8", "device/kernels/depthwise_strips.h",
          true},
         {&kDepthwiseConv2dFloat, "kDepthwiseConv2dFloat", "device/kernels/multiply_float.h"},
         {&kDepthwiseHybrid, "kDepthwiseHybrid", "device/kernels/multiply_hybrid.h"},
         {&kDepthwiseConv2dWide, "kDepthwiseConv2dWide", "device/kernels/multiply_int16.h"},
         {&kDepthwiseConv2dZeroed, "kDepthwiseConv2dZeroed", "device/kernels/multiply_int8.h"},
         {&kDepthwiseConv2dInt4, "kDepthwiseConv2dInt4", "device/kernels/multiply_int8.h"}},
        verify,
        macs,
        lower};
    return def;
}

}  // namespace jatai
