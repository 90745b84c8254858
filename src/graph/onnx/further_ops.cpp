// Operators that are others put together: each says its formula in operators that are read elsewhere.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

Datum number(double value) { return constant_of(std::vector<double>{value}, {}); }

Datum list(const std::vector<std::int64_t>& values) {
    return constant_of(values, {static_cast<std::int32_t>(values.size())});
}

// The first answer of another operator on these values.
Datum does(Layer& layer, std::string_view op, std::vector<Datum> inputs) {
    std::vector<Datum> answers = layer.run(op, std::move(inputs));
    if (answers.empty() || answers[0].type == Type::None) layer.fail(text("found no output"));
    return std::move(answers[0]);
}

void read_celu(Layer& layer) {
    const double alpha = layer.real("alpha", 1);
    Datum& x = layer.in(0);
    Datum below = does(layer, "Exp", {does(layer, "Div", {x, number(alpha)})});
    below = does(layer, "Mul", {does(layer, "Sub", {below, number(1)}), number(alpha)});
    layer.give(
        0, does(layer, "Add", {does(layer, "Max", {x, number(0)}), does(layer, "Min", {below, number(0)})}));
}

void read_thresholded_relu(Layer& layer) {
    Datum& x = layer.in(0);
    Datum above = does(layer, "Greater", {x, number(layer.real("alpha", 1))});
    layer.give(0, does(layer, "Where", {above, x, number(0)}));
}

void read_mish(Layer& layer) {
    Datum& x = layer.in(0);
    layer.give(0, does(layer, "Mul", {x, does(layer, "Tanh", {does(layer, "Softplus", {x})})}));
}

void read_swish(Layer& layer) {
    Datum& x = layer.in(0);
    Datum inner = does(layer, "Mul", {x, number(layer.real("alpha", 1))});
    layer.give(0, does(layer, "Mul", {x, does(layer, "Sigmoid", {inner})}));
}

// Formula 7.1.26 of Abramowitz and Stegun: wrong by less than 2e-7.
void read_erf(Layer& layer) {
    Datum& x = layer.in(0);
    Datum size = does(layer, "Abs", {x});
    Datum t = does(layer, "Reciprocal",
                   {does(layer, "Add", {does(layer, "Mul", {size, number(0.3275911)}), number(1)})});
    Datum sum = does(layer, "Mul", {t, number(1.061405429)});
    for (const double factor : {-1.453152027, 1.421413741, -0.284496736, 0.254829592})
        sum = does(layer, "Mul", {does(layer, "Add", {sum, number(factor)}), t});
    Datum bell = does(layer, "Exp", {does(layer, "Neg", {does(layer, "Mul", {x, x})})});
    Datum whole = does(layer, "Sub", {number(1), does(layer, "Mul", {sum, bell})});
    layer.give(0, does(layer, "Mul", {does(layer, "Sign", {x}), whole}));
}

void read_is_nan(Layer& layer) {
    Datum& x = layer.in(0);
    layer.give(0, does(layer, "Not", {does(layer, "Equal", {x, x})}));
}

void read_is_infinite(Layer& layer) {
    Datum& x = layer.in(0);
    const double endless = std::numeric_limits<double>::infinity();
    const bool above = layer.integer("detect_positive", 1) != 0,
               below = layer.integer("detect_negative", 1) != 0;
    if (above && below)
        return layer.give(0, does(layer, "Equal", {does(layer, "Abs", {x}), number(endless)}));
    layer.give(0, does(layer, "Equal", {x, number(below ? -endless : endless)}));
}

