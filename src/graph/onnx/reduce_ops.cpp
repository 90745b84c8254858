// Operators that join elements along some dimensions: sums, means, extremes, softmax.
#include <algorithm>
#include <array>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

// x joined by `op` along the layer's axes.
Datum reduced(Layer& layer, const char* op, Datum& given) {
    const ReduceAxes reduce = reduce_axes(layer, given.shape);
    if (reduce.axes.empty()) return given;
    Datum x = widened(layer, op, given);
    const Form form = layer.form_of(x);
    std::vector<std::int64_t> axes;
    for (const std::size_t axis : reduce.axes)
        axes.push_back(static_cast<std::int64_t>(Layer::axis_in(form, axis, x.rank())));
    std::sort(axes.begin(), axes.end());
    const TensorId from = layer.in_form(x, form);
    Datum kept = layer.datum(layer.emit(op, {from, layer.numbers(axes)}, Layer::shape_in(form, reduce.kept),
                                        x.type, {{"keep_dims", true}}),
                             form);
    kept = narrowed(layer, op, std::move(kept), given.type);
    return reduce.shape == reduce.kept ? kept : layer.reshape(kept, reduce.shape);
}

Datum one(Layer& layer, const char* op, Datum& x) {
    const Form form = layer.form_of(x);
    const TensorId from = layer.in_form(x, form);
    return layer.datum(layer.emit(op, {from}, Layer::shape_in(form, x.shape), x.type), form);
}

Datum squared(Layer& layer, Datum& x) {
    const Form form = layer.form_of(x);
    const TensorId from = layer.in_form(x, form);
    return layer.datum(layer.emit("MUL", {from, from}, Layer::shape_in(form, x.shape), x.type), form);
}

// `of_bools`: what stands for it among bools.
void reduce(Layer& layer, const char* op, const char* of_bools = nullptr) {
    Datum& x = layer.in(0);
    layer.give(0, reduced(layer, x.type == Type::Bool && of_bools != nullptr ? of_bools : op, x));
}

void read_l1(Layer& layer) {
    Datum size = one(layer, "ABS", layer.in(0));
    layer.give(0, reduced(layer, "SUM", size));
}

void read_l2(Layer& layer) {
    Datum squares = squared(layer, layer.in(0));
    Datum sum = reduced(layer, "SUM", squares);
    layer.give(0, one(layer, "SQRT", sum));
}

void read_sum_square(Layer& layer) {
    Datum squares = squared(layer, layer.in(0));
    layer.give(0, reduced(layer, "SUM", squares));
}

void read_log_sum(Layer& layer) {
    Datum sum = reduced(layer, "SUM", layer.in(0));
    layer.give(0, one(layer, "LOG", sum));
}

void read_log_sum_exp(Layer& layer) {
    Datum powers = one(layer, "EXP", layer.in(0));
    Datum sum = reduced(layer, "SUM", powers);
    layer.give(0, one(layer, "LOG", sum));
}

void read_arg(Layer& layer, const char* op) {
    Datum& given = layer.in(0);
    Datum x = given.type == Type::Int8 || given.type == Type::UInt8 ? given : widened(layer, op, given);
    const std::size_t axis = layer.axis(layer.integer("axis", 0), x.rank());
    const bool last = layer.integer("select_last_index", 0) != 0;
    const Form form = layer.form_of(x);
    const auto at = static_cast<std::int64_t>(Layer::axis_in(form, axis, x.rank()));
    Shape shape = Layer::shape_in(form, x.shape), kept = x.shape;
    shape.erase(shape.begin() + at);
    kept[axis] = 1;
    TensorId from = layer.in_form(x, form);
    constexpr std::int64_t kInt32 = 2;  // TensorType of the TFLite schema
    const TensorId where = layer.constant_tensor(constant_of(std::vector{at}, {1}, Type::Int32));
    if (last) from = layer.emit("REVERSE_V2", {from, where}, Layer::shape_in(form, x.shape), x.type);
    TensorId id = layer.emit(op, {from, where}, shape, Type::Int32, {{"output_type", kInt32}});
    id = layer.emit("CAST", {id}, shape, Type::Int64);
    if (last)
        id = layer.emit(
            "SUB", {layer.constant_tensor(constant_of(std::vector<std::int64_t>{x.shape[axis] - 1}, {})), id},
            shape, Type::Int64);
    // With an extent of 1 in its place the result has the dimensions of x again, in x's order.
    Datum arranged = layer.datum(layer.reshape_tensor(id, Layer::shape_in(form, kept)), form);
    if (layer.integer("keepdims", 1) == 0) {
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(axis));
        arranged = layer.reshape(arranged, kept);
    }
    layer.give(0, arranged);
}

