// Operators that work element by element, and what ONNX says in one word and the graph in several.
#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

// One layer on x, in the order x exists in.
void unary(Layer& layer, const char* op, const Settings& settings = {}) {
    Datum& x = layer.in(0);
    Datum wide = widened(layer, op, x);
    const Form form = layer.form_of(wide);
    const TensorId from = layer.in_form(wide, form);
    Datum y = layer.datum(layer.emit(op, {from}, Layer::shape_in(form, x.shape), wide.type, settings), form);
    layer.give(0, narrowed(layer, op, std::move(y), x.type));
}

// Channels last when an operand exists only so, and all can follow.
Form common_form(Layer& layer, const std::vector<Datum*>& operands, std::size_t rank) {
    if (rank < 3 || rank > 5) return Form::Plain;
    for (Datum* datum : operands) {
        if (datum->rank() == rank && layer.form_of(*datum) == Form::Last) return Form::Last;
    }
    return Form::Plain;
}

TensorId operand(Layer& layer, Datum& datum, Form form, std::size_t rank) {
    if (form == Form::Plain || (datum.constant && datum.elements() == 1 && datum.rank() <= 1))
        return layer.plain(datum);
    if (datum.rank() == rank) return layer.last(datum);
    Shape shape(rank - datum.rank(), 1);
    shape.insert(shape.end(), datum.shape.begin(), datum.shape.end());
    Datum full = layer.reshape(datum, shape);
    return layer.last(full);
}

Shape joint_shape(Layer& layer, const std::vector<Datum*>& operands) {
    Shape shape = operands[0]->shape;
    for (const Datum* datum : operands) {
        const auto both = broadcast(shape, datum->shape);
        if (!both) layer.fail(text("found shapes that cannot be broadcast"));
        shape = *both;
    }
    return check_shape({shape.begin(), shape.end()}, Type::Float32, layer.where());
}

Datum joined_alike(Layer& layer, const char* op, const std::vector<Datum*>& operands, Type type) {
    const Shape shape = joint_shape(layer, operands);
    const Form form = common_form(layer, operands, shape.size());
    std::vector<TensorId> inputs;
    for (Datum* datum : operands) inputs.push_back(operand(layer, *datum, form, shape.size()));
    return layer.datum(layer.emit(op, inputs, Layer::shape_in(form, shape), type), form);
}

Datum joined(Layer& layer, const char* op, const std::vector<Datum*>& operands, Type type) {
    const Type given = operands[0]->type;
    const bool moves = std::string_view(op) == "SELECT_V2";
    if (moves || working_type(op, given) == given) return joined_alike(layer, op, operands, type);
    std::vector<Datum> wide;
    for (Datum* datum : operands) wide.push_back(widened(layer, op, *datum));
    std::vector<Datum*> places;
    for (Datum& datum : wide) places.push_back(&datum);
    Datum result = joined_alike(layer, op, places, type == Type::Bool ? type : wide[0].type);
    return narrowed(layer, op, std::move(result), type);
}

void need_equal_types(Layer& layer, const Datum& a, const Datum& b) {
    if (a.type != b.type) layer.fail(text("found operands of different types, expected the same"));
}

void binary(Layer& layer, const char* op) {
    Datum &a = layer.in(0), &b = layer.in(1);
    need_equal_types(layer, a, b);
    layer.give(0, joined(layer, op, {&a, &b}, a.type));
}

void read_mod(Layer& layer) {
    if (layer.integer("fmod", 0) != 0 || layer.in(0).type == Type::Float32)
        layer.fail(text("found the rest of a division of floats, expected integers and fmod 0"));
    binary(layer, "FLOOR_MOD");
}

void comparison(Layer& layer, const char* op) {
    Datum &a = layer.in(0), &b = layer.in(1);
    need_equal_types(layer, a, b);
    layer.give(0, joined(layer, op, {&a, &b}, Type::Bool));
}

// Min, Max, Sum: of any number of operands.
Datum chained(Layer& layer, const char* op) {
    Datum result = layer.in(0);
    for (std::size_t i = 1; i < layer.inputs(); ++i) {
        Datum& next = layer.in(i);
        need_equal_types(layer, result, next);
        result = joined(layer, op, {&result, &next}, result.type);
    }
    return result;
}

void read_mean(Layer& layer) {
    Datum sum = chained(layer, "ADD");
    Datum share = constant_of(std::vector<double>{1.0 / static_cast<double>(layer.inputs())}, {});
    layer.give(0, layer.inputs() == 1 ? sum : joined(layer, "MUL", {&sum, &share}, sum.type));
}

