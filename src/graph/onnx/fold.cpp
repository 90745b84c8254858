// What is known when the model is read: shapes, and all that is computed from shapes and constants.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

bool is_float(Type type) { return type == Type::Float32; }

// The element of an operand that meets element i of the result.
class Broadcasting {
  public:
    Broadcasting(const Shape& from, const Shape& to) : to_(to), step_(to.size(), 0), index_(to.size(), 0) {
        std::size_t step = 1;
        for (std::size_t k = from.size(); k-- > 0;) {
            const std::size_t at = k + to.size() - from.size();
            step_[at] = from[k] == 1 ? 0 : step;
            step *= static_cast<std::size_t>(from[k]);
        }
    }
    std::size_t at() const { return at_; }
    void next() {
        for (std::size_t k = to_.size(); k-- > 0;) {
            at_ += step_[k];
            if (++index_[k] < to_[k]) return;
            at_ -= step_[k] * static_cast<std::size_t>(to_[k]);
            index_[k] = 0;
        }
    }

  private:
    const Shape& to_;
    std::vector<std::size_t> step_;
    Shape index_;
    std::size_t at_ = 0;
};

// The type of a result, and room for its elements.
Shape result_shape(Layer& layer, const std::vector<std::int64_t>& extents) {
    Shape shape = check_shape(extents, Type::Int64, layer.where());
    layer.spend(static_cast<std::uint64_t>(elements_of(shape)) * 8);
    return shape;
}

Shape joined(Layer& layer) {
    Shape shape = layer.in(0).shape;
    for (std::size_t i = 1; i < layer.inputs(); ++i) {
        const auto both = broadcast(shape, layer.in(i).shape);
        if (!both) layer.fail(text("found shapes that cannot be broadcast"));
        shape = *both;
    }
    return result_shape(layer, {shape.begin(), shape.end()});
}

// Element-wise over two operands, in integers or in floats.
using OnIntegers = std::int64_t (*)(std::int64_t, std::int64_t);
using OnReals = double (*)(double, double);

template <typename T, typename Result, typename Apply>
std::vector<Result> zip(const Shape& shape, const Datum& a, const std::vector<T>& x, const Datum& b,
                        const std::vector<T>& y, const Apply& apply) {
    std::vector<Result> to(static_cast<std::size_t>(elements_of(shape)));
    Broadcasting i(a.shape, shape), j(b.shape, shape);
    for (Result& value : to) {
        value = static_cast<Result>(apply(x[i.at()], y[j.at()]));
        i.next();
        j.next();
    }
    return to;
}

Datum fold_two(Layer& layer, OnIntegers on_integers, OnReals on_reals) {
    const Shape shape = joined(layer);
    Datum to = layer.in(0);
    for (std::size_t k = 1; k < layer.inputs(); ++k) {
        const Datum& b = layer.in(k);
        const Shape both = k + 1 == layer.inputs() ? shape : *broadcast(to.shape, b.shape);
        to = is_float(to.type)
                 ? constant_of(zip<double, double>(both, to, reals(to), b, reals(b), on_reals), both)
                 : constant_of(
                       zip<std::int64_t, std::int64_t>(both, to, integers(to), b, integers(b), on_integers),
                       both, to.type);
    }
    return to;
}

Datum fold_compare(Layer& layer, bool (*holds)(double, double)) {
    const Shape shape = joined(layer);
    const Datum &a = layer.in(0), &b = layer.in(1);
    const auto answers = zip<double, std::int64_t>(shape, a, reals(a), b, reals(b), holds);
    return constant_of(answers, shape, Type::Bool);
}

Datum fold_one(Layer& layer, double (*apply)(double)) {
    const Datum& from = layer.in(0);
    std::vector<double> values = reals(from);
    for (double& value : values) value = apply(value);
    return constant_of(values, from.shape, from.type);
}

