// ADD_N and CUMSUM: sums of several tensors, and along one dimension.
#include "device/kernels/add_n.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

// As TFLite Micro's CalculateOpData of both operators: sums are kept in 2^19 steps of the input.
double factor_of(const Graph& graph, const Node& node) {
    const double in = graph.tensor(node.inputs[0]).quantisation.scale();
    const double out = graph.tensor(node.outputs[0]).quantisation.scale();
    return 2 * in / (double{1 << (kSumShift + 1)} * out);
}

void need_sum(const Graph& graph, const Node& node) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_shape(graph, node, node.outputs[0], in.shape);
    if (in.type != Type::Int8 && in.type != Type::Int32 && in.type != Type::Float32)
        reject(graph, node, text("found {}, expected int8, int32 or float32", shape_text(in)));
    if (in.type != Type::Int8) return;
    need_activation(graph, node, node.inputs[0]);
    need_activation(graph, node, node.outputs[0]);
    const double factor = factor_of(graph, node);
    if (!(factor < 1) || quantize_multiplier(factor).multiplier == 0) {
        reject(graph, node,
               text("found scales {} and {}, expected closer ones", in.quantisation.scale(),
                    graph.tensor(node.outputs[0]).quantisation.scale()));
    }
}

SumScale scale_of(const Graph& graph, const Node& node) {
    SumScale scale{};
    const Tensor& in = graph.tensor(node.inputs[0]);
    if (in.type != Type::Int8) return scale;
    const Multiplier m = quantize_multiplier(factor_of(graph, node));
    scale.multiplier = m.multiplier;
    scale.shift = m.shift;
    scale.zero_point_in = static_cast<std::int8_t>(in.quantisation.zero_point());
    scale.range = output_range(graph, node);
    return scale;
}

void verify_add_n(const Graph& graph, const Node& node) {
    need_operands(graph, node, 1, kMaxOperands - 1);
    need_sum(graph, node);
    const Tensor& first = graph.tensor(node.inputs[0]);
    for (const TensorId id : node.inputs) {
        if (id == kNoTensor) reject(graph, node, text("found an input that is absent"));
        need_same_type(graph, node, id, node.outputs[0]);
        need_shape(graph, node, id, first.shape);
        const Quantisation& q = graph.tensor(id).quantisation;
        if (first.type == Type::Int8 &&
            (q.scales != first.quantisation.scales || q.zero_points != first.quantisation.zero_points)) {
            reject(graph, node,
                   text("found scales {} and {}, expected the same", first.quantisation.scale(), q.scale()));
        }
    }
}

Lowered lower_add_n(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const AddNParams params{scale_of(graph, node), static_cast<std::uint32_t>(node.inputs.size()),
                            static_cast<std::uint32_t>(in.elements())};
    Lowered step{{Op::AddN, in.type, 1}, params_bytes(params), {}};
    for (const TensorId id : node.inputs) step.operands.push_back(Operand::of(id));
    step.operands.push_back(Operand::of(node.outputs[0]));
    return step;
}

std::size_t axis_of(const Graph& graph, const Node& node) {
    const auto axis = constant_list(graph, node, 1);
    if (axis.size() != 1) reject(graph, node, text("found {} dimensions, expected one", axis.size()));
    return need_axis(graph, node, axis[0], graph.tensor(node.inputs[0]).shape.size());
}

void verify_cum_sum(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_sum(graph, node);
    axis_of(graph, node);
}

Lowered lower_cum_sum(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const std::size_t axis = axis_of(graph, node);
    const std::int64_t inner = strides_of(in.shape)[axis];
    CumSumParams params{};
    params.scale = scale_of(graph, node);
    params.extent = static_cast<std::uint32_t>(in.shape[axis]);
    params.inner = static_cast<std::uint32_t>(inner);
    params.outer = static_cast<std::uint32_t>(in.elements() / (inner * in.shape[axis]));
    params.exclusive = node.attributes.flag("exclusive");
    params.reverse = node.attributes.flag("reverse");
    return {{Op::CumSum, in.type, 1},
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& add_n_def() {
    static const OpDef def{.op = Op::AddN,
                           .name = "ADD_N",
                           .builtin_code = 106,
                           .options_type = 82,
                           .max_version = 1,
                           .options = {},
                           .kernels = {{&kAddNInt8, "kAddNInt8", "device/kernels/add_n.h"},
                                       {&kAddNInt32, "kAddNInt32", "device/kernels/add_n.h"},
                                       {&kAddNFloat32, "kAddNFloat32", "device/kernels/add_n.h"}},
                           .verify = verify_add_n,
                           .macs = no_macs,
                           .lower = lower_add_n,
                           .in_place = true};
    return def;
}

const OpDef& cum_sum_def() {
    static const OpDef def{
        .op = Op::CumSum,
        .name = "CUMSUM",
        .builtin_code = 128,
        .options_type = 102,
        .max_version = 1,
        .options = {{"exclusive", 0, FieldType::Bool, 0}, {"reverse", 1, FieldType::Bool, 0}},
        .kernels = {{&kCumSumInt8, "kCumSumInt8", "device/kernels/add_n.h"},
                    {&kCumSumInt32, "kCumSumInt32", "device/kernels/add_n.h"},
                    {&kCumSumFloat32, "kCumSumFloat32", "device/kernels/add_n.h"}},
        .verify = verify_cum_sum,
        .macs = no_macs,
        .lower = lower_cum_sum,
        .in_place = true};
    return def;
}

}  // namespace jatai
