#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "src/base/error.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/bench.h"
#include "src/package/run_tool.h"
#include "src/package/scratch_folder.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

constexpr std::size_t kSamples = 2;

// Bytes of flash, the model among them, that a product may take; as a package so many more.
const std::map<std::string, std::uint32_t> kMostFlash{
    {"kws", 38000}, {"vww", 49000}, {"ic", 92000}, {"ad", 276000}};
constexpr std::uint32_t kMoreAsPackage = 4096;

// Of the model as it lies in the image.
std::size_t model_bytes(const Graph& graph, const Plan& plan, Form form) {
    if (form == Form::Cpp) return plan.constants.size();
    PackOptions options;
    options.op_table = OpTable::Without;
    return pack(graph, plan, options).size();
}

// Runs bench.elf on an emulated Cortex-M4 in `folder`; returns out.bin.
Bytes run_under_qemu(const fs::path& elf, const fs::path& folder) {
    const ToolResult result =
        run_tool({"qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none", "-serial", "null",
                  "-semihosting-config", "enable=on,target=native", "-kernel", elf.string()},
                 folder, 120);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    std::printf("    %s", result.output.c_str());
    return read_file(folder / "out.bin");
}

void expect_golden_bytes_on_the_chip(Form form) {
    if (golden_models().empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    if (find_tool("qemu-system-arm").empty()) GTEST_SKIP() << "not installed: qemu-system-arm";
    const Toolchain tools = find_toolchain(JATAI_SOURCE_DIR);
    for (const TinyModel& tiny : tiny_models()) {
        Graph graph = read_tflite(tiny.model.file(), tiny.model.path);
        run_passes(graph);
        const Plan plan = make_plan(graph, Board{}, Family::CortexM);
        const ScratchFolder folder;
        BenchOptions options;
        options.form = form;
        const BenchImages images = build_bench(graph, plan, options, tools, folder.path());
        const Bytes inputs = tiny.model.inputs(), expected = tiny.model.outputs();
        std::size_t input = 0, output = 0;
        for (const PlannedTensor& t : plan.inputs) input += t.place.bytes;
        for (const PlannedTensor& t : plan.outputs) output += t.place.bytes;
        write_file(folder.path() / "in.bin", ByteView(inputs).first(input * kSamples));
        std::printf("%s %s: flash %u code + %u model, RAM %u arena + %u variables\n", tiny.name,
                    form == Form::Cpp ? "cpp" : "package", images.sizes.flash.code,
                    images.sizes.flash.weights, images.sizes.ram.arena, images.sizes.ram.state);
        EXPECT_EQ(run_under_qemu(images.bench_elf, folder.path()),
                  Bytes(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(output * kSamples)))
            << tiny.name;
        EXPECT_EQ(images.sizes.ram.arena, plan.arena_bytes);
        EXPECT_EQ(images.sizes.flash.weights, model_bytes(graph, plan, form));
        EXPECT_LE(images.sizes.flash.total(),
                  kMostFlash.at(tiny.name) + (form == Form::Package ? kMoreAsPackage : 0))
            << tiny.name;
    }
}

TEST(BenchSlow, TheTinyModelsAsCppGiveTheBytesOfTfliteOnAnEmulatedChip) {
    expect_golden_bytes_on_the_chip(Form::Cpp);
}
TEST(BenchSlow, TheTinyModelsAsPackagesGiveTheBytesOfTfliteOnAnEmulatedChip) {
    expect_golden_bytes_on_the_chip(Form::Package);
}

}  // namespace
}  // namespace jatai
