// RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: an image of another size. The size is the output's, which is
// fixed: the second input is not read.
#include <cmath>

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/table_move.h"

namespace jatai {
namespace {

bool corners(const Node& node) { return node.attributes.flag("align_corners"); }
bool centers(const Node& node) { return node.attributes.flag("half_pixel_centers"); }

void need_resize(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_rank(graph, node, node.inputs[0], 4);
    need_rank(graph, node, node.outputs[0], 4);
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    std::vector<std::int32_t> shape = graph.tensor(node.outputs[0]).shape;
    shape[0] = in[0];
    shape[3] = in[3];
    need_shape(graph, node, node.outputs[0], shape);
    need_tables(graph, node, 3, std::int64_t{shape[0]} + shape[1] + shape[2]);
}

// The input's row or column that output `i` shows: in single precision, as TFLite's GetNearestNeighbor.
std::int64_t nearest_source(const Node& node, std::int32_t i, std::int32_t in, std::int32_t out) {
    const float scale = corners(node) && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1)
                                                 : static_cast<float>(in) / static_cast<float>(out);
    const float at = (static_cast<float>(i) + (centers(node) ? 0.5f : 0.0f)) * scale;
    const float whole = corners(node) ? std::round(at) : std::floor(at);
    return std::min<std::int64_t>(static_cast<std::int64_t>(whole), in - 1);
}

Lowered lower_nearest(const Graph& graph, const Node& node, Family) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    Tables tables{{{}, {}, {}}, in[3], false};
    for (std::int64_t n = 0; n < in[0]; ++n) tables.axes[0].push_back(n * in[1] * in[2]);
    for (std::int32_t y = 0; y < out[1]; ++y)
        tables.axes[1].push_back(nearest_source(node, y, in[1], out[1]) * in[2]);
    for (std::int32_t x = 0; x < out[2]; ++x)
        tables.axes[2].push_back(nearest_source(node, x, in[2], out[2]));
    return lower_tables(graph, node, tables);
}

}  // namespace

const OpDef& resize_nearest_neighbor_def() {
    static const OpDef def{
        .op = Op::ResizeNearestNeighbor,
        .name = "RESIZE_NEAREST_NEIGHBOR",
        .builtin_code = 97,
        .options_type = 74,
        .max_version = 4,
        .options = {{"align_corners", 0, FieldType::Bool, 0}, {"half_pixel_centers", 1, FieldType::Bool, 0}},
        .kernels = table_kernels(),
        .verify = need_resize,
        .macs = no_macs,
        .lower = lower_nearest};
    return def;
}

}  // namespace jatai
