#include "device/kernels/batch_matmul.h"

#include "src/graph/ops/common.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/ops.h"

namespace jatai {
namespace {

using Shape = std::vector<std::int32_t>;

// Extent `i` of so many leading ones, counted from the outermost of `kMatmulAxes`; 1 where there is none.
std::uint32_t batch_extent(const Shape& shape, std::size_t i) {
    const std::size_t leading = shape.size() - 2;
    const std::size_t missing = kMatmulAxes - leading;
    return i < missing ? 1 : static_cast<std::uint32_t>(shape[i - missing]);
}

// Rows and columns of the last two extents.
struct Matrix {
    std::int32_t rows, columns;
};
Matrix matrix_of(const Shape& shape, bool transposed) {
    const std::int32_t first = shape[shape.size() - 2];
    const std::int32_t second = shape.back();
    return transposed ? Matrix{second, first} : Matrix{first, second};
}

struct Factors {
    const Shape &a, &b, &out;
    bool a_transposed, b_transposed;

    Matrix left() const { return matrix_of(a, a_transposed); }
    Matrix right() const { return matrix_of(b, b_transposed); }
};
Factors factors_of(const Graph& graph, const Node& node) {
    return {graph.tensor(node.inputs[0]).shape, graph.tensor(node.inputs[1]).shape,
            graph.tensor(node.outputs[0]).shape, node.attributes.flag("adj_x"),
            node.attributes.flag("adj_y")};
}

// The shape of the product, or nothing when the factors do not match.
Shape product_shape(const Factors& f) {
    if (f.left().columns != f.right().rows) return {};
    const std::size_t rank = std::max(f.a.size(), f.b.size());
    Shape shape;
    for (std::size_t i = kMatmulAxes + 2 - rank; i < kMatmulAxes; ++i) {
        const std::uint32_t a = batch_extent(f.a, i);
        const std::uint32_t b = batch_extent(f.b, i);
        if (a != b && a != 1 && b != 1) return {};
        shape.push_back(static_cast<std::int32_t>(std::max(a, b)));
    }
    shape.push_back(f.left().rows);
    shape.push_back(f.right().columns);
    return shape;
}

// As TFLite: both scales in single precision, over the output's in double.
Multiplier factor_of(const Graph& graph, const Node& node) {
    const float product =
        graph.tensor(node.inputs[0]).quantisation.scale() * graph.tensor(node.inputs[1]).quantisation.scale();
    return quantize_multiplier(static_cast<double>(product) /
                               static_cast<double>(graph.tensor(node.outputs[0]).quantisation.scale()));
}

void verify(const Graph& graph, const Node& node) {
    need_operands(graph, node, 2, 2);
    const Type type = graph.tensor(node.inputs[0]).type;
    if (type != Type::Float32 && type != Type::Int16) need_activation(graph, node, node.inputs[0]);
    for (const TensorId id : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
        need_value(graph, node, id, type);
        const std::size_t rank = graph.tensor(id).shape.size();
        if (rank < 2 || rank > kMatmulAxes + 2) {
            reject(graph, node,
                   text("found {} {}, expected 2 to {} dimensions", graph.tensor(id).name,
                        shape_text(graph.tensor(id)), kMatmulAxes + 2));
        }
    }
    const Shape expected = product_shape(factors_of(graph, node));
    if (expected.empty()) {
        reject(graph, node,
               text("found {} by {}, expected matching sizes", shape_text(graph.tensor(node.inputs[0])),
                    shape_text(graph.tensor(node.inputs[1]))));
    }
    need_shape(graph, node, node.outputs[0], expected);
    if (type != Type::Int16) return;
    for (const TensorId id : {node.inputs[0], node.inputs[1], node.outputs[0]})
        need_zero_point_0(graph, node, id);
    need_wide(graph, node, factor_of(graph, node));
}

std::int64_t macs(const Graph& graph, const Node& node) {
    return graph.tensor(node.outputs[0]).elements() * factors_of(graph, node).left().columns;
}

MatmulStrides strides_of(const Shape& shape, const Shape& out) {
    MatmulStrides s{};
    std::uint32_t step =
        static_cast<std::uint32_t>(shape[shape.size() - 2]) * static_cast<std::uint32_t>(shape.back());
    for (std::size_t i = kMatmulAxes; i-- > 0;) {
        const std::uint32_t extent = batch_extent(shape, i);
        s.batch[i] = extent == 1 && batch_extent(out, i) != 1 ? 0 : step;
        step *= extent;
    }
    return s;
}

void fill_shape(MatmulParams& params, const Factors& f) {
    const auto whole = [](std::int32_t x) { return static_cast<std::uint32_t>(x); };
    for (std::size_t i = 0; i < kMatmulAxes; ++i) params.batches[i] = batch_extent(f.out, i);
    params.rows = whole(f.left().rows);
    params.depth = whole(f.left().columns);
    params.columns = whole(f.right().columns);
    params.a = strides_of(f.a, f.out);
    params.a.line = f.a_transposed ? 1 : params.depth;
    params.a.depth = f.a_transposed ? params.rows : 1;
    params.b = strides_of(f.b, f.out);
    params.b.line = f.b_transposed ? params.depth : 1;
    params.b.depth = f.b_transposed ? 1 : params.columns;
}

void fill_factor(const Graph& graph, const Node& node, MatmulParams& params) {
    const Multiplier m = factor_of(graph, node);
    params.multiplier = m.multiplier, params.shift = m.shift;
    const auto zero = [&](TensorId id) {
        return static_cast<std::int8_t>(graph.tensor(id).quantisation.zero_point());
    };
    params.a_zero_point = zero(node.inputs[0]);
    params.b_zero_point = zero(node.inputs[1]);
    params.zero_point = zero(node.outputs[0]);
    if (graph.tensor(node.inputs[0]).type != Type::Int16) return;
    const Multiplier wide = wide_factor(m);
    params.multiplier = wide.multiplier, params.shift = wide.shift;
}

Lowered lower(const Graph& graph, const Node& node, Family) {
    MatmulParams params{};
    fill_shape(params, factors_of(graph, node));
    const Type type = graph.tensor(node.inputs[0]).type;
    if (type != Type::Float32) fill_factor(graph, node, params);
    const KernelKey key = type == Type::Float32 ? kBatchMatmulFloat.key
                          : type == Type::Int8  ? kBatchMatmulInt8.key
                                                : kBatchMatmulInt16.key;
    return {key,
            params_bytes(params),
            {Operand::of(node.inputs[0]), Operand::of(node.inputs[1]), Operand::of(node.outputs[0])}};
}

}  // namespace

const OpDef& batch_matmul_def() {
    static const OpDef def{
        .op = Op::BatchMatmul,
        .name = "BATCH_MATMUL",
        .builtin_code = 126,
        .options_type = 101,
        .max_version = 4,
        .options = {{"adj_x", 0, FieldType::Bool, 0},
                    {"adj_y", 1, FieldType::Bool, 0},
                    {"asymmetric_quantize_inputs", 2, FieldType::Bool, 0}},
        .kernels = {{&kBatchMatmulFloat, "kBatchMatmulFloat", "device/kernels/batch_matmul.h"},
                    {&kBatchMatmulInt8, "kBatchMatmulInt8", "device/kernels/batch_matmul.h"},
                    {&kBatchMatmulInt16, "kBatchMatmulInt16", "device/kernels/batch_matmul.h"}},
        .verify = verify,
        .macs = macs,
        .lower = lower};
    return def;
}

}  // namespace jatai
