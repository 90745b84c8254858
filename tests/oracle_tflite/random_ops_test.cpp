// Our kernels against TensorFlow Lite's own, on random layers.
#include "tests/oracle_tflite/random_ops.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <iostream>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "tests/oracle_tflite/random_forms.h"
#include "tests/oracle_tflite/steps.h"
#include "tests/oracle_tflite/tflite_oracle.h"

namespace jatai {
namespace {

// To a hundred-thousandth of the largest of them.
void expect_close(const Bytes& ours, const Bytes& theirs, const Graph& graph) {
    std::vector<float> a(ours.size() / 4), b(a.size());
    std::memcpy(a.data(), ours.data(), ours.size());
    std::memcpy(b.data(), theirs.data(), theirs.size());
    float largest = 0;
    for (const float value : b) largest = std::isfinite(value) ? std::max(largest, std::abs(value)) : largest;
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool same = a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]));
        ASSERT_TRUE(same || std::abs(a[i] - b[i]) <= 1e-5f * largest) << a[i] << " against " << b[i] << "\n"
                                                                      << to_text(graph);
    }
}

void compare(const Graph& graph, const TfliteOracle& oracle, Rng& rng, Tally& tally) {
    const std::vector<Bytes> inputs = random_inputs(graph, rng);
    const std::vector<Bytes> ours = run_graph(graph, inputs);
    const std::vector<Bytes> theirs = oracle.run(write_tflite(graph), inputs);
    ASSERT_EQ(ours.size(), theirs.size()) << to_text(graph);
    for (std::size_t i = 0; i < ours.size(); ++i) {
        ASSERT_EQ(ours[i].size(), theirs[i].size()) << to_text(graph);
        if (graph.tensor(graph.outputs[i]).type == Type::Float32) {
            expect_close(ours[i], theirs[i], graph);
            tally.values += static_cast<int>(ours[i].size() / 4);
        } else {
            tally_steps(graph.tensor(graph.outputs[i]).type, ours[i], theirs[i], tally);
        }
    }
}

std::vector<const OpDef*> ops_with_layers() {
    std::vector<const OpDef*> defs;
    for (const auto& [op, make] : random_layers()) defs.push_back(&op_def(op));
    return defs;
}

class RandomLayers : public ::testing::TestWithParam<const OpDef*> {};

TEST_P(RandomLayers, AnswerAsTensorFlowLiteDoes) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    Rng rng(static_cast<std::uint64_t>(GetParam()->builtin_code) + 100);
    Tally tally;
    for (int i = 0; i < 300; ++i) {
        const Graph graph = random_layers().at(GetParam()->op)(rng);
        try {
            compare(graph, *oracle, rng, tally);
        } catch (const Error& error) {
            ADD_FAILURE() << error.what() << "\n" << to_text(graph);
        }
        if (HasFailure()) break;
    }
    std::cout << GetParam()->name << ": " << tally.values << " values, " << tally.unequal
              << " unequal, by at most " << tally.worst << "\n";
    EXPECT_LE(tally.worst, allowed_gap(GetParam()->op));
    EXPECT_LE(tally.unequal, tally.values / 500);
}

INSTANTIATE_TEST_SUITE_P(EveryOperator, RandomLayers, ::testing::ValuesIn(ops_with_layers()),
                         [](const auto& info) { return std::string(info.param->name); });

class RandomForms : public ::testing::TestWithParam<Form> {};

// The file as any other: written, read (which turns uint8 into int8 and computes extents), passes and all.
void compare_form(const Form& form, const TfliteOracle& oracle, Rng& rng, Tally& tally) {
    const std::string words = form.make(rng);
    try {
        const Bytes file = write_tflite(parse_text(words, form.name));
        Graph graph = read_tflite(file, form.name);
        run_passes(graph);
        const std::vector<Bytes> inputs = random_inputs(graph, rng);
        const std::vector<Bytes> ours = run_graph(graph, inputs);
        const std::vector<Bytes> theirs = oracle.run(file, inputs);
        ASSERT_EQ(ours.size(), theirs.size()) << words;
        for (std::size_t i = 0; i < ours.size(); ++i) {
            ASSERT_EQ(ours[i].size(), theirs[i].size()) << words;
            const Type type = graph.tensor(graph.outputs[i]).type;
            if (type == Type::Float32) expect_close(ours[i], theirs[i], graph);
            if (type == Type::Float32) tally.values += static_cast<int>(ours[i].size() / 4);
            if (type != Type::Float32) tally_steps(type, ours[i], theirs[i], tally);
            if (tally.worst > form.gap) FAIL() << words;
        }
    } catch (const Error& error) {
        FAIL() << error.what() << "\n" << words;
    }
}

TEST_P(RandomForms, AnswerAsTensorFlowLiteDoes) {
    const auto oracle = TfliteOracle::find();
    if (!oracle) GTEST_SKIP() << TfliteOracle::kMissing;
    Rng rng(17);
    Tally tally;
    for (int i = 0; i < 200 && !HasFailure(); ++i) compare_form(GetParam(), *oracle, rng, tally);
    std::cout << GetParam().name << ": " << tally.values << " values, " << tally.unequal
              << " unequal, by at most " << tally.worst << "\n";
    EXPECT_LE(tally.worst, GetParam().gap);
    EXPECT_LE(tally.unequal, tally.values / 12);  // means: TFLite Micro divides where 2.9 multiplies
}

INSTANTIATE_TEST_SUITE_P(EveryForm, RandomForms, ::testing::ValuesIn(random_forms()),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace jatai
