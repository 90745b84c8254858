// MEAN, SUM, REDUCE_MAX, REDUCE_MIN, REDUCE_PROD, REDUCE_ANY, REDUCE_ALL: one number for many.
#include "device/kernels/reduce.h"

#include <algorithm>
#include <bit>

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"
#include "src/graph/tflite_names.h"

namespace jatai {
namespace {

// Which dimensions go; none when the list is empty.
std::vector<bool> gone_axes(const Graph& graph, const Node& node) {
    const std::size_t rank = graph.tensor(node.inputs[0]).shape.size();
    std::vector<bool> gone(rank, false);
    for (const std::int64_t number : constant_list(graph, node, 1))
        gone[need_axis(graph, node, number, rank)] = true;
    return gone;
}

// Neighbours of one kind joined, outermost first.
struct Walk {
    std::vector<MoveAxisPlan> kept, gone;
};

Walk walk_of(const Graph& graph, const Node& node) {
    const std::vector<std::int32_t>& shape = graph.tensor(node.inputs[0]).shape;
    const std::vector<std::int64_t> strides = strides_of(shape);
    const std::vector<bool> gone = gone_axes(graph, node);
    Walk walk;
    bool last = false;
    for (std::size_t i = 0; i < shape.size(); ++i) {
        if (shape[i] == 1) continue;
        std::vector<MoveAxisPlan>& axes = gone[i] ? walk.gone : walk.kept;
        if (!axes.empty() && last == gone[i]) {
            axes.back() = {axes.back().extent * shape[i], strides[i], 0};
        } else {
            axes.push_back({shape[i], strides[i], 0});
        }
        last = gone[i];
    }
    return walk;
}

std::int64_t count_of(const std::vector<MoveAxisPlan>& axes) {
    std::int64_t n = 1;
    for (const MoveAxisPlan& axis : axes) n *= axis.extent;
    return n;
}

void fill_axes(std::uint32_t* extents, std::uint32_t* strides, const std::vector<MoveAxisPlan>& axes) {
    std::fill(extents, extents + kReduceAxes, 1u);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t at = kReduceAxes - axes.size() + i;
        extents[at] = static_cast<std::uint32_t>(axes[i].extent);
        strides[at] = static_cast<std::uint32_t>(axes[i].from);
    }
}

bool scaled(Type type) { return type == Type::Int8 || type == Type::UInt8 || type == Type::Int16; }

void need_walk(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    const std::vector<bool> gone = gone_axes(graph, node);
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    std::vector<std::int32_t> shape;
    for (std::size_t i = 0; i < in.size(); ++i) {
        if (!gone[i]) shape.push_back(in[i]);
        if (gone[i] && node.attributes.flag("keep_dims")) shape.push_back(1);
    }
    need_shape(graph, node, node.outputs[0], shape);
    const Walk walk = walk_of(graph, node);
    const std::size_t axes = std::max(walk.kept.size(), walk.gone.size());
    if (axes > kReduceAxes) {
        reject(graph, node, text("found {} groups of dimensions, expected at most {}", axes, kReduceAxes));
    }
}

void need_type(const Graph& graph, const Node& node, const std::vector<Type>& types) {
    const Type type = graph.tensor(node.inputs[0]).type;
    if (std::find(types.begin(), types.end(), type) != types.end()) return;
    std::string names;
    for (const Type each : types) names += (names.empty() ? "" : ", ") + std::string(type_name(each));
    reject(graph, node, text("found {}, expected {}", type_name(type), names));
}

// As TFLite's QuantizedMeanOrSum: a mean's multiplier holds 1 / count, as exactly as 31 bits can.
Multiplier sum_multiplier(const Graph& graph, const Node& node, std::int64_t count) {
    const double in = graph.tensor(node.inputs[0]).quantisation.scale();
    const double out = graph.tensor(node.outputs[0]).quantisation.scale();
    Multiplier m = quantize_multiplier(in / out);
    if (node.op != Op::Mean) return m;
    const int bits = std::bit_width(static_cast<std::uint64_t>(count)) - 1;
    const int shift = std::min(bits, 31 + m.shift);
    return {static_cast<std::int32_t>((std::int64_t{m.multiplier} << shift) / count), m.shift - shift};
}

void verify_sum(const Graph& graph, const Node& node) {
    need_walk(graph, node);
    std::vector<Type> types{Type::Int8, Type::UInt8, Type::Int16, Type::Float32};
    if (node.op == Op::Sum) types.insert(types.end(), {Type::Int32, Type::Int64});
    need_type(graph, node, types);
    const Type type = graph.tensor(node.inputs[0]).type;
    if (!scaled(type)) return;
    need_activation(graph, node, node.inputs[0], type);
    need_activation(graph, node, node.outputs[0], type);
}

void verify_most(const Graph& graph, const Node& node) {
    need_walk(graph, node);
    need_type(graph, node, {Type::Int8, Type::UInt8, Type::Int16, Type::Int32, Type::Int64, Type::Float32});
    if (scaled(graph.tensor(node.inputs[0]).type)) need_same_scale(graph, node);
}

void verify_product(const Graph& graph, const Node& node) {
    need_walk(graph, node);
    need_type(graph, node, {Type::Int32, Type::Int64, Type::Float32});
}

void verify_bools(const Graph& graph, const Node& node) {
    need_walk(graph, node);
    need_type(graph, node, {Type::Bool});
}

Lowered lower_walk(const Node& node, const ReduceParams& params, Op kernel, Type type) {
    return {
        {kernel, type, 1}, params_bytes(params), {Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

ReduceParams walk_params(const Graph& graph, const Node& node) {
    const Walk walk = walk_of(graph, node);
    ReduceParams params{};
    fill_axes(params.walk.kept, params.walk.kept_stride, walk.kept);
    fill_axes(params.walk.gone, params.walk.gone_stride, walk.gone);
    return params;
}

Lowered lower_sum(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const std::int64_t count = count_of(walk_of(graph, node).gone);
    ReduceParams params = walk_params(graph, node);
    params.divisor = node.op == Op::Mean ? static_cast<float>(count) : 1.0f;
    if (scaled(in.type)) {
        const Multiplier m = sum_multiplier(graph, node, count);
        params.multiplier = m.multiplier;
        params.shift = m.shift;
        params.offset =
            static_cast<std::int32_t>(static_cast<std::uint32_t>(count * in.quantisation.zero_point()));
        params.zero_point = graph.tensor(node.outputs[0]).quantisation.zero_point();
    }
    return lower_walk(node, params, Op::Mean, in.type);
}

// Any of bools is the largest byte, all the smallest.
Lowered lower_most(const Graph& graph, const Node& node, Family) {
    ReduceParams params = walk_params(graph, node);
    params.smallest = node.op == Op::ReduceMin || node.op == Op::ReduceAll;
    const Type type = graph.tensor(node.inputs[0]).type;
    return lower_walk(node, params, Op::ReduceMax, type == Type::Bool ? Type::UInt8 : type);
}

Lowered lower_product(const Graph& graph, const Node& node, Family) {
    return lower_walk(node, walk_params(graph, node), Op::ReduceProd, graph.tensor(node.inputs[0]).type);
}

constexpr const char* kHeader = "device/kernels/reduce.h";

const std::vector<KernelCode>& sum_kernels() {
    static const std::vector<KernelCode> kernels{
        {&kReduceSumInt8, "kReduceSumInt8", kHeader},   {&kReduceSumUInt8, "kReduceSumUInt8", kHeader},
        {&kReduceSumInt16, "kReduceSumInt16", kHeader}, {&kReduceSumInt32, "kReduceSumInt32", kHeader},
        {&kReduceSumInt64, "kReduceSumInt64", kHeader}, {&kReduceSumFloat32, "kReduceSumFloat32", kHeader}};
    return kernels;
}

const std::vector<KernelCode>& most_kernels() {
    static const std::vector<KernelCode> kernels{{&kReduceMostInt8, "kReduceMostInt8", kHeader},
                                                 {&kReduceMostUInt8, "kReduceMostUInt8", kHeader},
                                                 {&kReduceMostInt16, "kReduceMostInt16", kHeader},
                                                 {&kReduceMostInt32, "kReduceMostInt32", kHeader},
                                                 {&kReduceMostInt64, "kReduceMostInt64", kHeader},
                                                 {&kReduceMostFloat32, "kReduceMostFloat32", kHeader}};
    return kernels;
}

const std::vector<KernelCode>& product_kernels() {
    static const std::vector<KernelCode> kernels{{&kReduceProductInt32, "kReduceProductInt32", kHeader},
                                                 {&kReduceProductInt64, "kReduceProductInt64", kHeader},
                                                 {&kReduceProductFloat32, "kReduceProductFloat32", kHeader}};
    return kernels;
}

struct Named {
    Op op;
    const char* name;
    std::int32_t builtin;
};

OpDef reducer(const Named& named, const std::vector<KernelCode>& kernels,
              void (*verify)(const Graph&, const Node&),
              Lowered (*lower)(const Graph&, const Node&, Family)) {
    return {.op = named.op,
            .name = named.name,
            .builtin_code = named.builtin,
            .options_type = 27,
            .max_version = 3,
            .options = {{"keep_dims", 0, FieldType::Bool, 0}},
            .kernels = kernels,
            .verify = verify,
            .macs = no_macs,
            .lower = lower};
}

}  // namespace

const OpDef& mean_def() {
    static const OpDef def = reducer({Op::Mean, "MEAN", 40}, sum_kernels(), verify_sum, lower_sum);
    return def;
}

const OpDef& sum_def() {
    static const OpDef def = reducer({Op::Sum, "SUM", 74}, sum_kernels(), verify_sum, lower_sum);
    return def;
}

const OpDef& reduce_max_def() {
    static const OpDef def =
        reducer({Op::ReduceMax, "REDUCE_MAX", 82}, most_kernels(), verify_most, lower_most);
    return def;
}

const OpDef& reduce_min_def() {
    static const OpDef def =
        reducer({Op::ReduceMin, "REDUCE_MIN", 89}, most_kernels(), verify_most, lower_most);
    return def;
}

const OpDef& reduce_prod_def() {
    static const OpDef def =
        reducer({Op::ReduceProd, "REDUCE_PROD", 81}, product_kernels(), verify_product, lower_product);
    return def;
}

const OpDef& reduce_any_def() {
    static const OpDef def =
        reducer({Op::ReduceAny, "REDUCE_ANY", 91}, most_kernels(), verify_bools, lower_most);
    return def;
}

const OpDef& reduce_all_def() {
    static const OpDef def =
        reducer({Op::ReduceAll, "REDUCE_ALL", 140}, most_kernels(), verify_bools, lower_most);
    return def;
}

}  // namespace jatai
