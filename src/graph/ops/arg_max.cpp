// ARG_MAX and ARG_MIN.
#include "device/kernels/arg_max.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

std::size_t axis_of(const Graph& graph, const Node& node) {
    const auto axis = constant_list(graph, node, 1);
    if (axis.size() != 1) reject(graph, node, text("found {} dimensions, expected one", axis.size()));
    return need_axis(graph, node, axis[0], graph.tensor(node.inputs[0]).shape.size());
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const bool known =
        in.type == Type::Int8 || in.type == Type::UInt8 || in.type == Type::Int32 || in.type == Type::Float32;
    if (!known || (out.type != Type::Int32 && out.type != Type::Int64)) {
        reject(graph, node,
               text("found {} to {}, expected int8, uint8, int32 or float32 to int32 or int64",
                    shape_text(in), shape_text(out)));
    }
    std::vector<std::int32_t> shape;
    const std::size_t axis = axis_of(graph, node);
    for (std::size_t i = 0; i < in.shape.size(); ++i) {
        if (i != axis) shape.push_back(in.shape[i]);
    }
    need_shape(graph, node, node.outputs[0], shape);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const std::size_t axis = axis_of(graph, node);
    const auto inner = strides_of(in.shape)[axis];
    ArgMaxParams params{};
    params.extent = static_cast<std::uint32_t>(in.shape[axis]);
    params.inner = static_cast<std::uint32_t>(inner);
    params.outer = static_cast<std::uint32_t>(in.elements() / (inner * in.shape[axis]));
    params.smallest = node.op == Op::ArgMin;
    params.wide = graph.tensor(node.outputs[0]).type == Type::Int64;
    return {{Op::ArgMax, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

OpDef arg_def(Op op, const char* name, std::int32_t builtin, std::int32_t options) {
    return {.op = op,
            .name = name,
            .builtin_code = builtin,
            .options_type = options,
            .max_version = 3,
            .options = {{"output_type", 0, FieldType::Int8, 0}},
            .kernels = {{&kArgMaxInt8, "kArgMaxInt8", "device/kernels/arg_max.h"},
                        {&kArgMaxUInt8, "kArgMaxUInt8", "device/kernels/arg_max.h"},
                        {&kArgMaxInt32, "kArgMaxInt32", "device/kernels/arg_max.h"},
                        {&kArgMaxFloat32, "kArgMaxFloat32", "device/kernels/arg_max.h"}},
            .verify = verify,
            .macs = no_macs,
            .lower = lower};
}

}  // namespace

const OpDef& arg_max_def() {
    static const OpDef def = arg_def(Op::ArgMax, "ARG_MAX", 56, 40);
    return def;
}

const OpDef& arg_min_def() {
    static const OpDef def = arg_def(Op::ArgMin, "ARG_MIN", 79, 57);
    return def;
}

}  // namespace jatai
