#include "src/graph/ops/pool2d.h"

#include <algorithm>
#include <cmath>

#include "device/kernels/pool2d_types.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/window.h"

namespace jatai {
namespace {

Taps taps_of(const Node& node) {
    return {node.attributes.integer("filter_height"), node.attributes.integer("filter_width")};
}

bool is_pooled(Type type) {
    return type == Type::Int8 || type == Type::Float32 || type == Type::Int16 || type == Type::UInt8;
}

}  // namespace

void need_pool(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    const Type type = graph.tensor(node.inputs[0]).type;
    need_window(graph, node, taps_of(node), is_pooled(type) ? type : Type::Int8);
    if (type != Type::Float32) need_same_scale(graph, node);
    const std::int32_t in_c = graph.tensor(node.inputs[0]).shape[3];
    const std::int32_t out_c = graph.tensor(node.outputs[0]).shape[3];
    if (in_c != out_c)
        reject(graph, node, text("found {} output channels, expected {} as in the input", out_c, in_c));
}

namespace {

// What the fused activation leaves of int16 or uint8.
void fill_whole_range(const Graph& graph, const Node& node, PoolTypesParams& params) {
    const Tensor& out = graph.tensor(node.outputs[0]);
    const bool bytes = out.type == Type::UInt8;
    const float lowest = bytes ? 0.0f : -32768.0f;
    const float highest = bytes ? 255.0f : 32767.0f;
    const Quantisation& q = out.quantisation;
    const auto stored = [&](float value) {
        const float steps = std::round(value / q.scale()) + static_cast<float>(q.zero_point());
        return static_cast<std::int32_t>(std::clamp(steps, lowest, highest));
    };
    params.whole_low = stored(params.low);
    params.whole_high = stored(params.high);
}

}  // namespace

Lowered lower_pool(const Graph& graph, const Node& node, KernelKey int8_kernel) {
    const Type type = graph.tensor(node.inputs[0]).type;
    std::vector<Operand> operands{Operand::of(node.inputs[0]), Operand::of(node.outputs[0])};
    if (type == Type::Int8) {
        const Range range = output_range(graph, node);
        const Pool2dParams params{make_window(graph, node, taps_of(node)), range.low, range.high, {}};
        return {int8_kernel, params_bytes(params), std::move(operands)};
    }
    const FloatRange range = float_range(node);
    PoolTypesParams params{make_window(graph, node, taps_of(node)), range.low, range.high, 0, 0};
    if (type != Type::Float32) fill_whole_range(graph, node, params);
    return {{node.op, type, 1}, params_bytes(params), std::move(operands)};
}

const std::vector<OptionField>& pool_options() {
    static const std::vector<OptionField> options{
        {"padding", 0, FieldType::Int8, 0},        {"stride_w", 1, FieldType::Int32, 0},
        {"stride_h", 2, FieldType::Int32, 0},      {"filter_width", 3, FieldType::Int32, 0},
        {"filter_height", 4, FieldType::Int32, 0}, {"fused_activation_function", 5, FieldType::Int8, 0}};
    return options;
}

}  // namespace jatai
