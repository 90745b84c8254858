// Whole measuring images on QEMU (with the icount plugin) and on the simulator: the same bytes out, the same
// number of instructions in every window and operator.
#include <gtest/gtest.h>

#include <sstream>

#include "src/base/error.h"
#include "src/graph/passes/passes.h"
#include "src/graph/tflite.h"
#include "src/package/bench.h"
#include "src/package/run_tool.h"
#include "src/package/scratch_folder.h"
#include "src/simulate/machine.h"
#include "tests/golden/golden_models.h"

namespace jatai {
namespace {

using simulate::BenchWindow;
using simulate::Machine;
using simulate::RunResult;
using simulate::Stop;

constexpr std::size_t kSamples = 2;
const fs::path kIcount = fs::path(JATAI_SHARED_DIR) / "tools" / "icount";

// One window per inference; the operators of the first, as the plugin gives them.
struct Counts {
    std::vector<std::uint64_t> windows, ops;
    friend bool operator==(const Counts&, const Counts&) = default;
};

std::string missing_tool() {
    if (!fs::exists(kIcount / "icount.c")) return "no icount plugin source at " + kIcount.string();
    if (find_tool("qemu-system-arm").empty()) return "not installed: qemu-system-arm";
    if (find_tool("gcc").empty()) return "not installed: gcc";
    return {};
}

std::string plugin_arguments(const fs::path& library, const fs::path& elf, const fs::path& out) {
    const simulate::Firmware firmware = simulate::read_firmware(read_file(elf), elf.string());
    std::string words = library.string();
    const auto add = [&](const char* key, const char* symbol) {
        if (const auto address = firmware.find(symbol)) words += fmt::format(",{}={:x}", key, *address);
    };
    add("begin", "bench_begin");
    add("end", "bench_end");
    add("opb", "bench_op_begin");
    add("ope", "bench_op_end");
    return words + ",out=" + out.string();
}

Counts read_counts(const fs::path& path) {
    Counts counts;
    std::istringstream lines(read_text(path));
    for (std::string kind, number, word, rest; lines >> kind >> number;) {
        std::uint64_t value = 0;
        lines >> word;
        if (kind == "window" && lines >> value) counts.windows.push_back(value);
        if (kind == "op" && lines >> value) counts.ops.push_back(value);
        std::getline(lines, rest);
    }
    return counts;
}

Bytes run_on_qemu(const fs::path& elf, const fs::path& folder, Counts& counts) {
    const fs::path library = folder / "libicount.so", out = folder / "counts.txt";
    const ToolResult built = run_tool({"gcc", "-O2", "-fPIC", "-shared", "-fvisibility=hidden", "-o",
                                       library.string(), (kIcount / "icount.c").string()},
                                      folder, 60);
    EXPECT_EQ(built.exit_code, 0) << built.output;
    const ToolResult ran = run_tool({"qemu-system-arm", "-M", "mps2-an386", "-nographic", "-monitor", "none",
                                     "-serial", "null", "-semihosting-config", "enable=on,target=native",
                                     "-kernel", elf.string(), "-plugin", plugin_arguments(library, elf, out)},
                                    folder, 300);
    EXPECT_EQ(ran.exit_code, 0) << ran.output;
    counts = read_counts(out);
    return read_file(folder / "out.bin");
}

Bytes run_on_machine(const fs::path& elf, const fs::path& folder, Counts& counts) {
    Machine machine(load_board("bench_m4", JATAI_SOURCE_DIR "/boards"), {.folder = folder});
    machine.load(simulate::read_firmware(read_file(elf), elf.string()));
    const RunResult result = machine.run(20'000'000'000);
    EXPECT_EQ(result.stop, Stop::Exited) << simulate::describe_stop(result);
    for (const BenchWindow& window : result.windows) counts.windows.push_back(window.whole.instructions);
    if (!result.windows.empty()) {
        for (const simulate::SpanCost& op : result.windows[0].ops) counts.ops.push_back(op.instructions);
        std::printf("    %llu instructions, %llu cycles, stack %u bytes\n",
                    static_cast<unsigned long long>(result.windows[0].whole.instructions),
                    static_cast<unsigned long long>(result.windows[0].whole.cycles), result.stack_bytes);
    }
    return read_file(folder / "out.bin");
}

void compare(const TinyModel& tiny, Form form) {
    Graph graph = read_tflite(tiny.model.file(), tiny.model.path);
    run_passes(graph);
    const Plan plan = make_plan(graph, Board{}, Family::CortexM);
    BenchOptions options;
    options.form = form;
    const ScratchFolder build, theirs, ours;
    const BenchImages images =
        build_bench(graph, plan, options, find_toolchain(JATAI_SOURCE_DIR), build.path());
    std::size_t sample_bytes = 0;
    for (const PlannedTensor& t : plan.inputs) sample_bytes += t.place.bytes;
    const Bytes inputs = tiny.model.inputs();
    for (const ScratchFolder* folder : {&theirs, &ours})
        write_file(folder->path() / "in.bin", ByteView(inputs).first(sample_bytes * kSamples));
    std::printf("%s\n", tiny.name);
    Counts qemu, machine;
    const Bytes expected = run_on_qemu(images.bench_elf, theirs.path(), qemu);
    const Bytes found = run_on_machine(images.bench_elf, ours.path(), machine);
    EXPECT_EQ(found, expected) << tiny.name;
    EXPECT_EQ(machine.windows, qemu.windows) << tiny.name;
    EXPECT_EQ(machine.ops, qemu.ops) << tiny.name;
    EXPECT_EQ(qemu.windows.size(), kSamples) << tiny.name;
    EXPECT_FALSE(qemu.ops.empty()) << tiny.name;
}

void compare_all(Form form) {
    if (golden_models().empty()) GTEST_SKIP() << "no shared data at " << JATAI_SHARED_DIR;
    if (!have_toolchain()) GTEST_SKIP() << "not installed: arm-none-eabi-g++";
    if (const std::string missing = missing_tool(); !missing.empty()) GTEST_SKIP() << missing;
    for (const TinyModel& tiny : tiny_models()) compare(tiny, form);
}

TEST(OracleImages, TheTinyModelsAsCppAnswerAndCountAsOnQemu) { compare_all(Form::Cpp); }
TEST(OracleImages, TheTinyModelsAsPackagesAnswerAndCountAsOnQemu) { compare_all(Form::Package); }

}  // namespace
}  // namespace jatai
