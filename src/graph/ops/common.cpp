#include "src/graph/ops/common.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "src/graph/tflite_names.h"

namespace jatai {

void reject(const Graph& graph, const Node& node, const std::string& found, const std::string& hint) {
    const bool has_hint = !hint.empty();
    throw Error{place_of(graph, node) + ": " + found,
                has_hint ? hint : text("change this layer in the network, or export the model again")};
}

void need_operands(const Graph& graph, const Node& node, std::size_t least, std::size_t most,
                   std::size_t outputs) {
    if (node.inputs.size() < least || node.inputs.size() > most) {
        reject(graph, node, text("found {} inputs, expected {} to {}", node.inputs.size(), least, most));
    }
    for (std::size_t i = 0; i < least; ++i) {
        if (node.inputs[i] == kNoTensor) reject(graph, node, text("found no input {}, which it needs", i));
    }
    if (node.outputs.size() != outputs)
        reject(graph, node, text("found {} outputs, expected {}", node.outputs.size(), outputs));
}

void need_activation(const Graph& graph, const Node& node, TensorId id, Type type) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type != type) {
        reject(graph, node,
               text("found {} {}, expected {}", tensor.name, type_name(tensor.type), type_name(type)),
               text("convert the model with full integer quantisation to int8"));
    }
    const Quantisation& q = tensor.quantisation;
    if (q.scales.size() != 1 || !(q.scale() > 0)) {
        reject(graph, node, text("found {} scales of {}, expected one above 0", q.scales.size(), tensor.name),
               text("convert the model with full integer quantisation to int8"));
    }
}

void need_value(const Graph& graph, const Node& node, TensorId id, Type type) {
    if (type != Type::Float32) return need_activation(graph, node, id, type);
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type != type)
        reject(graph, node,
               text("found {} {}, expected {}", tensor.name, type_name(tensor.type), type_name(type)));
}

void need_shape(const Graph& graph, const Node& node, TensorId id,
                const std::vector<std::int32_t>& expected) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.shape == expected) return;
    Tensor wanted;
    wanted.type = tensor.type;
    wanted.shape = expected;
    reject(graph, node,
           text("found {} {}, expected {}", tensor.name, shape_text(tensor), shape_text(wanted)));
}

void need_rank(const Graph& graph, const Node& node, TensorId id, std::size_t rank) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.shape.size() != rank) {
        reject(graph, node,
               text("found {} {}, expected {} dimensions", tensor.name, shape_text(tensor), rank));
    }
}

void need_weights(const Graph& graph, const Node& node, std::size_t rank, int axis) {
    const Tensor& weights = graph.tensor(node.inputs[1]);
    const std::string hint = text("convert the model with full integer quantisation to int8");
    if (weights.type != Type::Int8) {
        reject(graph, node, text("found {} weights, expected int8", type_name(weights.type)), hint);
    }
    need_rank(graph, node, node.inputs[1], rank);
    const Quantisation& q = weights.quantisation;
    const auto slices = static_cast<std::size_t>(weights.shape[static_cast<std::size_t>(axis)]);
    if (q.scales.size() != 1 && (q.scales.size() != slices || q.axis != axis)) {
        reject(graph, node,
               text("found {} scales of the weights along dimension {}, expected 1 or {} along dimension {}",
                    q.scales.size(), q.axis, slices, axis));
    }
    for (const std::int32_t zero : q.zero_points) {
        if (zero == 0 || !q.per_channel()) continue;
        reject(graph, node, text("found weights with zero point {}, expected 0", zero), hint);
    }
}

void need_bias(const Graph& graph, const Node& node, std::int64_t channels) {
    const Tensor* bias = optional_input(graph, node, 2);
    if (bias == nullptr) return;
    if (bias->type != Type::Int32 || !bias->constant() || bias->elements() != channels) {
        reject(graph, node, text("found bias {}, expected constant int32[{}]", shape_text(*bias), channels));
    }
}

void need_same_scale(const Graph& graph, const Node& node) {
    const Quantisation& in = graph.tensor(node.inputs[0]).quantisation;
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    // The tolerance is TFLite's.
    if (std::abs(in.scale() - out.scale()) > 1e-6f || in.zero_point() != out.zero_point()) {
        reject(graph, node,
               text("found input scale {} zero point {} and output scale {} zero point {}, expected the same",
                    in.scale(), in.zero_point(), out.scale(), out.zero_point()));
    }
}

