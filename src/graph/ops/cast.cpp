#include "device/kernels/cast.h"

#include "device/kernels/cast_real.h"
#include "src/base/error.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_shape(graph, node, node.outputs[0], graph.tensor(node.inputs[0]).shape);
    const Type from = graph.tensor(node.inputs[0]).type, to = graph.tensor(node.outputs[0]).type;
    const bool other = is_other_float(from) || is_other_float(to);
    if (other && from != Type::Float32 && to != Type::Float32) {
        reject(graph, node,
               text("found {} to {}, expected float32 on one side", type_name(from), type_name(to)));
    }
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    CastParams params{};
    params.count = static_cast<std::uint32_t>(in.elements());
    params.from = in.type;
    params.to = graph.tensor(node.outputs[0]).type;
    const bool other = is_other_float(params.from) || is_other_float(params.to);
    return {other ? kCastReal.key : kCast.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

// The types come from the tensors; the settings repeat them, by the schema's numbers.
const OpDef& cast_def() {
    static const OpDef def{
        .op = Op::Cast,
        .name = "CAST",
        .builtin_code = 53,
        .options_type = 37,
        .max_version = 3,
        .options = {{"in_data_type", 0, FieldType::Int8, 0}, {"out_data_type", 1, FieldType::Int8, 0}},
        .kernels = {{&kCast, "kCast", "device/kernels/cast.h"},
                    {&kCastReal, "kCastReal", "device/kernels/cast_real.h"}},
        .verify = verify,
        .macs = no_macs,
        .lower = lower,
        .in_place = true};
    return def;
}

}  // namespace jatai
