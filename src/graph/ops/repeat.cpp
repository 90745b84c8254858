// TILE, BROADCAST_TO, FILL, ZEROS_LIKE: the same elements several times. How often follows from the shapes,
// which are fixed: the inputs that say so are not read.
#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

// Each dimension of the input, and around it the times it is repeated.
Move tile(const std::vector<std::int32_t>& in, const std::vector<std::int32_t>& out) {
    const std::vector<std::int64_t> from = strides_of(in);
    const std::vector<std::int64_t> to = strides_of(out);
    Move move;
    for (std::size_t i = 0; i < in.size(); ++i) {
        move.axes.push_back({out[i] / in[i], 0, in[i] * to[i]});
        move.axes.push_back({in[i], from[i], to[i]});
    }
    return move;
}

void verify_tile(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    need_rank(graph, node, node.outputs[0], in.shape.size());
    for (std::size_t i = 0; i < in.shape.size(); ++i) {
        if (out.shape[i] % in.shape[i] != 0) {
            reject(graph, node, text("found {} to {}, expected multiples", shape_text(in), shape_text(out)));
        }
    }
    need_axes(graph, node, tile(in.shape, out.shape));
}

Lowered lower_tile(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, node,
                      tile(graph.tensor(node.inputs[0]).shape, graph.tensor(node.outputs[0]).shape));
}

Move broadcast(const std::vector<std::int32_t>& in, const std::vector<std::int32_t>& out) {
    const std::vector<std::int64_t> from = strides_of(in);
    const std::size_t missing = out.size() - in.size();
    Move move = whole(out);
    for (std::size_t i = 0; i < out.size(); ++i)
        move.axes[i].from = i < missing || in[i - missing] == 1 ? 0 : from[i - missing];
    return move;
}

void verify_broadcast(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    bool good = in.shape.size() <= out.shape.size();
    for (std::size_t i = 0; good && i < in.shape.size(); ++i) {
        const std::int32_t extent = in.shape[i];
        good = extent == 1 || extent == out.shape[out.shape.size() - in.shape.size() + i];
    }
    if (!good) {
        reject(graph, node,
               text("found {} to {}, expected shapes that broadcast", shape_text(in), shape_text(out)));
    }
    need_axes(graph, node, broadcast(in.shape, out.shape));
}

Lowered lower_broadcast(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, node,
                      broadcast(graph.tensor(node.inputs[0]).shape, graph.tensor(node.outputs[0]).shape));
}

// One element everywhere.
Move everywhere(const Tensor& out) { return {{{out.elements(), 0, 1}}, 0, 0}; }

void verify_fill(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[1], node.outputs[0]);
    const Tensor& value = graph.tensor(node.inputs[1]);
    if (value.elements() != 1)
        reject(graph, node, text("found {} to fill with, expected a single number", shape_text(value)));
}

Lowered lower_fill(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, everywhere(graph.tensor(node.outputs[0])), Operand::of(node.inputs[1]),
                      node.outputs[0]);
}

void verify_zeros(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_shape(graph, node, node.outputs[0], graph.tensor(node.inputs[0]).shape);
}

Lowered lower_zeros(const Graph& graph, const Node& node, Family) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    return lower_move(graph, everywhere(out), Operand::of(Bytes(size_of(out.type))), node.outputs[0]);
}

}  // namespace

const OpDef& tile_def() {
    static const OpDef def{.op = Op::Tile,
                           .name = "TILE",
                           .builtin_code = 69,
                           .options_type = 51,
                           .max_version = 3,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_tile,
                           .macs = no_macs,
                           .lower = lower_tile};
    return def;
}

const OpDef& broadcast_to_def() {
    static const OpDef def{.op = Op::BroadcastTo,
                           .name = "BROADCAST_TO",
                           .builtin_code = 130,
                           .options_type = 104,
                           .max_version = 3,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_broadcast,
                           .macs = no_macs,
                           .lower = lower_broadcast};
    return def;
}

const OpDef& fill_def() {
    static const OpDef def{.op = Op::Fill,
                           .name = "FILL",
                           .builtin_code = 94,
                           .options_type = 68,
                           .max_version = 4,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_fill,
                           .macs = no_macs,
                           .lower = lower_fill};
    return def;
}

const OpDef& zeros_like_def() {
    static const OpDef def{.op = Op::ZerosLike,
                           .name = "ZEROS_LIKE",
                           .builtin_code = 93,
                           .options_type = 67,
                           .max_version = 1,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_zeros,
                           .macs = no_macs,
                           .lower = lower_zeros,
                           .reads_extents_only = true};
    return def;
}

}  // namespace jatai
