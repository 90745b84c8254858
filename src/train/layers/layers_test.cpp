// Every backward pass against central differences of its forward pass, element by element.
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "src/train/layers/layer.h"
#include "src/train/loss.h"
#include "src/train/network.h"

namespace jatai::train {
namespace {

using Floats = std::vector<float>;

Floats random_floats(std::size_t n, std::uint64_t seed) {
    Rng rng(seed);
    Floats values(n);
    for (float& v : values) v = rng.normal();
    return values;
}

// One layer with memory of its own. The scalar it is differentiated by is sum(out * weight).
class Bench {
  public:
    Bench(const LayerSpec& spec, Shape in, int samples) : samples_(samples) {
        NetworkSpec network{"bench", in, {spec}};
        for (std::size_t i = 0; i < network.layers[0].inputs.size(); ++i)
            network.layers[0].inputs[i] = kNetworkInput;
        layer_ = make_layer(network.layers[0], in, network.shapes()[0]);
        const auto n = static_cast<std::size_t>(samples);
        for (int k = 0; k < 2; ++k) {
            in_[k] = random_floats(n * in.size(), 10 + k);
            d_in_[k].resize(in_[k].size());
        }
        out_.resize(n * layer_->out().size());
        weight_ = random_floats(out_.size(), 20);
        parameters_ = random_floats(layer_->parameter_count(), 30);
        gradient_.resize(parameters_.size());
        state_.resize(layer_->state_count());
        observed_.resize(state_.size());
        layer_->initialise_state(state_);
        saved_.resize(layer_->saved_floats(samples));
        scratch_.resize(layer_->scratch_floats(samples));
    }

    Floats& in(int k = 0) { return in_[k]; }
    Floats& parameters() { return parameters_; }
    Floats& state() { return state_; }
    Floats& observed() { return observed_; }
    const Floats& out() const { return out_; }
    const Floats& d_in(int k = 0) const { return d_in_[k]; }
    const Floats& gradient() const { return gradient_; }
    const Floats& weight() const { return weight_; }
    const Layer& layer() const { return *layer_; }

    double forward(Mode mode = Mode::Train) {
        const LayerRun run = make_run(mode);
        layer_->forward(run);
        if (layer_->renames()) out_ = in_[0];
        double sum = 0;
        for (std::size_t i = 0; i < out_.size(); ++i) sum += double(out_[i]) * weight_[i];
        return sum;
    }
    void backward() {
        forward();
        layer_->backward(make_run(Mode::Train));
        if (layer_->renames()) d_in_[0] = weight_;
    }
    // Largest difference between the analytic and the numeric gradient of `values`, relative to the largest
    // gradient.
    double error(Floats& values, const Floats& analytic) {
        constexpr float kStep = 4e-3f;
        double worst = 0, scale = 1e-3;
        for (std::size_t i = 0; i < values.size(); ++i) {
            const float before = values[i];
            values[i] = before + kStep;
            const double up = forward();
            values[i] = before - kStep;
            const double down = forward();
            values[i] = before;
            const double numeric = (up - down) / (2.0 * kStep);
            worst = std::max(worst, std::fabs(numeric - analytic[i]));
            scale = std::max(scale, std::fabs(numeric));
        }
        return worst / scale;
    }
    void expect_gradients(double tolerance = 2e-3) {
        backward();
        const Floats gradient = gradient_;
        for (std::size_t k = 0; k < layer_->spec().inputs.size(); ++k) {
            const Floats d_in = d_in_[k];
            EXPECT_LT(error(in_[k], d_in), tolerance) << "input " << k;
        }
        EXPECT_LT(error(parameters_, gradient), tolerance) << "parameters";
    }

