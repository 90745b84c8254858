#include "device/kernels/multiply_float.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

constexpr std::int64_t kMaxExtent = 65535;

// The schema's order: the wanted shape (known: the output has it), weights, input, bias.
Multiplied tensors_of(const Node& node) {
    const TensorId bias = node.inputs.size() > 3 ? node.inputs[3] : kNoTensor;
    return {node.inputs[2], node.inputs[1], bias, node.outputs[0]};
}

// What of the output lies in front of the first tap: the window slides over the output here.
std::int64_t pad_of(const Node& node, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    if (static_cast<Padding>(node.attributes.integer("padding")) == Padding::Valid) return 0;
    const std::int64_t total = ((out + stride - 1) / stride - 1) * stride + kernel - out;
    return total > 0 ? total / 2 : 0;
}

struct Strides {
    std::int64_t h, w;
};
Strides strides_of(const Node& node) {
    return {node.attributes.integer("stride_h", 1), node.attributes.integer("stride_w", 1)};
}

void need_extents(const Graph& graph, const Node& node, TensorId id) {
    need_rank(graph, node, id, 4);
    for (const std::int32_t extent : graph.tensor(id).shape) {
        if (extent > kMaxExtent)
            reject(graph, node, text("found {} {}, expected 1 to {}", text("extent"), extent, kMaxExtent));
    }
}

// Every product of the schema's settings is one the window can hold.
void need_strides(const Graph& graph, const Node& node) {
    const Strides strides = strides_of(node);
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    const std::vector<std::int32_t>& taps = graph.tensor(node.inputs[1]).shape;
    for (const auto& [stride, extent, kernel] :
         {std::tuple{strides.h, out[1], taps[1]}, {strides.w, out[2], taps[2]}}) {
        if (stride < 1 || stride > kMaxExtent || stride * extent + kernel > 0x3FFFFFFF)
            reject(graph, node, text("found {} {}, expected 1 to {}", text("stride"), stride, kMaxExtent));
    }
    const std::int64_t padding = node.attributes.integer("padding");
    if (padding != 0 && padding != 1)
        reject(graph, node, text("found padding {}, expected SAME or VALID", padding));
}

void need_int8(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels) {
    need_activation(graph, node, m.in);
    need_activation(graph, node, m.out);
    need_activation_function(graph, node);
    need_weights(graph, node, 4, 0);
    need_integer_bias(graph, node, m.bias, channels);
    if (m.bias != kNoTensor && graph.tensor(m.bias).type != Type::Int32)
        reject(
            graph, node,
            text("found bias {}, expected constant int32[{}]", shape_text(graph.tensor(m.bias)), channels));
    if (graph.tensor(m.weights).four_bits) reject(graph, node, text("found weights of 4 bits, expected 8"));
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 3, 4);
    const Multiplied m = tensors_of(node);
    for (const TensorId id : {m.in, m.weights, m.out}) need_extents(graph, node, id);
    need_strides(graph, node);
    const std::vector<std::int32_t>& in = graph.tensor(m.in).shape;
    const std::vector<std::int32_t>& out = graph.tensor(m.out).shape;
    const std::vector<std::int32_t>& weights = graph.tensor(m.weights).shape;
    need_shape(graph, node, m.weights, {out[3], weights[1], weights[2], in[3]});
    need_shape(graph, node, m.out, {in[0], out[1], out[2], out[3]});
    switch (graph.tensor(m.in).type) {
        case Type::Float32:
            return need_floats(graph, node, m, out[3]);
        case Type::Int16:
            need_weights(graph, node, 4, 0);
            return need_int16(graph, node, m, out[3]);
        default:
            return need_int8(graph, node, m, out[3]);
    }
}

std::int64_t macs(const Graph& graph, const Node& node) {
    const Multiplied m = tensors_of(node);
    const std::vector<std::int32_t>& weights = graph.tensor(m.weights).shape;
    return graph.tensor(m.in).elements() * weights[0] * weights[1] * weights[2];
}

Window window_of(const Graph& graph, const Node& node) {
    const Multiplied m = tensors_of(node);
    const auto narrow = [](std::int64_t x) { return static_cast<std::uint16_t>(x); };
    const std::vector<std::int32_t>& in = graph.tensor(m.in).shape;
    const std::vector<std::int32_t>& out = graph.tensor(m.out).shape;
    const std::vector<std::int32_t>& weights = graph.tensor(m.weights).shape;
    const Strides strides = strides_of(node);
    Window w{};
    w.batches = narrow(in[0]);
    w.in_h = narrow(in[1]), w.in_w = narrow(in[2]), w.in_c = narrow(in[3]);
    w.out_h = narrow(out[1]), w.out_w = narrow(out[2]), w.out_c = narrow(out[3]);
    w.kernel_h = narrow(weights[1]), w.kernel_w = narrow(weights[2]);
    w.stride_h = narrow(strides.h), w.stride_w = narrow(strides.w);
    w.dilation_h = 1, w.dilation_w = 1, w.groups = 1;
    w.pad_top = narrow(pad_of(node, out[1], weights[1], strides.h));
    w.pad_left = narrow(pad_of(node, out[2], weights[2], strides.w));
    return w;
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Multiplied m = tensors_of(node);
    const Window window = window_of(graph, node);
    switch (graph.tensor(m.in).type) {
        case Type::Float32:
            return lower_float_conv(node, kTransposeConvFloat.key, window, m);
        case Type::Int16:
            return lower_int16_conv(graph, node, {}, kTransposeConvWide.key, window, m);
        default:
            return lower_zeroed_conv(graph, node, kTransposeConvInt8.key, window, m);
    }
}

}  // namespace

const OpDef& transpose_conv_def() {
    static const OpDef def{
        .op = Op::TransposeConv,
        .name = "TRANSPOSE_CONV",
        .builtin_code = 67,
        .options_type = 49,
        .max_version = 5,
        .options = {{"padding", 0, FieldType::Int8, 0},
                    {"stride_w", 1, FieldType::Int32, 0},
                    {"stride_h", 2, FieldType::Int32, 0},
                    {"fused_activation_function", 3, FieldType::Int8, 0},
                    {"quantized_bias_type", 4, FieldType::Int8, 0}},
        .kernels = {{&kTransposeConvFloat, "kTransposeConvFloat", "device/kernels/multiply_float.h"},
                    {&kTransposeConvWide, "kTransposeConvWide", "device/kernels/multiply_int16.h"},
                    {&kTransposeConvInt8, "kTransposeConvInt8", "device/kernels/multiply_int8.h"}},
        .verify = verify,
        .macs = macs,
        .lower = lower};
    return def;
}

}  // namespace jatai
