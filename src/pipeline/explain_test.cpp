// What --explain says of a model sums up to what the linked image takes, and what the plan lays over each
// other the chip keeps apart.
#include "src/pipeline/explain.h"

#include <gtest/gtest.h>

#include <numeric>

#include "src/base/rng.h"
#include "src/graph/interpret.h"
#include "src/graph/passes/passes.h"
#include "src/graph/text_form.h"
#include "src/package/bench.h"
#include "src/package/pack.h"
#include "src/package/runner.h"
#include "src/package/scratch_folder.h"
#include "src/pipeline/measure_cpp.h"
#include "tests/export/networks.h"

namespace jatai {
namespace {

// Widened, depthwise, narrowed: the depthwise layers are where most is alive. One has lines or roundings, one
// is larger than 3x3, one is clamped.
constexpr const char* kWideNet = R"(
    %x int8[1,12,10,4] s=0.05 z=3 = input
    %w0 int8[32,1,1,4] s=0.01 = random 1
    %a int8[1,12,10,32] s=0.06 z=-128 = CONV_2D(%x, %w0, _) padding=same stride_w=1 stride_h=1 fused_activation_function=relu
    %w1 int8[1,3,3,32] s=0.02 axis=3 = random 2
    %b int8[1,12,10,32] s=0.05 z=-128 = DEPTHWISE_CONV_2D(%a, %w1, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1 fused_activation_function=relu
    %w2 int8[4,1,1,32] s=0.01 = random 3
    %c int8[1,12,10,4] s=0.06 z=5 = CONV_2D(%b, %w2, _) padding=valid stride_w=1 stride_h=1
    %w3 int8[24,1,1,4] s=0.01 = random 4
    %d int8[1,12,10,24] s=0.06 z=-20 = CONV_2D(%c, %w3, _) padding=same stride_w=1 stride_h=1
    %w4 int8[1,5,3,24] s=0.02 axis=3 = random 5
    %e int8[1,12,10,24] s=0.05 z=-3 = DEPTHWISE_CONV_2D(%d, %w4, _) padding=same stride_w=1 stride_h=1 depth_multiplier=1
    %w5 int8[1,3,3,24] s=0.02 axis=3 = random 6
    %f int8[1,10,10,24] s=0.05 z=-30 = DEPTHWISE_CONV_2D(%e, %w5, _) padding=explicit pad_top=0 pad_left=1 stride_w=1 stride_h=1 depth_multiplier=1 fused_activation_function=relu6
    %w6 int8[3,1,1,24] s=0.01 = random 7
    %g int8[1,10,10,3] s=0.06 z=5 = CONV_2D(%f, %w6, _) padding=valid stride_w=1 stride_h=1
    output %g)";

Graph network(const char* words) {
    Graph graph = parse_text(words, "network");
    run_passes(graph);
    return graph;
}

struct Core {
    const char* name;
    const char* board;
    Family family;
};
constexpr Core kCores[] = {{"cortex-m4f", "bench_m4", Family::CortexM},
                           {"cortex-m0plus", "bench_m0", Family::CortexM0}};

std::uint64_t sum(const std::vector<FlashPart>& parts) {
    return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                           [](std::uint64_t all, const FlashPart& part) { return all + part.bytes; });
}

void expect_sums(const Plan& plan, const BenchImages& images) {
    const Explanation e = explain(plan, images.sizes, code_parts(read_file(images.size_elf)));
    std::uint64_t arena = e.state_bytes + e.idle_bytes;
    for (const AlivePart& part : e.alive) arena += part.bytes;
    EXPECT_EQ(arena, plan.arena_bytes);
    EXPECT_EQ(e.arena_bytes + e.variables_bytes + e.stack_bytes, images.sizes.ram.total());
    EXPECT_EQ(sum(e.weights) + e.alignment_bytes + e.container_bytes, images.sizes.flash.weights);
    EXPECT_EQ(sum(e.code) + e.other_code_bytes, images.sizes.flash.code);
    EXPECT_LT(e.other_code_bytes, images.sizes.flash.code / 10) << "most of the code has a name";
}

void expect_chip_bytes(const Graph& graph, const Plan& plan, const Core& core, const fs::path& elf) {
    Bytes input(static_cast<std::size_t>(graph.tensor(graph.inputs[0]).bytes()));
    Rng rng(3);
    for (std::uint8_t& byte : input) byte = static_cast<std::uint8_t>(rng.below(256));
    const Board board = load_board(core.board, fs::path(JATAI_SOURCE_DIR) / "boards");
    const Bytes package = pack(graph, plan);
    HostRunner portable(package, "network", HostCode::Portable),
        fastest(package, "network", HostCode::Fastest);
    const Bytes expected = Interpreter(graph, Family::Reference, HostCode::Portable).run({input}).at(0);
    EXPECT_EQ(portable.run(input), expected);
    EXPECT_EQ(fastest.run(input), expected);
    EXPECT_EQ(run_bench_image(board, elf, input).outputs, expected) << core.name;
}

TEST(Explain, EveryByteOfRamAndFlashIsNamedAndTheSumsAreExact) {
    if (!have_toolchain()) GTEST_SKIP() << "left out: arm-none-eabi-g++ is not installed";
    for (const Core& core : kCores) {
        for (const char* words : {image_net(), kWideNet}) {
            const Graph graph = network(words);
            const Plan plan = make_plan(graph, Board{}, core.family);
            const ScratchFolder work;
            BenchOptions options;
            options.core = core.name;
            options.form = Form::Cpp;
            const BenchImages images =
                build_bench(graph, plan, options, find_toolchain(JATAI_SOURCE_DIR), work.path());
            expect_sums(plan, images);
            if (words == kWideNet) expect_chip_bytes(graph, plan, core, images.bench_elf);
        }
    }
}

TEST(Plan, ADepthwiseLayerWritesItsAnswerOnItsInput) {
    const Graph marked = network(kWideNet);
    Graph plain = parse_text(kWideNet, "network");
    run_passes(plain, {"depthwise_in_place"});
    const std::uint32_t apart = make_plan(plain, Board{}, Family::Reference).arena_bytes;
    const std::uint32_t over = make_plan(marked, Board{}, Family::Reference).arena_bytes;
    EXPECT_EQ(apart, 2 * 12 * 10 * 32u);
    EXPECT_LE(over, apart * 3 / 4) << "of two that follow each other only one is laid over";
}

constexpr const char* kTwoBranches = R"(
    %x int8[1,8,8,16] s=0.05 = input
    %p int8[1,8,8,16] s=0.05 = RELU(%x)
    %q int8[1,8,8,16] s=0.05 = ADD(%p, %x)
    %r int8[1,8,8,16] s=0.05 = RELU6(%q)
    %s int8[1,8,8,16] s=0.05 = ABS(%q)
    %y int8[1,16,8,16] s=0.05 = CONCATENATION(%r, %s) axis=1
    output %y)";

TEST(Plan, AnswersLieOnInputsAndPartsInTheirWholeUnlessTheirPassIsLeftOut) {
    const auto arena = [](const std::vector<std::string>& off) {
        Graph graph = parse_text(kTwoBranches, "branches");
        run_passes(graph, off);
        return make_plan(graph, Board{}, Family::Reference).arena_bytes;
    };
    constexpr std::uint32_t kPicture = 8 * 8 * 16;
    EXPECT_EQ(arena({}), 3 * kPicture);
    EXPECT_EQ(arena({"join_in_place"}), 4 * kPicture);
    EXPECT_EQ(arena({"elementwise_in_place", "join_in_place"}), 4 * kPicture);
}

}  // namespace
}  // namespace jatai
