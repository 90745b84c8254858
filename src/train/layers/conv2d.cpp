// Convolution as a matrix product. The windows of one sample are laid out as rows ("columns" in the
// literature: im2col), or used as they stand when the kernel is 1x1. Weights
// [kernel_h][kernel_w][in_c][out_c].
//
//     forward     y  = columns * w
//     backward    dw = columns^T * dy,   d columns = dy * w^T, added back to where each window came from
#include <algorithm>
#include <cstring>

#include "src/train/layers/layer.h"

namespace jatai::train {
namespace {

class Conv2d : public Layer {
  public:
    Conv2d(const LayerSpec& spec, Shape in, Shape out)
        : Layer(spec, in, out),
          pad_top_(window(in.h, spec.kernel_h, spec.stride_h, spec.padding).pad_before),
          pad_left_(window(in.w, spec.kernel_w, spec.stride_w, spec.padding).pad_before),
          depth_(spec.kernel_h * spec.kernel_w * in.c),
          pointwise_(spec.kernel_h == 1 && spec.kernel_w == 1 && spec.stride_h == 1 && spec.stride_w == 1) {}

    int parameter_count() const override { return depth_ * out_.c; }
    void initialise(Rng& rng, Initialisation how, std::span<float> w) const override {
        fill_weights(rng, how, depth_, spec_.kernel_h * spec_.kernel_w * out_.c, w);
    }
    WeightMatrix weights() const override { return {depth_, out_.c, true}; }
    std::int64_t macs() const override { return std::int64_t{1} * depth_ * out_.size(); }
    std::size_t scratch_floats(int) const override {
        const int positions = pointwise_ ? 0 : out_.h * out_.w;
        return static_cast<std::size_t>(depth_) * static_cast<std::size_t>(positions + out_.c);
    }

    void forward(const LayerRun& run) const override {
        for_blocks(run, [&](int rows, const float* columns, std::size_t sample) {
            run.kernels->gemm({rows, out_.c, depth_}, {columns, depth_, 1}, {run.parameters, out_.c},
                              {run.out + sample * size(out_), out_.c, Accumulate::No});
        });
    }

    void backward(const LayerRun& run) const override {
        Accumulate accumulate = Accumulate::No;
        for_blocks(run, [&](int rows, const float* columns, std::size_t sample) {
            run.kernels->gemm({depth_, out_.c, rows}, {columns, 1, depth_},
                              {run.d_out + sample * size(out_), out_.c}, {run.gradient, out_.c, accumulate});
            accumulate = Accumulate::Yes;
        });
        if (run.d_in[0] != nullptr) backward_data(run);
    }

  private:
    static std::size_t size(Shape shape) { return static_cast<std::size_t>(shape.size()); }

    // Calls f(rows, columns, first sample): once for all samples when the windows are single points.
    template <typename F>
    void for_blocks(const LayerRun& run, const F& f) const {
        if (pointwise_) return f(run.samples * out_.h * out_.w, run.in[0], 0);
        for (std::size_t n = 0; n < static_cast<std::size_t>(run.samples); ++n) {
            gather(run.in[0] + n * size(in_), run.scratch);
            f(out_.h * out_.w, run.scratch, n);
        }
    }

    void backward_data(const LayerRun& run) const {
        float* columns = run.scratch;
        float* turned = columns + (pointwise_ ? 0 : depth_ * out_.h * out_.w);  // w^T: [out_c][depth]
        for (int k = 0; k < depth_; ++k)
            for (int c = 0; c < out_.c; ++c) turned[c * depth_ + k] = run.parameters[k * out_.c + c];
        if (pointwise_) return product(run, run.samples * out_.h * out_.w, run.d_out, turned, run.d_in[0]);
        for (std::size_t n = 0; n < static_cast<std::size_t>(run.samples); ++n) {
            product(run, out_.h * out_.w, run.d_out + n * size(out_), turned, columns);
            scatter(columns, run.d_in[0] + n * size(in_));
        }
    }
    void product(const LayerRun& run, int rows, const float* d_out, const float* turned,
                 float* d_columns) const {
        run.kernels->gemm({rows, depth_, out_.c}, {d_out, out_.c, 1}, {turned, depth_},
                          {d_columns, depth_, Accumulate::No});
    }

    // Calls f(offset in the columns, offset in the image or -1, floats) for every row of every window.
    template <typename F>
    void for_window_rows(const F& f) const {
        const int row_floats = spec_.kernel_w * in_.c;
        for (int oy = 0; oy < out_.h; ++oy)
            for (int ox = 0; ox < out_.w; ++ox)
                for (int ky = 0; ky < spec_.kernel_h; ++ky) {
                    const int y = oy * spec_.stride_h - pad_top_ + ky, x = ox * spec_.stride_w - pad_left_;
                    const int to = ((oy * out_.w + ox) * spec_.kernel_h + ky) * row_floats;
                    if (y < 0 || y >= in_.h) {
                        f(to, -1, row_floats);
                        continue;
                    }
                    const int first = std::clamp(-x, 0, spec_.kernel_w);
                    const int last = std::clamp(in_.w - x, first, spec_.kernel_w);
                    f(to, -1, first * in_.c);
                    f(to + first * in_.c, (y * in_.w + x + first) * in_.c, (last - first) * in_.c);
                    f(to + last * in_.c, -1, (spec_.kernel_w - last) * in_.c);
                }
    }
    // Rows are short: four at a time without a call.
    static void copy(const float* from, int n, float* to) {
        int i = 0;
        for (; i + 4 <= n; i += 4) std::memcpy(to + i, from + i, 4 * sizeof(float));
        for (; i < n; ++i) to[i] = from[i];
    }
    void gather(const float* image, float* columns) const {
        for_window_rows([&](int to, int from, int n) {
            if (from < 0) {
                for (int i = 0; i < n; ++i) columns[to + i] = 0.0f;
            } else {
                copy(image + from, n, columns + to);
            }
        });
    }
    void scatter(const float* columns, float* image) const {
        std::fill_n(image, in_.size(), 0.0f);
        for_window_rows([&](int from, int to, int n) {
            for (int i = 0; to >= 0 && i < n; ++i) image[to + i] += columns[from + i];
        });
    }

    int pad_top_, pad_left_, depth_;
    bool pointwise_;
};

}  // namespace

std::unique_ptr<Layer> make_conv2d(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Conv2d>(spec, in, out);
}

}  // namespace jatai::train
