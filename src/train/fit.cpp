#include "src/train/fit.h"

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/train/fold.h"

namespace jatai::train {
namespace {

// Streams of random numbers, one per purpose.
constexpr std::uint64_t kOrderStream = 2, kAugmentStream = 3, kDropoutStream = 4;
constexpr float kKeepState = 0.9f;  // of running statistics and ranges, per batch

Rng stream(std::uint64_t seed, std::uint64_t purpose, std::uint64_t epoch) {
    return Rng(seed).fork(purpose).fork(epoch);
}

}  // namespace

Fit::Fit(const Network& network, const FeatureSet& features, const FitSettings& settings)
    : network_(network),
      features_(features),
      settings_(settings),
      train_(features.indices(Split::Train)),
      val_(features.indices(Split::Val)),
      pool_(settings.threads) {
    CHECK(settings.batch_size >= 1 && settings.shard_size >= 1 && settings.threads >= 1);
    const auto count = static_cast<int>(train_.size());
    settings_.batch_size = std::min(settings_.batch_size, std::max(count, 1));
    batches_ = train_.size() / static_cast<std::size_t>(settings_.batch_size);
    settings_.schedule.total_steps = batches_ * static_cast<std::uint64_t>(settings_.epochs);
    settings_.schedule.warm_up_steps =
        static_cast<std::uint64_t>(settings_.warm_up_epochs * static_cast<float>(batches_));
    settings_.schedule.step_every = std::max<std::uint64_t>(
        1, static_cast<std::uint64_t>(settings_.step_every_epochs * static_cast<float>(batches_)));
    const std::size_t shards = cut(settings_.batch_size).size();
    const auto capacity = static_cast<std::size_t>(settings_.shard_size);
    for (int i = 0; i < pool_.threads(); ++i)
        desks_.push_back(
            {Workspace(network, settings_.shard_size), std::vector<float>(capacity * features.row_size()),
             std::vector<std::uint16_t>(capacity), std::vector<std::int8_t>(features.row_size())});
    shard_gradients_.assign(shards, std::vector<float>(network.parameter_count()));
    shard_observed_.assign(shards, std::vector<float>(network.state_count()));
    gradient_.resize(network.parameter_count());
    observed_.resize(network.state_count());
}

std::vector<Fit::Part> Fit::cut(int samples) const {
    std::vector<Part> parts;
    for (int first = 0; first < samples; first += settings_.shard_size)
        parts.push_back({first, std::min(settings_.shard_size, samples - first)});
    return parts;
}

FitState Fit::begin(Model model) const {
    FitState state{.model = std::move(model),
                   .optimiser = Optimiser(settings_.optimiser, network_.parameter_count())};
    state.best = state.model;
    return state;
}

// Features of `clips` as floats onto the desk; changed first when `training`.
void Fit::fill(std::span<const std::size_t> clips, const FitState* training, Desk& desk) const {
    std::vector<std::int8_t>& row = desk.row;
    for (std::size_t n = 0; n < clips.size(); ++n) {
        const std::span<const std::int8_t> from = features_.row(clips[n]);
        std::copy(from.begin(), from.end(), row.begin());
        if (training != nullptr && settings_.augment) {
            Rng rng = stream(settings_.seed, kAugmentStream, training->epoch).fork(clips[n]);
            augment_row(rng, settings_.augmentation, features_.frames, features_.coefficients,
                        features_.zero_point, row);
        }
        float* to = desk.x.data() + n * row.size();
        for (std::size_t i = 0; i < row.size(); ++i)
            to[i] = static_cast<float>(row[i] - features_.zero_point) * features_.scale;
        desk.y[n] = features_.y[clips[n]];
    }
}

void Fit::run_batch(FitState& state, std::span<const std::size_t> clips) {
    const Model* model = &state.model;
    if (settings_.round_weights) {
        round_weights(network_, state.model, rounded_);
        model = &rounded_;
    }
    const auto batch = static_cast<int>(clips.size());
    const std::vector<Part> parts = cut(batch);
    std::vector<Loss> losses(parts.size());
    const Rng seeds = stream(settings_.seed, kDropoutStream, state.epoch).fork(state.batch);
    pool_.run(static_cast<int>(parts.size()), [&](int i, int worker) {
        const auto s = static_cast<std::size_t>(i);
        Desk& desk = desks_[static_cast<std::size_t>(worker)];
        const Part part = parts[s];
        fill(clips.subspan(static_cast<std::size_t>(part.first), static_cast<std::size_t>(part.samples)),
             &state, desk);
        const Pass pass{*model, Mode::Train, part.samples, desk.x.data(), seeds.fork(s).next()};
        network_.forward(pass, desk.space);
        losses[s] = softmax_cross_entropy({desk.space.logits(), part.samples, network_.classes()}, desk.y,
                                          settings_.label_smoothing, batch, desk.space.d_logits());
        network_.backward(pass, desk.space);
        desk.space.gradient.swap(shard_gradients_[s]);
        desk.space.observed.swap(shard_observed_[s]);
    });
    gradient_ = shard_gradients_[0];
    for (std::size_t s = 1; s < parts.size(); ++s)
        for (std::size_t p = 0; p < gradient_.size(); ++p) gradient_[p] += shard_gradients_[s][p];
    const std::uint64_t step = state.epoch * batches_ + state.batch;
    state.optimiser.step(learning_rate(settings_.schedule, step), gradient_, state.model.parameters);
    follow_shards(state, parts);
    for (const Loss& loss : losses) {
        state.epoch_totals.loss += loss.sum;
        state.epoch_totals.right += static_cast<std::uint64_t>(loss.right);
    }
    state.epoch_totals.samples += clips.size();
    const bool finite = std::all_of(state.model.parameters.begin(), state.model.parameters.end(),
                                    [](float v) { return std::isfinite(v); });
    if (!finite || !std::isfinite(state.epoch_totals.loss))
        throw Error{text("training: the numbers overflowed after {} batches", step + 1),
                    text("lower the learning rate")};
}

// Running statistics and ranges move towards what the shards saw.
void Fit::follow_shards(FitState& state, const std::vector<Part>& parts) {
    for (std::size_t i = 0; i < network_.layers().size(); ++i) {
        std::vector<Observation> seen;
        for (std::size_t s = 0; s < parts.size(); ++s)
            seen.push_back(
                {network_.state_of(i, std::span<float>(shard_observed_[s])).data(), parts[s].samples});
        const std::span<float> joined = network_.state_of(i, std::span<float>(observed_));
        network_.layers()[i]->join_observed(seen, joined);
        network_.layers()[i]->follow(joined, kKeepState,
                                     network_.state_of(i, std::span<float>(state.model.state)));
    }
}

bool Fit::is_better(const FitState& state) const {
    if (val_.empty() || state.best_accuracy < 0) return true;
    const double accuracy = state.last_val.accuracy(), loss = state.last_val.mean_loss();
    return accuracy > state.best_accuracy || (accuracy == state.best_accuracy && loss < state.best_loss);
}

void Fit::consider(FitState& state) {
    if (!val_.empty()) {
        state.last_val = {};
        answer(state.model, val_, state.last_val);
    }
    if (!is_better(state)) return;
    state.best = state.model;
    state.best_accuracy = state.last_val.accuracy();
    state.best_loss = state.last_val.mean_loss();
    state.best_epoch = state.epoch;
}

bool Fit::finished(const FitState& state) const {
    if (state.epoch >= static_cast<std::uint64_t>(settings_.epochs)) return true;
    return settings_.patience > 0 && !val_.empty() &&
           state.epoch >= state.best_epoch + static_cast<std::uint64_t>(settings_.patience);
}

FitEnd Fit::run_epoch(FitState& state, const std::atomic<bool>* stop, const Progress& progress) {
    if (finished(state)) return FitEnd::Done;
    std::vector<std::size_t> order = train_;
    Rng rng = stream(settings_.seed, kOrderStream, state.epoch);
    rng.shuffle(order);
    const auto size = static_cast<std::size_t>(settings_.batch_size);
    const std::uint64_t total = batches_ * static_cast<std::uint64_t>(settings_.epochs);
    for (; state.batch < batches_; ++state.batch) {
        if (stop != nullptr && stop->load()) return FitEnd::Stopped;
        run_batch(state, std::span<const std::size_t>(order).subspan(state.batch * size, size));
        report(progress, state.epoch * batches_ + state.batch + 1, total, text("training"));
    }
    state.last_train = state.epoch_totals;
    state.epoch_totals = {};
    state.batch = 0;
    ++state.epoch;
    consider(state);
    return FitEnd::Epoch;
}

float Fit::rate_of_epoch(const FitState& state) const {
    return learning_rate(settings_.schedule, state.epoch * batches_ - 1);
}

std::vector<std::uint16_t> Fit::answer(const Model& model, const std::vector<std::size_t>& clips,
                                       Totals& totals) {
    const Model* used = &model;
    if (settings_.round_weights) {
        round_weights(network_, model, rounded_);
        used = &rounded_;
    }
    const std::vector<Part> blocks = cut(static_cast<int>(clips.size()));
    std::vector<Loss> losses(blocks.size());
    std::vector<std::uint16_t> answers(clips.size());
    const auto classes = static_cast<std::size_t>(network_.classes());
    pool_.run(static_cast<int>(blocks.size()), [&](int block, int worker) {
        const auto b = static_cast<std::size_t>(block);
        const auto first = static_cast<std::size_t>(blocks[b].first);
        const auto samples = static_cast<std::size_t>(blocks[b].samples);
        Desk& desk = desks_[static_cast<std::size_t>(worker)];
        fill(std::span<const std::size_t>(clips).subspan(first, samples), nullptr, desk);
        network_.forward({*used, Mode::Evaluate, blocks[b].samples, desk.x.data()}, desk.space);
        const float* z = desk.space.logits();
        losses[b] =
            softmax_cross_entropy({z, blocks[b].samples, network_.classes()}, desk.y, 0.0f, 1, nullptr);
        for (std::size_t n = 0; n < samples; ++n)
            answers[first + n] = static_cast<std::uint16_t>(
                std::max_element(z + n * classes, z + (n + 1) * classes) - (z + n * classes));
    });
    for (const Loss& loss : losses) {
        totals.loss += loss.sum;
        totals.right += static_cast<std::uint64_t>(loss.right);
    }
    totals.samples += clips.size();
    return answers;
}

void Fit::observe(const Model& model, const std::vector<std::size_t>& clips,
                  const std::function<void(int samples, const Workspace& shard)>& use) {
    const std::vector<Part> blocks = cut(static_cast<int>(clips.size()));
    Desk& desk = desks_[0];
    Workspace whole(network_, settings_.shard_size, Workspace::Keep::Everything);
    for (std::size_t b = 0; b < blocks.size(); ++b) {
        const auto first = static_cast<std::size_t>(blocks[b].first);
        fill(std::span<const std::size_t>(clips).subspan(first, static_cast<std::size_t>(blocks[b].samples)),
             nullptr, desk);
        network_.forward({model, Mode::Calibrate, blocks[b].samples, desk.x.data()}, whole);
        use(blocks[b].samples, whole);
    }
}

}  // namespace jatai::train
