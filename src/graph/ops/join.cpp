// CONCATENATION and PACK make one tensor of several, SPLIT, SPLIT_V and UNPACK several of one.
#include "device/kernels/join.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

constexpr std::size_t kMaxParts = kMaxOperands - 1;

using Shape = std::vector<std::int32_t>;

bool joins(const Node& node) { return node.op == Op::Concatenation || node.op == Op::Pack; }
// Every part has an index of its own in a dimension that the parts lack.
bool stacks(const Node& node) { return node.op == Op::Pack || node.op == Op::Unpack; }

// The input that holds the elements: SPLIT names the dimension first.
std::size_t data_input(const Node& node) { return node.op == Op::Split ? 1 : 0; }

TensorId whole_of(const Node& node) { return joins(node) ? node.outputs[0] : node.inputs[data_input(node)]; }
const std::vector<TensorId>& parts_of(const Node& node) { return joins(node) ? node.inputs : node.outputs; }

// Needs: the constant of SPLIT and SPLIT_V is there.
std::size_t axis_of(const Graph& graph, const Node& node) {
    const std::size_t rank = graph.tensor(whole_of(node)).shape.size();
    if (node.op != Op::Split && node.op != Op::SplitV)
        return need_axis(graph, node, node.attributes.integer("axis"), rank);
    const auto axis = constant_list(graph, node, node.op == Op::Split ? 0 : 2);
    if (axis.size() != 1) reject(graph, node, text("found {} dimensions, expected one", axis.size()));
    return need_axis(graph, node, axis[0], rank);
}

// The shape of a part as a slice of the whole.
Shape slice_shape(const Node& node, const Shape& part, std::size_t axis) {
    if (!stacks(node) || axis > part.size()) return part;
    Shape slice(part.size() + 1, 1);
    for (std::size_t i = 0; i < part.size(); ++i) slice[i < axis ? i : i + 1] = part[i];
    return slice;
}

void need_parts(const Graph& graph, const Node& node) {
    const Tensor& all = graph.tensor(whole_of(node));
    const std::size_t axis = axis_of(graph, node);
    std::int64_t extent = 0;
    for (const TensorId id : parts_of(node)) {
        if (id == kNoTensor) reject(graph, node, text("found a part that is absent"));
        need_same_type(graph, node, id, whole_of(node));
        const Shape slice = slice_shape(node, graph.tensor(id).shape, axis);
        if (slice.size() != all.shape.size()) {
            reject(graph, node,
                   text("found {} and {}, expected one more dimension or as many",
                        shape_text(graph.tensor(id)), shape_text(all)));
        }
        for (std::size_t i = 0; i < slice.size(); ++i) {
            if (i == axis || slice[i] == all.shape[i]) continue;
            reject(graph, node,
                   text("found {} and {}, expected them to differ in dimension {} only",
                        shape_text(graph.tensor(id)), shape_text(all), axis));
        }
        extent += slice[axis];
    }
    if (extent != all.shape[axis]) {
        reject(graph, node,
               text("found parts of {} in dimension {}, expected {}", extent, axis, all.shape[axis]));
    }
}

void need_count(const Graph& graph, const Node& node, std::size_t parts) {
    if (parts < 1 || parts > kMaxParts) {
        reject(graph, node, text("found {} parts, expected 1 to {}", parts, kMaxParts),
               text("join or split in two layers of fewer parts each"));
    }
}

void verify_join(const Graph& graph, const Node& node) {
    need_count(graph, node, node.inputs.size());
    need_operands(graph, node, 1, kMaxParts);
    need_parts(graph, node);
}

// Only the same numbers for the same values can stand side by side.
void verify_concatenation(const Graph& graph, const Node& node) {
    verify_join(graph, node);
    if (node.attributes.integer("fused_activation_function") != 0)
        reject(graph, node, text("found a fused activation, expected none"));
    const Quantisation& out = graph.tensor(node.outputs[0]).quantisation;
    for (const TensorId id : node.inputs) {
        const Quantisation& in = graph.tensor(id).quantisation;
        if (in.scales == out.scales && in.zero_points == out.zero_points) continue;
        reject(graph, node,
               text("found input scale {} zero point {} and output scale {} zero point {}, expected the same",
                    in.scale(), in.zero_point(), out.scale(), out.zero_point()));
    }
}