void need_activation_function(const Graph& graph, const Node& node) {
    const std::int64_t kind = node.attributes.integer("fused_activation_function");
    if (kind < 0 || kind > static_cast<std::int64_t>(Activation::Relu6)) {
        reject(graph, node,
               text("found fused activation {}, expected none, RELU, RELU_N1_TO_1 or RELU6", kind),
               text("train with RELU or RELU6, which cost nothing on the chip"));
    }
}

const Tensor* optional_input(const Graph& graph, const Node& node, std::size_t i) {
    if (i >= node.inputs.size() || node.inputs[i] == kNoTensor) return nullptr;
    return &graph.tensor(node.inputs[i]);
}

Multiplier quantize_multiplier(double real) {
    if (!(real > 0) || !std::isfinite(real)) return {0, 0};
    int shift = 0;
    auto q = static_cast<std::int64_t>(std::round(std::frexp(real, &shift) * static_cast<double>(1ll << 31)));
    if (q == 1ll << 31) {
        q /= 2;
        ++shift;
    }
    if (shift < -31) return {0, 0};
    if (shift > 30) return {std::numeric_limits<std::int32_t>::max(), 30};
    return {static_cast<std::int32_t>(q), shift};
}

Multiplier signed_multiplier(double real) {
    const Multiplier m = quantize_multiplier(std::abs(real));
    return {real < 0 ? -m.multiplier : m.multiplier, m.shift};
}

std::int64_t stored_value(float value, const Quantisation& q) {
    const double steps = std::round(value / q.scale());  // in float, as TFLite divides
    return static_cast<std::int64_t>(std::clamp(steps, -1e9, 1e9)) + q.zero_point();
}

Limits limits_of(Type type) {
    if (type == Type::UInt8) return {0, 255};
    if (type == Type::Int16) return {-32768, 32767};
    CHECK(type == Type::Int8);
    return {-128, 127};
}

Limits output_limits(const Graph& graph, const Node& node) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    const Limits all = limits_of(out.type);
    const auto inside = [&](float value) {
        return static_cast<std::int32_t>(
            std::clamp<std::int64_t>(stored_value(value, out.quantisation), all.low, all.high));
    };
    switch (static_cast<Activation>(node.attributes.integer("fused_activation_function"))) {
        case Activation::None:
            break;
        case Activation::Relu:
            return {inside(0.0f), all.high};
        case Activation::ReluN1To1:
            return {inside(-1.0f), inside(1.0f)};
        case Activation::Relu6:
            return {inside(0.0f), inside(6.0f)};
    }
    return all;
}

Range output_range(const Graph& graph, const Node& node) {
    const Limits limits = output_limits(graph, node);
    const std::int32_t zero = graph.tensor(node.outputs[0]).quantisation.zero_point();
    return {static_cast<std::int8_t>(std::clamp(zero, -128, 127)), static_cast<std::int8_t>(limits.low),
            static_cast<std::int8_t>(limits.high)};
}

WeightSums sum_weights(const Tensor& weights, const Slices& slices) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const std::int32_t zero = weights.quantisation.zero_point();
    WeightSums result;
    for (std::int64_t o = 0; o < slices.channels; ++o) {
        std::int64_t sum = 0;
        std::int64_t magnitude = 0;
        for (std::int64_t i = 0; i < slices.count; ++i) {
            const int weight = w[o * slices.first + i * slices.step] - zero;
            sum += weight;
            magnitude += std::abs(weight);
        }
        result.sums.push_back(sum);
        result.magnitudes.push_back(magnitude);
    }
    return result;
}

std::vector<Channel> raise_inputs(std::vector<Channel> channels, const std::vector<std::int64_t>& sums,
                                  std::int64_t higher) {
    for (std::size_t o = 0; o < channels.size(); ++o) {
        // Sums wrap on the chip as they do here, so doing it early changes no answer.
        const auto bias = static_cast<std::uint64_t>(channels[o].bias - higher * sums[o]);
        channels[o].bias = static_cast<std::int32_t>(static_cast<std::uint32_t>(bias));
    }
    return channels;
}

std::uint8_t prove_facts(const std::vector<Channel>& channels, const std::vector<std::int64_t>& magnitudes) {
    constexpr std::int64_t kLimit = 1 << 30;
    for (std::size_t o = 0; o < channels.size(); ++o) {
        const Channel& c = channels[o];
        if (c.shift > -1 || c.shift < -22) return 0;
        if (std::abs(std::int64_t{c.bias}) + 128 * magnitudes[o] >= kLimit) return 0;
    }
    return kShortRequantise;
}

}  // namespace jatai
