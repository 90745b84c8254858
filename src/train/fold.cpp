#include "src/train/fold.h"

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/train/quantiser.h"

namespace jatai::train {
namespace {

constexpr float kEpsilon = 1e-5f;  // as batch_norm.cpp

int readers_of(const NetworkSpec& spec, int layer) {
    int readers = 0;
    for (const LayerSpec& other : spec.layers)
        readers += static_cast<int>(std::count(other.inputs.begin(), other.inputs.end(), layer));
    return readers;
}

int weights_before(const Network& network, std::size_t i) {
    const NetworkSpec& spec = network.spec();
    const int from = spec.layers[i].inputs[0];
    const bool folds = from >= 0 && network.layers()[static_cast<std::size_t>(from)]->weights().rows > 0 &&
                       readers_of(spec, from) == 1;
    if (!folds)
        throw Error{text("network {}: layer {} {}: this batch-norm has no convolution of its own before it",
                         spec.name, i, spec.layers[i].name),
                    text("put every batch_norm directly behind a convolution or dense layer")};
    return from;
}

// Scales the weights before and gives the bias that remains.
std::vector<float> fold_one(const Network& network, const Model& model, std::size_t i,
                            std::span<float> weights) {
    const std::span<const float> p = network.parameters_of(i, std::span<const float>(model.parameters));
    const std::span<const float> s = network.state_of(i, std::span<const float>(model.state));
    const std::size_t channels = p.size() / 2;
    std::vector<float> scale(channels), bias(channels);
    for (std::size_t c = 0; c < channels; ++c) {
        scale[c] = p[c] / std::sqrt(s[channels + c] + kEpsilon);
        bias[c] = p[channels + c] - s[c] * scale[c];
    }
    for (std::size_t w = 0; w < weights.size(); ++w) weights[w] *= scale[w % channels];
    return bias;
}

}  // namespace

Folded fold_batch_norm(const Network& network, const Model& model) {
    std::vector<std::vector<float>> parts(network.layers().size());
    Folded folded{network.spec(), {}};
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::span<const float> own = network.parameters_of(i, std::span<const float>(model.parameters));
        parts[i].assign(own.begin(), own.end());
        if (network.spec().layers[i].kind != LayerKind::BatchNorm) continue;
        const auto before = static_cast<std::size_t>(weights_before(network, i));
        parts[i] = fold_one(network, model, i, parts[before]);
        folded.spec.layers[i].kind = LayerKind::Bias;
    }
    for (const std::vector<float>& part : parts)
        folded.model.parameters.insert(folded.model.parameters.end(), part.begin(), part.end());
    folded.model.state.resize(Network(folded.spec).state_count());
    return folded;
}

NetworkSpec quantise(NetworkSpec spec) {
    for (std::size_t i = 0; i < spec.layers.size(); ++i) {
        LayerSpec& layer = spec.layers[i];
        const int from = layer.inputs[0];
        switch (layer.kind) {
            case LayerKind::Bias:
            case LayerKind::Add:
            case LayerKind::FakeQuant:
                layer.range_of = static_cast<int>(i);
                break;
            case LayerKind::Dropout:
                layer.rate = 0.0f;
                [[fallthrough]];
            case LayerKind::AveragePool:
            case LayerKind::MaxPool:
            case LayerKind::Flatten:
                layer.range_of =
                    from == kNetworkInput ? kNoRange : spec.layers[static_cast<std::size_t>(from)].range_of;
                break;
            default:
                break;
        }
    }
    return spec;
}

Model with_ranges(const Network& quantised, const Model& model) {
    CHECK(model.parameters.size() == quantised.parameter_count());
    return {model.parameters, std::vector<float>(quantised.state_count())};
}

void round_weights(const Network& network, const Model& model, Model& rounded) {
    rounded = model;
    for (std::size_t i = 0; i < network.layers().size(); ++i) {
        const WeightMatrix matrix = network.layers()[i]->weights();
        if (matrix.rows == 0) continue;
        fake_quantise_weights(network.parameters_of(i, std::span<const float>(model.parameters)),
                              matrix.channels, matrix.per_channel,
                              network.parameters_of(i, std::span<float>(rounded.parameters)));
    }
}

}  // namespace jatai::train
