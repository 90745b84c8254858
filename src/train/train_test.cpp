#include "src/train/train.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/tflite.h"
#include "src/train/checkpoint.h"
#include "src/train/exact_math.h"
#include "src/train/export.h"
#include "src/train/fold.h"
#include "src/train/made_features.h"
#include "src/train/networks.h"

namespace jatai::train {
namespace {

using testing::HasSubstr;

struct TemporaryFolder {
    fs::path path = fs::temp_directory_path() / ("jatai_train_" + std::to_string(::getpid()));
    TemporaryFolder() { fs::create_directories(path); }
    ~TemporaryFolder() { fs::remove_all(path); }
};

// A DS-CNN small enough for a test.
NetworkSpec small_network(const FeatureSet& features) {
    DsCnnSize size;
    size.filters = 16;
    size.blocks = 2;
    size.kernel_h = 4;
    size.kernel_w = 4;
    return ds_cnn({features.frames, features.coefficients, 1}, static_cast<int>(features.labels.size()),
                  size);
}

TrainConfig quick_config(const FeatureSet& features) {
    TrainConfig config;
    config.custom_network = small_network(features);
    config.epochs = 4;
    config.qat_epochs = 1;
    config.learning_rate = 5e-3f;
    return config;
}

double accuracy(const SplitScores& scores, Split split) {
    return scores[static_cast<std::size_t>(split)].accuracy();
}

TEST(Train, ANetworkLearnsAndItsInt8GraphKeepsWhatItLearned) {
    const FeatureSet features = make_features({.clips = 800});
    TrainConfig config = quick_config(features);
    config.epochs = 12;
    const TrainResult result = train(features, config);
    ASSERT_TRUE(result.finished);
    EXPECT_GE(accuracy(result.float_scores, Split::Test), 0.95);
    EXPECT_GE(accuracy(result.int8_scores, Split::Test), 0.95);
    EXPECT_EQ(result.history.epochs.size(), 13u);
    EXPECT_LT(result.history.epochs[11].train_loss, result.history.epochs[0].train_loss);
    const Score& score = result.int8_scores[static_cast<std::size_t>(Split::Test)];
    EXPECT_EQ(score.all.samples, 80u);
    EXPECT_EQ(score.groups.size(), 1u) << "every tenth clip is of one voice";
    std::size_t counted = 0;
    for (const auto& row : score.confusion)
        for (const auto n : row) counted += n;
    EXPECT_EQ(counted, 80u);
    EXPECT_EQ(result.graph.metadata[0].second, "class 0\nclass 1\nclass 2\nclass 3");
}

TEST(Train, OneAndTwoThreadsGiveTheSameBytes) {
    const FeatureSet features = make_features({.clips = 200});
    TrainConfig config = quick_config(features);
    config.threads = 1;
    const Bytes one = write_tflite(train(features, config).graph);
    config.threads = 2;
    EXPECT_EQ(write_tflite(train(features, config).graph), one);
    config.threads = 3;
    EXPECT_EQ(write_tflite(train(features, config).graph), one);
    config.seed = 2;
    EXPECT_NE(write_tflite(train(features, config).graph), one) << "another seed is another network";
}

// Stops training after every `batches` batches and goes on, until it is done.
TrainResult train_in_pieces(const FeatureSet& features, const TrainConfig& config, int batches, int& pieces) {
    for (pieces = 1;; ++pieces) {
        std::atomic<bool> stop{false};
        int left = batches;
        const Progress count = [&](std::uint64_t, std::uint64_t, std::string_view doing) {
            if (doing == "training" && --left == 0) stop = true;
        };
        TrainResult result = train(features, config, count, &stop);
        if (result.finished) return result;
        EXPECT_TRUE(fs::exists(config.checkpoint));
        if (pieces > 100) throw std::runtime_error("training does not end");
    }
}

TEST(Train, AStoppedAndResumedRunGivesTheBytesOfAnUninterruptedOne) {
    const TemporaryFolder folder;
    const FeatureSet features = make_features({.clips = 200});
    TrainConfig config = quick_config(features);
    const TrainResult whole = train(features, config);
    config.checkpoint = folder.path / "train.jck";
    int pieces = 0;
    const TrainResult resumed = train_in_pieces(features, config, 7, pieces);
    EXPECT_GT(pieces, 3) << "stops fall inside epochs and inside both phases";
    EXPECT_TRUE(resumed.resumed);
    EXPECT_EQ(write_tflite(resumed.graph), write_tflite(whole.graph));
    ASSERT_EQ(resumed.history.epochs.size(), whole.history.epochs.size());
    for (std::size_t i = 0; i < whole.history.epochs.size(); ++i) {
        EXPECT_EQ(resumed.history.epochs[i].train_loss, whole.history.epochs[i].train_loss);
        EXPECT_EQ(resumed.history.epochs[i].val_loss, whole.history.epochs[i].val_loss);
    }
}

TEST(Train, ACheckpointOfOtherSettingsIsNotUsed) {
    const TemporaryFolder folder;
    const FeatureSet features = make_features({.clips = 120});
    TrainConfig config = quick_config(features);
    config.epochs = 1;
    config.qat_epochs = 0;
    config.checkpoint = folder.path / "train.jck";
    train(features, config);
    EXPECT_TRUE(train(features, config).resumed);
    config.seed = 9;
    EXPECT_FALSE(train(features, config).resumed);
}

TEST(Train, ADamagedCheckpointIsSaid) {
    const TemporaryFolder folder;
    const FeatureSet features = make_features({.clips = 120});
    TrainConfig config = quick_config(features);
    config.epochs = 1;
    config.qat_epochs = 0;
    config.checkpoint = folder.path / "train.jck";
    train(features, config);
    const Bytes whole = read_file(config.checkpoint);
    for (std::size_t bytes = 0; bytes < whole.size(); bytes += 1 + whole.size() / 40) {
        write_file(config.checkpoint, ByteView(whole).first(bytes));
        EXPECT_THROW(train(features, config), Error) << bytes << " bytes";
    }
}

TEST(Train, EarlyStoppingEndsBeforeTheLastEpoch) {
    const FeatureSet features = make_features({.clips = 120, .noise = 6.0f});
    TrainConfig config = quick_config(features);
    config.epochs = 40;
    config.patience = 2;
    config.qat_epochs = 0;
    EXPECT_LT(train(features, config).history.epochs.size(), 40u);
}

TEST(Train, WhatCannotBeLearnedIsSaidInWords) {
    const auto message = [](const FeatureSet& features) -> std::string {
        try {
            train(features, {});
        } catch (const Error& error) {
            return error.what();
        }
        return "no error";
    };
    EXPECT_THAT(message(make_features({.classes = 1})), HasSubstr("found 1 label, expected at least 2"));
    EXPECT_THAT(message(make_features({.classes = 3, .clips = 3})),
                HasSubstr("found 1 training clips of \"class 0\""));
    FeatureSet features = make_features({});
    TrainConfig config;
    config.network = "ds_cnm";
    try {
        train(features, config);
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.hint(), HasSubstr("ds_cnn"));
    }
    config = quick_config(features);
    config.custom_network->layers.back().filters = 0;
    config.custom_network->input.h = 99;
    EXPECT_THROW(train(features, config), Error);
    config = quick_config(features);
    config.learning_rate = 1e30f;
    try {
        train(features, config);
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("overflowed"));
    }
}

