// fit.h: the training loop: batches, shards, epochs.
//
//     Fit fit(network, features, settings, threads);
//     FitState state = fit.begin(model);
//     while (fit.run_epoch(state, stop) == FitEnd::Epoch) { save(state); }
//
// A batch is cut into shards of fixed size; each shard runs forward and backward by itself; their gradients
// are added in shard order. So the result depends on batch_size and shard_size, never on threads. FitState is
// all there is: saved between two batches and loaded again, training goes on to the same bytes.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <vector>

#include "src/base/progress.h"
#include "src/features/feature_set.h"
#include "src/train/augment.h"
#include "src/train/loss.h"
#include "src/train/network.h"
#include "src/train/optimiser.h"
#include "src/train/shard_pool.h"

namespace jatai::train {

struct FitSettings {
    std::uint64_t seed = 1;
    int threads = 2;
    int batch_size = 32, shard_size = 8;
    int epochs = 1;
    OptimiserSettings optimiser;
    Schedule schedule;  // in steps; total_steps is set by Fit
    float warm_up_epochs = 0.0f, step_every_epochs = 1.0f;
    float label_smoothing = 0.0f;
    int patience = 0;
    FeatureAugmentation augmentation;
    bool augment = false;
    bool round_weights = false;  // the network is quantised
};

// How one epoch went, or a pass over a split.
struct Totals {
    double loss = 0.0;  // sum over samples
    std::uint64_t right = 0, samples = 0;
    double mean_loss() const { return samples == 0 ? 0.0 : loss / double(samples); }
    double accuracy() const { return samples == 0 ? 0.0 : double(right) / double(samples); }
};

struct FitState {
    Model model;
    Optimiser optimiser;
    std::uint64_t epoch = 0;      // finished ones
    std::uint64_t batch = 0;      // finished ones of the epoch under way
    Totals epoch_totals;          // of the epoch under way
    Totals last_train, last_val;  // of the last finished epoch
    Model best;  // by validation accuracy, then loss; the last when there is no validation split
    double best_accuracy = -1.0, best_loss = 0.0;
    std::uint64_t best_epoch = 0;
};

enum class FitEnd : std::uint8_t { Epoch, Stopped, Done };

class Fit {
  public:
    // `input`: features quantised as they are; the network's input is (q - zero_point) * scale.
    Fit(const Network& network, const FeatureSet& features, const FitSettings& settings);

    FitState begin(Model model) const;
    // Remembers state.model as the best there is when it is, by the validation split.
    void consider(FitState& state);

    // Up to the end of an epoch, or until `stop`. Done: nothing was left to do.
    FitEnd run_epoch(FitState& state, const std::atomic<bool>* stop, const Progress& progress = {});

    // Class by class answers for `clips`, in Evaluate mode, and their loss without smoothing.
    std::vector<std::uint16_t> answer(const Model& model, const std::vector<std::size_t>& clips,
                                      Totals& totals);

    // Runs `clips` in Calibrate mode and calls use(samples, shard) after every block, in order.
    void observe(const Model& model, const std::vector<std::size_t>& clips,
                 const std::function<void(int samples, const Workspace& shard)>& use);

    const Network& network() const { return network_; }
    std::uint64_t batches_per_epoch() const { return batches_; }
    float rate_of_epoch(const FitState& state) const;  // at the end of the last finished epoch

  private:
    struct Part {  // one shard's share of a batch
        int first, samples;
    };
    // What a thread works in: few and warm, since activations of a shard fill the second cache.
    struct Desk {
        Workspace space;
        std::vector<float> x;
        std::vector<std::uint16_t> y;
        std::vector<std::int8_t> row;
    };
    std::vector<Part> cut(int samples) const;
    void run_batch(FitState& state, std::span<const std::size_t> clips);
    void fill(std::span<const std::size_t> clips, const FitState* training, Desk& desk) const;
    void follow_shards(FitState& state, const std::vector<Part>& parts);
    bool finished(const FitState& state) const;
    bool is_better(const FitState& state) const;

    const Network& network_;
    const FeatureSet& features_;
    FitSettings settings_;
    std::vector<std::size_t> train_, val_;
    std::uint64_t batches_ = 0;
    ShardPool pool_;
    std::vector<Desk> desks_;
    // What a shard leaves behind.
    std::vector<std::vector<float>> shard_gradients_, shard_observed_;
    Model rounded_;
    std::vector<float> gradient_, observed_;
};

}  // namespace jatai::train
