// Depthwise convolution, one filter per channel. Weights [kernel_h][kernel_w][channels].
#include <algorithm>

#include "src/train/layers/layer.h"

namespace jatai::train {
namespace {

class Depthwise : public Layer {
  public:
    Depthwise(const LayerSpec& spec, Shape in, Shape out)
        : Layer(spec, in, out),
          shape_{in.h,
                 in.w,
                 out.h,
                 out.w,
                 in.c,
                 spec.kernel_h,
                 spec.kernel_w,
                 spec.stride_h,
                 spec.stride_w,
                 window(in.h, spec.kernel_h, spec.stride_h, spec.padding).pad_before,
                 window(in.w, spec.kernel_w, spec.stride_w, spec.padding).pad_before} {}

    int parameter_count() const override { return taps() * in_.c; }
    void initialise(Rng& rng, Initialisation how, std::span<float> w) const override {
        fill_weights(rng, how, taps(), taps(), w);
    }
    WeightMatrix weights() const override { return {taps(), in_.c, true}; }
    std::int64_t macs() const override { return std::int64_t{1} * taps() * out_.size(); }

    void forward(const LayerRun& run) const override {
        for (int n = 0; n < run.samples; ++n)
            run.kernels->depthwise_forward(shape_, run.in[0] + n * in_.size(), run.parameters,
                                           run.out + n * out_.size());
    }

    void backward(const LayerRun& run) const override {
        std::fill_n(run.gradient, parameter_count(), 0.0f);
        for (int n = 0; n < run.samples; ++n) {
            const float* d_out = run.d_out + n * out_.size();
            run.kernels->depthwise_backward_weights(shape_, run.in[0] + n * in_.size(), d_out, run.gradient);
            if (run.d_in[0] != nullptr)
                run.kernels->depthwise_backward_data(shape_, d_out, run.parameters,
                                                     run.d_in[0] + n * in_.size());
        }
    }

  private:
    int taps() const { return spec_.kernel_h * spec_.kernel_w; }
    DepthwiseShape shape_;
};

}  // namespace

std::unique_ptr<Layer> make_depthwise(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Depthwise>(spec, in, out);
}

}  // namespace jatai::train
