#include "device/kernels/l2_normalization.h"

#include <cmath>

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

void need_scales(const Graph& graph, const Node& node) {
    const Type type = graph.tensor(node.inputs[0]).type;
    need_activation(graph, node, node.inputs[0], type);
    need_activation(graph, node, node.outputs[0], type);
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    const std::int32_t zero = type == Type::UInt8 ? 128 : 0;
    if (out.zero_point() != zero || std::abs(out.scale() - 1.0f / 128) > 1e-3f / 128) {
        reject(graph, node,
               text("found output scale {} and zero point {}, expected 1/{} and {}", out.scale(),
                    out.zero_point(), 128, zero));
    }
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Type out = graph.tensor(node.outputs[0]).type;
    if (in.type != out || (in.type != Type::Int8 && in.type != Type::UInt8 && in.type != Type::Float32)) {
        reject(graph, node,
               text("found {} to {}, expected both of one type: {}", type_name(in.type), type_name(out),
                    "int8, uint8, float32"),
               text("convert the model with full integer quantisation to int8"));
    }
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.shape.empty()) reject(graph, node, text("found a single number, expected at least one dimension"));
    if (node.attributes.integer("fused_activation_function") != 0) {
        reject(graph, node,
               text("found fused activation {}, expected none",
                    node.attributes.integer("fused_activation_function")));
    }
    if (in.type != Type::Float32) need_scales(graph, node);
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const auto depth = static_cast<std::uint32_t>(in.shape.back());
    const L2NormalizationParams params{static_cast<std::uint32_t>(in.elements() / in.shape.back()), depth,
                                       in.quantisation.zero_point()};
    return {{Op::L2Normalization, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& l2_normalization_def() {
    constexpr const char* kHeader = "device/kernels/l2_normalization.h";
    static const OpDef def{.op = Op::L2Normalization,
                           .name = "L2_NORMALIZATION",
                           .builtin_code = 11,
                           .options_type = 12,
                           .max_version = 2,
                           .options = {{"fused_activation_function", 0, FieldType::Int8, 0}},
                           .kernels = {{&kL2NormalizationInt8, "kL2NormalizationInt8", kHeader},
                                       {&kL2NormalizationUInt8, "kL2NormalizationUInt8", kHeader},
                                       {&kL2NormalizationFloat, "kL2NormalizationFloat", kHeader}},
                           .verify = verify,
                           .macs = no_macs,
                           .lower = lower};
    return def;
}

}  // namespace jatai
