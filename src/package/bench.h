// bench.h: images that measure a model: bench.elf to run, size.elf to weigh.
//
//     BenchOptions options;
//     options.core = "cortex-m4f";
//     const BenchImages images = build_bench(graph, plan, options, tools, "out");    // out/bench.elf,
//     out/size.elf
//
// bench.elf  bare metal, vectors at 0; reads in.bin and writes out.bin in the working folder by semihosting;
//            bench_begin and bench_end round one inference, bench_op_begin and bench_op_end round each op.
// size.elf   the same model without files and marks: what an application would add.
// Needs the cross compiler. Fails with Error when it is missing or refuses.
#pragma once

#include <string>
#include <vector>

#include "src/package/pack.h"
#include "src/package/sizes.h"
#include "src/package/toolchain.h"

namespace jatai {

// The model as a package run by the engine, or as C++.
enum class Form : std::uint8_t { Package, Cpp };
enum class KernelChoice : std::uint8_t { Used, All };
enum class OpMarks : std::uint8_t { Without, With };

struct BenchOptions {
    std::string core = "cortex-m4f";
    Form form = Form::Cpp;
    KernelChoice kernels = KernelChoice::Used;  // of the package form
    OpMarks marks = OpMarks::With;              // in bench.elf
    std::string optimisation = "-O2";
};

struct BenchImages {
    fs::path bench_elf;
    fs::path size_elf;
    FirmwareSizes sizes;             // of size.elf
    std::string compiler;            // "arm-none-eabi-g++ 12.2.1"
    std::vector<std::string> flags;  // all that decide about the code
};

// Writes bench.elf and size.elf into `folder`, whole or not at all.
BenchImages build_bench(const Graph& graph, const Plan& plan, const BenchOptions& options,
                        const Toolchain& tools, const fs::path& folder);

// The source that answers boards/bench_m4/bench.h with the model as C++: `header` is that of emit_cpp,
// `space` its namespace.
std::string bench_form(const Plan& plan, const std::string& space, const std::string& header);

}  // namespace jatai
