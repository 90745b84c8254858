#include "src/train/train.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/train/checkpoint.h"
#include "src/train/export.h"
#include "src/train/fit.h"
#include "src/train/fold.h"
#include "src/train/lineage.h"
#include "src/train/networks.h"

namespace jatai::train {
namespace {

constexpr const char* kFloatPhase = "float";
constexpr const char* kInt8Phase = "int8";
constexpr std::size_t kLeastClips = 4;  // of every label, to train on
constexpr std::uint64_t kCalibrationStream = 5;
constexpr Split kScored[] = {Split::Val, Split::Test, Split::TestAccents};

void check_features(const FeatureSet& features) {
    if (features.labels.size() < 2)
        throw Error{text("features: found {} label, expected at least 2", features.labels.size()),
                    text("a network learns to tell things apart: add recordings of something else")};
    std::vector<std::size_t> clips(features.labels.size());
    for (const std::size_t i : features.indices(Split::Train)) ++clips[features.y[i]];
    for (std::size_t label = 0; label < clips.size(); ++label)
        if (clips[label] < kLeastClips)
            throw Error{text("features: found {} training clips of \"{}\", expected at least {}",
                             clips[label], features.labels[label], kLeastClips),
                        text("add recordings, or leave the label out")};
}

void check_config(const TrainConfig& config) {
    const auto need = [](bool fine, const char* name, auto found, const char* expected) {
        if (!fine) throw Error{text("train.{}: found {}, expected {}", name, found, expected)};
    };
    need(config.threads >= 1 && config.threads <= 256, "threads", config.threads, "1 to 256");
    need(config.epochs >= 1, "epochs", config.epochs, ">= 1");
    need(config.qat_epochs >= 0, "qat_epochs", config.qat_epochs, ">= 0");
    need(config.batch_size >= 1, "batch_size", config.batch_size, ">= 1");
    need(config.shard_size >= 1, "shard_size", config.shard_size, ">= 1");
    need(config.learning_rate > 0, "learning_rate", config.learning_rate, "> 0");
    need(config.label_smoothing >= 0 && config.label_smoothing < 1, "label_smoothing", config.label_smoothing,
         "0 to 1");
}

class Session {
  public:
    Session(const FeatureSet& features, const TrainConfig& config, const Progress& progress,
            const std::atomic<bool>* stop)
        : features_(features), config_(config), progress_(progress), stop_(stop) {}

    TrainResult run() {
        Network network(network_for(config_, features_));
        result_.history = make_history(network, features_, config_);
        last_ = load_checkpoint(config_.checkpoint, result_.history.fingerprint);
        if (last_) {
            result_.resumed = true;
            result_.history.epochs = epochs_from_json(last_->history);
        }
        if (!last_ || last_->phase == kFloatPhase) {
            if (!run_float(network)) return std::move(result_);
        } else {
            float_model_ = last_->float_model;
        }
        Folded folded = fold_batch_norm(network, float_model_);
        score_float(folded);
        result_.finished = run_int8(folded);
        return std::move(result_);
    }

  private:
    FitSettings settings_for(const char* phase) const {
        FitSettings s;
        const bool int8 = phase == kInt8Phase;
        s.seed = Rng(config_.seed).fork(int8 ? 1 : 0).next();
        s.threads = config_.threads;
        s.batch_size = config_.batch_size;
        s.shard_size = config_.shard_size;
        s.epochs = int8 ? config_.qat_epochs : config_.epochs;
        s.optimiser = config_.optimiser;
        s.schedule.kind = int8 ? ScheduleKind::Cosine : config_.schedule;
        s.schedule.peak = int8 ? config_.qat_learning_rate : config_.learning_rate;
        s.schedule.step_factor = config_.step_factor;
        s.warm_up_epochs = int8 ? 0.0f : config_.warm_up_epochs;
        s.step_every_epochs = config_.step_every_epochs;
        s.label_smoothing = config_.label_smoothing;
        s.patience = int8 ? 0 : config_.patience;
        s.augmentation = config_.augmentation;
        s.augment = config_.augment;
        s.round_weights = int8;
        return s;
    }

