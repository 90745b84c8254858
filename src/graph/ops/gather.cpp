// GATHER, GATHER_ND, EMBEDDING_LOOKUP: the slices that indices name while the model runs.
#include "device/kernels/gather.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/move.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

using Shape = std::vector<std::int32_t>;

std::uint32_t product(const Shape& shape, std::size_t first, std::size_t last) {
    std::int64_t n = 1;  // of extents of one tensor: below 2^31
    for (std::size_t i = first; i < last; ++i) n *= shape[i];
    return static_cast<std::uint32_t>(n);
}

void need_indices(const Graph& graph, const Node& node, TensorId id) {
    if (graph.tensor(id).type != Type::Int32)
        reject(graph, node, text("found indices {}, expected int32", shape_text(graph.tensor(id))));
}

// Where GATHER cuts the shapes.
struct Cut {
    std::size_t axis, batch;
};

Cut cut_of(const Graph& graph, const Node& node) {
    const Shape& in = graph.tensor(node.inputs[0]).shape;
    const Shape& index = graph.tensor(node.inputs[1]).shape;
    const std::size_t axis = need_axis(graph, node, node.attributes.integer("axis"), in.size());
    const std::int64_t batch = node.attributes.integer("batch_dims");
    const auto rank = static_cast<std::int64_t>(index.size());
    const std::int64_t counted = batch < 0 ? batch + rank : batch;
    if (counted < 0 || counted > rank || counted > static_cast<std::int64_t>(axis))
        reject(graph, node, text("found {} batch dimensions, expected at most {}", batch, axis));
    return {axis, static_cast<std::size_t>(counted)};
}

void verify_gather(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_indices(graph, node, node.inputs[1]);
    const Shape& in = graph.tensor(node.inputs[0]).shape;
    const Shape& index = graph.tensor(node.inputs[1]).shape;
    const Cut cut = cut_of(graph, node);
    for (std::size_t i = 0; i < cut.batch; ++i) {
        if (in[i] == index[i]) continue;
        reject(graph, node,
               text("found a batch of {} and indices for {}, expected as many", in[i], index[i]));
    }
    Shape shape(in.begin(), in.begin() + static_cast<std::ptrdiff_t>(cut.axis));
    shape.insert(shape.end(), index.begin() + static_cast<std::ptrdiff_t>(cut.batch), index.end());
    shape.insert(shape.end(), in.begin() + static_cast<std::ptrdiff_t>(cut.axis) + 1, in.end());
    need_shape(graph, node, node.outputs[0], shape);
}

Lowered lower_gather(const Graph& graph, const Node& node, Family) {
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Shape& index = graph.tensor(node.inputs[1]).shape;
    const Cut cut = cut_of(graph, node);
    const GatherParams params{.batches = product(in.shape, 0, cut.batch),
                              .outer = product(in.shape, cut.batch, cut.axis),
                              .extent = static_cast<std::uint32_t>(in.shape[cut.axis]),
                              .indices = product(index, cut.batch, index.size()),
                              .block = product(in.shape, cut.axis + 1, in.shape.size()) * size_of(in.type)};
    return {kGather.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

// The rows come second here, the indices first.
void verify_lookup(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_rank(graph, node, node.inputs[0], 1);
    need_indices(graph, node, node.inputs[0]);
    const Tensor& rows = graph.tensor(node.inputs[1]);
    const Tensor& out = graph.tensor(node.outputs[0]);
    if (rows.shape.empty() || rows.type != out.type || rows.quantisation.per_channel()) {
        reject(graph, node,
               text("found {} to {}, expected rows of one type and one scale", shape_text(rows),
                    shape_text(out)));
    }
    Shape shape = rows.shape;
    shape[0] = graph.tensor(node.inputs[0]).shape[0];
    need_shape(graph, node, node.outputs[0], shape);
}

Lowered lower_lookup(const Graph& graph, const Node& node, Family) {
    const Tensor& rows = graph.tensor(node.inputs[1]);
    const GatherParams params{.batches = 1,
                              .outer = 1,
                              .extent = static_cast<std::uint32_t>(rows.shape[0]),
                              .indices = static_cast<std::uint32_t>(graph.tensor(node.inputs[0]).shape[0]),
                              .block = product(rows.shape, 1, rows.shape.size()) * size_of(rows.type)};
    return {kGather.key,
            params_bytes(params),
            {Operand::of(node.inputs[1]), Operand::of(node.inputs[0]), Operand::of(node.outputs[0])}};
}

void verify_gather_nd(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    need_same_type(graph, node, node.inputs[0], node.outputs[0]);
    need_indices(graph, node, node.inputs[1]);
    const Shape& in = graph.tensor(node.inputs[0]).shape;
    const Shape& index = graph.tensor(node.inputs[1]).shape;
    const std::size_t depth = index.empty() ? in.size() + 1 : static_cast<std::size_t>(index.back());
    if (depth > in.size()) {
        reject(graph, node,
               text("found indices {} into {}, expected at most one for each dimension",
                    shape_text(graph.tensor(node.inputs[1])), shape_text(graph.tensor(node.inputs[0]))));
    }
    Shape shape(index.begin(), index.end() - 1);
    shape.insert(shape.end(), in.begin() + static_cast<std::ptrdiff_t>(depth), in.end());
    need_shape(graph, node, node.outputs[0], shape);
}

Lowered lower_gather_nd(const Graph& graph, const Node& node, Family) {
    static_assert(kGatherNdAxes >= kMaxRank);
    const Tensor& in = graph.tensor(node.inputs[0]);
    const Shape& index = graph.tensor(node.inputs[1]).shape;
    GatherNdParams params{};
    params.slices = product(index, 0, index.size() - 1);
    params.depth = static_cast<std::uint32_t>(index.back());
    params.block = product(in.shape, params.depth, in.shape.size()) * size_of(in.type);
    for (std::uint32_t k = 0; k < params.depth; ++k)
        params.extent[k] = static_cast<std::uint32_t>(in.shape[k]);
    return {kGatherNd.key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

const std::vector<KernelCode>& gather_kernels() {
    static const std::vector<KernelCode> kernels{{&kGather, "kGather", "device/kernels/gather.h"}};
    return kernels;
}

}  // namespace

const OpDef& gather_def() {
    static const OpDef def{
        .op = Op::Gather,
        .name = "GATHER",
        .builtin_code = 36,
        .options_type = 23,
        .max_version = 7,
        .options = {{"axis", 0, FieldType::Int32, 0}, {"batch_dims", 1, FieldType::Int32, 0}},
        .kernels = gather_kernels(),
        .verify = verify_gather,
        .macs = no_macs,
        .lower = lower_gather};
    return def;
}

const OpDef& embedding_lookup_def() {
    static const OpDef def{.op = Op::EmbeddingLookup,
                           .name = "EMBEDDING_LOOKUP",
                           .builtin_code = 7,
                           .options_type = 0,
                           .max_version = 4,
                           .options = {},
                           .kernels = gather_kernels(),
                           .verify = verify_lookup,
                           .macs = no_macs,
                           .lower = lower_lookup};
    return def;
}

const OpDef& gather_nd_def() {
    static const OpDef def{.op = Op::GatherNd,
                           .name = "GATHER_ND",
                           .builtin_code = 107,
                           .options_type = 83,
                           .max_version = 5,
                           .options = {},
                           .kernels = {{&kGatherNd, "kGatherNd", "device/kernels/gather.h"}},
                           .verify = verify_gather_nd,
                           .macs = no_macs,
                           .lower = lower_gather_nd};
    return def;
}

}  // namespace jatai