Datum with_number(Layer& layer, const char* op, Datum& x, double number) {
    Datum y = constant_of(std::vector<double>{number}, {1}, x.type);
    if (x.rank() == 0) y.shape = {};
    return joined(layer, op, {&x, &y}, x.type);
}

// x limited from below and above; RELU and RELU6 where they say the same.
Datum clipped(Layer& layer, Datum& x, double low, double high) {
    const auto one = [&](const char* op) {
        const Form form = layer.form_of(x);
        const TensorId from = layer.in_form(x, form);
        return layer.datum(layer.emit(op, {from}, Layer::shape_in(form, x.shape), x.type), form);
    };
    const double most = std::numeric_limits<float>::max();
    if (x.type == Type::Float32 && low == 0 && high >= most && Layer::known("RELU")) return one("RELU");
    if (x.type == Type::Float32 && low == 0 && high == 6 && Layer::known("RELU6")) return one("RELU6");
    if (x.type == Type::Float32 && low == -1 && high == 1 && Layer::known("RELU_N1_TO_1"))
        return one("RELU_N1_TO_1");
    Datum y = x;
    if (low > -most) y = with_number(layer, "MAXIMUM", y, low);
    if (high < most) y = with_number(layer, "MINIMUM", y, high);
    return y;
}

void read_relu(Layer& layer) {
    layer.give(0, clipped(layer, layer.in(0), 0, std::numeric_limits<double>::infinity()));
}

// Limits that come from a layer, or from outside.
void clip_by_values(Layer& layer) {
    Datum y = layer.in(0);
    for (const auto& [i, op] : {std::pair{1u, "MAXIMUM"}, {2u, "MINIMUM"}}) {
        if (!layer.has(i)) continue;
        need_equal_types(layer, y, layer.in(i));
        y = joined(layer, op, {&y, &layer.in(i)}, y.type);
    }
    layer.give(0, std::move(y));
}

void read_clip(Layer& layer) {
    const bool open = (layer.has(1) && !layer.in(1).constant) || (layer.has(2) && !layer.in(2).constant);
    if (open) return clip_by_values(layer);
    const auto limit = [&](std::size_t i, const char* name, double fallback) {
        if (!layer.has(i)) return layer.real(name, fallback);
        const auto values = reals(layer.constant(i, name));
        if (values.size() != 1) layer.fail(text("found {} limits, expected 1", values.size()));
        return values[0];
    };
    const double endless = std::numeric_limits<double>::infinity();
    layer.give(0, clipped(layer, layer.in(0), limit(1, "min", -endless), limit(2, "max", endless)));
}

// max(0, min(1, alpha x + beta))
Datum hard_sigmoid(Layer& layer, Datum& x, double alpha, double beta) {
    Datum product = with_number(layer, "MUL", x, alpha);
    Datum sum = with_number(layer, "ADD", product, beta);
    return clipped(layer, sum, 0, 1);
}

void read_hard_sigmoid(Layer& layer) {
    layer.give(0, hard_sigmoid(layer, layer.in(0), layer.real("alpha", 0.2), layer.real("beta", 0.5)));
}

void read_prelu(Layer& layer) {
    Datum &x = layer.in(0), &slope = layer.in(1);
    const auto shape = broadcast(x.shape, slope.shape);
    if (!shape || *shape != x.shape) layer.fail(text("found slopes that do not fit the input"));
    // TFLite's PRELU has one slope per channel and place of an image.
    if (slope.constant && x.rank() == 4) {
        Shape full(4 - slope.rank(), 1);
        full.insert(full.end(), slope.shape.begin(), slope.shape.end());
        if (full[0] == 1) {
            Datum slopes = layer.reshape(slope, full);
            slopes = transpose(slopes, channels_last(4));
            slopes.shape.erase(slopes.shape.begin());
            const TensorId from = layer.last(x);
            const Shape image = layer.graph().tensor(from).shape;
            layer.give(0,
                       layer.datum(layer.emit("PRELU", {from, layer.constant_tensor(slopes)}, image, x.type),
                                   Form::Last));
            return;
        }
    }
    // max(x, 0) + slope * min(x, 0)
    Datum above = clipped(layer, x, 0, std::numeric_limits<double>::infinity());
    Datum below = with_number(layer, "MINIMUM", x, 0);
    Datum bent = joined(layer, "MUL", {&below, &slope}, x.type);
    layer.give(0, joined(layer, "ADD", {&above, &bent}, x.type));
}

