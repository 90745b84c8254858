#include "src/graph/ops/multiply.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "device/kernels/multiply_float.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/zero_point.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

TensorId input_or_none(const Node& node, std::size_t i) {
    return i < node.inputs.size() ? node.inputs[i] : kNoTensor;
}

void need_float(const Graph& graph, const Node& node, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type == Type::Float32) return;
    reject(graph, node,
           text("found {} {} beside a float32 input, expected float32", tensor.name, type_name(tensor.type)),
           text("convert the model with full integer quantisation to int8"));
}

}  // namespace

Multiplied multiplied(const Node& node) {
    return {node.inputs[0], node.inputs[1], input_or_none(node, 2), node.outputs[0]};
}

std::vector<Operand> operands_of(const Multiplied& m) {
    return {Operand::of(m.in), Operand::of(m.weights),
            m.bias == kNoTensor ? Operand::absent() : Operand::of(m.bias), Operand::of(m.out)};
}

void need_floats(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels) {
    for (const TensorId id : {m.in, m.weights, m.out}) need_float(graph, node, id);
    need_activation_function(graph, node);
    if (m.bias == kNoTensor) return;
    need_float(graph, node, m.bias);
    const Tensor& bias = graph.tensor(m.bias);
    if (bias.elements() != channels)
        reject(graph, node, text("found bias {}, expected {} numbers", shape_text(bias), channels));
}

FloatRange float_range(const Node& node) {
    constexpr float kMost = std::numeric_limits<float>::max();
    switch (static_cast<Activation>(node.attributes.integer("fused_activation_function"))) {
        case Activation::None:
            return {-kMost, kMost};
        case Activation::Relu:
            return {0.0f, kMost};
        case Activation::ReluN1To1:
            return {-1.0f, 1.0f};
        case Activation::Relu6:
            return {0.0f, 6.0f};
    }
    CHECK(false);
}

Lowered lower_float_conv(const Node& node, KernelKey kernel, const Window& window, const Multiplied& m) {
    FloatConvParams params{};
    params.window = window;
    const FloatRange range = float_range(node);
    params.low = range.low;
    params.high = range.high;
    return {kernel, params_bytes(params), operands_of(m)};
}

void need_zero_point_0(const Graph& graph, const Node& node, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    const std::int32_t zero = tensor.quantisation.zero_point();
    if (zero != 0)
        reject(graph, node, text("found zero point {} of {}, expected 0", zero, tensor.name),
               text("convert the model again: 16-bit activations are symmetric"));
}

void need_integer_bias(const Graph& graph, const Node& node, TensorId bias, std::int64_t channels) {
    if (bias == kNoTensor) return;
    const Tensor& tensor = graph.tensor(bias);
    const bool integers = tensor.type == Type::Int32 || tensor.type == Type::Int64;
    if (integers && tensor.constant() && tensor.elements() == channels) return;
    reject(graph, node,
           text("found bias {}, expected constant int32[{}] or int64[{}]", shape_text(tensor), channels,
                channels));
}

void need_int16(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels) {
    for (const TensorId id : {m.in, m.out}) {
        need_activation(graph, node, id, Type::Int16);
        need_zero_point_0(graph, node, id);
    }
    need_activation_function(graph, node);
    need_integer_bias(graph, node, m.bias, channels);
    const Tensor& weights = graph.tensor(m.weights);
    if (!weights.constant()) {
        reject(graph, node, text("found weights computed by another layer, expected constants"),
               text("only layers whose weights are fixed when the model is compiled run on a chip"));
    }
    for (const std::int32_t zero : weights.quantisation.zero_points) {
        if (zero != 0) reject(graph, node, text("found weights with zero point {}, expected 0", zero));
    }
    const bool layer = node.op == Op::FullyConnected && !weights.quantisation.per_channel();
    for (std::size_t c = 0; c < weights.quantisation.scales.size(); ++c)
        need_wide(graph, node, factor_of(graph, m, c, layer ? Scales::Layer : Scales::PerChannel));
}

namespace {

constexpr int kWideShift = 15;  // what QuantizeMultiplier's shift counts from, with 16 bits of multiplier

}  // namespace

Multiplier wide_factor(const Multiplier& m) {
    const std::int32_t reduced = m.multiplier < 0x7FFF0000 ? (m.multiplier + (1 << 15)) >> 16 : 0x7FFF;
    return {reduced, kWideShift - m.shift};
}

void need_wide(const Graph& graph, const Node& node, const Multiplier& m) {
    if (m.shift < kWideShift) return;
    reject(graph, node,
           text("found an output scale 2^{} times finer than input times weights, expected less than 2^{}",
                m.shift, kWideShift));
}

Multiplier factor_of(const Graph& graph, const Multiplied& m, std::size_t channel, Scales scales) {
    const float in = graph.tensor(m.in).quantisation.scale();
    const Quantisation& q = graph.tensor(m.weights).quantisation;
    const float weights = q.scales[q.per_channel() ? channel : 0];
    const double out = graph.tensor(m.out).quantisation.scale();
    if (scales == Scales::Layer) return quantize_multiplier(static_cast<double>(in * weights) / out);
    return quantize_multiplier(static_cast<double>(in) * static_cast<double>(weights) / out);
}

