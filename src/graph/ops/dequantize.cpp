#include "device/kernels/dequantize.h"

#include "device/kernels/cast_real.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.type == Type::Float16 && out.type == Type::Float32) return;
    if ((in.type != Type::Int8 && in.type != Type::UInt8 && in.type != Type::Int16) ||
        out.type != Type::Float32) {
        reject(graph, node,
               text("found {} to {}, expected int8, uint8 or int16 to float32", type_name(in.type),
                    type_name(out.type)),
               text("convert the model with full integer quantisation to int8"));
    }
    need_activation(graph, node, node.inputs[0], in.type);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    if (in.type == Type::Float16) {
        CastParams cast{};
        cast.count = static_cast<std::uint32_t>(in.elements());
        cast.from = in.type;
        cast.to = Type::Float32;
        return {
            kCastReal.key, params_bytes(cast), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
    }
    DequantizeParams params{};
    params.count = static_cast<std::uint32_t>(in.elements());
    params.from = in.type;
    params.scale = in.quantisation.scale();
    params.zero_point = in.quantisation.zero_point();
    return {
        kDequantize.key, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& dequantize_def() {
    static const OpDef def{Op::Dequantize,
                           "DEQUANTIZE",
                           6,
                           38,
                           3,
                           {},
                           {{&kDequantize, "kDequantize", "device/kernels/dequantize.h"}},
                           verify,
                           no_macs,
                           lower};
    return def;
}

}  // namespace jatai