Datum fold_where(Layer& layer) {
    const Shape shape = joined(layer);
    const Datum &which = layer.in(0), &a = layer.in(1), &b = layer.in(2);
    const auto chosen = integers(which);
    const std::vector<double> x = reals(a), y = reals(b);
    std::vector<double> to(static_cast<std::size_t>(elements_of(shape)));
    Broadcasting c(which.shape, shape), i(a.shape, shape), j(b.shape, shape);
    for (double& value : to) {
        value = chosen[c.at()] ? x[i.at()] : y[j.at()];
        c.next(), i.next(), j.next();
    }
    return constant_of(to, shape, a.type);
}

Type type_named(std::int64_t data_type) {
    RawTensor probe;
    probe.type = static_cast<DataType>(data_type);
    probe.data.resize(static_cast<std::size_t>(bits_of(probe.type) + 7) / 8);
    return constant_from(probe, "Cast").type;
}

Datum fold_cast(Layer& layer) {
    const Datum& from = layer.in(0);
    layer.spend(from.data.size() * 8);
    const Type to = type_named(layer.integer("to", 1));
    return is_float(from.type) || is_float(to) ? constant_of(reals(from), from.shape, to)
                                               : constant_of(integers(from), from.shape, to);
}

// Elements of `from` by their places.
Datum pick(const Datum& from, const Shape& shape, const std::vector<std::size_t>& places) {
    Datum to;
    to.type = from.type;
    to.constant = true;
    to.shape = shape;
    const std::size_t width = size_of(from.type);
    to.data.reserve(places.size() * width);
    for (const std::size_t place : places) {
        const auto at = from.data.begin() + static_cast<std::ptrdiff_t>(place * width);
        to.data.insert(to.data.end(), at, at + static_cast<std::ptrdiff_t>(width));
    }
    return to;
}

struct Around {
    std::size_t outer = 1, extent = 1, inner = 1;
};
Around around(const Shape& shape, std::size_t axis) {
    Around a;
    for (std::size_t k = 0; k < shape.size(); ++k)
        (k < axis ? a.outer : k == axis ? a.extent : a.inner) *= static_cast<std::size_t>(shape[k]);
    return a;
}

// The slices of one axis, in this order.
Datum take(Layer& layer, const Datum& from, std::size_t axis, const std::vector<std::int64_t>& slices) {
    const Around a = around(from.shape, axis);
    std::vector<std::int64_t> extents(from.shape.begin(), from.shape.end());
    extents[axis] = static_cast<std::int64_t>(slices.size());
    const Shape shape = result_shape(layer, extents);
    std::vector<std::size_t> places;
    for (std::size_t o = 0; o < a.outer; ++o) {
        for (const std::int64_t slice : slices) {
            for (std::size_t i = 0; i < a.inner; ++i)
                places.push_back((o * a.extent + static_cast<std::size_t>(slice)) * a.inner + i);
        }
    }
    return pick(from, shape, places);
}

Datum fold_gather(Layer& layer) {
    const Datum& from = layer.in(0);
    const Datum& which = layer.in(1);
    const std::size_t axis = layer.axis(layer.integer("axis", 0), from.rank());
    std::vector<std::int64_t> slices = integers(which);
    for (std::int64_t& slice : slices) {
        if (slice < 0) slice += from.shape[axis];
        if (slice < 0 || slice >= from.shape[axis])
            layer.fail(text("found index {} outside the data", slice));
    }
    Datum to = take(layer, from, axis, slices);
    Shape shape(from.shape.begin(), from.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), which.shape.begin(), which.shape.end());
    shape.insert(shape.end(), from.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, from.shape.end());
    to.shape = check_shape({shape.begin(), shape.end()}, Type::Int64, layer.where());
    return to;
}

