#include "src/graph/passes/passes.h"

#include <algorithm>
#include <chrono>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/graph/passes/conv_as_dense.h"
#include "src/graph/passes/dense_as_conv.h"
#include "src/graph/passes/depthwise_as_conv.h"
#include "src/graph/passes/depthwise_in_place.h"
#include "src/graph/passes/drop_dead_channels.h"
#include "src/graph/passes/drop_identity_reshape.h"
#include "src/graph/passes/drop_quantize_pairs.h"
#include "src/graph/passes/drop_unused.h"
#include "src/graph/passes/elementwise_in_place.h"
#include "src/graph/passes/fold_constants.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/passes/fuse_activation.h"
#include "src/graph/passes/fuse_pad.h"
#include "src/graph/passes/join_in_place.h"
#include "src/graph/passes/lay_columns_down.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

void refuse_unknown(const std::vector<std::string>& off) {
    std::vector<std::string> names;
    for (const Pass& pass : all_passes()) names.emplace_back(pass.name);
    for (const std::string& name : off) {
        if (std::find(names.begin(), names.end(), name) != names.end()) continue;
        throw Error{text("found no pass named {}", name), did_you_mean(name, names)};
    }
}

}  // namespace

const std::vector<Pass>& all_passes() {
    static const std::vector<Pass> passes{
        {"fold_constants", fold_constants},
        {"drop_identity_reshape", drop_identity_reshape},
        {"drop_quantize_pairs", drop_quantize_pairs},
        {"fuse_activation", fuse_activation},
        {"fuse_pad", fuse_pad},
        {"depthwise_as_conv", depthwise_as_conv},
        {"drop_dead_channels", drop_dead_channels},
        {"dense_as_conv", dense_as_conv},
        {"conv_as_dense", conv_as_dense},
        {"fold_zero_points", fold_zero_points},
        {"lay_columns_down", lay_columns_down},
        {"elementwise_in_place", elementwise_in_place},
        {"join_in_place", join_in_place},
        {"depthwise_in_place", depthwise_in_place},
        {"drop_unused", drop_unused},
    };
    return passes;
}

std::vector<PassReport> run_passes(Graph& graph, const std::vector<std::string>& off) {
    using Clock = std::chrono::steady_clock;
    refuse_unknown(off);
    std::vector<PassReport> reports;
    for (const Pass& pass : all_passes()) {
        if (std::find(off.begin(), off.end(), pass.name) != off.end()) continue;
        const auto start = Clock::now();
        const int changes = pass.run(graph);
        const auto took = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start);
        if (changes > 0) verify(graph);
        reports.push_back({pass.name, changes, took.count()});
    }
    return reports;
}

}  // namespace jatai
