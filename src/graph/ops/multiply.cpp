#include "src/graph/ops/multiply.h"

#include <limits>

#include "device/kernels/multiply_float.h"
#include "src/graph/ops/common.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

TensorId input_or_none(const Node& node, std::size_t i) {
    return i < node.inputs.size() ? node.inputs[i] : kNoTensor;
}

void need_float(const Graph& graph, const Node& node, TensorId id) {
    const Tensor& tensor = graph.tensor(id);
    if (tensor.type == Type::Float32) return;
    reject(graph, node,
           text("found {} {} beside a float32 input, expected float32", tensor.name, type_name(tensor.type)),
           text("convert the model with full integer quantisation to int8"));
}

}  // namespace

Multiplied multiplied(const Node& node) {
    return {node.inputs[0], node.inputs[1], input_or_none(node, 2), node.outputs[0]};
}

std::vector<Operand> operands_of(const Multiplied& m) {
    return {Operand::of(m.in), Operand::of(m.weights),
            m.bias == kNoTensor ? Operand::absent() : Operand::of(m.bias), Operand::of(m.out)};
}

void need_floats(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels) {
    for (const TensorId id : {m.in, m.weights, m.out}) need_float(graph, node, id);
    need_activation_function(graph, node);
    if (m.bias == kNoTensor) return;
    need_float(graph, node, m.bias);
    const Tensor& bias = graph.tensor(m.bias);
    if (bias.elements() != channels)
        reject(graph, node, text("found bias {}, expected {} numbers", shape_text(bias), channels));
}

FloatRange float_range(const Node& node) {
    constexpr float kMost = std::numeric_limits<float>::max();
    switch (static_cast<Activation>(node.attributes.integer("fused_activation_function"))) {
        case Activation::None:
            return {-kMost, kMost};
        case Activation::Relu:
            return {0.0f, kMost};
        case Activation::ReluN1To1:
            return {-1.0f, 1.0f};
        case Activation::Relu6:
            return {0.0f, 6.0f};
    }
    CHECK(false);
}

Lowered lower_float_conv(const Node& node, KernelKey kernel, const Window& window, const Multiplied& m) {
    FloatConvParams params{};
    params.window = window;
    const FloatRange range = float_range(node);
    params.low = range.low;
    params.high = range.high;
    return {kernel, params_bytes(params), operands_of(m)};
}

}  // namespace jatai