TEST(Networks, EveryNamedNetworkTrainsExportsAndSurvivesJson) {
    const FeatureSet features = make_features({.frames = 20, .coefficients = 10, .classes = 3, .clips = 120});
    for (const std::string& name : network_names()) {
        SCOPED_TRACE(name);
        TrainConfig config;
        config.network = name;
        config.epochs = 1;
        config.qat_epochs = 1;
        const NetworkSpec spec = network_for(config, features);
        EXPECT_EQ(network_from_json(to_json(spec), "test"), spec);
        const TrainResult result = train(features, config);
        EXPECT_TRUE(result.finished);
        EXPECT_EQ(read_tflite(write_tflite(result.graph), name).nodes.size(), result.graph.nodes.size());
    }
}

TEST(Networks, ADescriptionThatDoesNotFitIsSaid) {
    const auto refuse = [](const char* json) -> std::string {
        try {
            network_from_json(nlohmann::json::parse(json), "net.json");
        } catch (const Error& error) {
            return std::string(error.what()) + " / " + error.hint();
        }
        return "accepted";
    };
    EXPECT_THAT(refuse("{}"), HasSubstr("net.json: not a network's description"));
    EXPECT_THAT(refuse(R"({"input":[4,4,1],"layers":[{"kind":"conv3d","inputs":[-1]}]})"),
                HasSubstr("conv2d"));
    EXPECT_THAT(refuse(R"({"input":[4,4,1],"layers":[{"kind":"dense","inputs":[-1],"filters":2}]})"),
                HasSubstr("expected a flat input"));
    EXPECT_THAT(refuse(R"({"input":[4,4,1],"layers":[{"kind":"flatten","inputs":[3]}]})"),
                HasSubstr("expected an earlier layer"));
    EXPECT_THAT(
        refuse(
            R"({"input":[4,4,1],"layers":[{"kind":"conv2d","inputs":[-1],"filters":2,"kernel":[5,5],"padding":"valid"}]})"),
        HasSubstr("expected one that fits"));
    EXPECT_THAT(refuse(R"({"input":[0,4,1],"layers":[]})"), HasSubstr("input extent of 0"));
}

