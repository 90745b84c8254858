#include <gtest/gtest.h>

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

Bytes package_of(const GoldenModel& model, Family family) {
    Graph graph = read_tflite(model.file(), model.path);
    run_passes(graph);
    return pack(graph, make_plan(graph, Board{}, family));
}

// The first sample that differs, or -1.
int first_wrong_sample(const GoldenModel& model, const Bytes& package) {
    HostRunner runner(package, model.path);
    const Bytes inputs = model.inputs(), expected = model.outputs();
    EXPECT_GT(runner.input_bytes(), 0u);
    EXPECT_EQ(inputs.size() / runner.input_bytes(), expected.size() / runner.output_bytes()) << model.path;
    for (std::size_t i = 0; (i + 1) * runner.input_bytes() <= inputs.size(); ++i) {
        const Bytes output =
            runner.run(ByteView(inputs).subspan(i * runner.input_bytes(), runner.input_bytes()));
        if (!std::equal(output.begin(), output.end(), expected.begin() + i * runner.output_bytes())) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

TEST(Golden, EveryModelGivesTheBytesOfTfliteOrIsRefusedInWords) {
    const std::vector<GoldenModel> models = golden_models();
    if (models.empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    int right = 0, refused = 0, wrong = 0;
    std::map<std::string, int> reasons;
    for (const GoldenModel& model : models) {
        try {
            const Bytes package = package_of(model, Family::Reference);
            const int sample = first_wrong_sample(model, package);
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
            EXPECT_LT(first_wrong_sample(tiny.model, package_of(tiny.model, family)), 0) << tiny.name;
        }
    }
}

TEST(Golden, TheArenaOfTheTinyModelsIsWithinFivePercentOfTheLivePeak) {
    if (golden_models().empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    for (const TinyModel& tiny : tiny_models()) {
        Graph graph = read_tflite(tiny.model.file(), tiny.model.path);
        run_passes(graph);
        const Plan plan = make_plan(graph, Board{}, Family::CortexM);
        std::printf("%s: arena %u bytes, live peak %u, constants %zu\n", tiny.name, plan.arena_bytes,
                    plan.live_peak_bytes, plan.constants.size());
        EXPECT_LE(plan.arena_bytes, plan.live_peak_bytes * 1.05) << tiny.name;
    }
}

}  // namespace
}  // namespace jatai
