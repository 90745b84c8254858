// Batch normalisation with its activation (Ioffe, Szegedy 2015): y = act(gamma (x - mean) / sqrt(variance +
// e) + beta). In training mean and variance are those of the shard ("ghost batches", Hoffer et al. 2017), so
// shards need not wait for each other; their average moves the running statistics.
//
//     with d = dy where the activation is open, n rows:
//     d beta = sum d,   d gamma = sum d (x - mean) / s,
//     dx = gamma / s (d - d beta / n - (x - mean) / s * d gamma / n)
//
// Parameters [gamma][beta], state [mean][variance]; the output is not read again, the mask comes from x.
#include <algorithm>
#include <cmath>

#include "src/train/layers/layer.h"

namespace jatai::train {
namespace {

constexpr float kEpsilon = 1e-5f;

class BatchNorm : public Layer {
  public:
    using Layer::Layer;

    int parameter_count() const override { return 2 * out_.c; }
    void initialise(Rng&, Initialisation, std::span<float> p) const override {
        std::fill_n(p.begin(), out_.c, 1.0f);
        std::fill_n(p.begin() + out_.c, out_.c, 0.0f);
    }
    int state_count() const override { return 2 * out_.c; }
    void initialise_state(std::span<float> state) const override {
        std::fill_n(state.begin(), out_.c, 0.0f);
        std::fill_n(state.begin() + out_.c, out_.c, 1.0f);
    }
    std::size_t saved_floats(int) const override { return static_cast<std::size_t>(4 * out_.c); }
    std::size_t scratch_floats(int) const override { return static_cast<std::size_t>(3 * out_.c); }
    bool backward_in_place() const override { return true; }

    void forward(const LayerRun& run) const override {
        const int c = out_.c;
        const Extent extent{rows(run), c};
        if (run.mode == Mode::Train) {
            float* variance = run.observed + c;
            run.kernels->moments(extent, run.in[0], run.observed, variance);
            set_affine(run.parameters, run.observed, variance, run.saved);
            const float unbiased =
                static_cast<float>(extent.rows) / std::max(1.0f, static_cast<float>(extent.rows) - 1);
            for (int i = 0; i < c; ++i) variance[i] *= unbiased;
        } else {
            set_affine(run.parameters, run.state, run.state + c, run.saved);
        }
        repeat(run);
    }
    bool repeats() const override { return true; }
    void repeat(const LayerRun& run) const override {
        const Limits limits = limits_of(spec_.activation);
        run.kernels->affine({rows(run), out_.c}, run.in[0],
                            {run.saved, run.saved + out_.c, limits.low, limits.high}, run.out);
    }

    void backward(const LayerRun& run) const override {
        const int c = out_.c;
        const float *scale = run.saved, *shift = scale + c, *mean = shift + c, *inverse = mean + c;
        const Extent extent{rows(run), c};
        const Limits limits = limits_of(spec_.activation);
        const Affine affine{scale, shift, limits.low, limits.high};
        float *d_gamma = run.gradient, *d_beta = d_gamma + c;
        run.kernels->affine_backward_sums(extent, run.in[0], run.d_out, affine, mean, d_beta, d_gamma);
        float *fa = run.scratch, *fb = fa + c, *fc = fb + c;
        const float n = static_cast<float>(extent.rows);
        for (int i = 0; i < c; ++i) {
            d_gamma[i] *= inverse[i];
            fa[i] = scale[i];
            fb[i] = -scale[i] * inverse[i] * d_gamma[i] / n;
            fc[i] = -scale[i] * d_beta[i] / n - fb[i] * mean[i];
        }
        if (run.d_in[0] != nullptr)
            run.kernels->affine_backward_data(extent, run.in[0], run.d_out, affine, fa, fb, fc, run.d_in[0]);
    }

  private:
    // saved: [scale][shift][mean][1 / s]
    void set_affine(const float* parameters, const float* mean, const float* variance, float* saved) const {
        const int c = out_.c;
        for (int i = 0; i < c; ++i) {
            const float inverse = 1.0f / std::sqrt(variance[i] + kEpsilon);
            saved[i] = parameters[i] * inverse;
            saved[c + i] = parameters[c + i] - mean[i] * saved[i];
            saved[2 * c + i] = mean[i];
            saved[3 * c + i] = inverse;
        }
    }
};

}  // namespace

std::unique_ptr<Layer> make_batch_norm(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<BatchNorm>(spec, in, out);
}

}  // namespace jatai::train
