#include "tests/oracle_tflite/random_layer.h"

#include <cmath>
#include <cstring>

namespace jatai {

std::int32_t between(Rng& rng, int low, int high) {
    return low + static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
}

float near(Rng& rng, double middle, float span) {
    return static_cast<float>(middle * std::exp2(rng.uniform(-span, span)));
}

Quantisation quantise(Rng& rng, double scale) { return {{near(rng, scale)}, {between(rng, -128, 127)}, 0}; }

Quantisation quantise_as(Type type, Rng& rng, double scale) {
    if (type == Type::Int8) return quantise(rng, scale);
    if (type == Type::UInt8) return {{near(rng, scale)}, {between(rng, 0, 255)}, 0};
    if (type == Type::Int16) return {{near(rng, scale / 256)}, {0}, 0};
    return {};
}

Type any_of(Rng& rng, std::initializer_list<Type> types) {
    return types.begin()[rng.below(static_cast<std::uint32_t>(types.size()))];
}

Shape image(Rng& rng) { return {1, between(rng, 1, 12), between(rng, 1, 12), between(rng, 1, 20)}; }

void Layer::weights(std::vector<std::int32_t> shape, int axis, bool per_channel) {
    Tensor tensor{"weights", Type::Int8, std::move(shape), {{}, {}, axis}, {}};
    const auto channels =
        static_cast<std::size_t>(per_channel ? tensor.shape[static_cast<std::size_t>(axis)] : 1);
    for (std::size_t c = 0; c < channels; ++c) tensor.quantisation.scales.push_back(near(rng, 0.01));
    tensor.quantisation.zero_points.assign(channels, 0);
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        tensor.data.push_back(static_cast<std::uint8_t>(between(rng, -127, 127)));
    }
    node.inputs.push_back(graph.add(std::move(tensor)));
}

void Layer::numbers(std::vector<std::int32_t> shape, const std::vector<std::int32_t>& values) {
    Tensor tensor{"list" + std::to_string(graph.tensors.size()), Type::Int32, std::move(shape), {}, {}};
    tensor.data.resize(values.size() * 4);
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    node.inputs.push_back(graph.add(std::move(tensor)));
}

// int32, or int64 for activations of 16 bits.
void Layer::bias(std::int32_t channels) {
    const bool wide = graph.tensor(node.inputs[0]).type == Type::Int16;
    if (!wide && rng.below(4) == 0) return node.inputs.push_back(kNoTensor);
    const Quantisation of_weights = graph.tensor(node.inputs[1]).quantisation;
    Tensor tensor{"bias", wide ? Type::Int64 : Type::Int32, {channels}, of_weights, {}};
    tensor.quantisation.axis = 0;
    for (float& scale : tensor.quantisation.scales)
        scale *= graph.tensor(node.inputs[0]).quantisation.scale();
    const std::size_t bytes = size_of(tensor.type);
    tensor.data.resize(static_cast<std::size_t>(channels) * bytes);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        const std::int64_t value = between(rng, -20000, 20000) * (wide ? 256 : 1);
        std::memcpy(tensor.data.data() + bytes * c, &value, bytes);
    }
    node.inputs.push_back(graph.add(std::move(tensor)));
}

}  // namespace jatai
