// What we write, TensorFlow Lite runs, and to the same answers.
#include "src/graph/tflite.h"
#include "src/graph/op_def.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iostream>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/passes.h"
#include "src/graph/test_graphs.h"
#include "src/graph/text_form.h"
#include "tests/oracle_tflite/random_ops.h"
#include "tests/oracle_tflite/steps.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace jatai {
namespace {

void expect_same_answers(TfliteSession before, TfliteSession after, const Graph& graph) {
    Rng rng(11);
    for (int i = 0; i < 3; ++i) {
        const std::vector<Bytes> inputs = random_inputs(graph, rng);
        ASSERT_EQ(before.run(inputs), after.run(inputs));
    }
}

TEST(TfliteOracle, TakesAModelWrittenFromText) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    const Graph graph = parse_text(kTinyNet, "tiny");
    TfliteSession session = oracle->load(write_tflite(graph));
    EXPECT_EQ(session.input_bytes(), (std::vector<std::size_t>{8 * 8 * 4}));
    Rng rng(1);
    const auto outputs = session.run(random_inputs(graph, rng));
    ASSERT_EQ(outputs.size(), 1u);
    EXPECT_EQ(outputs[0].size(), 2 * sizeof(float));
}

TEST(TfliteOracle, RefusesADamagedModelInItsOwnWords) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    Graph graph = parse_text(kTinyNet, "tiny");
    graph.nodes[0].inputs[0] = 77;  // write_tflite trusts its graph: this one was not verified
    EXPECT_THROW(oracle->load(write_tflite(graph)), Error);
}

std::optional<TfliteSession> load_original(const TfliteOracle& oracle, const Bytes& model) {
    try {
        return oracle.load(model);
    } catch (const Error&) {
        return std::nullopt;  // a converter's slip that TensorFlow Lite refuses and we repair
    }
}

// What TensorFlow Lite refuses in a file of ours: int8 convolutions whose weights have a zero point (models
// that were uint8), integer LSTMs without the ranges of their inner sums, which no chip reads, and operators
// that are not of its schema. Variables cannot be written. An SVDF with a state of int8 is TFLite Micro's
// own: TensorFlow Lite 2.9 takes the state for one of int16, writes past its end and dies.
bool has_no_file(const Graph& graph) {
    for (const Node& node : graph.nodes) {
        const bool whole = !node.inputs.empty() && graph.tensor(node.inputs[0]).type != Type::Float32;
        if (node.op == Op::UnidirectionalSequenceLstm && whole) return true;
        if (node.op == Op::Svdf && graph.tensor(node.inputs[4]).type == Type::Int8) return true;
        if (node.op == Op::ReadVariable || node.op == Op::AssignVariable) return true;
        if (op_def(node.op).builtin_code == kCustomOp) return true;
        const bool convolution = node.op == Op::Conv2d || node.op == Op::DepthwiseConv2d;
        if (convolution && graph.tensor(node.inputs[1]).quantisation.zero_point() != 0) return true;
    }
    return false;
}

// Compares one model; false when there is nothing to compare.
bool compare(const TfliteOracle& oracle, const Bytes& original) {
    Graph graph;
    try {
        graph = read_tflite(original, "m");
    } catch (const Error&) {
        return false;
    }
    if (has_no_file(graph)) return false;
    for (const bool passes : {false, true}) {
        if (passes)
            run_passes(graph, {"fuse_pad", "fold_zero_points"});  // no .tflite file can say what they make
        TfliteSession written = oracle.load(write_tflite(graph));
        auto before = load_original(oracle, original);
        if (!before) return false;
        expect_same_answers(std::move(*before), std::move(written), graph);
    }
    return true;
}

TEST(TfliteOracle, AnswersTheSameToEveryModelWeReadAndWrite) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    const fs::path models = fs::path(JATAI_SHARED_DIR) / "data/models";
    if (!fs::exists(models)) GTEST_SKIP() << "no models at " << models;
    int compared = 0;
    for (const auto& entry : fs::recursive_directory_iterator(models)) {
        if (entry.path().extension() != ".tflite") continue;
        SCOPED_TRACE(entry.path().filename().string());
        compared += compare(*oracle, read_file(entry.path()));
    }
    std::cout << compared << " models answer the same after reading, passes and writing\n";
    EXPECT_GE(compared, 20);
}

TEST(TfliteOracle, AModelOfUInt8AnswersTheSameAsInt8Inside) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    const fs::path file =
        fs::path(JATAI_SHARED_DIR) / "data/models/test_data/mobilenet_v1_0.25_128_quant.tflite";
    if (!fs::exists(file)) GTEST_SKIP() << "no model at " << file;
    const Bytes model = read_file(file);
    Graph graph = read_tflite(model, "mobilenet");
    run_passes(graph);
    Interpreter ours(graph);
    TfliteSession theirs = oracle->load(model);
    Rng rng(12);
    for (int i = 0; i < 3; ++i) {
        const std::vector<Bytes> inputs = random_inputs(graph, rng);
        EXPECT_EQ(ours.run(inputs), theirs.run(inputs));
    }
}

// Not partly_quantized_mnist: a dense layer of floats with a scale for each output is younger than TensorFlow
// Lite 2.9, which takes the first scale for all.
TEST(TfliteOracle, ModelsOfFloatsByInt8WeightsAnswerTheSame) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    for (const char* name :
         {"models/tiny/kws_ref_model_float32", "models/mlonmcu-models/CNN_2L_model_quantized",
          "models/mlonmcu-models/MNIST_model_quantized"}) {
        const fs::path file = fs::path(JATAI_SHARED_DIR) / "data" / (std::string(name) + ".tflite");
        if (!fs::exists(file)) GTEST_SKIP() << "no model at " << file;
        const Bytes bytes = read_file(file);
        Graph graph = read_tflite(bytes, name);
        run_passes(graph);
        Rng rng(3);
        for (int i = 0; i < 5; ++i) {
            const std::vector<Bytes> inputs = random_inputs(graph, rng);
            EXPECT_LE(apart(run_graph(graph, inputs)[0], oracle->run(bytes, inputs)[0]), 1e-5) << name;
        }
    }
}

}  // namespace
}  // namespace jatai