Datum fold_concat(Layer& layer) {
    const std::size_t axis = layer.axis(layer.integer("axis", 0), layer.in(0).rank());
    std::int64_t total = 0;
    for (std::size_t i = 0; i < layer.inputs(); ++i) {
        Shape expected = layer.in(0).shape;
        if (layer.in(i).rank() == expected.size()) expected[axis] = layer.in(i).shape[axis];
        if (layer.in(i).shape != expected || layer.in(i).type != layer.in(0).type)
            layer.fail(text("found inputs of different shapes, expected them to differ in one dimension"));
        total += expected[axis];
    }
    Datum to = layer.in(0);
    to.stored = nullptr;
    to.plain = to.last = kNoTensor;
    std::vector<std::int64_t> extents(to.shape.begin(), to.shape.end());
    extents[axis] = total;
    to.shape = result_shape(layer, extents);
    to.data.clear();
    for (std::size_t o = 0; o < around(to.shape, axis).outer; ++o) {
        for (std::size_t i = 0; i < layer.inputs(); ++i) {
            const Datum& part = layer.in(i);
            const Around a = around(part.shape, axis);
            const std::size_t bytes = a.extent * a.inner * size_of(part.type);
            const auto at = part.data.begin() + static_cast<std::ptrdiff_t>(o * bytes);
            to.data.insert(to.data.end(), at, at + static_cast<std::ptrdiff_t>(bytes));
        }
    }
    return to;
}

Datum fold_slice(Layer& layer) {
    Datum to = layer.in(0);
    for (const AxisRange& range : slice_ranges(layer, to.shape)) {
        std::vector<std::int64_t> slices;
        for (std::int64_t k = 0; k < range.count; ++k) slices.push_back(range.begin + k * range.step);
        to = take(layer, to, range.axis, slices);
    }
    to.plain = to.last = kNoTensor;
    return to;
}

Datum fold_expand(Layer& layer) {
    const Datum& from = layer.in(0);
    const Shape target = check_shape(layer.list_of(1, "shape"), Type::Int64, layer.where());
    const auto shape = broadcast(from.shape, target);
    if (!shape) layer.fail(text("found shapes that cannot be broadcast"));
    const Shape checked = result_shape(layer, {shape->begin(), shape->end()});
    std::vector<std::size_t> places(static_cast<std::size_t>(elements_of(checked)));
    Broadcasting at(from.shape, checked);
    for (std::size_t& place : places) {
        place = at.at();
        at.next();
    }
    return pick(from, checked, places);
}

Datum fold_reduce(Layer& layer, double begin, double (*join)(double, double), bool mean) {
    const Datum& from = layer.in(0);
    const ReduceAxes reduce = reduce_axes(layer, from.shape);
    std::vector<std::int64_t> kept(from.shape.begin(), from.shape.end());
    double count = 1;
    for (const std::size_t axis : reduce.axes) {
        count *= from.shape[axis];
        kept[axis] = 1;
    }
    const Shape shape = result_shape(layer, kept);
    std::vector<double> to(static_cast<std::size_t>(elements_of(shape)), begin);
    Broadcasting at(shape, from.shape);
    for (const double value : reals(from)) {
        to[at.at()] = join(to[at.at()], value);
        at.next();
    }
    if (mean)
        for (double& value : to) value /= count;
    Datum answer = constant_of(to, shape, from.type);
    answer.shape = reduce.shape;
    return answer;
}

std::int64_t wrapped(std::uint64_t value) { return static_cast<std::int64_t>(value); }
std::uint64_t bare(std::int64_t value) { return static_cast<std::uint64_t>(value); }

std::int64_t divided(std::int64_t a, std::int64_t b) {
    if (b == 0 || (b == -1 && a == INT64_MIN)) return 0;
    return a / b;
}
std::int64_t remainder(std::int64_t a, std::int64_t b) {
    if (b == 0 || b == -1) return 0;
    const std::int64_t left = a % b;
    return left != 0 && (left < 0) != (b < 0) ? left + b : left;
}