    bool run_float(const Network& network) {
        Fit fit(network, features_, settings_for(kFloatPhase));
        FitState state = fit.begin(network.make_model(config_.seed, config_.initialisation));
        resume(state);
        if (!run_epochs(fit, kFloatPhase, state)) return false;
        float_model_ = state.best;
        return true;
    }

    bool run_int8(const Folded& folded) {
        const Network network(quantise(folded.spec));
        Fit fit(network, features_, settings_for(kInt8Phase));
        Model model = with_ranges(network, folded.model);
        calibrate(fit, model, calibration_clips(), config_.calibration);
        result_.graph = export_graph(network, model, export_settings());
        if (config_.qat_epochs > 0) {
            result_.ptq_scores = score_graph(result_.graph, features_, config_.threads, progress_);
            FitState state = fit.begin(std::move(model));
            if (last_ && last_->phase == kInt8Phase) {
                resume(state);
            } else {
                fit.consider(state);  // rounding after training is the one to beat
            }
            if (!run_epochs(fit, kInt8Phase, state)) return false;
            result_.graph = export_graph(network, state.best, export_settings());
        }
        result_.int8_scores = score_graph(result_.graph, features_, config_.threads, progress_);
        return true;
    }

    // False: stopped; everything done so far is in the checkpoint.
    bool run_epochs(Fit& fit, const char* phase, FitState& state) {
        for (;;) {
            const auto start = std::chrono::steady_clock::now();
            const FitEnd end = fit.run_epoch(state, stop_, phase_progress(phase, fit.batches_per_epoch()));
            if (end == FitEnd::Done) return true;
            if (end == FitEnd::Epoch) {
                const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
                result_.history.epochs.push_back({phase, static_cast<int>(state.epoch),
                                                  fit.rate_of_epoch(state), state.last_train.mean_loss(),
                                                  state.last_train.accuracy(), state.last_val.mean_loss(),
                                                  state.last_val.accuracy(), took.count()});
            }
            save(phase, state);
            if (end == FitEnd::Stopped) return false;
        }
    }

    Progress phase_progress(const char* phase, std::uint64_t batches) const {
        if (!progress_) return {};
        const auto all = batches * static_cast<std::uint64_t>(config_.epochs + config_.qat_epochs);
        const auto before = phase == kInt8Phase ? batches * static_cast<std::uint64_t>(config_.epochs) : 0;
        return [this, all, before](std::uint64_t done, std::uint64_t, std::string_view doing) {
            progress_(before + done, all, doing);
        };
    }

    void save(const char* phase, const FitState& state) const {
        if (config_.checkpoint.empty()) return;
        save_checkpoint(config_.checkpoint, {result_.history.fingerprint, phase,
                                             epochs_to_json(result_.history.epochs), float_model_, state});
    }

    // Goes on from the checkpoint, once.
    void resume(FitState& state) {
        if (!last_) return;
        Optimiser optimiser = state.optimiser;
        optimiser.steps = last_->state.optimiser.steps;
        optimiser.first = std::move(last_->state.optimiser.first);
        optimiser.second = std::move(last_->state.optimiser.second);
        state = std::move(last_->state);
        state.optimiser = std::move(optimiser);
        last_.reset();
    }

    std::vector<std::size_t> calibration_clips() const {
        std::vector<std::size_t> clips = features_.indices(Split::Train);
        Rng rng = Rng(config_.seed).fork(kCalibrationStream);
        rng.shuffle(clips);
        clips.resize(
            std::min(clips.size(), static_cast<std::size_t>(std::max(config_.calibration_samples, 1))));
        return clips;
    }

    ExportSettings export_settings() const {
        return {{features_.scale, features_.zero_point},
                features_.labels,
                {{"front_end_hash", features_.pipeline_hash}, {"training", lineage(result_.history)}}};
    }

