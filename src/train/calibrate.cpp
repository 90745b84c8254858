#include "src/train/calibrate.h"

#include <algorithm>
#include <array>

#include "src/base/error.h"

namespace jatai::train {
namespace {

constexpr int kBins = 2048;
constexpr int kBlocksPerBatch = 4;

// Calls f(layer) for layers with a range of their own.
template <typename F>
void for_ranged(const Network& network, const F& f) {
    for (std::size_t i = 0; i < network.layers().size(); ++i)
        if (network.spec().layers[i].range_of == static_cast<int>(i)) f(i);
}

// The lowest and highest value of every range.
struct Extremes {
    std::vector<double> mean;  // of lows and highs, laid out as the state
    std::vector<float> whole;  // lowest and highest of all
};
Extremes find_extremes(Fit& fit, const Model& model, const std::vector<std::size_t>& clips) {
    const Network& network = fit.network();
    Extremes out{std::vector<double>(model.state.size()), std::vector<float>(model.state.size())};
    std::vector<float> batch(model.state.size());
    int blocks = 0, batches = 0;
    const auto close_batch = [&] {
        for (std::size_t i = 0; i < batch.size(); ++i) out.mean[i] += batch[i];
        std::fill(batch.begin(), batch.end(), 0.0f);
        ++batches;
    };
    const auto widen = [&](std::vector<float>& range, std::size_t at, const float* seen) {
        range[at] = std::min(range[at], seen[0]);
        range[at + 1] = std::max(range[at + 1], seen[1]);
    };
    fit.observe(model, clips, [&](int, const Workspace& shard) {
        for_ranged(network, [&](std::size_t i) {
            const std::span<const float> seen = network.state_of(i, std::span<const float>(shard.observed));
            const auto at = static_cast<std::size_t>(seen.data() - shard.observed.data());
            widen(batch, at, seen.data());
            widen(out.whole, at, seen.data());
        });
        if (++blocks % kBlocksPerBatch == 0) close_batch();
    });
    if (blocks % kBlocksPerBatch != 0) close_batch();
    for (double& v : out.mean) v /= std::max(batches, 1);
    return out;
}

using Histogram = std::array<std::uint64_t, kBins>;

// The range that leaves out at most `share` of the counts at either end; 0 always stays inside.
void cut_tails(const Histogram& counts, double share, float* range) {
    std::uint64_t all = 0;
    for (const std::uint64_t n : counts) all += n;
    const auto allowed = static_cast<std::uint64_t>(share * static_cast<double>(all));
    const float low = range[0], width = (range[1] - range[0]) / kBins;
    int first = 0, last = kBins;
    for (std::uint64_t n = counts[0]; n <= allowed && first < kBins - 1;
         n += counts[static_cast<std::size_t>(first)])
        ++first;
    for (std::uint64_t n = counts[kBins - 1]; n <= allowed && last > 1;
         n += counts[static_cast<std::size_t>(last - 1)])
        --last;
    range[0] = std::min(0.0f, low + width * static_cast<float>(first));
    range[1] = std::max(0.0f, low + width * static_cast<float>(last));
}

void set_percentiles(Fit& fit, Model& model, const std::vector<std::size_t>& clips, float percentile) {
    const Network& network = fit.network();
    std::vector<Histogram> histograms(network.layers().size(), Histogram{});
    fit.observe(model, clips, [&](int samples, const Workspace& shard) {
        for_ranged(network, [&](std::size_t i) {
            const std::span<const float> range = network.state_of(i, std::span<const float>(model.state));
            const float per_unit = kBins / std::max(range[1] - range[0], 1e-9f);
            for (const float v : shard.values_of(i, samples)) {
                const int bin = static_cast<int>((v - range[0]) * per_unit);
                ++histograms[i][static_cast<std::size_t>(std::clamp(bin, 0, kBins - 1))];
            }
        });
    });
    for_ranged(network, [&](std::size_t i) {
        cut_tails(histograms[i], 1.0 - double(percentile),
                  network.state_of(i, std::span<float>(model.state)).data());
    });
}

}  // namespace

void calibrate(Fit& fit, Model& model, const std::vector<std::size_t>& clips,
               const CalibrationSettings& settings) {
    CHECK(!clips.empty());
    const Extremes extremes = find_extremes(fit, model, clips);
    if (settings.kind == Calibration::Percentile) {
        model.state = extremes.whole;
        set_percentiles(fit, model, clips, settings.percentile);
        return;
    }
    for (std::size_t i = 0; i < model.state.size(); ++i)
        model.state[i] = static_cast<float>(extremes.mean[i]);
}

}  // namespace jatai::train
