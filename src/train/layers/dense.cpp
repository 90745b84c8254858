// Dense: y = x w, weights [inputs][outputs]. dw = x^T dy, dx = dy w^T. One int8 scale for the whole layer, as
// TFLite's FULLY_CONNECTED of version 4 has it.
#include "src/train/layers/layer.h"

namespace jatai::train {
namespace {

class Dense : public Layer {
  public:
    using Layer::Layer;

    int parameter_count() const override { return in_.c * out_.c; }
    void initialise(Rng& rng, Initialisation how, std::span<float> w) const override {
        fill_weights(rng, how, in_.c, out_.c, w);
    }
    WeightMatrix weights() const override { return {in_.c, out_.c, false}; }
    std::int64_t macs() const override { return std::int64_t{1} * in_.c * out_.c; }
    std::size_t scratch_floats(int) const override { return static_cast<std::size_t>(parameter_count()); }

    void forward(const LayerRun& run) const override {
        run.kernels->gemm({run.samples, out_.c, in_.c}, {run.in[0], in_.c, 1}, {run.parameters, out_.c},
                          {run.out, out_.c, Accumulate::No});
    }

    void backward(const LayerRun& run) const override {
        run.kernels->gemm({in_.c, out_.c, run.samples}, {run.in[0], 1, in_.c}, {run.d_out, out_.c},
                          {run.gradient, out_.c, Accumulate::No});
        if (run.d_in[0] == nullptr) return;
        for (int k = 0; k < in_.c; ++k)
            for (int c = 0; c < out_.c; ++c) run.scratch[c * in_.c + k] = run.parameters[k * out_.c + c];
        run.kernels->gemm({run.samples, in_.c, out_.c}, {run.d_out, out_.c, 1}, {run.scratch, in_.c},
                          {run.d_in[0], in_.c, Accumulate::No});
    }
};

}  // namespace

std::unique_ptr<Layer> make_dense(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Dense>(spec, in, out);
}

}  // namespace jatai::train