    void score_float(const Folded& folded) {
        const Network network(folded.spec);
        Fit fit(network, features_, settings_for(kFloatPhase));
        for (const Split split : kScored) {
            const std::vector<std::size_t> clips = features_.indices(split);
            Totals totals;
            result_.float_scores[static_cast<std::size_t>(split)] =
                make_score(features_, clips, fit.answer(folded.model, clips, totals));
        }
    }

    const FeatureSet& features_;
    const TrainConfig& config_;
    const Progress& progress_;
    const std::atomic<bool>* stop_;
    TrainResult result_;
    std::optional<Checkpoint> last_;
    Model float_model_;
};

void check_input(const Graph& graph, const FeatureSet& features) {
    const bool one = graph.inputs.size() == 1 && graph.outputs.size() == 1;
    const Tensor& in = graph.tensor(graph.inputs.at(0));
    if (!one || in.type != Type::Int8 || in.elements() != static_cast<std::int64_t>(features.row_size()))
        throw Error{text("model {}: found an input of {} values, expected int8 features [{}][{}]", graph.name,
                         in.elements(), features.frames, features.coefficients),
                    text("this model was made for other features")};
    if (in.quantisation.scale() != features.scale || in.quantisation.zero_point() != features.zero_point)
        throw Error{
            text("model {}: found an input scale of {} and zero point {}, expected {} and {}", graph.name,
                 in.quantisation.scale(), in.quantisation.zero_point(), features.scale, features.zero_point),
            text("this model was made for other features")};
    if (graph.tensor(graph.outputs[0]).elements() < static_cast<std::int64_t>(features.labels.size()))
        throw Error{text("model {}: found {} classes, expected {}", graph.name,
                         graph.tensor(graph.outputs[0]).elements(), features.labels.size()),
                    text("this model was trained on other labels")};
}

}  // namespace

NetworkSpec network_for(const TrainConfig& config, const FeatureSet& features) {
    const Shape input{features.frames, features.coefficients, 1};
    const auto classes = static_cast<int>(features.labels.size());
    if (!config.custom_network) return make_network(config.network, input, classes);
    const NetworkSpec& spec = *config.custom_network;
    const std::vector<Shape> shapes = spec.shapes();
    if (spec.input != input || shapes.back().size() != classes)
        throw Error{
            text("network {}: found {}x{}x{} to {} classes, expected {}x{}x{} to {}", spec.name, spec.input.h,
                 spec.input.w, spec.input.c, shapes.back().size(), input.h, input.w, input.c, classes),
            text("change the network's input and last layer, or the features")};
    return spec;
}

TrainResult train(const FeatureSet& features, const TrainConfig& config, const Progress& progress,
                  const std::atomic<bool>* stop) {
    check_features(features);
    check_config(config);
    return Session(features, config, progress, stop).run();
}

SplitScores score_graph(const Graph& model, const FeatureSet& features, int threads,
                        const Progress& progress) {
    check_input(model, features);
    const Graph graph = zero_points_folded(model);
    ShardPool pool(threads);
    SplitScores scores;
    for (const Split split : kScored) {
        const std::vector<std::size_t> clips = features.indices(split);
        std::vector<std::uint16_t> answers(clips.size());
        std::atomic<std::uint64_t> done{0};
        pool.run(threads, [&](int worker, int) {
            Interpreter interpreter(graph);
            for (auto i = static_cast<std::size_t>(worker); i < clips.size();
                 i += static_cast<std::size_t>(threads)) {
                const std::span<const std::int8_t> row = features.row(clips[i]);
                const Bytes out = interpreter.run({Bytes(row.begin(), row.end())})[0];
                const auto* first = reinterpret_cast<const std::int8_t*>(out.data());
                const auto classes = static_cast<std::ptrdiff_t>(features.labels.size());
                answers[i] = static_cast<std::uint16_t>(std::max_element(first, first + classes) - first);
                ++done;
                if (worker == 0) report(progress, done, clips.size(), text("scoring the int8 model"));
            }
        });
        scores[static_cast<std::size_t>(split)] = make_score(features, clips, answers);
    }
    return scores;
}

}  // namespace jatai::train
