#include "src/graph/ops/pool2d.h"

#include "device/kernels/pool2d.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/window.h"

namespace jatai {
namespace {

Taps taps_of(const Node& node) {
    return {node.attributes.integer("filter_height"), node.attributes.integer("filter_width")};
}

}  // namespace

void need_pool(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, 1);
    need_window(graph, node, taps_of(node));
    need_same_scale(graph, node);
    const std::int32_t in_c = graph.tensor(node.inputs[0]).shape[3];
    const std::int32_t out_c = graph.tensor(node.outputs[0]).shape[3];
    if (in_c != out_c)
        reject(graph, node, text("found {} output channels, expected {} as in the input", out_c, in_c));
}

Lowered lower_pool(const Graph& graph, const Node& node, KernelKey kernel) {
    Pool2dParams params{};
    params.window = make_window(graph, node, taps_of(node));
    const Range range = output_range(graph, node);
    params.low = range.low;
    params.high = range.high;
    return {kernel, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

const std::vector<OptionField>& pool_options() {
    static const std::vector<OptionField> options{
        {"padding", 0, FieldType::Int8, 0},        {"stride_w", 1, FieldType::Int32, 0},
        {"stride_h", 2, FieldType::Int32, 0},      {"filter_width", 3, FieldType::Int32, 0},
        {"filter_height", 4, FieldType::Int32, 0}, {"fused_activation_function", 5, FieldType::Int8, 0}};
    return options;
}

}  // namespace jatai
