#include "tests/networks/maker.h"

#include <cmath>
#include <cstring>

namespace jatai {

TensorId Maker::numbers(Shape shape, const Shape& values) {
    Tensor tensor{"list" + std::to_string(graph.tensors.size()), Type::Int32, std::move(shape), {}, {}};
    tensor.data.resize(values.size() * 4);
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return graph.add(std::move(tensor));
}

// One more element between `low` and `high`, whole unless the tensor holds floats.
void Maker::append_number(Tensor& tensor, double low, double high) {
    const float real = rng.uniform(static_cast<float>(low), static_cast<float>(high));
    const std::int64_t whole = std::llround(static_cast<double>(real));
    const void* from = tensor.type == Type::Float32 ? static_cast<const void*>(&real) : &whole;
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    tensor.data.insert(tensor.data.end(), bytes, bytes + size_of(tensor.type));
}

// `dead`: some channels are all zeros. Floats lie in -0.2..0.2.
TensorId Maker::weights(Shape shape, int axis, bool dead) {
    const bool real = type == Type::Float32;
    Tensor tensor{"w" + std::to_string(graph.tensors.size()),
                  real ? Type::Float32 : Type::Int8,
                  std::move(shape),
                  {},
                  {}};
    const auto channels = static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(axis)]);
    const std::size_t scales = real ? 0 : type == Type::Int8 && one_in(4) ? 1 : channels;
    for (std::size_t c = 0; c < scales; ++c) tensor.quantisation.scales.push_back(near(rng, 0.01, 1));
    const bool shifted = type == Type::Int8 && scales == 1 && one_in(2);  // as models of uint8 have it
    tensor.quantisation.zero_points.assign(scales, shifted ? between(rng, -30, 30) : 0);
    tensor.quantisation.axis = real ? 0 : axis;
    std::vector<bool> zero(channels);
    for (std::size_t c = 0; c < channels; ++c) zero[c] = dead && one_in(3);
    const auto each = static_cast<std::size_t>(tensor.elements()) / channels;
    for (std::size_t i = 0; i < each * channels; ++i) {
        const double most = zero[axis == 0 ? i / each : i % channels] ? 0 : real ? 0.2 : 127;
        append_number(tensor, -most, most);
    }
    return graph.add(std::move(tensor));
}

TensorId Maker::bias(TensorId in, TensorId weights, std::int32_t channels) {
    if (type != Type::Int16 && one_in(5)) return kNoTensor;
    const Type as = type == Type::Float32 ? Type::Float32 : type == Type::Int16 ? Type::Int64 : Type::Int32;
    Tensor tensor{"b" + std::to_string(graph.tensors.size()), as, {channels}, at(weights).quantisation, {}};
    tensor.quantisation.axis = 0;
    for (float& scale : tensor.quantisation.scales) scale *= at(in).quantisation.scale();
    const double most = type == Type::Float32 ? 0.5 : type == Type::Int16 ? 5e6 : 2e4;
    for (std::int32_t c = 0; c < channels; ++c) append_number(tensor, -most, most);
    return graph.add(std::move(tensor));
}

}  // namespace jatai
