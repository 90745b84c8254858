#include "device/kernels/select.h"

#include "src/graph/ops/broadcast.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

// SELECT takes one condition for each slice along the first dimension, too.
bool by_slices(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& condition = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    return node.op == Op::Select && condition.size() == 1 && out.size() > 1 && condition[0] == out[0];
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 3);
    const Tensor& condition = graph.tensor(node.inputs[0]);
    const Tensor& a = graph.tensor(node.inputs[1]);
    const Tensor& b = graph.tensor(node.inputs[2]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (condition.type != Type::Bool || a.type != b.type || a.type != out.type) {
        reject(graph, node,
               text("found {} for {} and {} to {}, expected bool for three of one type",
                    type_name(condition.type), type_name(a.type), type_name(b.type), type_name(out.type)));
    }
    if (!by_slices(graph, node)) return need_broadcast(graph, node, {0, 1, 2});
    need_shape(graph, node, node.inputs[1], out.shape);
    need_shape(graph, node, node.inputs[2], out.shape);
}

Walk<3> walk_of(const Graph& graph, const Node& node) {
    if (!by_slices(graph, node)) return make_walk<3>(graph, node, {0, 1, 2});
    const Tensor& out = graph.tensor(node.outputs[0]);
    const auto slices = static_cast<std::uint32_t>(out.shape[0]);
    const auto each = static_cast<std::uint32_t>(out.elements() / out.shape[0]);
    return {{1, 1, slices, each}, {{0, 0, 1, 0}, {0, 0, each, 1}, {0, 0, each, 1}}};
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Kernel* by_size[] = {&kSelect1, &kSelect2, &kSelect4, &kSelect8};
    const std::uint32_t size = size_of(graph.tensor(node.outputs[0]).type);
    const Kernel* kernel = by_size[size == 1 ? 0 : size == 2 ? 1 : size == 4 ? 2 : 3];
    return {kernel->key,
            params_bytes(SelectParams{walk_of(graph, node)}),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.inputs[2]),
             Operand::of(node.outputs[0])}};
}

OpDef make_def(Op op, const char* name, std::int32_t code, std::int32_t options_type, int max_version) {
    constexpr const char* kHeader = "device/kernels/select.h";
    return {.op = op,
            .name = name,
            .builtin_code = code,
            .options_type = options_type,
            .max_version = max_version,
            .options = {},
            .kernels = {{&kSelect1, "kSelect1", kHeader},
                        {&kSelect2, "kSelect2", kHeader},
                        {&kSelect4, "kSelect4", kHeader},
                        {&kSelect8, "kSelect8", kHeader}},
            .verify = verify,
            .macs = no_macs,
            .lower = lower,
            .in_place = true};
}

}  // namespace

const OpDef& select_def() {
    static const OpDef def = make_def(Op::Select, "SELECT", 64, 47, 3);
    return def;
}

const OpDef& select_v2_def() {
    static const OpDef def = make_def(Op::SelectV2, "SELECT_V2", 123, 98, 1);
    return def;
}

}  // namespace jatai
