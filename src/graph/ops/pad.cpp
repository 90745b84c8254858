// PAD, PADV2 and MIRROR_PAD: a margin around a tensor.
#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/table_move.h"

namespace jatai {
namespace {

// How many elements stand before and behind, by dimension: the second input.
struct Margin {
    std::int64_t before, behind;
};

std::vector<Margin> margins_of(const Graph& graph, const Node& node) {
    const auto numbers = constant_list(graph, node, 1);
    std::vector<Margin> margins;
    for (std::size_t i = 0; i + 1 < numbers.size(); i += 2) margins.push_back({numbers[i], numbers[i + 1]});
    return margins;
}

void need_margins(const Graph& graph, const Node& node) {
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const auto margins = margins_of(graph, node);
    if (margins.size() != in.size() || graph.tensor(node.inputs[1]).elements() % 2 != 0) {
        reject(graph, node, text("found margins for {} dimensions, expected {}", margins.size(), in.size()));
    }
    std::vector<std::int32_t> shape;
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::int64_t extent = in[i] + margins[i].before + margins[i].behind;
        if (margins[i].before < 0 || margins[i].behind < 0 || extent > INT32_MAX) {
            reject(graph, node,
                   text("found a margin of {} and {}, expected 0 or more", margins[i].before,
                        margins[i].behind));
        }
        shape.push_back(static_cast<std::int32_t>(extent));
    }
    need_shape(graph, node, node.outputs[0], shape);
}

Move padded(const Graph& graph, const Node& node) {
    Move move = whole(graph.tensor(node.inputs[0]).shape);
    const std::vector<std::int64_t> to = strides_of(graph.tensor(node.outputs[0]).shape);
    const auto margins = margins_of(graph, node);
    for (std::size_t i = 0; i < move.axes.size(); ++i) {
        move.axes[i].to = to[i];
        move.to += margins[i].before * to[i];
    }
    return move;
}

bool has_value(const Node& node) { return node.op == Op::PadV2; }

void verify_pad(const Graph& graph, const Node& node) {
    const std::size_t inputs = has_value(node) ? 3 : 2;
    need_operands(graph, node, inputs, inputs);
    need_margins(graph, node);
    need_axes(graph, node, padded(graph, node));
    if (!has_value(node)) return;
    need_same_type(graph, node, node.inputs[2], node.outputs[0]);
    const Tensor& value = graph.tensor(node.inputs[2]);
    if (value.elements() != 1)
        reject(graph, node, text("found {} to fill with, expected a single number", shape_text(value)));
}

Lowered lower_pad(const Graph& graph, const Node& node, Family) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    Operand fill;
    if (out.elements() > graph.tensor(node.inputs[0]).elements())
        fill = has_value(node) ? Operand::of(node.inputs[2]) : Operand::of(element_of_nothing(out), 8);
    return lower_move(graph, padded(graph, node), Operand::of(node.inputs[0]), node.outputs[0],
                      std::move(fill));
}

// The schema's MirrorPadMode: SYMMETRIC repeats the element at the edge, REFLECT does not.
std::int64_t edge_of(const Node& node) { return node.attributes.integer("mode") == 0 ? 1 : 0; }

// The index of the input that output index `i` shows.
std::int64_t mirrored(std::int64_t i, const Margin& margin, std::int64_t extent, std::int64_t edge) {
    const std::int64_t at = i - margin.before;
    if (at < 0) return -at - 1 + edge;
    return at < extent ? at : 2 * extent - 1 - edge - at;
}

// Dimensions without a margin join: those at the end into the block, others with their neighbours.
struct MirrorShape {
    std::vector<std::int32_t> extents;
    std::vector<Margin> margins;
    std::int64_t block = 1;
};

MirrorShape mirror_shape(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const auto margins = margins_of(graph, node);
    MirrorShape shape;
    std::size_t end = in.size();
    const auto plain = [&](std::size_t i) { return margins[i].before == 0 && margins[i].behind == 0; };
    for (; end > 0 && plain(end - 1); --end) shape.block *= in[end - 1];
    for (std::size_t i = 0; i < end; ++i) {
        if (plain(i) && in[i] == 1) continue;
        if (i > 0 && plain(i) && plain(i - 1) && !shape.extents.empty()) {
            shape.extents.back() *= in[i];
        } else {
            shape.extents.push_back(in[i]);
            shape.margins.push_back(margins[i]);
        }
    }
    return shape;
}

void verify_mirror(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_margins(graph, node);
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    const auto margins = margins_of(graph, node);
    const std::int64_t mode = node.attributes.integer("mode");
    if (mode != 0 && mode != 1)
        reject(graph, node, text("found mode {}, expected REFLECT or SYMMETRIC", mode));
    for (std::size_t i = 0; i < in.size(); ++i) {
        const std::int64_t most = in[i] - edge_of(node);
        const std::int64_t margin = std::max(margins[i].before, margins[i].behind);
        if (margin > most)
            reject(graph, node,
                   text("found a margin of {}, expected at most the {} that it mirrors", margin, most));
    }
    const MirrorShape shape = mirror_shape(graph, node);
    std::int64_t entries = 0;
    for (const std::int32_t extent : shape.extents) entries += std::int64_t{3} * extent;
    need_tables(graph, node, static_cast<std::int64_t>(shape.extents.size()), entries);
}

Lowered lower_mirror(const Graph& graph, const Node& node, Family) {
    const MirrorShape shape = mirror_shape(graph, node);
    const std::vector<std::int64_t> strides = strides_of(shape.extents);
    Tables tables;
    tables.block = shape.block;
    for (std::size_t k = 0; k < shape.extents.size(); ++k) {
        const Margin& margin = shape.margins[k];
        std::vector<std::int64_t>& table = tables.axes.emplace_back();
        for (std::int64_t i = 0; i < shape.extents[k] + margin.before + margin.behind; ++i)
            table.push_back(mirrored(i, margin, shape.extents[k], edge_of(node)) * strides[k]);
    }
    return lower_tables(graph, node, tables);
}

OpDef pad_like(Op op, const char* name, std::int32_t builtin, std::int32_t options) {
    return {.op = op,
            .name = name,
            .builtin_code = builtin,
            .options_type = options,
            .max_version = 4,
            .options = {},
            .kernels = move_kernels(),
            .verify = verify_pad,
            .macs = no_macs,
            .lower = lower_pad};
}

}  // namespace

const OpDef& pad_def() {
    static const OpDef def = pad_like(Op::Pad, "PAD", 34, 22);
    return def;
}

const OpDef& pad_v2_def() {
    static const OpDef def = pad_like(Op::PadV2, "PADV2", 60, 43);
    return def;
}

const OpDef& mirror_pad_def() {
    static const OpDef def{.op = Op::MirrorPad,
                           .name = "MIRROR_PAD",
                           .builtin_code = 100,
                           .options_type = 77,
                           .max_version = 3,
                           .options = {{"mode", 0, FieldType::Int8, 0}},
                           .kernels = table_kernels(),
                           .verify = verify_mirror,
                           .macs = no_macs,
                           .lower = lower_mirror};
    return def;
}

}  // namespace jatai