void read_pow(Layer& layer) {
    Datum &x = layer.in(0), &power = layer.in(1);
    if (power.constant && power.elements() == 1 && power.rank() <= x.rank() && x.type == Type::Float32) {
        const double p = reals(power)[0];
        if (p == 2) return layer.give(0, joined(layer, "MUL", {&x, &x}, x.type));
        if (p == 0.5) return unary(layer, "SQRT");
        if (p == -0.5) return unary(layer, "RSQRT");
        if (p == 1) return layer.give(0, x);
    }
    // TFLite's POW has operands of one type; the answer has that of the base.
    const Type type = x.type == Type::Float32 || power.type == Type::Float32 ? Type::Float32
                      : x.type == Type::Int64 || power.type == Type::Int64   ? Type::Int64
                                                                             : Type::Int32;
    Datum base = converted(layer, x, type), exponent = converted(layer, power, type);
    Datum y = joined(layer, "POW", {&base, &exponent}, type);
    layer.give(0, converted(layer, y, x.type));
}

void read_reciprocal(Layer& layer) {
    Datum one = constant_of(std::vector<double>{1}, {});
    layer.give(0, joined(layer, "DIV", {&one, &layer.in(0)}, Type::Float32));
}

// scale * (max(0, x) + min(0, alpha (e^x - 1)))
void elu_like(Layer& layer, double alpha, double scale) {
    if (alpha == 1 && scale == 1) return unary(layer, "ELU");
    Datum& x = layer.in(0);
    Datum above = clipped(layer, x, 0, std::numeric_limits<double>::infinity());
    Datum below = with_number(layer, "MINIMUM", x, 0);
    const Form form = layer.form_of(below);
    const TensorId from = layer.in_form(below, form);
    Datum bent = layer.datum(layer.emit("EXP", {from}, Layer::shape_in(form, x.shape), x.type), form);
    bent = with_number(layer, "SUB", bent, 1);
    bent = with_number(layer, "MUL", bent, alpha * scale);
    if (scale != 1) above = with_number(layer, "MUL", above, scale);
    layer.give(0, joined(layer, "ADD", {&above, &bent}, x.type));
}

// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|)
void read_softplus(Layer& layer) {
    Datum& x = layer.in(0);
    const auto one = [&](const char* op, Datum& from) {
        const Form form = layer.form_of(from);
        const TensorId id = layer.in_form(from, form);
        return layer.datum(layer.emit(op, {id}, Layer::shape_in(form, x.shape), x.type), form);
    };
    Datum above = clipped(layer, x, 0, std::numeric_limits<double>::infinity());
    Datum size = one("ABS", x);
    size = one("NEG", size);
    size = one("EXP", size);
    size = with_number(layer, "ADD", size, 1);
    size = one("LOG", size);
    layer.give(0, joined(layer, "ADD", {&above, &size}, x.type));
}

void read_softsign(Layer& layer) {
    Datum& x = layer.in(0);
    const Form form = layer.form_of(x);
    const TensorId from = layer.in_form(x, form);
    Datum size = layer.datum(layer.emit("ABS", {from}, Layer::shape_in(form, x.shape), x.type), form);
    size = with_number(layer, "ADD", size, 1);
    layer.give(0, joined(layer, "DIV", {&x, &size}, x.type));
}

void read_where(Layer& layer) {
    Datum &which = layer.in(0), &a = layer.in(1), &b = layer.in(2);
    need_equal_types(layer, a, b);
    layer.give(0, joined(layer, "SELECT_V2", {&which, &a, &b}, a.type));
}

void read_cast(Layer& layer) {
    Datum& x = layer.in(0);
    const auto to = static_cast<DataType>(layer.integer("to", 1));
    const Type type = type_of(to);
    if (type == Type::None) {
        layer.fail(text("found a conversion to {}, expected float or integers",
                        data_type_name(static_cast<std::int32_t>(to))),
                   text("convert the model to float32"));
    }
    if (type == x.type) return layer.give(0, x);
    layer.give(0, converted(layer, x, type));
}

void read_identity(Layer& layer) {
    if (layer.wanted(1)) layer.fail(text("found the mask of Dropout asked for, expected only its result"));
    layer.give(0, layer.in(0));
}