void read_cumulative_sum(Layer& layer) {
    Datum& given = layer.in(0);
    const auto axes = layer.list_of(1, "axis");
    if (axes.size() != 1) layer.fail(text("found {} dimensions, expected one", axes.size()));
    const auto axis = static_cast<std::int64_t>(layer.axis(axes[0], given.rank()));
    Datum x = widened(layer, "SUM", given);
    const TensorId where = layer.constant_tensor(constant_of(std::vector{axis}, {}, Type::Int32));
    const TensorId sum = layer.emit(
        "CUMSUM", {layer.plain(x), where}, x.shape, x.type,
        {{"exclusive", layer.integer("exclusive", 0) != 0}, {"reverse", layer.integer("reverse", 0) != 0}});
    layer.give(0, narrowed(layer, "SUM", layer.datum(sum, Form::Plain), given.type));
}

// Indices below 0 count from the end, when they are known.
Datum counted_from_front(Layer& layer, const Datum& indices, const Shape& shape) {
    if (!indices.constant || indices.rank() == 0) return indices;
    std::vector<std::int64_t> places = integers(indices);
    const auto depth = static_cast<std::size_t>(indices.shape.back());
    for (std::size_t i = 0; i < places.size(); ++i) {
        const std::int64_t extent = shape[i % depth];
        if (places[i] < 0) places[i] += extent;
        if (places[i] < 0 || places[i] >= extent)
            layer.fail(text("found index {} outside the data", places[i]));
    }
    return constant_of(places, indices.shape);
}

void read_gather_nd(Layer& layer) {
    Datum& x = layer.in(0);
    Datum& given = layer.in(1);
    const std::int32_t depth = given.rank() == 0 ? 0 : given.shape.back();
    if (layer.integer("batch_dims", 0) != 0 || depth < 1 || static_cast<std::size_t>(depth) > x.rank())
        layer.fail(text("found indices of {} dimensions of {}, expected as many or fewer, without batches",
                        depth, x.rank()));
    Shape shape(given.shape.begin(), given.shape.end() - 1);
    shape.insert(shape.end(), x.shape.begin() + depth, x.shape.end());
    shape = check_shape({shape.begin(), shape.end()}, Type::Float32, layer.where());
    Datum indices = counted_from_front(layer, given, x.shape);
    indices = converted(layer, indices, Type::Int32);
    layer.give(0, layer.datum(layer.emit("GATHER_ND", {layer.plain(x), layer.plain(indices)}, shape, x.type),
                              Form::Plain));
}

// Above or below a diagonal; else 0.
void read_triangle(Layer& layer) {
    Datum& x = layer.in(0);
    if (x.rank() < 2) layer.fail(text("found {} dimensions, expected 2 or more", x.rank()));
    const auto shifts = layer.has(1) ? layer.list_of(1, "k") : std::vector<std::int64_t>{0};
    const std::int64_t shift = shifts.empty() ? 0 : std::clamp<std::int64_t>(shifts[0], -1 << 30, 1 << 30);
    const std::int64_t rows = x.shape[x.rank() - 2], columns = x.shape.back();
    layer.spend(static_cast<std::uint64_t>(rows) * static_cast<std::uint64_t>(columns) * 9);
    std::vector<std::int64_t> stays;
    for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t c = 0; c < columns; ++c)
            stays.push_back(layer.integer("upper", 1) != 0 ? c >= r + shift : c <= r + shift);
    }
    const Datum mask =
        constant_of(stays, {static_cast<std::int32_t>(rows), static_cast<std::int32_t>(columns)}, Type::Bool);
    Datum zero = constant_of(std::vector<std::int64_t>{0}, {}, x.type);
    layer.give(0, does(layer, "Where", {mask, x, zero}));
}

