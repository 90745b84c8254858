// train.h: the door of this room: from features to a trained int8 graph.
//
//     TrainConfig config;                                    // or from jatai.toml
//     TrainResult result = train(features, config, progress, &stop);
//     if (result.finished) write_file("model/model.tflite", write_tflite(result.graph));
//     write_text("model/history.json", to_json(result.history).dump(2));
//
// The flow inside: float training with batch-norm → batch-norm folded → ranges calibrated → training goes on
// with fake quantisation → int8 graph, TFLite conventions.
//
// Keeps      Same features, configuration and seed → same bytes, on any x86 machine, for any number of
// threads,
//            and for a run that was stopped and resumed from its checkpoint.
// Fails with Error when the features cannot be learned from (one class, too few clips) or numbers overflow.
// Threads    Uses config.threads of its own. `stop` may be set from a signal handler; it is read once per
// batch.
#pragma once

#include <atomic>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/progress.h"
#include "src/features/feature_set.h"
#include "src/graph/graph.h"
#include "src/train/augment.h"
#include "src/train/calibrate.h"
#include "src/train/score.h"

namespace jatai::train {

struct TrainConfig {
    std::string network = "ds_cnn_s";           // a name of networks.h
    std::optional<NetworkSpec> custom_network;  // instead of it

    std::uint64_t seed = 1;
    int threads = 2;
    int epochs = 12;
    int batch_size = 32;
    int shard_size = 8;  // samples that share batch-norm statistics and one thread (docs/reference/train.md)
    Initialisation initialisation = Initialisation::FanInUniform;  // docs/decisions/010-initialisation.md

    OptimiserSettings optimiser;
    float learning_rate = 2e-3f;
    ScheduleKind schedule = ScheduleKind::Cosine;
    float warm_up_epochs = 0.5f;
    float step_every_epochs = 5.0f;
    float step_factor = 0.3f;
    float label_smoothing = 0.05f;
    int patience = 0;  // epochs without a better validation score before stopping; 0: never
    FeatureAugmentation augmentation;
    bool augment = true;

    int qat_epochs = 2;  // 0: post-training quantisation only
    float qat_learning_rate = 3e-4f;
    CalibrationSettings calibration;
    int calibration_samples = 1024;

    fs::path checkpoint;  // written after every epoch and on stop, read at the start; empty: none
};

struct EpochRecord {
    std::string phase;  // "float", "int8"
    int epoch = 0;      // within the phase, from 1
    float learning_rate = 0.0f;
    double train_loss = 0.0, train_accuracy = 0.0;
    double val_loss = 0.0, val_accuracy = 0.0;  // of the network as it trains: rounded values in phase "int8"
    double seconds = 0.0;  // of wall time; the only field that differs between equal runs
};

struct History {
    std::string network;
    std::string instruction_set;  // which vector kernels ran; they all give the same bytes
    std::string engine;           // version of the arithmetic: other bytes, other version
    std::uint64_t seed = 0;
    std::string fingerprint;  // hash of features and configuration
    std::size_t parameters = 0;
    std::int64_t macs = 0;
    std::vector<EpochRecord> epochs;
};
nlohmann::json to_json(const History& history);

struct TrainResult {
    bool finished = false;  // false: stopped; the checkpoint, if there is one, goes on from here
    bool resumed = false;   // began from a checkpoint
    History history;
    Graph graph;  // int8; empty when not finished

    // By split: validation, test, test_accents. Training clips are not scored again (history has them).
    SplitScores float_scores;  // the float network, batch-norm folded
    SplitScores int8_scores;   // the graph, run by the chip's kernels
    SplitScores ptq_scores;    // the graph straight after calibration; only when qat_epochs > 0
};

// Progress counts batches of both phases together.
TrainResult train(const FeatureSet& features, const TrainConfig& config, const Progress& progress = {},
                  const std::atomic<bool>* stop = nullptr);

// Scores of an int8 graph whose input is one row of features, by the chip's kernels on the host.
SplitScores score_graph(const Graph& graph, const FeatureSet& features, int threads = 2,
                        const Progress& progress = {});

// The description `config` asks for, for these features. Fails with Error when it does not fit.
NetworkSpec network_for(const TrainConfig& config, const FeatureSet& features);

}  // namespace jatai::train