// x * sigmoid(x), and x * hard sigmoid(x) with other numbers than HARD_SWISH has.
void read_hard_swish(Layer& layer) { unary(layer, "HARD_SWISH"); }

void read_log_or_and(Layer& layer, const char* op) {
    Datum &a = layer.in(0), &b = layer.in(1);
    layer.give(0, joined(layer, op, {&a, &b}, Type::Bool));
}

}  // namespace

std::span<const Rule> pointwise_rules() {
    static constexpr std::array rules{
        Rule{"Add", [](Layer& l) { binary(l, "ADD"); }},
        Rule{"Sub", [](Layer& l) { binary(l, "SUB"); }},
        Rule{"Mul", [](Layer& l) { binary(l, "MUL"); }},
        Rule{"Div", [](Layer& l) { binary(l, "DIV"); }},
        Rule{"Mod", read_mod},
        Rule{"Pow", read_pow},
        Rule{"Min", [](Layer& l) { l.give(0, chained(l, "MINIMUM")); }},
        Rule{"Max", [](Layer& l) { l.give(0, chained(l, "MAXIMUM")); }},
        Rule{"Sum", [](Layer& l) { l.give(0, chained(l, "ADD")); }},
        Rule{"Mean", read_mean},
        Rule{"Relu", read_relu},
        Rule{"LeakyRelu",
             [](Layer& l) {
                 unary(l, "LEAKY_RELU", {{"alpha", l.real("alpha", 0.01)}});
             }},
        Rule{"PRelu", read_prelu},
        Rule{"Clip", read_clip},
        Rule{"Sigmoid", [](Layer& l) { unary(l, "LOGISTIC"); }},
        Rule{"Tanh", [](Layer& l) { unary(l, "TANH"); }},
        Rule{"HardSigmoid", read_hard_sigmoid},
        Rule{"HardSwish", read_hard_swish},
        Rule{"Elu", [](Layer& l) { elu_like(l, l.real("alpha", 1), 1); }},
        Rule{"Selu",
             [](Layer& l) {
                 elu_like(l, l.real("alpha", 1.67326319217681884765625),
                          l.real("gamma", 1.05070102214813232421875));
             }},
        Rule{"Gelu",
             [](Layer& l) {
                 unary(l, "GELU", {{"approximate", l.word("approximate", "none") == "tanh"}});
             }},
        Rule{"Softplus", read_softplus},
        Rule{"Softsign", read_softsign},
        Rule{"Exp", [](Layer& l) { unary(l, "EXP"); }},
        Rule{"Log", [](Layer& l) { unary(l, "LOG"); }},
        Rule{"Sqrt", [](Layer& l) { unary(l, "SQRT"); }},
        Rule{"Reciprocal", read_reciprocal},
        Rule{"Abs", [](Layer& l) { unary(l, "ABS"); }},
        Rule{"Neg", [](Layer& l) { unary(l, "NEG"); }},
        Rule{"Ceil", [](Layer& l) { unary(l, "CEIL"); }},
        Rule{"Floor", [](Layer& l) { unary(l, "FLOOR"); }},
        Rule{"Round", [](Layer& l) { unary(l, "ROUND"); }},
        Rule{"Sign", [](Layer& l) { unary(l, "SIGN"); }},
        Rule{"Sin", [](Layer& l) { unary(l, "SIN"); }},
        Rule{"Cos", [](Layer& l) { unary(l, "COS"); }},
        Rule{"Equal", [](Layer& l) { comparison(l, "EQUAL"); }},
        Rule{"Less", [](Layer& l) { comparison(l, "LESS"); }},
        Rule{"LessOrEqual", [](Layer& l) { comparison(l, "LESS_EQUAL"); }},
        Rule{"Greater", [](Layer& l) { comparison(l, "GREATER"); }},
        Rule{"GreaterOrEqual", [](Layer& l) { comparison(l, "GREATER_EQUAL"); }},
        Rule{"And", [](Layer& l) { read_log_or_and(l, "LOGICAL_AND"); }},
        Rule{"Or", [](Layer& l) { read_log_or_and(l, "LOGICAL_OR"); }},
        Rule{"Xor", [](Layer& l) { read_log_or_and(l, "NOT_EQUAL"); }},
        Rule{"Not", [](Layer& l) { unary(l, "LOGICAL_NOT"); }},
        Rule{"Where", read_where},
        Rule{"Cast", read_cast},
        Rule{"Identity", read_identity},
        Rule{"Dropout", read_identity},
    };
    return rules;
}

}  // namespace jatai::onnx
