#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include <fmt/format.h>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/graph/passes/elementwise_in_place.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/graph/tflite.h"
#include "src/package/inspect.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/test_model.h"
#include "src/plan/fit.h"

namespace jatai {
namespace {

Bytes compile(ByteView tflite, Family family) {
    Graph graph = read_tflite(tflite, "tiny.tflite");
    run_passes(graph);
    return pack(graph, make_plan(graph, Board{}, family));
}

Bytes random_waves(std::size_t samples) {
    Rng rng(11);
    Bytes bytes(samples * 64 * sizeof(float));
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
        const float x = rng.uniform(-3, 3);
        std::memcpy(bytes.data() + i, &x, sizeof x);
    }
    return bytes;
}

TEST(PackageFlow, AModelFileGivesTheSamePackageEveryTime) {
    const Bytes tflite = write_tflite(parse_text(tapped_net(), "tiny"));
    EXPECT_EQ(compile(tflite, Family::CortexM), compile(tflite, Family::CortexM));
}

TEST(PackageFlow, AModelWrittenAndReadAgainGivesTheSameAnswers) {
    const Graph graph = parse_text(tapped_net(), "tiny");
    const Bytes direct = pack(graph, make_plan(graph, Board{}, Family::Reference));
    const Bytes waves = random_waves(20);
    const Bytes answers = run_package(direct, waves, "direct");
    EXPECT_TRUE(varied(answers));
    EXPECT_EQ(run_package(compile(write_tflite(graph), Family::Reference), waves, "file"), answers);
}

TEST(PackageFlow, TheFamilyChangesTheArenaAndNeverTheAnswers) {
    const Bytes tflite = write_tflite(parse_text(tapped_net(), "tiny"));
    const Bytes waves = random_waves(20);
    EXPECT_EQ(run_package(compile(tflite, Family::CortexM), waves, "cortex-m"),
              run_package(compile(tflite, Family::Reference), waves, "reference"));
}

// Two branches joined by ADD, whose answer lies on the memory of an operand (src/plan/plan.cpp).
TEST(PackageFlow, AnAddInPlaceGivesWhatASeparateAnswerWouldGive) {
    constexpr const char* kBranches = R"(
        %x int8[1,64] s=0.05 z=3 = input
        %w int8[64,64] s=0.01 = random 4
        %a int8[1,64] s=0.05 z=1 = FULLY_CONNECTED(%x, %w, _) version=4
        %b int8[1,64] s=0.04 z=2 = FULLY_CONNECTED(%a, %w, _) version=4
        %sum int8[1,64] s=0.06 z=-1 = ADD(%a, %b) version=2
        %y int8[1,64] s=0.06 z=-1 = FULLY_CONNECTED(%sum, %w, _) version=4
        output %y{}
    )";
    const auto build = [&](const std::string& more) {
        std::string words = kBranches;
        words.replace(words.find("{}"), 2, more);
        Graph graph = parse_text(words, "branches");
        elementwise_in_place(graph);
        return graph;
    };
    // With %a and %b as outputs too, nothing may lie on them.
    const Graph alone = build(""), kept = build("\n        output %a\n        output %b");
    const Plan in_place = make_plan(alone, Board{}, Family::Reference);
    const Plan apart = make_plan(kept, Board{}, Family::Reference);
    EXPECT_EQ(in_place.steps[2].operands[2].offset, in_place.steps[2].operands[0].offset);
    EXPECT_NE(apart.steps[2].operands[2].offset, apart.steps[2].operands[0].offset);
    EXPECT_NE(apart.steps[2].operands[2].offset, apart.steps[2].operands[1].offset);
    const Bytes waves = random_waves(4);
    const Bytes one = run_package(pack(alone, in_place), waves, "alone");
    const Bytes three = run_package(pack(kept, apart), waves, "kept");
    EXPECT_TRUE(varied(one));
    for (std::size_t i = 0; i * 64 < one.size(); ++i) {
        EXPECT_TRUE(std::equal(one.begin() + static_cast<std::ptrdiff_t>(i * 64),
                               one.begin() + static_cast<std::ptrdiff_t>(i * 64 + 64),
                               three.begin() + static_cast<std::ptrdiff_t>(i * 192)))
            << i;
    }
}

// The answer begins a row before the input: at a whole pixel, as kernels take some channels, then the next
// ones.
TEST(PackageFlow, ADepthwiseLayerOverItsInputGivesWhatOneBesideItWouldGive) {
    for (const int channels : {4, 12, 20, 36, 64}) {
        const Graph graph = parse_text(fmt::format(R"(
            %x int8[1,3,5,{0}] s=0.05 z=3 = input
            %size int32[2] = {{9,5}}
            %a int8[1,9,5,{0}] s=0.05 z=3 = RESIZE_NEAREST_NEIGHBOR(%x, %size)
            %w int8[1,1,1,{0}] s=0.01 axis=3 = random 5
            %b int8[1,9,5,{0}] s=0.04 z=2 = DEPTHWISE_CONV_2D(%a, %w, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
            %all int8[8,{1}] s=0.01 = random 4
            %y int8[1,8] s=2 z=-1 = FULLY_CONNECTED(%b, %all, _)
            output %y)",
                                                   channels, 45 * channels),
                                       "over");
        Graph over = graph;
        run_passes(over);
        const Plan plan = make_plan(over, Board{}, Family::Reference),
                   apart = make_plan(graph, Board{}, Family::Reference);
        EXPECT_LT(plan.arena_bytes, apart.arena_bytes);
        const Bytes package = pack(over, plan), separate = pack(graph, apart);
        Bytes input = random_waves(4);
        input.resize(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).bytes()));
        const Bytes expected = HostRunner(separate, "apart", HostCode::Portable).run(input);
        EXPECT_NE(expected[0], expected[1]);
        for (const HostCode code : {HostCode::Portable, host_code()})
            EXPECT_TRUE(HostRunner(package, "over", code).run(input) == expected) << channels;
    }
}

TEST(PackageFlow, AModelThatIsItsOwnInputIsAPackageWithoutSteps) {
    const Graph graph = parse_text(R"(
        %x int8[1,4] s=0.5 = input
        %shape int32[2] = {2,2}
        %y int8[2,2] s=0.5 = RESHAPE(%x, %shape) new_shape=[2,2]
        output %y)",
                                   "identity");
    const Bytes package = pack(graph, make_plan(graph, Board{}, Family::Reference));
    EXPECT_EQ(inspect(package, "identity").step_count, 0u);
    EXPECT_EQ(run_package(package, Bytes{1, 2, 3, 4}, "identity"), (Bytes{1, 2, 3, 4}));
}

TEST(PackageFlow, AModelTooLargeForABoardIsRefusedBeforeAnythingIsLinked) {
    const Graph graph = parse_text(tapped_net(), "tiny");
    Board board;
    board.id = "crumb";
    board.flash.bytes = 64;
    board.ram.bytes = 1 << 20;
    const Plan plan = make_plan(graph, board, Family::CortexM);
    try {
        require_fit({"tiny.tflite", plan.constants.size(), plan.arena_bytes}, board, {});
        FAIL();
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), testing::HasSubstr("expected at most 64"));
        EXPECT_FALSE(error.hint().empty());
    }
}

}  // namespace
}  // namespace jatai
