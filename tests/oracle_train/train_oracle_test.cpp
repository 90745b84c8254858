#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

#include "src/graph/interpret.h"
#include "src/graph/tflite.h"
#include "src/train/made_features.h"
#include "src/train/networks.h"
#include "src/train/train.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace jatai::train {
namespace {

Graph trained_graph(const FeatureSet& features, const NetworkSpec& network) {
    TrainConfig config;
    config.custom_network = network;
    config.epochs = 2;
    config.qat_epochs = 1;
    return train(features, config).graph;
}

// Nearly all answers are the same bytes. TensorFlow Lite's matrix product on x86 rounds ties up where its
// reference kernels, ours and the chips' round them away from zero (see random_ops_test.cpp), which moves a
// score by a step now and then.
void expect_same_answers(const Graph& graph, const FeatureSet& features, const TfliteOracle& oracle) {
    constexpr std::size_t kClips = 60;
    TfliteSession session = oracle.load(write_tflite(graph));
    Interpreter ours(graph);
    std::size_t equal = 0;
    int worst = 0;
    for (std::size_t clip = 0; clip < kClips; ++clip) {
        const std::span<const std::int8_t> row = features.row(clip);
        const Bytes input(row.begin(), row.end());
        const Bytes theirs = session.run({input})[0], mine = ours.run({input})[0];
        ASSERT_EQ(theirs.size(), mine.size());
        equal += theirs == mine;
        for (std::size_t i = 0; i < mine.size(); ++i)
            worst = std::max(
                worst, std::abs(static_cast<std::int8_t>(theirs[i]) - static_cast<std::int8_t>(mine[i])));
    }
    EXPECT_GE(equal, kClips * 8 / 10) << graph.name;
    EXPECT_LE(worst, 2) << graph.name;
}

// A block whose input goes around it, so that the graph holds an ADD.
NetworkSpec residual_network(const FeatureSet& features) {
    NetworkSpec spec = ds_cnn({features.frames, features.coefficients, 1},
                              static_cast<int>(features.labels.size()), {.filters = 16, .blocks = 2});
    spec.name = "residual";
    const auto is_average = [](const LayerSpec& layer) { return layer.kind == LayerKind::AveragePool; };
    const auto at = std::find_if(spec.layers.begin(), spec.layers.end(), is_average) - spec.layers.begin();
    const int end = static_cast<int>(at) - 1;  // the last block's output; four layers before it, the first's
    for (std::size_t i = static_cast<std::size_t>(at); i < spec.layers.size(); ++i)
        for (int& from : spec.layers[i].inputs) ++from;
    LayerSpec add{
        .kind = LayerKind::Add, .name = "around", .inputs = {end - 4, end}, .activation = Activation::Relu};
    spec.layers.insert(spec.layers.begin() + at, add);
    return spec;
}

TEST(TrainOracle, TensorFlowLiteAnswersAsWeDoForEveryNetwork) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    const FeatureSet features = make_features({.frames = 49, .coefficients = 10, .classes = 6, .clips = 300});
    for (const std::string& name : network_names())
        expect_same_answers(trained_graph(features, make_network(name, {49, 10, 1}, 6)), features, *oracle);
    const Graph residual = trained_graph(features, residual_network(features));
    EXPECT_TRUE(std::any_of(residual.nodes.begin(), residual.nodes.end(),
                            [](const Node& node) { return node.op == Op::Add; }));
    expect_same_answers(residual, features, *oracle);
}

}  // namespace
}  // namespace jatai::train
