// Bias, activation and, in a quantised network, fake quantisation in one pass over memory:
// y = round(cut(x + b) / step) * step; dx = dy where x + b lies inside, db = its sum.
#include "src/train/layers/ranged.h"

namespace jatai::train {
namespace {

class Bias : public RangedLayer {
  public:
    using RangedLayer::RangedLayer;

    int parameter_count() const override { return out_.c; }
    void initialise(Rng&, Initialisation, std::span<float> b) const override {
        std::fill(b.begin(), b.end(), 0.0f);
    }
    bool backward_in_place() const override { return true; }

    void forward(const LayerRun& run) const override {
        const Rounding r = rounding(run, spec_.activation);
        const Extent extent{rows(run), out_.c};
        const Affine affine{nullptr, run.parameters, r.limits.low, r.limits.high};
        float seen[2] = {0.0f, 0.0f};
        if (r.on) {
            run.kernels->bias_quantise(extent, run.in[0], affine, r.step, run.out, seen);
        } else {
            run.kernels->affine(extent, run.in[0], affine, run.out);
            if (state_count() != 0) run.kernels->range(floats_out(run), run.out, &seen[0], &seen[1]);
        }
        observe(run, seen);
    }

    bool repeats() const override { return true; }
    void repeat(const LayerRun& run) const override { forward(run); }

    void backward(const LayerRun& run) const override {
        const Rounding r = rounding(run, spec_.activation);
        float* d_in = run.d_in[0] != nullptr ? run.d_in[0] : run.scratch;
        run.kernels->bias_backward({rows(run), out_.c}, run.in[0], run.d_out,
                                   {nullptr, run.parameters, r.limits.low, r.limits.high}, d_in,
                                   run.gradient);
    }
    std::size_t scratch_floats(int samples) const override {
        return static_cast<std::size_t>(samples) * static_cast<std::size_t>(out_.size());
    }
};

}  // namespace

std::unique_ptr<Layer> make_bias(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Bias>(spec, in, out);
}

}  // namespace jatai::train
