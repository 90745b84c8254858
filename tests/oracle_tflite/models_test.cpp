// Every shared model, ours beside TensorFlow Lite 2.9; where the answers part, layer by layer.
#include <gtest/gtest.h>

#include <filesystem>
#include <iostream>
#include <map>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"
#include "tests/oracle_tflite/random_ops.h"
#include "tests/oracle_tflite/steps.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace jatai {
namespace {

namespace fs = std::filesystem;

constexpr double kFloatGap = 1e-5;

bool same_answer(Type type, const Bytes& ours, const Bytes& theirs) {
    if (ours.size() != theirs.size()) return false;
    return type == Type::Float32 ? apart(ours, theirs) <= kFloatGap : ours == theirs;
}

// A layer by itself: what the layers before gave it is an input.
Graph alone(const Graph& graph, const Node& node) {
    Graph layer;
    std::map<TensorId, TensorId> known{{kNoTensor, kNoTensor}};
    const auto take = [&](TensorId id) {
        if (!known.contains(id)) known[id] = layer.add(graph.tensor(id));
        return known[id];
    };
    Node copy = node;
    for (TensorId& id : copy.inputs) {
        const bool first = !known.contains(id);
        id = take(id);
        if (first && !layer.tensor(id).constant()) layer.inputs.push_back(id);
    }
    for (TensorId& id : copy.outputs) layer.outputs.push_back(id = take(id));
    layer.nodes.push_back(std::move(copy));
    return layer;
}

std::vector<Bytes> values_of(const Interpreter& run, const Node& node, const Graph& graph) {
    std::vector<Bytes> values;
    std::vector<TensorId> seen;
    for (const TensorId id : node.inputs) {
        if (id == kNoTensor || graph.tensor(id).constant()) continue;
        if (std::find(seen.begin(), seen.end(), id) != seen.end()) continue;
        seen.push_back(id);
        const ByteView value = run.value(id);
        values.emplace_back(value.begin(), value.end());
    }
    return values;
}

struct Outcome {
    int equal = 0, explained = 0;
    int refused_by_us = 0, refused_there = 0, not_asked = 0;
    std::map<std::string, Tally> layers;  // by operator, of the models that differ
};

// An SVDF with a state of int8 is TFLite Micro's own: TensorFlow Lite 2.9 takes the state for one of int16,
// writes past its end and dies.
bool would_die(const Graph& graph) {
    return std::any_of(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) {
        return node.op == Op::Svdf && graph.tensor(node.inputs[4]).type == Type::Int8;
    });
}

// 2.9 knows one scale of the weights of a dense layer; later versions know one for each output.
bool is_younger(const Graph& graph, const Node& node) {
    return node.op == Op::FullyConnected && graph.tensor(node.inputs[1]).quantisation.per_channel();
}

// True when the layer, given our inputs, answers ours to the step that its operator is known to differ by.
bool explain_layer(const TfliteOracle& oracle, const Graph& graph, const Node& node, const Interpreter& run,
                   Outcome& outcome) {
    if (is_younger(graph, node)) return true;
    const Graph layer = alone(graph, node);
    std::vector<Bytes> theirs;
    try {
        theirs = oracle.run(write_tflite(layer), values_of(run, node, graph));
    } catch (const Error& error) {
        ADD_FAILURE() << node.name << " (" << op_def(node.op).name << "): " << error.what();
        return false;
    }
    Tally& tally = outcome.layers[op_def(node.op).name];
    bool explained = true;
    for (std::size_t i = 0; i < theirs.size(); ++i) {
        const ByteView value = run.value(node.outputs[i]);
        const Bytes ours(value.begin(), value.end());
        const Type type = graph.tensor(node.outputs[i]).type;
        if (type == Type::Float32) {
            explained = explained && same_answer(type, ours, theirs[i]);
            continue;
        }
        Tally here;
        tally_steps(type, ours, theirs[i], here);
        tally.values += here.values;
        tally.unequal += here.unequal;
        tally.worst = std::max(tally.worst, here.worst);
        explained = explained && here.worst <= allowed_gap(node.op);
    }
    EXPECT_TRUE(explained) << node.name << " (" << op_def(node.op).name << ")";
    return explained;
}

void compare_model(const TfliteOracle& oracle, const Bytes& file, Outcome& outcome) {
    Graph graph;
    try {
        graph = read_tflite(file, "model");
    } catch (const Error& error) {
        std::cout << "refused by us: " << error.what() << "\n";
        ++outcome.refused_by_us;
        return;
    }
    if (would_die(graph)) {
        ++outcome.not_asked;
        return;
    }
    Rng rng(7);
    const std::vector<Bytes> inputs = random_inputs(graph, rng);
    std::vector<Bytes> theirs;
    try {
        theirs = oracle.run(file, inputs);
    } catch (const Error& error) {
        std::cout << "refused there: " << error.what() << "\n";
        ++outcome.refused_there;
        return;
    }
    Interpreter run(graph);
    const std::vector<Bytes> ours = run.run(inputs);
    bool equal = ours.size() == theirs.size();
    for (std::size_t i = 0; equal && i < ours.size(); ++i)
        equal = same_answer(graph.tensor(graph.outputs[i]).type, ours[i], theirs[i]);
    if (equal) {
        ++outcome.equal;
        return;
    }
    bool explained = true;
    for (const Node& node : graph.nodes)
        explained = explain_layer(oracle, graph, node, run, outcome) && explained;
    outcome.explained += explained ? 1 : 0;
}

TEST(Models, AnswerAsTensorFlowLiteDoesOrPartByAStepOfAKnownOperator) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    const fs::path data = fs::path(JATAI_SHARED_DIR) / "data";
    if (!fs::exists(data / "models")) GTEST_SKIP() << "no models at " << data;
    Outcome outcome;
    for (const char* room : {"models", "op_models"}) {
        for (const auto& entry : fs::recursive_directory_iterator(data / room)) {
            if (entry.path().extension() != ".tflite") continue;
            SCOPED_TRACE(entry.path().string());
            compare_model(*oracle, read_file(entry.path()), outcome);
        }
    }
    std::cout << outcome.equal << " models equal, " << outcome.explained << " explained, "
              << outcome.refused_by_us << " refused by us, " << outcome.refused_there << " there, "
              << outcome.not_asked << " not asked\n";
    for (const auto& [name, tally] : outcome.layers)
        std::cout << "  " << name << ": " << tally.unequal << " of " << tally.values << " by " << tally.worst
                  << "\n";
    EXPECT_GE(outcome.equal, 100);
}

}  // namespace
}  // namespace jatai