// A new dimension in which one place is on.
void read_one_hot(Layer& layer) {
    Datum& given = layer.in(0);
    const auto depths = layer.list_of(1, "depth");
    const Datum& values = layer.constant(2, "values");
    if (depths.size() != 1 || depths[0] < 1 || depths[0] > 65535 || values.elements() != 2)
        layer.fail(text("found a depth and values of {} and {} numbers, expected 1 and 2", depths.size(),
                        values.elements()));
    const std::size_t axis = layer.axis(layer.integer("axis", -1), given.rank() + 1);
    Shape spread = given.shape, along(given.rank() + 1, 1);
    spread.insert(spread.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    along[axis] = static_cast<std::int32_t>(depths[0]);
    Datum index = converted(layer, given, Type::Int64);
    index = layer.reshape(index, spread);
    Datum depth = list({depths[0]});
    index = does(layer, "Where",
                 {does(layer, "Less", {index, list({0})}), does(layer, "Add", {index, depth}), index});
    std::vector<std::int64_t> places(static_cast<std::size_t>(depths[0]));
    std::iota(places.begin(), places.end(), 0);
    Datum on = does(layer, "Equal", {index, constant_of(places, along)});
    const std::vector<double> both = reals(values);
    layer.give(0, does(layer, "Where",
                       {on, constant_of(std::vector<double>{both[1]}, {}, values.type),
                        constant_of(std::vector<double>{both[0]}, {}, values.type)}));
}

// (x - mean) / sqrt(variance + epsilon) along these axes.
Datum centred(Layer& layer, const Datum& x, const std::vector<std::int64_t>& axes, double epsilon) {
    Datum apart = does(layer, "Sub", {x, does(layer, "ReduceMean", {x, list(axes)})});
    Datum variance = does(layer, "ReduceMean", {does(layer, "Mul", {apart, apart}), list(axes)});
    Datum root = does(layer, "Sqrt", {does(layer, "Add", {variance, number(epsilon)})});
    return does(layer, "Div", {apart, root});
}

void read_mean_variance(Layer& layer) {
    std::vector<std::int64_t> axes = layer.list("axes");
    if (axes.empty()) axes = {0, 2, 3};
    layer.give(0, centred(layer, layer.in(0), axes, 1e-18));
}

// Scale and bias are one per group before opset 21, one per channel since.
void read_group_normalization(Layer& layer) {
    Datum& x = layer.in(0);
    const std::int64_t groups = layer.integer("num_groups", 0);
    if (x.rank() < 2 || groups < 1 || x.shape[1] % groups != 0 || x.elements() == 0)
        layer.fail(text("found {} groups of {} channels, expected them to divide", groups,
                        x.rank() < 2 ? 0 : x.shape[1]));
    const std::int64_t rest = x.elements() / (x.shape[0] * groups);
    const Shape flat = check_shape({x.shape[0], groups, rest}, Type::Float32, layer.where());
    const bool per_channel = layer.opset() >= 21;
    Shape spread(per_channel ? x.rank() : 3, 1);
    spread[1] = per_channel ? x.shape[1] : static_cast<std::int32_t>(groups);
    Datum y = centred(layer, layer.reshape(x, flat), {2}, layer.real("epsilon", 1e-5));
    if (per_channel) y = layer.reshape(y, x.shape);
    for (const auto& [i, op] : {std::pair{1u, "Mul"}, {2u, "Add"}}) {
        if (layer.in(i).elements() != spread[1]) layer.fail(text("found a scale that does not fit"));
        y = does(layer, op, {y, layer.reshape(layer.in(i), spread)});
    }
    layer.give(0, per_channel ? y : layer.reshape(y, x.shape));
}

// Integers as floats around their zero point: below 2^24 nothing is lost.
Datum around_zero(Layer& layer, std::size_t at, std::size_t zero_at) {
    Datum real = converted(layer, layer.in(at), Type::Float32);
    if (!layer.has(zero_at)) return real;
    Datum& zero = layer.in(zero_at);
    if (zero.elements() != 1) layer.fail(text("found {} zero points, expected {}", zero.elements(), 1));
    Datum one = converted(layer, zero, Type::Float32);
    return does(layer, "Sub", {real, layer.reshape(one, {})});
}

constexpr std::int64_t kExactTerms = 256;  // products of two bytes whose sum a float holds

// In pieces along the sum, each exact, added as integers.
void read_matmul_integer(Layer& layer) {
    Datum a = around_zero(layer, 0, 2), b = around_zero(layer, 1, 3);
    if (a.rank() < 2 || b.rank() < 2) layer.fail(text("found a single number, expected a matrix"));
    const std::int64_t depth = a.shape.back();
    if (depth < 1 || depth > 64 * kExactTerms)
        layer.fail(text("found sums of {} products, expected at most {}", depth, 64 * kExactTerms));
    const auto rank_a = static_cast<std::int64_t>(a.rank()), rank_b = static_cast<std::int64_t>(b.rank());
    Datum sum;
    for (std::int64_t begin = 0; begin < depth; begin += kExactTerms) {
        const std::int64_t end = std::min(begin + kExactTerms, depth);
        const auto piece = [&](const Datum& x, std::int64_t axis) {
            return depth <= kExactTerms ? x
                                        : does(layer, "Slice", {x, list({begin}), list({end}), list({axis})});
        };
        Datum part = does(layer, "MatMul", {piece(a, rank_a - 1), piece(b, rank_b - 2)});
        part = converted(layer, part, Type::Int32);
        sum = begin == 0 ? part : does(layer, "Add", {sum, part});
    }
    layer.give(0, sum);
}

void read_conv_integer(Layer& layer) {
    const Datum& weights = layer.in(1);
    const std::int64_t terms = weights.rank() < 1 ? 0 : weights.elements() / std::max(weights.shape[0], 1);
    if (terms > kExactTerms)
        layer.fail(text("found sums of {} products, expected at most {}", terms, kExactTerms),
                   text("quantise statically: QuantizeLinear and DequantizeLinear around each layer"));
    Datum sum = does(layer, "Conv", {around_zero(layer, 0, 2), around_zero(layer, 1, 3)});
    layer.give(0, converted(layer, sum, Type::Int32));
}

// Scale and zero point of what is there this time.
void read_dynamic_quantize(Layer& layer) {
    Datum& x = layer.in(0);
    const auto end_of = [&](const char* over, const char* with_zero) {
        Datum one = does(layer, over, {x});
        return does(layer, with_zero, {layer.reshape(one, {}), number(0)});
    };
    Datum high = end_of("ReduceMax", "Max"), low = end_of("ReduceMin", "Min");
    Datum scale = does(layer, "Div", {does(layer, "Sub", {high, low}), number(255)});
    const auto held = [&](Datum y) {
        return does(layer, "Min", {does(layer, "Max", {std::move(y), number(0)}), number(255)});
    };
    Datum zero = does(layer, "Round", {held(does(layer, "Div", {does(layer, "Neg", {low}), scale}))});
    Datum y = does(layer, "Round", {does(layer, "Div", {x, scale})});
    y = held(does(layer, "Add", {y, zero}));
    layer.give(0, converted(layer, y, Type::UInt8));
    layer.give(1, scale);
    layer.give(2, converted(layer, zero, Type::UInt8));
}

}  // namespace

std::span<const Rule> further_rules() {
    static constexpr std::array rules{
        Rule{"Celu", read_celu},
        Rule{"ThresholdedRelu", read_thresholded_relu},
        Rule{"Mish", read_mish},
        Rule{"Swish", read_swish},
        Rule{"Erf", read_erf},
        Rule{"IsNaN", read_is_nan},
        Rule{"IsInf", read_is_infinite},
        Rule{"CumSum", read_cumulative_sum},
        Rule{"GatherND", read_gather_nd},
        Rule{"Trilu", read_triangle},
        Rule{"OneHot", read_one_hot},
        Rule{"MeanVarianceNormalization", read_mean_variance},
        Rule{"GroupNormalization", read_group_normalization},
        Rule{"MatMulInteger", read_matmul_integer},
        Rule{"ConvInteger", read_conv_integer},
        Rule{"DynamicQuantizeLinear", read_dynamic_quantize},
    };
    return rules;
}

}  // namespace jatai::onnx
