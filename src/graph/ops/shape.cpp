// SHAPE, and what changes only the shape: EXPAND_DIMS and SQUEEZE.
#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

void verify_shape(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (out.type != Type::Int32 && out.type != Type::Int64)
        reject(graph, node, text("found output {}, expected int32 or int64", shape_text(out)));
    const auto rank = static_cast<std::int32_t>(graph.tensor(node.inputs[0]).shape.size());
    need_shape(graph, node, node.outputs[0], {rank});
}

Lowered lower_shape(const Graph& graph, const Node& node, Family) {
    const std::vector<std::int32_t>& extents = graph.tensor(node.inputs[0]).shape;
    const Tensor& out = graph.tensor(node.outputs[0]);
    Bytes answer = out.type == Type::Int64
                       ? table_bytes(std::vector<std::int64_t>(extents.begin(), extents.end()))
                       : table_bytes(extents);
    return lower_move(graph, whole(out.shape), Operand::of(std::move(answer), 8), node.outputs[0]);
}

// Which dimensions come or go is not read: every shape here is fixed.
void verify_same_elements(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, node.op == Op::ExpandDims ? 2 : 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (in.type != out.type || in.elements() != out.elements()) {
        reject(graph, node,
               text("found {} to {}, expected the same elements", shape_text(in), shape_text(out)));
    }
}

Lowered lower_nothing(const Graph&, const Node&, Family) { return {}; }

}  // namespace

const OpDef& shape_def() {
    static const OpDef def{.op = Op::Shape,
                           .name = "SHAPE",
                           .builtin_code = 77,
                           .options_type = 55,
                           .max_version = 1,
                           .options = {{"out_type", 0, FieldType::Int8, 0}},
                           .kernels = move_kernels(),
                           .verify = verify_shape,
                           .macs = no_macs,
                           .lower = lower_shape,
                           .reads_extents_only = true};
    return def;
}

const OpDef& expand_dims_def() {
    static const OpDef def{.op = Op::ExpandDims,
                           .name = "EXPAND_DIMS",
                           .builtin_code = 70,
                           .options_type = 52,
                           .max_version = 1,
                           .options = {},
                           .kernels = {},
                           .verify = verify_same_elements,
                           .macs = no_macs,
                           .lower = lower_nothing};
    return def;
}

const OpDef& squeeze_def() {
    static const OpDef def{.op = Op::Squeeze,
                           .name = "SQUEEZE",
                           .builtin_code = 43,
                           .options_type = 30,
                           .max_version = 2,
                           .options = {{"squeeze_dims", 0, FieldType::Int32List, 0}},
                           .kernels = {},
                           .verify = verify_same_elements,
                           .macs = no_macs,
                           .lower = lower_nothing};
    return def;
}

}  // namespace jatai