void verify_split(const Graph& graph, const Node& node) {
    const std::size_t inputs = node.op == Op::Split ? 2 : node.op == Op::SplitV ? 3 : 1;
    need_count(graph, node, node.outputs.size());
    need_operands(graph, node, inputs, inputs, node.outputs.size());
    need_parts(graph, node);
}

Bytes join_params(const Graph& graph, const Node& node) {
    const Tensor& all = graph.tensor(whole_of(node));
    const std::size_t axis = axis_of(graph, node);
    std::int64_t rows = 1;
    for (std::size_t i = 0; i < axis; ++i) rows *= all.shape[i];
    const JoinParams params{static_cast<std::uint32_t>(rows),
                            static_cast<std::uint32_t>(parts_of(node).size())};
    std::vector<std::uint32_t> parts;
    for (const TensorId id : parts_of(node))
        parts.push_back(static_cast<std::uint32_t>(graph.tensor(id).bytes() / rows));
    return params_bytes(params, parts);
}

Lowered lower_join(const Graph& graph, const Node& node, Family) {
    Lowered step{joins(node) ? kJoin.key : kSplit.key, join_params(graph, node), {}};
    if (!joins(node)) step.operands.push_back(Operand::of(whole_of(node)));
    for (const TensorId id : parts_of(node)) step.operands.push_back(Operand::of(id));
    if (joins(node)) step.operands.push_back(Operand::of(whole_of(node)));
    return step;
}

const std::vector<KernelCode>& join_kernels() {
    static const std::vector<KernelCode> kernels{{&kJoin, "kJoin", "device/kernels/join.h"}};
    return kernels;
}
const std::vector<KernelCode>& split_kernels() {
    static const std::vector<KernelCode> kernels{{&kSplit, "kSplit", "device/kernels/join.h"}};
    return kernels;
}

}  // namespace

const OpDef& concatenation_def() {
    static const OpDef def{
        .op = Op::Concatenation,
        .name = "CONCATENATION",
        .builtin_code = 2,
        .options_type = 10,
        .max_version = 4,
        .options = {{"axis", 0, FieldType::Int32, 0}, {"fused_activation_function", 1, FieldType::Int8, 0}},
        .kernels = join_kernels(),
        .verify = verify_concatenation,
        .macs = no_macs,
        .lower = lower_join};
    return def;
}

const OpDef& pack_def() {
    static const OpDef def{
        .op = Op::Pack,
        .name = "PACK",
        .builtin_code = 83,
        .options_type = 59,
        .max_version = 4,
        .options = {{"values_count", 0, FieldType::Int32, 0}, {"axis", 1, FieldType::Int32, 0}},
        .kernels = join_kernels(),
        .verify = verify_join,
        .macs = no_macs,
        .lower = lower_join};
    return def;
}

const OpDef& unpack_def() {
    static const OpDef def{.op = Op::Unpack,
                           .name = "UNPACK",
                           .builtin_code = 88,
                           .options_type = 64,
                           .max_version = 4,
                           .options = {{"num", 0, FieldType::Int32, 0}, {"axis", 1, FieldType::Int32, 0}},
                           .kernels = split_kernels(),
                           .verify = verify_split,
                           .macs = no_macs,
                           .lower = lower_join};
    return def;
}

const OpDef& split_def() {
    static const OpDef def{.op = Op::Split,
                           .name = "SPLIT",
                           .builtin_code = 49,
                           .options_type = 35,
                           .max_version = 4,
                           .options = {{"num_splits", 0, FieldType::Int32, 0}},
                           .kernels = split_kernels(),
                           .verify = verify_split,
                           .macs = no_macs,
                           .lower = lower_join};
    return def;
}

const OpDef& split_v_def() {
    static const OpDef def{.op = Op::SplitV,
                           .name = "SPLIT_V",
                           .builtin_code = 102,
                           .options_type = 79,
                           .max_version = 2,
                           .options = {{"num_splits", 0, FieldType::Int32, 0}},
                           .kernels = split_kernels(),
                           .verify = verify_split,
                           .macs = no_macs,
                           .lower = lower_join};
    return def;
}

}  // namespace jatai
