#include "src/package/bench.h"

#include <fmt/format.h>

#include <future>

#include "src/base/error.h"
#include "src/package/emit_cpp.h"
#include "src/package/kernel_table.h"
#include "src/package/scratch_folder.h"

namespace jatai {

namespace {

// Defined here so that the generated model.cpp need not know of benches.
constexpr const char* kMarks = R"(#ifndef __ASSEMBLER__
#define JATAI_MODEL_WEIGHTS __attribute__((section(".model")))
#define JATAI_MODEL_ARENA __attribute__((section(".arena")))
#ifdef BENCH_MARKS
extern "C" void bench_op_begin();
extern "C" void bench_op_end();
#define JATAI_MODEL_STEP_BEGIN(step) bench_op_begin()
#define JATAI_MODEL_STEP_END(step) bench_op_end()
#endif
#endif
)";

constexpr const char* kPackageData = R"(    .section .model, "a", %progbits
    .balign 16
    .global bench_package
bench_package:
    .incbin "model.jpk"
    .global bench_package_end
bench_package_end:
)";

std::string doors(const char* word, const char* constant, std::size_t count, const std::string& space) {
    std::string rows;
    for (std::size_t i = 0; i < count; ++i) {
        const std::string number = i == 0 ? "" : std::to_string(i);
        const std::string data = fmt::format("{}::{}{}()", space, word, number);
        rows += fmt::format(
            "        case {}: return {{const_cast<void*>(static_cast<const void*>({})), {}::k{}{}Bytes}};\n",
            i, data, space, constant, number);
    }
    return fmt::format(
        "Door {}(uint32_t i) {{\n    switch (i) {{\n{}        default: return {{nullptr, 0}};\n    }}\n}}\n",
        word, rows);
}

// Sources into `work`; returns what to compile.
std::vector<fs::path> write_cpp(const Plan& plan, const fs::path& work) {
    const CppSource source = emit_cpp(plan, plan.name.empty() ? "model" : plan.name);
    write_text(work / "model.h", source.header);
    write_text(work / "model.cpp", source.body);
    write_text(work / "form.cpp", bench_form(plan, source.name_space, "model.h"));
    return {work / "model.cpp", work / "form.cpp"};
}

std::vector<fs::path> write_package(const Graph& graph, const Plan& plan, const BenchOptions& options,
                                    const Toolchain& tools, const fs::path& work) {
    PackOptions packing;
    packing.op_table = OpTable::Without;  // for reports, which have the plan
    write_file(work / "model.jpk", pack(graph, plan, packing));
    write_text(work / "model.S", kPackageData);
    const bool all = options.kernels == KernelChoice::All;
    write_text(work / "kernels.cpp", write_kernel_table({all ? all_kernels() : plan.kernels(), plan.family,
                                                         "bench_m4", PackageSpace::None}));
    return {work / "model.S", work / "kernels.cpp",
            tools.sources / "boards" / "bench_m4" / "package_form.cpp",
            tools.sources / "device" / "engine.cpp"};
}

}  // namespace

std::string bench_form(const Plan& plan, const std::string& space, const std::string& header) {
    return fmt::format(
        "#include \"boards/bench_m4/bench.h\"\n#include \"{}\"\n\nnamespace bench {{\n\n"
        "bool open() {{ {}return true; }}\nuint32_t input_count() {{ return {}; }}\n"
        "uint32_t output_count() {{ return {}; }}\n{}{}void run() {{ {}::run(); }}\n\n}}  // namespace "
        "bench\n",
        header, plan.state_bytes > 0 ? space + "::reset(); " : "", plan.inputs.size(), plan.outputs.size(),
        doors("input", "Input", plan.inputs.size(), space),
        doors("output", "Output", plan.outputs.size(), space), space);
}

BenchImages build_bench(const Graph& graph, const Plan& plan, const BenchOptions& options,
                        const Toolchain& tools, const fs::path& folder) {
    const ScratchFolder work;
    const fs::path board = tools.sources / "boards" / "bench_m4";
    std::vector<fs::path> inputs = options.form == Form::Cpp
                                       ? write_cpp(plan, work.path())
                                       : write_package(graph, plan, options, tools, work.path());
    // The C library alone: nothing here needs the C++ one, and Debian has it in a package of its own.
    inputs.insert(inputs.end(), {board / "startup.cpp", board / "bench_main.cpp", "-nodefaultlibs",
                                 "-Wl,--start-group", "-lgcc", "-lc", "-Wl,--end-group"});
    write_text(work.path() / "marks.h", kMarks);
    BenchImages images;
    images.compiler = tools.version;
    images.flags = core_flags(options.core);
    images.flags.push_back(options.optimisation);
    std::vector<std::string> flags = images.flags;
    flags.insert(flags.end(), {"-nostartfiles", "--specs=nano.specs", "-Wl,--gc-sections",
                               "-Wl,--no-warn-rwx-segments", "-T", (board / "bench.ld").string(), "-include",
                               (work.path() / "marks.h").string(), "-I" + work.path().string(),
                               fmt::format("-DBENCH_ARENA_BYTES={}", std::max(plan.arena_bytes, 16u))});
    std::vector<std::string> measured = flags, weighed = flags;
    if (options.marks == OpMarks::With) measured.push_back("-DBENCH_MARKS");
    weighed.push_back("-DBENCH_SIZE_ONLY");
    // Side by side: each takes some seconds of one core.
    std::future<void> bench = std::async(
        std::launch::async, [&] { tools.build(inputs, measured, work.path() / "bench.elf", work.path()); });
    tools.build(inputs, weighed, work.path() / "size.elf", work.path());
    bench.get();
    const Bytes size_elf = read_file(work.path() / "size.elf");
    images.sizes = measure_sizes(read_elf(size_elf, "size.elf"));
    images.bench_elf = folder / "bench.elf";
    images.size_elf = folder / "size.elf";
    write_file(images.bench_elf, read_file(work.path() / "bench.elf"));
    write_file(images.size_elf, size_elf);
    images.flags.insert(images.flags.end(), house_flags().begin(), house_flags().end());
    return images;
}

}  // namespace jatai
