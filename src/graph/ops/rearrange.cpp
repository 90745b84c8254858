// TRANSPOSE, REVERSE_V2, SPACE_TO_DEPTH, DEPTH_TO_SPACE: every element once, in another order.
#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

// Gives the walk the strides of its output, which lies in the order of the axes.
Move in_order(Move move) {
    std::int64_t to = 1;
    for (std::size_t i = move.axes.size(); i-- > 0;) {
        move.axes[i].to = to;
        to *= move.axes[i].extent;
    }
    return move;
}

Move transpose(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int64_t> strides = strides_of(in);
    const auto order = constant_list(graph, node, 1);
    std::vector<bool> used(in.size(), false);
    Move move;
    for (const std::int64_t number : order) {
        const std::size_t axis = need_axis(graph, node, number, in.size());
        if (used[axis]) reject(graph, node, text("found dimension {} twice, expected each once", axis));
        used[axis] = true;
        move.axes.push_back({in[axis], strides[axis], 0});
    }
    if (order.size() != in.size()) {
        reject(graph, node, text("found an order of {} dimensions, expected {}", order.size(), in.size()));
    }
    return in_order(std::move(move));
}

void verify_transpose(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    const Move move = transpose(graph, node);
    std::vector<std::int32_t> shape;
    for (const MoveAxisPlan& axis : move.axes) shape.push_back(static_cast<std::int32_t>(axis.extent));
    need_shape(graph, node, node.outputs[0], shape);
    need_axes(graph, node, move);
}

Lowered lower_transpose(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, node, transpose(graph, node));
}

Move reverse(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    Move move = whole(in);
    for (const std::int64_t number : constant_list(graph, node, 1)) {
        MoveAxisPlan& axis = move.axes[need_axis(graph, node, number, in.size())];
        if (axis.from < 0) reject(graph, node, text("found dimension {} twice, expected each once", number));
        move.from += (axis.extent - 1) * axis.from;
        axis.from = -axis.from;
    }
    return move;
}

void verify_reverse(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_shape(graph, node, node.outputs[0], graph.tensor(node.inputs[0]).shape);
    need_axes(graph, node, reverse(graph, node));
}

Lowered lower_reverse(const Graph& graph, const Node& node, Family) {
    return lower_move(graph, node, reverse(graph, node));
}

// The image whose pixels are gathered: `small` has more channels, `large` more rows and columns.
Move blocks(const std::vector<std::int32_t>& small, std::int64_t block, std::int64_t channels,
            bool to_depth) {
    const std::int64_t width = small[2] * block;  // of the large image
    const std::int64_t row = width * channels;
    // Of the large image, in the order of the small one: batch, y, x, dy, dx, channel.
    const std::int64_t strides[] = {small[1] * block * row, block * row, block * channels, row, channels, 1};
    const std::int64_t extents[] = {small[0], small[1], small[2], block, block, channels};
    Move move;
    for (int i = 0; i < 6; ++i) move.axes.push_back({extents[i], strides[i], 0});
    move = in_order(std::move(move));
    if (to_depth) return move;
    for (MoveAxisPlan& axis : move.axes) std::swap(axis.from, axis.to);
    return move;
}

bool to_depth(const Node& node) { return node.op == Op::SpaceToDepth; }

// The tensor with the more channels.
const Tensor& small_of(const Graph& graph, const Node& node) {
    return graph.tensor(to_depth(node) ? node.outputs[0] : node.inputs[0]);
}
const Tensor& large_of(const Graph& graph, const Node& node) {
    return graph.tensor(to_depth(node) ? node.inputs[0] : node.outputs[0]);
}

void verify_blocks(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_rank(graph, node, node.inputs[0], 4);
    need_rank(graph, node, node.outputs[0], 4);
    const std::int64_t block = node.attributes.integer("block_size");
    const std::vector<std::int32_t>& small = small_of(graph, node).shape;
    const std::vector<std::int32_t>& large = large_of(graph, node).shape;
    const bool good = block > 0 && block < 65536 && small[0] == large[0] && small[1] * block == large[1] &&
                      small[2] * block == large[2] && small[3] == large[3] * block * block;
    if (!good) {
        reject(
            graph, node,
            text("found {} to {} in blocks of {}, expected sizes that match",
                 shape_text(graph.tensor(node.inputs[0])), shape_text(graph.tensor(node.outputs[0])), block));
    }
}

Lowered lower_blocks(const Graph& graph, const Node& node, Family) {
    const std::int64_t channels = large_of(graph, node).shape[3];
    return lower_move(
        graph, node,
        blocks(small_of(graph, node).shape, node.attributes.integer("block_size"), channels, to_depth(node)));
}

}  // namespace

const OpDef& transpose_def() {
    static const OpDef def{.op = Op::Transpose,
                           .name = "TRANSPOSE",
                           .builtin_code = 39,
                           .options_type = 26,
                           .max_version = 7,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_transpose,
                           .macs = no_macs,
                           .lower = lower_transpose};
    return def;
}

const OpDef& reverse_v2_def() {
    static const OpDef def{.op = Op::ReverseV2,
                           .name = "REVERSE_V2",
                           .builtin_code = 105,
                           .options_type = 81,
                           .max_version = 3,
                           .options = {},
                           .kernels = move_kernels(),
                           .verify = verify_reverse,
                           .macs = no_macs,
                           .lower = lower_reverse};
    return def;
}

const OpDef& space_to_depth_def() {
    static const OpDef def{.op = Op::SpaceToDepth,
                           .name = "SPACE_TO_DEPTH",
                           .builtin_code = 26,
                           .options_type = 19,
                           .max_version = 2,
                           .options = {{"block_size", 0, FieldType::Int32, 0}},
                           .kernels = move_kernels(),
                           .verify = verify_blocks,
                           .macs = no_macs,
                           .lower = lower_blocks};
    return def;
}

const OpDef& depth_to_space_def() {
    static const OpDef def{.op = Op::DepthToSpace,
                           .name = "DEPTH_TO_SPACE",
                           .builtin_code = 5,
                           .options_type = 94,
                           .max_version = 2,
                           .options = {{"block_size", 0, FieldType::Int32, 0}},
                           .kernels = move_kernels(),
                           .verify = verify_blocks,
                           .macs = no_macs,
                           .lower = lower_blocks};
    return def;
}

}  // namespace jatai
