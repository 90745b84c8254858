// RESIZE_NEAREST_NEIGHBOR and RESIZE_BILINEAR: an image of another size. The size is the output's, which is
// fixed: the second input is not read.
#include <cmath>

#include "device/kernels/resize_bilinear.h"
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

constexpr std::int64_t kMaxImage = 65535;

void verify_bilinear(const Graph& graph, const Node& node) {
    need_resize(graph, node);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (in.type != Type::Int8 && in.type != Type::UInt8 && in.type != Type::Float32)
        reject(graph, node, text("found {}, expected int8, uint8 or float32", shape_text(in)));
    for (const Tensor* image : {&in, &out}) {
        for (const std::int32_t extent : image->shape) {
            if (extent <= kMaxImage) continue;
            reject(graph, node, text("found {} {}, expected 1 to {}", text("extent"), extent, kMaxImage));
        }
    }
    if (corners(node) && centers(node)) {
        reject(graph, node, text("found align_corners and half_pixel_centers, expected at most one"));
    }
}

// As TFLite's ResizeBilinear and ResizeBilinearInteger: input extent over output extent.
struct Scale {
    float real;
    std::int32_t fixed;  // in 1/1024, rounded
};

Scale scale_of(const Node& node, std::int32_t in, std::int32_t out) {
    const std::int32_t last = corners(node) && out > 1 ? 1 : 0;
    const std::int32_t from = in - last;
    const std::int32_t to = out - last;
    return {static_cast<float>(from) / static_cast<float>(to), (1024 * from + to / 2) / to};
}

Lowered lower_bilinear(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    const auto narrow = [](std::int32_t x) { return static_cast<std::uint16_t>(x); };
    const Scale h = scale_of(node, in.shape[1], out[1]);
    const Scale w = scale_of(node, in.shape[2], out[2]);
    ResizeParams params{};
    params.batches = narrow(out[0]), params.channels = narrow(out[3]);
    params.in_h = narrow(in.shape[1]), params.in_w = narrow(in.shape[2]);
    params.out_h = narrow(out[1]), params.out_w = narrow(out[2]);
    params.half_pixels = centers(node);
    params.scale_h = h.fixed, params.scale_w = w.fixed;
    params.real_h = h.real, params.real_w = w.real;
    return {{Op::ResizeBilinear, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

constexpr const char* kBilinear = "device/kernels/resize_bilinear.h";

}  // namespace

const OpDef& resize_bilinear_def() {
    static const OpDef def{
        .op = Op::ResizeBilinear,
        .name = "RESIZE_BILINEAR",
        .builtin_code = 23,
        .options_type = 15,
        .max_version = 4,
        .options = {{"align_corners", 2, FieldType::Bool, 0}, {"half_pixel_centers", 3, FieldType::Bool, 0}},
        .kernels = {{&kResizeBilinearInt8, "kResizeBilinearInt8", kBilinear},
                    {&kResizeBilinearUInt8, "kResizeBilinearUInt8", kBilinear},
                    {&kResizeBilinearFloat32, "kResizeBilinearFloat32", kBilinear}},
        .verify = verify_bilinear,
        .macs = no_macs,
        .lower = lower_bilinear};
    return def;
}

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
