// Layers that work value by value: the sum of two branches, fake quantisation alone, dropout.
#include <cmath>

#include "src/train/layers/ranged.h"

namespace jatai::train {
namespace {

bool is_inside(float v, Limits limits) { return v > limits.low && v < limits.high; }

float round_to(float v, float step) { return std::nearbyint(v / step) * step; }

// y = act(a + b): the gradient goes to both.
class Add : public RangedLayer {
  public:
    using RangedLayer::RangedLayer;

    void forward(const LayerRun& run) const override {
        const Rounding r = rounding(run, spec_.activation);
        float seen[2] = {0.0f, 0.0f};
        for (std::size_t i = 0; i < floats_out(run); ++i) {
            const float sum = run.in[0][i] + run.in[1][i];
            seen[0] = std::min(seen[0], sum);
            seen[1] = std::max(seen[1], sum);
            const float cut = std::clamp(sum, r.limits.low, r.limits.high);
            run.out[i] = r.on ? round_to(cut, r.step) : cut;
        }
        observe(run, seen);
    }

    void backward(const LayerRun& run) const override {
        const Rounding r = rounding(run, spec_.activation);
        for (std::size_t i = 0; i < floats_out(run); ++i) {
            const float d = is_inside(run.in[0][i] + run.in[1][i], r.limits) ? run.d_out[i] : 0.0f;
            for (float* d_in : run.d_in)
                if (d_in != nullptr) d_in[i] = d;
        }
    }
};

// y = round(x): where no fused layer does it.
class FakeQuant : public RangedLayer {
  public:
    using RangedLayer::RangedLayer;
    bool backward_in_place() const override { return true; }

    void forward(const LayerRun& run) const override {
        const Rounding r = rounding(run, spec_.activation);
        float seen[2] = {0.0f, 0.0f};
        run.kernels->range(floats_out(run), run.in[0], &seen[0], &seen[1]);
        for (std::size_t i = 0; i < floats_out(run); ++i) {
            const float cut = std::clamp(run.in[0][i], r.limits.low, r.limits.high);
            run.out[i] = r.on ? round_to(cut, r.step) : cut;
        }
        observe(run, seen);
    }

    void backward(const LayerRun& run) const override {
        if (run.d_in[0] == nullptr) return;
        const Rounding r = rounding(run, spec_.activation);
        for (std::size_t i = 0; i < floats_out(run); ++i)
            run.d_in[0][i] = is_inside(run.in[0][i], r.limits) ? run.d_out[i] : 0.0f;
    }
};

// Srivastava et al. 2014, scaled while training so that evaluation needs nothing.
class Dropout : public Layer {
  public:
    using Layer::Layer;
    bool backward_in_place() const override { return true; }
    std::size_t saved_floats(int samples) const override {
        return static_cast<std::size_t>(samples) * static_cast<std::size_t>(out_.size());
    }

    void forward(const LayerRun& run) const override {
        if (run.mode != Mode::Train) {
            std::copy_n(run.in[0], floats_out(run), run.out);
            return;
        }
        Rng rng(run.seed);
        const float kept = 1.0f / (1.0f - spec_.rate);
        for (std::size_t i = 0; i < floats_out(run); ++i) {
            run.saved[i] = rng.uniform() < spec_.rate ? 0.0f : kept;
            run.out[i] = run.in[0][i] * run.saved[i];
        }
    }

    void backward(const LayerRun& run) const override {
        if (run.d_in[0] == nullptr) return;
        for (std::size_t i = 0; i < floats_out(run); ++i) run.d_in[0][i] = run.d_out[i] * run.saved[i];
    }
};

}  // namespace

std::unique_ptr<Layer> make_add(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Add>(spec, in, out);
}
std::unique_ptr<Layer> make_fake_quant(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<FakeQuant>(spec, in, out);
}
std::unique_ptr<Layer> make_dropout(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Dropout>(spec, in, out);
}

}  // namespace jatai::train
