// measure_cpp.h: the C++ form of a plan, linked, weighed and run on the simulated bench.
//
//     const CppMeasure m = measure_cpp(graph, plan, {"cortex-m4f", "-Os"}, places, input);
//     m.sizes.flash.code;  m.run.samples[0].instructions;  m.run.outputs;
//
// Exact: sizes are read from the linked image, instructions are counted. Cycles are modelled.
// Needs the cross compiler. Fails with Error when it is missing or refuses, or when the run faults.
#pragma once

#include "src/package/bench.h"
#include "src/pipeline/board_run.h"

namespace jatai {

struct CppMeasureOptions {
    std::string core = "cortex-m4f";
    std::string optimisation = "-O2";
    std::string board = "bench_m4";  // that runs it
};

// Where things are: share/sources and the folder of boards.
struct CppMeasurePlaces {
    fs::path sources;
    fs::path boards_dir;
};

struct CppMeasure {
    FirmwareSizes sizes;  // stack: as the inference that took most
    std::string compiler;
    std::vector<std::string> flags;
    BoardRun run;
};

// `inputs`: samples back to back.
CppMeasure measure_cpp(const Graph& graph, const Plan& plan, const CppMeasureOptions& options,
                       const CppMeasurePlaces& places, ByteView inputs);

// A bench image (boards/bench_m4) run on `inputs` in `folder`, on a simulated board.
BoardRun run_bench_image(const Board& board, const fs::path& elf, ByteView inputs);

}  // namespace jatai