Datum swapped_with_last(Layer& layer, Datum& x, std::size_t axis) {
    if (axis + 1 == x.rank()) return x;
    std::vector<int> order(x.rank());
    for (std::size_t k = 0; k < order.size(); ++k) order[k] = static_cast<int>(k);
    std::swap(order[axis], order.back());
    return layer.ordered(x, order);
}

// The smallest are the largest of what is negated.
void read_top_k(Layer& layer) {
    Datum& given = layer.in(0);
    const std::size_t axis = layer.axis(layer.integer("axis", -1), given.rank());
    const auto counts = layer.has(1) ? layer.list_of(1, "k") : std::vector{layer.integer("k", 0)};
    if (counts.size() != 1 || counts[0] < 1 || counts[0] > given.shape[axis])
        layer.fail(
            text("found {} elements asked for of {}", counts.empty() ? 0 : counts[0], given.shape[axis]));
    const bool smallest = layer.integer("largest", 1) == 0;
    Datum x = widened(layer, "REDUCE_MAX", given);
    x = swapped_with_last(layer, x, axis);
    if (smallest) x = one(layer, "NEG", x);
    Shape shape = x.shape;
    shape.back() = static_cast<std::int32_t>(counts[0]);
    const TensorId k = layer.constant_tensor(constant_of(counts, {1}, Type::Int32));
    const TensorId values = layer.tensor(shape, x.type), places = layer.tensor(shape, Type::Int32);
    layer.emit_many("TOPK_V2", {layer.plain(x), k}, {values, places}, {});
    Datum most = layer.datum(values, Form::Plain), where = layer.datum(places, Form::Plain);
    if (smallest) most = one(layer, "NEG", most);
    where = converted(layer, where, Type::Int64);
    most = swapped_with_last(layer, most, axis);
    layer.give(0, narrowed(layer, "REDUCE_MAX", std::move(most), given.type));
    layer.give(1, swapped_with_last(layer, where, axis));
}