  private:
    LayerRun make_run(Mode mode) {
        LayerRun run{};
        run.kernels = &vector_kernels();
        run.mode = mode;
        run.samples = samples_;
        run.out = out_.data();
        run.parameters = parameters_.data();
        run.state = state_.data();
        run.range = layer_->spec().range_of == kNoRange ? nullptr : state_.data();
        run.observed = observed_.data();
        run.saved = saved_.data();
        run.scratch = scratch_.data();
        run.seed = 7;
        run.d_out = weight_.data();
        run.gradient = gradient_.data();
        for (int k = 0; k < 2; ++k) {
            run.in[k] = in_[k].data();
            run.d_in[k] = d_in_[k].data();
        }
        return run;
    }

    int samples_;
    std::unique_ptr<Layer> layer_;
    Floats in_[2], d_in_[2], out_, weight_, parameters_, gradient_, state_, observed_, saved_, scratch_;
};

LayerSpec windowed(LayerKind kind, int filters, int kernel_h, int kernel_w, int stride, Padding padding) {
    return {.kind = kind,
            .name = "layer",
            .inputs = {kNetworkInput},
            .filters = filters,
            .kernel_h = kernel_h,
            .kernel_w = kernel_w,
            .stride_h = stride,
            .stride_w = stride,
            .padding = padding};
}
LayerSpec plain(LayerKind kind, Activation activation = Activation::None) {
    return {.kind = kind, .name = "layer", .inputs = {kNetworkInput}, .activation = activation};
}

TEST(Conv2dGradient, AgreesWithDifferencesForKernelsStridesAndPaddings) {
    for (const Padding padding : {Padding::Same, Padding::Valid})
        for (const int stride : {1, 2})
            for (const auto& [h, w] : {std::pair{3, 3}, {1, 1}, {4, 2}, {5, 1}}) {
                SCOPED_TRACE(testing::Message() << h << "x" << w << " stride " << stride);
                Bench(windowed(LayerKind::Conv2d, 5, h, w, stride, padding), {6, 7, 3}, 2).expect_gradients();
            }
}

TEST(DepthwiseGradient, AgreesWithDifferencesForKernelsStridesAndPaddings) {
    for (const Padding padding : {Padding::Same, Padding::Valid})
        for (const int stride : {1, 2})
            for (const auto& [h, w] : {std::pair{3, 3}, {2, 4}, {5, 1}}) {
                SCOPED_TRACE(testing::Message() << h << "x" << w << " stride " << stride);
                Bench(windowed(LayerKind::DepthwiseConv2d, 0, h, w, stride, padding), {6, 7, 5}, 2)
                    .expect_gradients();
            }
}

TEST(DenseGradient, AgreesWithDifferences) {
    LayerSpec spec = plain(LayerKind::Dense);
    spec.filters = 7;
    Bench(spec, {1, 1, 19}, 3).expect_gradients();
}

TEST(BatchNormGradient, AgreesWithDifferencesForEveryActivation) {
    for (const Activation activation : {Activation::None, Activation::Relu, Activation::Relu6}) {
        Bench bench(plain(LayerKind::BatchNorm, activation), {3, 2, 5}, 4);
        for (float& v : bench.in()) v = 3.0f * v + 2.0f;
        bench.expect_gradients(1e-2);
    }
}

TEST(BiasGradient, AgreesWithDifferencesForEveryActivation) {
    for (const Activation activation : {Activation::None, Activation::Relu, Activation::Relu6})
        Bench(plain(LayerKind::Bias, activation), {3, 2, 5}, 2).expect_gradients();
}

TEST(AddGradient, AgreesWithDifferences) {
    LayerSpec spec = plain(LayerKind::Add, Activation::Relu);
    spec.inputs = {kNetworkInput, kNetworkInput};
    Bench(spec, {3, 2, 5}, 2).expect_gradients();
}

TEST(PoolGradient, AgreesWithDifferencesForMeanLargestAndWholeImage) {
    for (const LayerKind kind : {LayerKind::AveragePool, LayerKind::MaxPool})
        for (const Padding padding : {Padding::Same, Padding::Valid})
            for (const int stride : {1, 2})
                Bench(windowed(kind, 0, 3, 2, stride, padding), {5, 6, 3}, 2).expect_gradients();
    Bench(windowed(LayerKind::AveragePool, 0, 0, 0, 1, Padding::Valid), {5, 6, 3}, 2).expect_gradients();
}

TEST(FlattenGradient, AgreesWithDifferences) {
    Bench(plain(LayerKind::Flatten), {2, 3, 4}, 2).expect_gradients();
}

TEST(DropoutGradient, AgreesWithDifferencesAndKeepsTheMean) {
    LayerSpec spec = plain(LayerKind::Dropout);
    spec.rate = 0.4f;
    Bench bench(spec, {10, 10, 10}, 2);
    bench.in().assign(bench.in().size(), 1.0f);
    bench.forward();
    double sum = 0;
    for (const float v : bench.out()) sum += v;
    EXPECT_NEAR(sum / 2000, 1.0, 0.06);
    Bench(spec, {2, 3, 4}, 2).expect_gradients();
}

TEST(SoftmaxCrossEntropyGradient, AgreesWithDifferencesWithAndWithoutSmoothing) {
    const std::vector<std::uint16_t> labels{2, 0, 3};
    for (const float smoothing : {0.0f, 0.1f}) {
        Floats z = random_floats(12, 1), d(12);
        softmax_cross_entropy({z.data(), 3, 4}, labels, smoothing, 1, d.data());
        for (std::size_t i = 0; i < z.size(); ++i) {
            const float before = z[i];
            z[i] = before + 1e-3f;
            const double up = softmax_cross_entropy({z.data(), 3, 4}, labels, smoothing, 1, nullptr).sum;
            z[i] = before - 1e-3f;
            const double down = softmax_cross_entropy({z.data(), 3, 4}, labels, smoothing, 1, nullptr).sum;
            z[i] = before;
            EXPECT_NEAR((up - down) / 2e-3, d[i], 1e-3);
        }
    }
}

// Rounding has no useful derivative: the gradient must be dy inside the grid and nothing outside.
void expect_straight_through(const LayerSpec& spec, float low, float high) {
    LayerSpec quantised = spec;
    quantised.range_of = 0;
    Bench bench(quantised, {3, 2, 5}, 4);
    bench.state() = {low, high};
    bench.parameters().assign(bench.parameters().size(), 0.0f);
    bench.backward();
    const float step = (high - low) / 255.0f;
    int inside = 0, outside = 0;
    for (std::size_t i = 0; i < bench.in().size(); ++i) {
        const float x = bench.in()[i];
        const bool open = x > low + step && x < high - step;
        const bool shut = x < low - step || x > high + step;
        inside += open;
        outside += shut;
        if (open) {
            EXPECT_EQ(bench.d_in()[i], bench.weight()[i]);
        }
        if (shut) {
            EXPECT_EQ(bench.d_in()[i], 0.0f);
        }
        EXPECT_NEAR(bench.out()[i], std::clamp(x, low, high), step * 1.01f);
        EXPECT_NEAR(std::nearbyint(bench.out()[i] / step), bench.out()[i] / step, 1e-3);
    }
    EXPECT_GT(inside, 20);
    EXPECT_GT(outside, 20);
}

TEST(FakeQuantGradient, PassesStraightThroughInsideTheGridOnly) {
    expect_straight_through(plain(LayerKind::FakeQuant), -0.8f, 0.7f);
    expect_straight_through(plain(LayerKind::Bias), -0.8f, 0.7f);
    expect_straight_through(plain(LayerKind::Bias, Activation::Relu), 0.0f, 0.7f);
}

TEST(FakeQuant, ItsRangeFollowsWhatItSees) {
    LayerSpec spec = plain(LayerKind::FakeQuant);
    spec.range_of = 0;
    Bench bench(spec, {1, 1, 4}, 1);
    bench.in() = {-1.0f, 0.5f, 2.0f, 0.0f};
    bench.forward();
    EXPECT_EQ(bench.out(), bench.in()) << "nothing seen yet: nothing rounded";
    EXPECT_EQ(bench.observed(), (Floats{-1.0f, 2.0f}));
    const Floats other{-3.0f, 1.0f};
    Floats joined(2);
    bench.layer().join_observed(std::vector<Observation>{{bench.observed().data(), 1}, {other.data(), 1}},
                                joined);
    EXPECT_EQ(joined, (Floats{-3.0f, 2.0f}));
    bench.layer().follow(joined, 0.9f, bench.state());
    EXPECT_EQ(bench.state(), (Floats{-3.0f, 2.0f})) << "the first observation is taken whole";
    bench.layer().follow(Floats{-1.0f, 4.0f}, 0.5f, bench.state());
    EXPECT_EQ(bench.state(), (Floats{-2.0f, 3.0f}));
}

// A network with branches: a residual block whose input is read twice, and a layer nobody reads.
NetworkSpec residual_network() {
    NetworkSpec spec{"residual", {6, 5, 2}, {}};
    const auto add = [&](LayerSpec layer, std::vector<int> inputs) {
        layer.inputs = std::move(inputs);
        spec.layers.push_back(layer);
        return static_cast<int>(spec.layers.size()) - 1;
    };
    LayerSpec conv = windowed(LayerKind::Conv2d, 4, 3, 3, 1, Padding::Same);
    int x = add(conv, {kNetworkInput});
    x = add(plain(LayerKind::BatchNorm, Activation::Relu), {x});
    int y = add(conv, {x});
    y = add(plain(LayerKind::BatchNorm), {y});
    x = add(plain(LayerKind::Add, Activation::Relu), {x, y});
    add(plain(LayerKind::FakeQuant), {x});
    x = add(plain(LayerKind::Add), {x, x});
    x = add(windowed(LayerKind::AveragePool, 0, 0, 0, 1, Padding::Valid), {x});
    x = add(plain(LayerKind::Flatten), {x});
    LayerSpec dense = plain(LayerKind::Dense);
    dense.filters = 3;
    x = add(dense, {x});
    add(plain(LayerKind::Bias), {x});
    return spec;
}

TEST(NetworkGradient, AgreesWithDifferencesThroughBranches) {
    const Network network(residual_network());
    Model model = network.make_model(3, Initialisation::HeNormal);
    const int samples = 3;
    const Floats x = random_floats(samples * network.spec().input.size(), 5);
    const std::vector<std::uint16_t> labels{0, 2, 1};
    Workspace shard(network, samples);
    const auto loss = [&](float* d_logits) {
        network.forward({model, Mode::Train, samples, x.data(), 1}, shard);
        return softmax_cross_entropy({shard.logits(), samples, 3}, labels, 0.0f, 1, d_logits).sum;
    };
    loss(shard.d_logits());
    network.backward({model, Mode::Train, samples, x.data(), 1}, shard);
    const Floats gradient = shard.gradient;
    double dot = 0, square = 0, norm = 0;
    const Floats direction = random_floats(gradient.size(), 9);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
        dot += double(gradient[i]) * direction[i];
        square += double(gradient[i]) * gradient[i];
        norm += double(direction[i]) * direction[i];
    }
    const float step = 1e-3f;
    const Floats before = model.parameters;
    const auto moved = [&](float by) {
        for (std::size_t i = 0; i < before.size(); ++i) model.parameters[i] = before[i] + by * direction[i];
        return loss(nullptr);
    };
    const double numeric = (moved(step) - moved(-step)) / (2.0 * step);
    EXPECT_NEAR(numeric, dot, 5e-3 * std::sqrt(square * norm));
    EXPECT_GT(square, 1e-4);
}

}  // namespace
}  // namespace jatai::train
