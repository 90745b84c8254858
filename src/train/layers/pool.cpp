// Largest and mean value of windows. Windows are cut at the border; the mean is over what is inside, as in
// TFLite. A quantised mean keeps its input's scale, so it is rounded to that grid; the largest is on it
// already.
#include <algorithm>
#include <cmath>

#include "src/train/layers/layer.h"
#include "src/train/quantiser.h"

namespace jatai::train {
namespace {

class Pool : public Layer {
  public:
    Pool(const LayerSpec& spec, Shape in, Shape out) : Layer(spec, in, out) {
        if (spec_.kernel_h == 0) {
            spec_.kernel_h = spec_.stride_h = in.h;
            spec_.kernel_w = spec_.stride_w = in.w;
        }
        pad_top_ = window(in.h, spec_.kernel_h, spec_.stride_h, spec_.padding).pad_before;
        pad_left_ = window(in.w, spec_.kernel_w, spec_.stride_w, spec_.padding).pad_before;
    }

    bool backward_reads_input() const override { return spec_.kind == LayerKind::MaxPool; }

    void forward(const LayerRun& run) const override {
        for_windows(run, [&](std::size_t out, const std::size_t* points, int count) {
            float* y = run.out + out;
            if (spec_.kind == LayerKind::MaxPool) {
                std::copy_n(run.in[0] + points[0], out_.c, y);
                for (int p = 1; p < count; ++p)
                    for (int c = 0; c < out_.c; ++c) y[c] = std::max(y[c], run.in[0][points[p] + c]);
            } else {
                std::fill_n(y, out_.c, 0.0f);
                for (int p = 0; p < count; ++p)
                    for (int c = 0; c < out_.c; ++c) y[c] += run.in[0][points[p] + c];
                for (int c = 0; c < out_.c; ++c) y[c] /= static_cast<float>(count);
            }
        });
        const bool quantised =
            run.mode != Mode::Calibrate && run.range != nullptr && run.range[0] < run.range[1];
        if (spec_.kind == LayerKind::MaxPool || !quantised) return;
        const float step = grid_of(run.range[0], run.range[1]).scale;
        for (std::size_t i = 0; i < floats_out(run); ++i)
            run.out[i] = std::nearbyint(run.out[i] / step) * step;
    }

    void backward(const LayerRun& run) const override {
        if (run.d_in[0] == nullptr) return;
        std::fill_n(run.d_in[0], floats_in(run), 0.0f);
        std::vector<float> share(static_cast<std::size_t>(out_.c));
        for_windows(run, [&](std::size_t out, const std::size_t* points, int count) {
            if (spec_.kind == LayerKind::AveragePool) {
                for (int c = 0; c < out_.c; ++c)
                    share[static_cast<std::size_t>(c)] = run.d_out[out + c] / static_cast<float>(count);
                for (int p = 0; p < count; ++p)
                    for (int c = 0; c < out_.c; ++c)
                        run.d_in[0][points[p] + c] += share[static_cast<std::size_t>(c)];
                return;
            }
            for (int c = 0; c < out_.c; ++c) {  // all of it to the first of the largest
                int p = 0;
                while (p + 1 < count && run.in[0][points[p] + c] != run.out[out + c]) ++p;
                run.d_in[0][points[p] + c] += run.d_out[out + c];
            }
        });
    }

  private:
    // Calls f(offset of the output, offsets of the inputs in its window, their number).
    template <typename F>
    void for_windows(const LayerRun& run, const F& f) const {
        std::vector<std::size_t> points(static_cast<std::size_t>(spec_.kernel_h * spec_.kernel_w));
        for (int n = 0; n < run.samples; ++n)
            for (int oy = 0; oy < out_.h; ++oy)
                for (int ox = 0; ox < out_.w; ++ox) {
                    const int top = oy * spec_.stride_h - pad_top_, left = ox * spec_.stride_w - pad_left_;
                    int count = 0;
                    for (int y = std::max(top, 0); y < std::min(top + spec_.kernel_h, in_.h); ++y)
                        for (int x = std::max(left, 0); x < std::min(left + spec_.kernel_w, in_.w); ++x)
                            points[static_cast<std::size_t>(count++)] =
                                static_cast<std::size_t>(((n * in_.h + y) * in_.w + x) * in_.c);
                    f(static_cast<std::size_t>(((n * out_.h + oy) * out_.w + ox) * out_.c), points.data(),
                      count);
                }
    }

    int pad_top_ = 0, pad_left_ = 0;
};

}  // namespace

std::unique_ptr<Layer> make_pool(const LayerSpec& spec, Shape in, Shape out) {
    return std::make_unique<Pool>(spec, in, out);
}

}  // namespace jatai::train
