// Operators that join elements along some dimensions: sums, means, extremes, softmax.
#include <algorithm>
#include <array>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

// x joined by `op` along the layer's axes.
Datum reduced(Layer& layer, const char* op, Datum& x) {
    const ReduceAxes reduce = reduce_axes(layer, x.shape);
    if (reduce.axes.empty()) return x;
    const Form form = layer.form_of(x);
    std::vector<std::int64_t> axes;
    for (const std::size_t axis : reduce.axes)
        axes.push_back(static_cast<std::int64_t>(Layer::axis_in(form, axis, x.rank())));
    std::sort(axes.begin(), axes.end());
    const TensorId from = layer.in_form(x, form);
    Datum kept = layer.datum(layer.emit(op, {from, layer.numbers(axes)}, Layer::shape_in(form, reduce.kept),
                                        x.type, {{"keep_dims", true}}),
                             form);
    if (reduce.shape == reduce.kept) return kept;
    Datum to = layer.reshape(kept, reduce.shape);
    return to;
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

void reduce(Layer& layer, const char* op) { layer.give(0, reduced(layer, op, layer.in(0))); }

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
    Datum& x = layer.in(0);
    const std::size_t axis = layer.axis(layer.integer("axis", 0), x.rank());
    if (layer.integer("select_last_index", 0) != 0) {
        layer.fail(text("found the last of equal maxima asked for, expected the first"));
    }
    const Form form = layer.form_of(x);
    const auto at = static_cast<std::int64_t>(Layer::axis_in(form, axis, x.rank()));
    Shape shape = Layer::shape_in(form, x.shape), kept = x.shape;
    shape.erase(shape.begin() + at);
    kept[axis] = 1;
    const TensorId from = layer.in_form(x, form);
    constexpr std::int64_t kInt32 = 2;  // TensorType of the TFLite schema
    const TensorId where = layer.constant_tensor(constant_of(std::vector{at}, {1}, Type::Int32));
    TensorId id = layer.emit(op, {from, where}, shape, Type::Int32, {{"output_type", kInt32}});
    id = layer.emit("CAST", {id}, shape, Type::Int64);
    // With an extent of 1 in its place the result has the dimensions of x again, in x's order.
    Datum arranged = layer.datum(layer.reshape_tensor(id, Layer::shape_in(form, kept)), form);
    if (layer.integer("keepdims", 1) == 0) {
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(axis));
        arranged = layer.reshape(arranged, kept);
    }
    layer.give(0, arranged);
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
        Rule{"ReduceMax", [](Layer& l) { reduce(l, "REDUCE_MAX"); }},
        Rule{"ReduceMin", [](Layer& l) { reduce(l, "REDUCE_MIN"); }},
        Rule{"ReduceProd", [](Layer& l) { reduce(l, "REDUCE_PROD"); }},
        Rule{"ReduceL1", read_l1},
        Rule{"ReduceL2", read_l2},
        Rule{"ReduceSumSquare", read_sum_square},
        Rule{"ReduceLogSum", read_log_sum},
        Rule{"ReduceLogSumExp", read_log_sum_exp},
        Rule{"ArgMax", [](Layer& l) { read_arg(l, "ARG_MAX"); }},
        Rule{"ArgMin", [](Layer& l) { read_arg(l, "ARG_MIN"); }},
        Rule{"Softmax", [](Layer& l) { read_softmax(l, "SOFTMAX"); }},
        Rule{"LogSoftmax", [](Layer& l) { read_softmax(l, "LOG_SOFTMAX"); }},
        Rule{"LpNormalization", read_lp_normalization},
    };
    return rules;
}

}  // namespace jatai::onnx