namespace {

std::int64_t bias_at(const Graph& graph, TensorId bias, std::size_t o) {
    if (bias == kNoTensor) return 0;
    const Tensor& tensor = graph.tensor(bias);
    std::int64_t wide = 0;
    std::int32_t narrow = 0;
    const std::uint32_t bytes = size_of(tensor.type);
    if (tensor.type == Type::Int64) {
        std::memcpy(&wide, tensor.data.data() + o * bytes, bytes);
        return wide;
    }
    std::memcpy(&narrow, tensor.data.data() + o * bytes, bytes);
    return narrow;
}

}  // namespace

std::vector<Channel> plain_channels(const Graph& graph, const Multiplied& m, std::int64_t channels,
                                    Scales scales) {
    std::vector<Channel> made;
    for (std::size_t o = 0; o < static_cast<std::size_t>(channels); ++o) {
        const Multiplier factor = factor_of(graph, m, o, scales);
        made.push_back(
            {static_cast<std::int32_t>(bias_at(graph, m.bias, o)), factor.multiplier, factor.shift});
    }
    return made;
}

// Zero points of weights come from models of uint8, where TFLite multiplies the scales in single precision.
Scales scales_of(Op op, const Tensor& weights) {
    const Quantisation& q = weights.quantisation;
    const bool layer = op == Op::FullyConnected ? !q.per_channel() : q.zero_point() != 0;
    return layer ? Scales::Layer : Scales::PerChannel;
}

std::vector<Channel> plain_channels(const Graph& graph, const Node& node) {
    const Multiplied m = multiplied(node);
    const Tensor& weights = graph.tensor(m.weights);
    const bool last = node.op == Op::DepthwiseConv2d;
    return plain_channels(graph, m, last ? weights.shape.back() : weights.shape.front(),
                          scales_of(node.op, weights));
}

std::vector<WideChannel> wide_channels(const Graph& graph, const Multiplied& m, std::int64_t channels,
                                       Scales scales) {
    std::vector<WideChannel> made;
    for (std::size_t o = 0; o < static_cast<std::size_t>(channels); ++o) {
        const Multiplier factor = wide_factor(factor_of(graph, m, o, scales));
        const auto bias = static_cast<std::uint64_t>(bias_at(graph, m.bias, o));
        made.push_back({static_cast<std::uint32_t>(bias), static_cast<std::uint32_t>(bias >> 32),
                        factor.multiplier, factor.shift});
    }
    return made;
}

Int16Range int16_range(const Graph& graph, const Node& node) {
    const float scale = graph.tensor(node.outputs[0]).quantisation.scale();
    const FloatRange range = float_range(node);
    const auto stored = [&](float value) {
        return static_cast<std::int16_t>(std::clamp(std::round(value / scale), -32768.0f, 32767.0f));
    };
    return {stored(range.low), stored(range.high)};
}

bool sums_in_32_bits(const Graph& graph, const Multiplied& m) {
    return m.bias == kNoTensor || graph.tensor(m.bias).type == Type::Int32;
}

bool needs_zeroed(const Tensor& weights) {
    if (!weights.constant() || weights.four_bits) return true;
    const std::vector<std::int32_t>& zeros = weights.quantisation.zero_points;
    return std::any_of(zeros.begin(), zeros.end(), [](std::int32_t zero) { return zero != 0; });
}

ZeroedRange zeroed_range(const Graph& graph, const Node& node, const Multiplied& m) {
    const auto zero = [&](TensorId id) {
        return static_cast<std::int8_t>(graph.tensor(id).quantisation.zero_point());
    };
    return {zero(m.in), zero(m.weights), output_range(graph, node), {}};
}

Operand zeroed_weights(const Graph& graph, TensorId id) {
    const Tensor& weights = graph.tensor(id);
    if (!weights.four_bits) return Operand::of(id);
    Bytes packed((weights.data.size() + 1) / 2);
    for (std::size_t i = 0; i < weights.data.size(); ++i) {
        const std::uint32_t nibble = weights.data[i] & 0xFu;
        packed[i / 2] = static_cast<std::uint8_t>(packed[i / 2] | nibble << (i % 2 * 4));
    }
    return Operand::of(std::move(packed));
}

Lowered lower_zeroed_conv(const Graph& graph, const Node& node, KernelKey kernel, const Window& window,
                          const Multiplied& m) {
    const ZeroedConvParams params{window, zeroed_range(graph, node, m)};
    std::vector<Channel> channels =
        plain_channels(graph, m, window.out_c, scales_of(node.op, graph.tensor(m.weights)));
    if (zero_point_folded(node)) channels = unfolded(graph, node, channels);
    return {kernel,
            params_bytes(params),
            {Operand::of(m.in), zeroed_weights(graph, m.weights), Operand::of(table_bytes(channels)),
             Operand::of(m.out)}};
}

Lowered lower_int16_conv(const Graph& graph, const Node& node, KernelKey narrow, KernelKey wide,
                         const Window& window, const Multiplied& m) {
    const Int16Range range = int16_range(graph, node);
    const Int16ConvParams params{window, range.low, range.high};
    const bool in_32 = narrow.op != Op::None && sums_in_32_bits(graph, m);
    Bytes table = in_32 ? table_bytes(plain_channels(graph, m, window.out_c, Scales::PerChannel))
                        : table_bytes(wide_channels(graph, m, window.out_c, Scales::PerChannel));
    return {in_32 ? narrow : wide,
            params_bytes(params),
            {Operand::of(m.in), Operand::of(m.weights), Operand::of(std::move(table)), Operand::of(m.out)}};
}

}  // namespace jatai