std::vector<float> random_input(const Network& network, int samples) {
    Rng rng(3);
    std::vector<float> x(static_cast<std::size_t>(samples * network.spec().input.size()));
    for (float& v : x) v = 0.03125f * std::nearbyint(rng.normal() * 32.0f);
    return x;
}

// A model whose running statistics are not the initial ones.
Model lived_model(const Network& network) {
    Model model = network.make_model(4, Initialisation::HeNormal);
    Rng rng(5);
    for (float& v : model.state) v = 0.5f + rng.uniform();
    for (float& v : model.parameters) v += 0.05f * rng.normal();
    return model;
}

TEST(Fold, ANetworkWithoutItsBatchNormsGivesTheSameAnswers) {
    const Network network(small_network(make_features({})));
    const Model model = lived_model(network);
    const Folded folded = fold_batch_norm(network, model);
    for (const LayerSpec& layer : folded.spec.layers) EXPECT_NE(layer.kind, LayerKind::BatchNorm);
    const Network other(folded.spec);
    const std::vector<float> x = random_input(network, 4);
    Workspace a(network, 4), b(other, 4);
    network.forward({model, Mode::Evaluate, 4, x.data()}, a);
    other.forward({folded.model, Mode::Evaluate, 4, x.data()}, b);
    for (int i = 0; i < 16; ++i) EXPECT_NEAR(a.logits()[i], b.logits()[i], 1e-3);
}

// The network with rounded values, and the graph made from it, step by step on the same input.
TEST(Export, TheGraphComputesWhatTheRoundedNetworkComputes) {
    const FeatureSet features = make_features({.clips = 80});
    const Network network(small_network(features));
    const Folded folded = fold_batch_norm(network, lived_model(network));
    const Network quantised(quantise(folded.spec));
    Model model = with_ranges(quantised, folded.model);
    Fit fit(quantised, features, {});
    calibrate(fit, model, features.indices(Split::Train), {});
    const Graph graph =
        export_graph(quantised, model, {{features.scale, features.zero_point}, features.labels, {}});
    Model rounded;
    round_weights(quantised, model, rounded);

    Interpreter interpreter(graph);
    Workspace shard(quantised, 1);
    int steps_off = 0;
    for (std::size_t clip = 0; clip < 20; ++clip) {
        const std::span<const std::int8_t> row = features.row(clip);
        const std::vector<float> x = features.real(clip);
        quantised.forward({rounded, Mode::Evaluate, 1, x.data()}, shard);
        interpreter.run({Bytes(row.begin(), row.end())});
        const TensorId logits = graph.nodes.back().inputs[0];
        const Quantisation& q = graph.tensor(logits).quantisation;
        for (std::size_t c = 0; c < features.labels.size(); ++c) {
            const float real =
                q.scale() *
                static_cast<float>(static_cast<std::int8_t>(interpreter.value(logits)[c]) - q.zero_point());
            steps_off = std::max(
                steps_off, static_cast<int>(std::nearbyint(std::fabs(real - shard.logits()[c]) / q.scale())));
        }
    }
    EXPECT_LE(steps_off, 2) << "only ties of rounding may differ";
}

TEST(Calibrate, PercentilesLeaveOutWhatIsRare) {
    const FeatureSet features = make_features({.clips = 200});
    const Network network(small_network(features));
    const Network quantised(quantise(fold_batch_norm(network, lived_model(network)).spec));
    const Model start = with_ranges(quantised, fold_batch_norm(network, lived_model(network)).model);
    Fit fit(quantised, features, {});
    const auto clips = features.indices(Split::Train);
    Model all = start, most = start;
    calibrate(fit, all, clips, {Calibration::Percentile, 1.0f});
    calibrate(fit, most, clips, {Calibration::Percentile, 0.99f});
    bool narrower = false;
    for (std::size_t i = 0; i < all.state.size(); ++i) {
        EXPECT_LE(std::fabs(most.state[i]), std::fabs(all.state[i]) * 1.001f);
        narrower = narrower || std::fabs(most.state[i]) < 0.9f * std::fabs(all.state[i]);
    }
    EXPECT_TRUE(narrower);
}

TEST(Quantiser, AGridHoldsZeroAndItsRange) {
    for (const auto& [low, high] :
         {std::pair{-0.3f, 5.7f}, {0.0f, 6.0f}, {-4.0f, -1.0f}, {2.0f, 3.0f}, {0.0f, 0.0f}}) {
        const QuantGrid grid = grid_of(low, high);
        EXPECT_EQ(grid.real(static_cast<std::int8_t>(grid.zero_point)), 0.0f);
        EXPECT_LE(grid.low(), std::min(low, 0.0f) + grid.scale);
        EXPECT_GE(grid.high(), std::max(high, 0.0f) - grid.scale);
        EXPECT_EQ(grid.quantise(1e9f), 127);
        EXPECT_EQ(grid.quantise(-1e9f), -128);
    }
    EXPECT_EQ(grid_of(0.0f, 6.0f).zero_point, -128);
    const std::vector<float> w{1.0f, -4.0f, -2.0f, 2.0f};
    EXPECT_EQ(weight_scales(w, 2, true), (std::vector<float>{2.0f / 127, 4.0f / 127}));
    EXPECT_EQ(weight_scales(w, 2, false), (std::vector<float>{4.0f / 127}));
}

