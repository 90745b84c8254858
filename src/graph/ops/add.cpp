#include "device/kernels/add.h"

#include <algorithm>
#include <array>

#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"
#include "src/graph/ops/pool2d.h"

namespace jatai {
namespace {

// One axis of the output: its extent, and whether a and b move along it.
struct Axis {
    std::int64_t extent;
    bool a, b;
};

// The axes of the output, outermost first; neighbours along which both operands behave alike become one.
// Empty when the shapes cannot be broadcast.
std::vector<Axis> join_axes(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& a = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int32_t>& b = graph.tensor(node.inputs[1]).shape;
    const std::vector<std::int32_t>& out = graph.tensor(node.outputs[0]).shape;
    const auto extent = [&](const std::vector<std::int32_t>& shape, std::size_t i) {
        const std::size_t missing = out.size() - shape.size();
        return i < missing ? 1 : shape[i - missing];
    };
    std::vector<Axis> axes;
    if (a.size() > out.size() || b.size() > out.size()) return axes;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const std::int32_t of_a = extent(a, i);
        const std::int32_t of_b = extent(b, i);
        if (std::max(of_a, of_b) != out[i] || (of_a != out[i] && of_a != 1) || (of_b != out[i] && of_b != 1))
            return {};
        if (out[i] == 1) continue;
        const Axis axis{out[i], of_a != 1, of_b != 1};
        if (!axes.empty() && axes.back().a == axis.a && axes.back().b == axis.b) {
            axes.back().extent *= axis.extent;
        } else {
            axes.push_back(axis);
        }
    }
    if (axes.empty()) axes.push_back({1, true, true});
    return axes;
}

struct Factors {
    double a, b, out;
};

// As TFLite's CalculateOpDataAdd: both inputs are brought to half of twice the larger scale, with 20 bits to
// spare.
Factors factors_of(const Graph& graph, const Node& node) {
    const float a = graph.tensor(node.inputs[0]).quantisation.scale();
    const float b = graph.tensor(node.inputs[1]).quantisation.scale();
    const float out = graph.tensor(node.outputs[0]).quantisation.scale();
    const double twice_larger = 2 * static_cast<double>(std::max(a, b));
    return {a / twice_larger, b / twice_larger,
            twice_larger / ((1 << kAddLeftShift) * static_cast<double>(out))};
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    for (const TensorId id : {node.inputs[0], node.inputs[1], node.outputs[0]})
        need_activation(graph, node, id);
    need_activation_function(graph, node);
    const Tensor& a = graph.tensor(node.inputs[0]);
    const Tensor& b = graph.tensor(node.inputs[1]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    const std::vector<Axis> axes = join_axes(graph, node);
    if (axes.empty()) {
        reject(graph, node,
               text("found {} and {} to {}, expected shapes that broadcast", shape_text(a), shape_text(b),
                    shape_text(out)));
    }
    if (axes.size() > kAddAxes) {
        reject(graph, node,
               text("found {} and {}, expected broadcasting along at most {} groups of dimensions",
                    shape_text(a), shape_text(b), kAddAxes));
    }
    const Factors f = factors_of(graph, node);
    if (!(f.out < 1) || quantize_multiplier(f.a).multiplier == 0 ||
        quantize_multiplier(f.b).multiplier == 0 || quantize_multiplier(f.out).multiplier == 0) {
        reject(graph, node,
               text("found scales {}, {} and {}, which are too far apart to add", a.quantisation.scale(),
                    b.quantisation.scale(), out.quantisation.scale()));
    }
}

void fill_axes(AddParams& params, const std::vector<Axis>& axes) {
    std::uint32_t a_step = 1;
    std::uint32_t b_step = 1;
    for (std::size_t i = 0; i < kAddAxes; ++i) params.shape[i] = 1;
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const Axis& axis = axes[axes.size() - 1 - i];
        const std::size_t at = kAddAxes - 1 - i;
        const auto extent = static_cast<std::uint32_t>(axis.extent);
        params.shape[at] = extent;
        params.a_stride[at] = axis.a ? a_step : 0;
        params.b_stride[at] = axis.b ? b_step : 0;
        if (axis.a) a_step *= extent;
        if (axis.b) b_step *= extent;
    }
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    const Factors f = factors_of(graph, node);
    const Multiplier a = quantize_multiplier(f.a);
    const Multiplier b = quantize_multiplier(f.b);
    const Multiplier out = quantize_multiplier(f.out);
    AddParams params{};
    fill_axes(params, join_axes(graph, node));
    params.a_multiplier = a.multiplier, params.a_shift = a.shift;
    params.b_multiplier = b.multiplier, params.b_shift = b.shift;
    params.multiplier = out.multiplier, params.shift = out.shift;
    params.a_zero_point = static_cast<std::int8_t>(graph.tensor(node.inputs[0]).quantisation.zero_point());
    params.b_zero_point = static_cast<std::int8_t>(graph.tensor(node.inputs[1]).quantisation.zero_point());
    params.range = output_range(graph, node);
    const auto within = [](const Multiplier& m, int most) { return m.shift <= most && m.shift >= -22; };
    // Stored differences span 8 bits and a sign, so every number on the way stays below 2^29.
    params.facts = within(a, 0) && within(b, 0) && within(out, -1) ? kShortRequantise : 0;
    return {kAddInt8.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& add_def() {
    static const OpDef def{
        Op::Add,
        "ADD",
        0,
        11,
        4,
        {{"fused_activation_function", 0, FieldType::Int8, 0}, {"pot_scale_int16", 1, FieldType::Bool, 1}},
        {{&kAddInt8, "kAddInt8", "device/kernels/add.h", true}},
        verify,
        no_macs,
        lower,
        /*in_place=*/true};
    return def;
}

}  // namespace jatai
