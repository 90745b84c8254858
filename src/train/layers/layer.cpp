#include "src/train/layers/layer.h"

#include <cmath>
#include <limits>

#include "src/base/error.h"

namespace jatai::train {
namespace {

// Flatten only renames its input.
class Flatten : public Layer {
  public:
    using Layer::Layer;
    bool renames() const override { return true; }
    bool backward_in_place() const override { return true; }
    void forward(const LayerRun&) const override {}
    void backward(const LayerRun&) const override {}
};

}  // namespace

void Layer::join_observed(std::span<const Observation> shards, std::span<float> joined) const {
    float samples = 0;
    for (const Observation& shard : shards) samples += static_cast<float>(shard.samples);
    for (std::size_t i = 0; i < joined.size(); ++i) {
        joined[i] = 0;
        for (const Observation& shard : shards)
            joined[i] += shard.values[i] * static_cast<float>(shard.samples) / samples;
    }
}

void Layer::follow(std::span<const float> observed, float keep, std::span<float> state) const {
    for (std::size_t i = 0; i < state.size(); ++i) state[i] = keep * state[i] + (1.0f - keep) * observed[i];
}

std::unique_ptr<Layer> make_layer(const LayerSpec& spec, Shape in, Shape out) {
    switch (spec.kind) {
        case LayerKind::Conv2d:
            return make_conv2d(spec, in, out);
        case LayerKind::DepthwiseConv2d:
            return make_depthwise(spec, in, out);
        case LayerKind::Dense:
            return make_dense(spec, in, out);
        case LayerKind::BatchNorm:
            return make_batch_norm(spec, in, out);
        case LayerKind::Bias:
            return make_bias(spec, in, out);
        case LayerKind::Add:
            return make_add(spec, in, out);
        case LayerKind::AveragePool:
        case LayerKind::MaxPool:
            return make_pool(spec, in, out);
        case LayerKind::Flatten:
            return std::make_unique<Flatten>(spec, in, out);
        case LayerKind::Dropout:
            return make_dropout(spec, in, out);
        case LayerKind::FakeQuant:
            return make_fake_quant(spec, in, out);
    }
    CHECK(false && "a layer of known kind");
    return nullptr;
}

void fill_weights(Rng& rng, Initialisation how, int fan_in, int fan_out, std::span<float> weights) {
    const float in = static_cast<float>(fan_in), out = static_cast<float>(fan_out);
    const float deviation = std::sqrt(2.0f / in);
    const float limit =
        how == Initialisation::GlorotUniform ? std::sqrt(6.0f / (in + out)) : 1.0f / std::sqrt(in);
    for (float& w : weights)
        w = how == Initialisation::HeNormal ? deviation * rng.normal() : rng.uniform(-limit, limit);
}

Limits limits_of(Activation activation) {
    constexpr float kNone = std::numeric_limits<float>::max();
    switch (activation) {
        case Activation::Relu:
            return {0.0f, kNone};
        case Activation::Relu6:
            return {0.0f, 6.0f};
        case Activation::ReluN1To1:
            return {-1.0f, 1.0f};
        default:
            return {-kNone, kNone};
    }
}

}  // namespace jatai::train
