#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <map>

#include "src/base/error.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/plan/plan.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

Graph graph_of(const GoldenModel& model) {
    Graph graph = read_tflite(model.file(), model.path);
    run_passes(graph);
    return graph;
}

// Integers byte for byte; floats to a hundred-thousandth of the largest of the output.
bool same_values(const Tensor& tensor, ByteView ours, ByteView expected) {
    if (tensor.type != Type::Float32) return std::equal(ours.begin(), ours.end(), expected.begin());
    std::vector<float> a(ours.size() / sizeof(float)), b(a.size());
    std::memcpy(a.data(), ours.data(), ours.size());
    std::memcpy(b.data(), expected.data(), ours.size());
    float largest = 0;
    for (const float value : b) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < a.size(); ++i) {
        const bool close = std::abs(a[i] - b[i]) <= 1e-5f * largest;
        if (!close && !(std::isnan(a[i]) && std::isnan(b[i])) && a[i] != b[i]) return false;
    }
    return true;
}

// One sample: all outputs of the model, back to back.
bool same_outputs(const Graph& graph, ByteView ours, ByteView expected) {
    std::size_t at = 0;
    for (const TensorId id : graph.outputs) {
        const auto bytes = static_cast<std::size_t>(graph.tensor(id).bytes());
        if (!same_values(graph.tensor(id), ours.subspan(at, bytes), expected.subspan(at, bytes)))
            return false;
        at += bytes;
    }
    return true;
}

// The first sample that differs, or -1.
int first_wrong_sample(const GoldenModel& model, Family family) {
    const Graph graph = graph_of(model);
    HostRunner runner(pack(graph, make_plan(graph, Board{}, family)), model.path);
    const Bytes inputs = model.inputs(), expected = model.outputs();
    EXPECT_GT(runner.input_bytes(), 0u);
    EXPECT_EQ(inputs.size() / runner.input_bytes() * runner.output_bytes(), expected.size()) << model.path;
    for (std::size_t i = 0; (i + 1) * runner.input_bytes() <= inputs.size(); ++i) {
        const Bytes output =
            runner.run(ByteView(inputs).subspan(i * runner.input_bytes(), runner.input_bytes()));
        const ByteView answer = ByteView(expected).subspan(i * runner.output_bytes(), runner.output_bytes());
        if (!same_outputs(graph, output, answer)) return static_cast<int>(i);
    }
    return -1;
}

TEST(Golden, EveryModelGivesTheAnswersOfTfliteOrIsRefusedInWords) {
    const std::vector<GoldenModel> models = golden_models();
    if (models.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    int right = 0, refused = 0, wrong = 0;
    std::map<std::string, int> reasons;
    for (const GoldenModel& model : models) {
        try {
            const int sample = first_wrong_sample(model, Family::Reference);
            (sample < 0 ? right : wrong) += 1;
            EXPECT_LT(sample, 0) << model.path << ": sample " << sample << " differs";
        } catch (const Error& error) {
            ++refused;
            EXPECT_GT(std::string(error.what()).size(), 20u) << model.path;
            EXPECT_FALSE(error.hint().empty()) << model.path << ": " << error.what();
            ++reasons[error.what()];
        }
    }
    for (const auto& [reason, count] : reasons) std::printf("refused %d: %s\n", count, reason.c_str());
    std::printf("golden: %d right, %d refused, %d wrong\n", right, refused, wrong);
    EXPECT_EQ(wrong, 0);
    EXPECT_GE(right, 50);
}

TEST(Golden, TheFourTinyModelsAreRightWithTheOperandsOfEitherFamily) {
    if (golden_models().empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    for (const TinyModel& tiny : tiny_models()) {
        for (const Family family : {Family::Reference, Family::CortexM}) {
            EXPECT_LT(first_wrong_sample(tiny.model, family), 0) << tiny.name;
        }
    }
}

TEST(Golden, TheArenaOfTheTinyModelsIsWithinFivePercentOfTheLivePeak) {
    if (golden_models().empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    for (const TinyModel& tiny : tiny_models()) {
        const Graph graph = graph_of(tiny.model);
        const Plan plan = make_plan(graph, Board{}, Family::CortexM);
        std::printf("%s: arena %u bytes, live peak %u, constants %zu\n", tiny.name, plan.arena_bytes,
                    plan.live_peak_bytes, plan.constants.size());
        EXPECT_LE(plan.arena_bytes, plan.live_peak_bytes * 1.05) << tiny.name;
    }
}

}  // namespace
}  // namespace jatai