Datum fold_shape(Layer& layer) {
    const Shape& shape = layer.in(0).shape;
    const auto rank = static_cast<std::int64_t>(shape.size());
    const auto clip = [&](std::int64_t at) {
        return std::clamp<std::int64_t>(at < 0 ? at + rank : at, 0, rank);
    };
    const std::int64_t start = clip(layer.integer("start", 0));
    const std::int64_t end = clip(layer.integer("end", rank));
    std::vector<std::int64_t> extents;
    for (std::int64_t k = start; k < end; ++k) extents.push_back(shape[static_cast<std::size_t>(k)]);
    return constant_of(extents, {static_cast<std::int32_t>(extents.size())});
}

Datum fold_constant(Layer& layer) {
    if (const Attribute* a = layer.setting("value"); a && a->has_tensor)
        return constant_from(parse_tensor(a->tensor, layer.where()), layer.where());
    if (const Attribute* a = layer.setting("value_int")) return constant_of(std::vector{a->integer}, {});
    if (const Attribute* a = layer.setting("value_float"))
        return constant_of(std::vector<double>{a->real}, {});
    if (const Attribute* a = layer.setting("value_ints"))
        return constant_of(a->integers, {static_cast<std::int32_t>(a->integers.size())});
    if (const Attribute* a = layer.setting("value_floats")) {
        return constant_of(std::vector<double>(a->reals.begin(), a->reals.end()),
                           {static_cast<std::int32_t>(a->reals.size())});
    }
    layer.fail(text("found a constant of words or of sparse numbers, expected plain numbers"));
}

Datum fold_constant_of_shape(Layer& layer) {
    Datum value = constant_of(std::vector<double>{0}, {1});
    if (const Attribute* a = layer.setting("value"); a && a->has_tensor)
        value = constant_from(parse_tensor(a->tensor, layer.where()), layer.where());
    if (value.elements() != 1) layer.fail(text("found {} values to fill with, expected 1", value.elements()));
    const Shape shape = result_shape(layer, layer.list_of(0, "shape"));
    return pick(value, shape, std::vector<std::size_t>(static_cast<std::size_t>(elements_of(shape)), 0));
}

Datum fold_range(Layer& layer) {
    const double start = reals(layer.in(0)).at(0), limit = reals(layer.in(1)).at(0);
    const double step = reals(layer.in(2)).at(0);
    const double count = std::ceil((limit - start) / step);
    if (!(step != 0) || !(count < 1e6)) layer.fail(text("found a range that does not end soon"));
    std::vector<double> values;
    for (std::int64_t i = 0; i < static_cast<std::int64_t>(std::max(count, 0.0)); ++i)
        values.push_back(start + static_cast<double>(i) * step);
    const auto extent = static_cast<std::int32_t>(values.size());
    return constant_of(values, {extent}, layer.in(0).type);
}

using Fold = std::function<Datum(Layer&)>;

Fold two(OnIntegers on_integers, OnReals on_reals) {
    return [=](Layer& layer) { return fold_two(layer, on_integers, on_reals); };
}
Fold compare(bool (*holds)(double, double)) {
    return [=](Layer& layer) { return fold_compare(layer, holds); };
}
Fold one(double (*apply)(double)) {
    return [=](Layer& layer) { return fold_one(layer, apply); };
}
Fold reduce(double begin, double (*join)(double, double), bool mean = false) {
    return [=](Layer& layer) { return fold_reduce(layer, begin, join, mean); };
}