void read_softmax(Layer& layer, const char* op) {
    Datum& x = layer.in(0);
    if (x.rank() == 0) layer.fail(text("found a single number, expected at least one dimension"));
    const bool old = layer.opset() < 13;
    const std::size_t axis = layer.axis(layer.integer("axis", old ? 1 : -1), x.rank());
    const std::size_t rank = x.rank();
    const auto along_end = [&](TensorId from) {
        const Shape shape = layer.graph().tensor(from).shape;
        return std::string_view(op) == "SOFTMAX" ? layer.emit(op, {from}, shape, x.type, {{"beta", 1.0}})
                                                 : layer.emit(op, {from}, shape, x.type);
    };
    const bool tail_is_one = std::all_of(x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1,
                                         x.shape.end(), [](int e) { return e == 1; });
    if (old && axis + 1 != rank && !tail_is_one) {  // everything from the axis on counts as one dimension
        const Shape front(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
        const std::int64_t rows = elements_of(front);
        Datum flat = layer.reshape(x, check_shape({rows, x.elements() / std::max<std::int64_t>(rows, 1)},
                                                  Type::Float32, layer.where()));
        Datum y = layer.datum(along_end(layer.plain(flat)), Form::Plain);
        return layer.give(0, layer.reshape(y, x.shape));
    }
    const Form form = layer.form_of(x);
    if (Layer::axis_in(form, axis, rank) + 1 == rank)
        return layer.give(0, layer.datum(along_end(layer.in_form(x, form)), form));
    if (axis == 1 && Layer::has_last(x))
        return layer.give(0, layer.datum(along_end(layer.last(x)), Form::Last));
    std::vector<int> order(rank);
    for (std::size_t k = 0; k < rank; ++k) order[k] = static_cast<int>(k);
    std::swap(order[axis], order[rank - 1]);
    Datum moved = layer.ordered(x, order);
    Datum y = layer.datum(along_end(layer.plain(moved)), Form::Plain);
    layer.give(0, layer.ordered(y, order));
}

void read_lp_normalization(Layer& layer) {
    Datum& x = layer.in(0);
    const std::size_t axis = layer.axis(layer.integer("axis", -1), x.rank());
    const Form form = layer.form_of(x);
    if (layer.integer("p", 2) != 2 || Layer::axis_in(form, axis, x.rank()) + 1 != x.rank())
        layer.fail(text("found a norm other than L2 along the last dimension, expected that"));
    const TensorId from = layer.in_form(x, form);
    layer.give(
        0, layer.datum(layer.emit("L2_NORMALIZATION", {from}, Layer::shape_in(form, x.shape), x.type), form));
}

}  // namespace

ReduceAxes reduce_axes(Layer& layer, const Shape& shape) {
    ReduceAxes reduce;
    const std::vector<std::int64_t> asked = layer.list_at(1, "axes");
    for (const std::int64_t axis : asked) {
        const std::size_t at = layer.axis(axis, shape.size());
        if (std::find(reduce.axes.begin(), reduce.axes.end(), at) == reduce.axes.end())
            reduce.axes.push_back(at);
    }
    if (asked.empty() && layer.integer("noop_with_empty_axes", 0) == 0) {
        for (std::size_t k = 0; k < shape.size(); ++k) reduce.axes.push_back(k);
    }
    reduce.kept = shape;
    for (const std::size_t axis : reduce.axes) reduce.kept[axis] = 1;
    if (layer.integer("keepdims", 1) != 0) {
        reduce.shape = reduce.kept;
        return reduce;
    }
    for (std::size_t k = 0; k < shape.size(); ++k) {
        if (std::find(reduce.axes.begin(), reduce.axes.end(), k) == reduce.axes.end())
            reduce.shape.push_back(shape[k]);
    }
    return reduce;
}

std::span<const Rule> reduce_rules() {
    static constexpr std::array rules{
        Rule{"ReduceMean", [](Layer& l) { reduce(l, "MEAN"); }},
        Rule{"ReduceSum", [](Layer& l) { reduce(l, "SUM"); }},
        Rule{"ReduceMax", [](Layer& l) { reduce(l, "REDUCE_MAX", "REDUCE_ANY"); }},
        Rule{"ReduceMin", [](Layer& l) { reduce(l, "REDUCE_MIN", "REDUCE_ALL"); }},
        Rule{"ReduceProd", [](Layer& l) { reduce(l, "REDUCE_PROD"); }},
        Rule{"ReduceL1", read_l1},
        Rule{"ReduceL2", read_l2},
        Rule{"ReduceSumSquare", read_sum_square},
        Rule{"ReduceLogSum", read_log_sum},
        Rule{"ReduceLogSumExp", read_log_sum_exp},
        Rule{"ArgMax", [](Layer& l) { read_arg(l, "ARG_MAX"); }},
        Rule{"ArgMin", [](Layer& l) { read_arg(l, "ARG_MIN"); }},
        Rule{"TopK", read_top_k},
        Rule{"Softmax", [](Layer& l) { read_softmax(l, "SOFTMAX"); }},
        Rule{"LogSoftmax", [](Layer& l) { read_softmax(l, "LOG_SOFTMAX"); }},
        Rule{"LpNormalization", read_lp_normalization},
    };
    return rules;
}

}  // namespace jatai::onnx