TEST(Augment, ChangesAreSmallFollowTheSeedAndStayOnTheGrid) {
    const FeatureSet features = make_features({});
    std::vector<std::int8_t> a(features.row(0).begin(), features.row(0).end()), b = a, c = a;
    Rng one(1), same(1), other(2);
    augment_row(one, {}, features.frames, features.coefficients, features.zero_point, a);
    augment_row(same, {}, features.frames, features.coefficients, features.zero_point, b);
    augment_row(other, {}, features.frames, features.coefficients, features.zero_point, c);
    EXPECT_EQ(a, b);
    EXPECT_NE(a, c);
    const FeatureAugmentation nothing{0, 0, 0, 0.0f, 0, 0, 0, 0};
    c.assign(features.row(0).begin(), features.row(0).end());
    augment_row(one, nothing, features.frames, features.coefficients, features.zero_point, c);
    EXPECT_TRUE(std::equal(c.begin(), c.end(), features.row(0).begin()));
}

TEST(Augment, RecordingsGetCopiesInTheTrainingSplitOnly) {
    Dataset dataset;
    dataset.labels = {"yes", kSilenceLabel};
    for (int i = 0; i < 4; ++i) {
        Clip clip{Samples(1600),
                  static_cast<std::uint32_t>(i % 2),
                  i < 2 ? Split::Train : Split::Test,
                  "v",
                  "",
                  "",
                  ""};
        for (std::size_t n = 0; n < clip.samples.size(); ++n)
            clip.samples[n] = static_cast<std::int16_t>((n * 37 + i) % 2000);
        dataset.clips.push_back(clip);
    }
    const Dataset more = augment_audio(dataset, {.copies = 3}, 1);
    EXPECT_EQ(more.clips.size(), 4u + 2 * 3);
    EXPECT_NE(more.clips[4].samples, dataset.clips[0].samples);
    EXPECT_NE(more.clips[4].sha256, more.clips[5].sha256);
    EXPECT_EQ(augment_audio(dataset, {.copies = 3}, 1).clips[5].samples, more.clips[5].samples);
}

TEST(Schedule, WarmsUpThenFalls) {
    const Schedule cosine{
        .kind = ScheduleKind::Cosine, .peak = 1.0f, .warm_up_steps = 10, .total_steps = 110};
    EXPECT_FLOAT_EQ(learning_rate(cosine, 0), 0.1f);
    EXPECT_FLOAT_EQ(learning_rate(cosine, 10), 1.0f);
    EXPECT_NEAR(learning_rate(cosine, 60), 0.5f, 1e-6);
    EXPECT_NEAR(learning_rate(cosine, 110), 0.0f, 1e-6);
    const Schedule steps{.kind = ScheduleKind::Step, .peak = 1.0f, .step_every = 10, .step_factor = 0.5f};
    EXPECT_FLOAT_EQ(learning_rate(steps, 25), 0.25f);
}

TEST(Optimiser, BothKindsFindTheBottomOfABowl) {
    for (const OptimiserKind kind : {OptimiserKind::Adam, OptimiserKind::Sgd}) {
        Optimiser optimiser({.kind = kind}, 2);
        std::vector<float> p{3.0f, -2.0f};
        for (int i = 0; i < 2000; ++i) {
            const std::vector<float> gradient{2 * (p[0] - 1), 8 * (p[1] - 0.5f)};
            optimiser.step(0.01f, gradient, p);
        }
        EXPECT_NEAR(p[0], 1.0f, 1e-2);
        EXPECT_NEAR(p[1], 0.5f, 1e-2);
    }
}

TEST(ExactMath, AgreesWithTheCLibraryToTwelveDigits) {
    for (double x = -40; x < 40; x += 0.37) EXPECT_NEAR(exact_exp(x) / std::exp(x), 1.0, 1e-12) << x;
    for (double x = 1e-6; x < 1e6; x *= 1.7)
        EXPECT_NEAR(exact_log(x), std::log(x), 1e-12 * std::max(1.0, std::fabs(std::log(x))));
    for (double x = 0; x < 3.1416; x += 0.01) EXPECT_NEAR(exact_cos(x), std::cos(x), 1e-12);
    EXPECT_EQ(exact_exp(-1000), 0.0);
}

}  // namespace
}  // namespace jatai::train