const std::map<std::string_view, Fold>& all_folds() {
    constexpr double kEndless = std::numeric_limits<double>::infinity();
    static const std::map<std::string_view, Fold> folds{
        {"Add", two([](std::int64_t a, std::int64_t b) { return wrapped(bare(a) + bare(b)); },
                    [](double a, double b) { return a + b; })},
        {"Sub", two([](std::int64_t a, std::int64_t b) { return wrapped(bare(a) - bare(b)); },
                    [](double a, double b) { return a - b; })},
        {"Mul", two([](std::int64_t a, std::int64_t b) { return wrapped(bare(a) * bare(b)); },
                    [](double a, double b) { return a * b; })},
        {"Div", two(divided, [](double a, double b) { return a / b; })},
        {"Mod", two(remainder, [](double a, double b) { return std::fmod(a, b); })},
        {"Min", two([](std::int64_t a, std::int64_t b) { return std::min(a, b); },
                    [](double a, double b) { return std::min(a, b); })},
        {"Max", two([](std::int64_t a, std::int64_t b) { return std::max(a, b); },
                    [](double a, double b) { return std::max(a, b); })},
        {"Pow", two(
                    [](std::int64_t a, std::int64_t b) {
                        const double power = std::pow(static_cast<double>(a), static_cast<double>(b));
                        return static_cast<std::int64_t>(std::clamp(power, -9.2e18, 9.2e18));
                    },
                    [](double a, double b) { return std::pow(a, b); })},
        {"And", two([](std::int64_t a, std::int64_t b) { return a & b; }, nullptr)},
        {"Or", two([](std::int64_t a, std::int64_t b) { return a | b; }, nullptr)},
        {"Equal", compare([](double a, double b) { return a == b; })},
        {"Less", compare([](double a, double b) { return a < b; })},
        {"LessOrEqual", compare([](double a, double b) { return a <= b; })},
        {"Greater", compare([](double a, double b) { return a > b; })},
        {"GreaterOrEqual", compare([](double a, double b) { return a >= b; })},
        {"Not", one([](double a) { return a == 0 ? 1.0 : 0.0; })},
        {"Neg", one([](double a) { return -a; })},
        {"Abs", one([](double a) { return std::abs(a); })},
        {"Floor", one([](double a) { return std::floor(a); })},
        {"Ceil", one([](double a) { return std::ceil(a); })},
        {"Sqrt", one([](double a) { return std::sqrt(a); })},
        {"Exp", one([](double a) { return std::exp(a); })},
        {"Log", one([](double a) { return std::log(a); })},
        {"Reciprocal", one([](double a) { return 1 / a; })},
        {"ReduceSum", reduce(0, [](double a, double b) { return a + b; })},
        {"ReduceMean", reduce(
                           0, [](double a, double b) { return a + b; }, true)},
        {"ReduceProd", reduce(1, [](double a, double b) { return a * b; })},
        {"ReduceMax", reduce(-kEndless, [](double a, double b) { return std::max(a, b); })},
        {"ReduceMin", reduce(kEndless, [](double a, double b) { return std::min(a, b); })},
        {"Where", fold_where},
        {"Cast", fold_cast},
        {"Gather", fold_gather},
        {"Concat", fold_concat},
        {"Slice", fold_slice},
        {"Expand", fold_expand},
        {"ConstantOfShape", fold_constant_of_shape},
        {"Range", fold_range},
    };
    return folds;
}

bool all_constant(Layer& layer) {
    for (std::size_t i = 0; i < layer.inputs(); ++i) {
        if (!layer.has(i) || !layer.in(i).constant) return false;
    }
    for (std::size_t i = 0; i < layer.inputs(); ++i) layer.spend(layer.in(i).data.size());
    return layer.inputs() > 0;
}

}  // namespace

bool fold(Layer& layer) {
    const std::string_view op = layer.node().op;
    if (op == "Constant") return layer.give(0, fold_constant(layer)), true;
    if (op == "Shape") return layer.give(0, fold_shape(layer)), true;
    if (op == "Size") {
        return layer.give(0, constant_of(std::vector{layer.in(0).elements()}, {})), true;
    }
    const auto found = all_folds().find(op);
    if (found == all_folds().end() || !all_constant(layer)) return false;
    if ((op == "And" || op == "Or") && layer.in(0).type != Type::Bool) return false;
    layer.give(0, found->second(layer));
    return true;
}

}  // namespace jatai::onnx
