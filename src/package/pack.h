// pack.h: a graph and its plan as the bytes of a package (.jpk).
//
//     PackOptions options;
//     options.labels = {"yes", "no"};
//     options.blobs = {{"features", feature_bytes}};
//     write_file("model.jpk", pack(graph, plan, options));
//
// Format: device/package.h, docs/reference/package.md. The same input gives the same bytes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "src/base/bytes.h"
#include "src/graph/graph.h"
#include "src/plan/plan.h"

namespace jatai {

// A named section: "features", "thresholds", "lineage", or any name of one's own.
struct Blob {
    std::string name;
    Bytes bytes;
};

enum class OpTable : std::uint8_t { Without, With };

struct PackOptions {
    std::vector<Blob> blobs;
    std::vector<std::string> labels;   // in the order of the output; empty: those of the graph's metadata
    OpTable op_table = OpTable::With;  // names and cost of each op, for reports; some 40 bytes of flash each
    std::int64_t macs = -1;            // of the model as given, before any pass; below 0: of the plan
};

// Names of sections that have a meaning (docs/reference/package.md#sections). Metadata of the graph under
// these names goes into the package when `options` has no section of that name.
namespace sections {
inline constexpr const char* kLabels = "labels";
inline constexpr const char* kFeatures = "features";
inline constexpr const char* kKeyword = "keyword";
inline constexpr const char* kThresholds = "thresholds";
inline constexpr const char* kLineage = "lineage";
inline constexpr const char* kOps = "ops";
}  // namespace sections

// Fails with Error when an input or output has more than kMaxRank axes, or a section name comes twice.
Bytes pack(const Graph& graph, const Plan& plan, const PackOptions& options = {});

}  // namespace jatai
