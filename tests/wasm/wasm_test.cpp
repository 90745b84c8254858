// Packages in a browser give the bytes of the portable kernels on this computer.
#include <gtest/gtest.h>

#include "src/base/rng.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "tests/export/networks.h"
#include "tests/wasm/browser.h"

namespace jatai {
namespace {

constexpr const char* kNoBrowser = "left out: chromium is not installed (script/bootstrap --tests)";

// Groups, odd numbers of channels, many rows of a dense layer, two inputs.
constexpr const char* kOddNet = R"(
    %x int8[1,9,7,6] s=0.05 z=3 = input
    %u int8[1,9,7,10] s=0.06 z=-9 = input
    %w0 int8[10,3,3,3] s=0.01 = random 1
    %a int8[1,9,7,10] s=0.06 z=-128 = CONV_2D(%x, %w0, _) padding=same stride_w=1 stride_h=1 fused_activation_function=relu
    %w1 int8[1,5,3,10] s=0.02 axis=3 = random 2
    %b int8[1,9,7,10] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%a, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
    %c int8[1,9,7,10] s=0.08 z=0 = ADD(%b, %u)
    %r int8[63,10] s=0.08 z=0 = RESHAPE(%c) new_shape=[63,10]
    %w2 int8[7,10] s=0.01 = random 3
    %y int8[63,7] s=0.1 z=0 = FULLY_CONNECTED(%r, %w2, _)
    output %y)";

constexpr const char* kFloatNet = R"(
    %x float32[1,8,8,3] = input
    %w0 float32[9,3,3,3] = random 1
    %b0 float32[9] = random 4
    %a float32[1,8,8,9] = CONV_2D(%x, %w0, %b0) padding=same stride_w=1 stride_h=1 fused_activation_function=relu
    %w1 float32[1,3,3,9] = random 2
    %b float32[1,8,8,9] = DEPTHWISE_CONV_2D(%a, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
    %r float32[1,576] = RESHAPE(%b) new_shape=[1,576]
    %w2 float32[11,576] = random 3
    %y float32[1,11] = FULLY_CONNECTED(%r, %w2, _)
    output %y)";

struct Case {
    WasmJob job;
    Bytes expected;
};

Case case_of(const char* network, Family family) {
    Graph graph = parse_text(network, "network");
    run_passes(graph);
    Case made;
    made.job.package = pack(graph, make_plan(graph, Board{}, family));
    HostRunner runner(made.job.package, "network", HostCode::Portable);
    made.job.input.resize(runner.input_bytes());
    Rng rng(7);
    const bool floats = graph.tensor(graph.inputs[0]).type == Type::Float32;
    for (std::size_t i = 0; i < made.job.input.size(); ++i)
        made.job.input[i] =
            static_cast<std::uint8_t>(floats && i % 4 == 3 ? 0x3F - rng.below(2) : rng.below(256));
    made.expected = runner.run(made.job.input);
    return made;
}

void compare(const char* image) {
    const fs::path file = fs::path(JATAI_BUILD_DIR) / "share/wasm" / image;
    std::vector<Case> cases;
    for (const char* network : {keyword_net(), image_net(), kOddNet, kFloatNet}) {
        cases.push_back(case_of(network, Family::Reference));
        cases.push_back(case_of(network, Family::CortexM));
    }
    std::vector<WasmJob> jobs;
    for (const Case& made : cases) jobs.push_back(made.job);
    jobs.push_back(jobs[0]);
    jobs.back().package[60] ^= 1;
    const auto answers = run_in_browser(read_file(file), jobs);
    if (!answers) GTEST_SKIP() << kNoBrowser;
    ASSERT_EQ(answers->size(), cases.size() + 1);
    for (std::size_t i = 0; i < cases.size(); ++i) {
        EXPECT_EQ(answers->at(i).status, 0u) << i;
        EXPECT_EQ(answers->at(i).output, cases[i].expected) << i;
    }
    EXPECT_EQ(answers->back().status, static_cast<std::uint32_t>(Status::BadHash)) << "a damaged package";
    EXPECT_TRUE(answers->back().output.empty());
}

TEST(Wasm, ABrowserWithSimdGivesTheBytesOfThePortableKernels) { compare("model.wasm"); }
TEST(Wasm, ABrowserWithoutSimdGivesThemToo) { compare("model_portable.wasm"); }

}  // namespace
}  // namespace jatai
