#include "device/kernels/quantize.h"

#include "device/kernels/lookup.h"
#include "device/kernels/quantize_wide.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

bool is_integer(Type type) {
    return type == Type::Int8 || type == Type::UInt8 || type == Type::Int16 || type == Type::Int32;
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    need_shape(graph, node, node.outputs[0], in.shape);
    const bool from_float = in.type == Type::Float32 && out.type != Type::Int32;
    if (!(from_float || is_integer(in.type)) || !is_integer(out.type)) {
        reject(graph, node,
               text("found {} to {}, expected float32 to int8, uint8 or int16, or any of these and int32 to "
                    "another",
                    type_name(in.type), type_name(out.type)),
               text("convert the model with full integer quantisation to int8"));
    }
    need_activation(graph, node, node.outputs[0], out.type);
    if (in.type != Type::Float32) need_activation(graph, node, node.inputs[0], in.type);
}

bool is_byte(Type type) { return type == Type::Int8 || type == Type::UInt8; }

// What the kernel answers to every byte, in the order of the bytes as they are stored.
Bytes answers_to_bytes(QuantizeParams params) {
    params.count = 256;
    Bytes bytes(256), answers(256);
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(i);
    void* const operands[] = {bytes.data(), answers.data()};
    run_quantize_integer({&params, operands});
    return answers;
}

// From byte to byte a table pays where every entry is asked for once: 256 bytes of flash for some 42
// instructions an element.
Lowered lower_by_table(const Node& node, const QuantizeParams& params) {
    return {
        kLookup.key,
        params_bytes(LookupParams{params.count}),
        {Operand::of(node.inputs[0]), Operand::of(answers_to_bytes(params)), Operand::of(node.outputs[0])}};
}

Lowered lower(const Graph& graph, const Node& node, Family family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const bool from_float = in.type == Type::Float32;
    QuantizeParams params{};
    params.count = static_cast<std::uint32_t>(in.elements());
    params.from = in.type;
    params.to = out.type;
    params.scale = out.quantisation.scale();
    params.zero_point = out.quantisation.zero_point();
    if (!from_float) {
        const Multiplier m = quantize_multiplier(static_cast<double>(in.quantisation.scale()) /
                                                 static_cast<double>(out.quantisation.scale()));
        params.multiplier = m.multiplier;
        params.shift = m.shift;
        params.in_zero_point = in.quantisation.zero_point();
    }
    if (family != Family::Reference && is_byte(in.type) && is_byte(out.type) && params.count >= 256)
        return lower_by_table(node, params);
    const bool wide = out.type == Type::Int16 || out.type == Type::Int32;
    return {wide         ? kQuantizeWide.key
            : from_float ? kQuantizeFloat.key
                         : kQuantizeInteger.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& quantize_def() {
    static const OpDef def{Op::Quantize,
                           "QUANTIZE",
                           114,
                           89,
                           3,
                           {},
                           {{&kQuantizeFloat, "kQuantizeFloat", "device/kernels/quantize.h"},
                            {&kQuantizeInteger, "kQuantizeInteger", "device/kernels/quantize.h"},
                            {&kQuantizeWide, "kQuantizeWide", "device/kernels/quantize_wide.h"}},
                           verify,
                           no_macs,
                           lower};
    return def;
}

}  // namespace jatai
