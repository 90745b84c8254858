// passes.h: the rewriting steps of the compiler, in order.
//
//     Graph graph = read_tflite(bytes, place);
//     for (const PassReport& report : run_passes(graph)) log(report.name, report.changes, report.took_us);
//     run_passes(graph, {"drop_identity_reshape"});              // all but this one
//
// A pass takes Graph& and leaves it valid; the driver verifies after every pass that changed something.
// Keeps: inputs, outputs and results, bit for bit.
// A new pass is src/graph/passes/<pass>.{h,cpp}, <pass>.case beside it, and one line in passes.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

struct Pass {
    const char* name;
    int (*run)(Graph& graph);  // how many things it changed
};

struct PassReport {
    std::string name;
    int changes = 0;
    std::int64_t took_us = 0;
};

const std::vector<Pass>& all_passes();

// Runs every pass but those named in `off`. Fails with Error when a name in `off` is unknown.
std::vector<PassReport> run_passes(Graph& graph, const std::vector<std::string>& off = {});

}  // namespace jatai
