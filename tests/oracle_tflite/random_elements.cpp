// Random layers that make one value from one, two or a row of them.
#include <cmath>
#include <cstring>

#include "tests/oracle_tflite/random_layer.h"

namespace jatai {
namespace {

// How large the values of `op` are on inputs of this scale.
double spread(Op op, double scale) {
    const double reach = scale * 128;
    if (op == Op::Mul || op == Op::SquaredDifference) return reach * reach / 128;
    return op == Op::Maximum || op == Op::Minimum ? scale : 1.6 * scale;
}

// Two inputs of one type, of which one is often repeated along some dimensions.
Graph pair(Op op, Rng& rng, std::initializer_list<Type> types) {
    Layer layer(op, rng);
    const Type type = types.begin()[rng.below(static_cast<std::uint32_t>(types.size()))];
    const auto shape = image(rng);
    auto other = shape;
    for (auto& extent : other) extent = rng.below(4) == 0 ? 1 : extent;
    const bool swapped = rng.below(3) == 0;
    const bool shared_scale = op == Op::Maximum || op == Op::Minimum;
    const Quantisation q = quantise_as(type, rng, 0.05);
    layer.input(swapped ? other : shape, type, q);
    layer.input(swapped ? shape : other, type, shared_scale ? q : quantise_as(type, rng, 0.05));
    if (!op_def(op).options.empty()) layer.activate();
    if (type == Type::Int16 && (op == Op::Add || op == Op::Sub))
        layer.node.attributes.set("pot_scale_int16", false);
    layer.node.version = type == Type::Int8 ? 2 : type == Type::Int16 && op == Op::Sub ? 5 : 1;
    layer.output(shape, type, shared_scale ? q : quantise_as(type, rng, spread(op, 0.05)));
    return layer.finish();
}

Graph addition(Rng& rng) {
    return pair(Op::Add, rng, {Type::Int8, Type::Int8, Type::UInt8, Type::Int16, Type::Float32, Type::Int32});
}
Graph subtraction(Rng& rng) {
    return pair(Op::Sub, rng, {Type::Int8, Type::Int8, Type::UInt8, Type::Int16, Type::Float32, Type::Int32});
}
Graph product(Rng& rng) {
    return pair(Op::Mul, rng, {Type::Int8, Type::Int8, Type::UInt8, Type::Int16, Type::Float32, Type::Int32});
}
Graph maximum(Rng& rng) {
    return pair(Op::Maximum, rng,
                {Type::Int8, Type::UInt8, Type::Int16, Type::Float32, Type::Int32, Type::Int64});
}
Graph minimum(Rng& rng) {
    return pair(Op::Minimum, rng,
                {Type::Int8, Type::UInt8, Type::Int16, Type::Float32, Type::Int32, Type::Int64});
}
Graph squared_difference(Rng& rng) {
    return pair(Op::SquaredDifference, rng, {Type::Int8, Type::Int8, Type::Float32, Type::Int32});
}
Graph quotient(Rng& rng) { return pair(Op::Div, rng, {Type::Float32}); }

// The version of the operator that TensorFlow Lite 2.9 knows this type by.
int version_of(Op op, Type type) {
    const int newest = std::min(op_def(op).max_version, 3);
    return std::min(newest, type == Type::Int16 ? 3 : type == Type::Int8 ? 2 : 1);
}

// One input and an output of its type and shape, which has a scale of its own unless `out` says one.
Graph unary(Op op, Rng& rng, Type type, Quantisation out = {}) {
    Layer layer(op, rng);
    const auto shape = image(rng);
    layer.input(shape, type, quantise_as(type, rng, 0.05));
    layer.node.version = version_of(op, type);
    if (op == Op::LeakyRelu) layer.node.attributes.set("alpha", rng.uniform(-0.5f, 1.5f));
    layer.output(shape, type, out.empty() ? quantise_as(type, rng, 0.05) : out);
    return layer.finish();
}

// The scale LOGISTIC and TANH have to have.
Quantisation unit_scale(Op op, Type type) {
    if (type == Type::Float32) return {};
    if (type == Type::Int16) return {{1.0f / 32768}, {0}, 0};
    const std::int32_t low = type == Type::Int8 ? -128 : 0;
    return op == Op::Tanh ? Quantisation{{1.0f / 128}, {low + 128}, 0} : Quantisation{{1.0f / 256}, {low}, 0};
}

Graph sigmoid(Op op, Rng& rng) {
    const Type type = any_of(rng, {Type::Int8, Type::UInt8, Type::Int16, Type::Float32});
    return unary(op, rng, type, unit_scale(op, type));
}

template <Op kOp>
Graph float_unary(Rng& rng) {
    return unary(kOp, rng, Type::Float32);
}
template <Op kOp>
Graph any_unary(Rng& rng) {
    return unary(kOp, rng, any_of(rng, {Type::Int8, Type::UInt8, Type::Int16, Type::Float32}));
}
template <Op kOp>
Graph byte_unary(Rng& rng) {
    return unary(kOp, rng, any_of(rng, {Type::Int8, Type::UInt8, Type::Float32}));
}
template <Op kOp>
Graph int8_unary(Rng& rng) {
    return unary(kOp, rng, any_of(rng, {Type::Int8, Type::Float32}));
}

Graph slope(Rng& rng) {
    Layer layer(Op::Prelu, rng);
    const Type type = any_of(rng, {Type::Int8, Type::UInt8, Type::Float32});
    const auto shape = image(rng);
    layer.input(shape, type, quantise_as(type, rng, 0.05));
    layer.input({1, 1, shape[3]}, type, quantise_as(type, rng, 0.02));
    layer.output(shape, type, quantise_as(type, rng, 0.05));
    return layer.finish();
}

template <Op kOp>
Graph comparison(Rng& rng) {
    Layer layer(kOp, rng);
    const Type type = any_of(rng, {Type::Int8, Type::UInt8, Type::Int32, Type::Int64, Type::Float32});
    const auto shape = image(rng);
    auto other = shape;
    for (auto& extent : other) extent = rng.below(4) == 0 ? 1 : extent;
    layer.input(shape, type, quantise_as(type, rng, 0.05));
    layer.input(other, type, quantise_as(type, rng, 0.05));
    layer.node.version = type == Type::Int8 ? 2 : 1;
    layer.output(shape, Type::Bool, {});
    return layer.finish();
}

template <Op kOp>
Graph truth(Rng& rng) {
    Layer layer(kOp, rng);
    const auto shape = image(rng);
    layer.input(shape, Type::Bool, {});
    if (kOp != Op::LogicalNot) layer.input(shape, Type::Bool, {});
    layer.output(shape, Type::Bool, {});
    return layer.finish();
}

Graph selection(Rng& rng) {
    Layer layer(Op::SelectV2, rng);
    const Type type = any_of(rng, {Type::Int8, Type::Int16, Type::Float32, Type::Int64});
    const auto shape = image(rng);
    auto other = shape;
    for (auto& extent : other) extent = rng.below(4) == 0 ? 1 : extent;
    layer.input(rng.below(2) == 0 ? shape : other, Type::Bool, {});
    layer.input(shape, type, {});
    layer.input(other, type, {});
    layer.output(shape, type, {});
    return layer.finish();
}

Graph cast(Rng& rng) {
    Layer layer(Op::Cast, rng);
    const auto types = {Type::Int8,  Type::UInt8, Type::Int16,  Type::Int32,
                        Type::Int64, Type::Bool,  Type::Float32};
    const auto shape = image(rng);
    layer.input(shape, any_of(rng, types), {});
    layer.node.version = 3;
    layer.output(shape, any_of(rng, types), {});
    return layer.finish();
}

Graph softmax(Rng& rng) {
    Layer layer(Op::Softmax, rng);
    const Type type = any_of(rng, {Type::Int8, Type::Int8, Type::Int16, Type::Float32});
    const std::vector<std::int32_t> shape{between(rng, 1, 3), between(rng, 2, 40)};
    layer.input(shape, type, quantise_as(type, rng, 0.06));
    layer.node.attributes.set("beta", 1.0);
    layer.node.version = type == Type::Int16 ? 3 : 2;
    const bool wider = type == Type::Int8 && rng.below(3) == 0;
    const Quantisation out =
        wider ? Quantisation{{1.0f / 65536}, {-32768}, 0} : unit_scale(Op::Softmax, type);
    layer.output(shape, wider ? Type::Int16 : type, out);
    return layer.finish();
}

Graph log_softmax(Rng& rng) {
    Layer layer(Op::LogSoftmax, rng);
    const Type type = any_of(rng, {Type::Int8, Type::Float32});
    const std::vector<std::int32_t> shape{between(rng, 1, 3), between(rng, 2, 40)};
    layer.input(shape, type, quantise_as(type, rng, 0.06));
    layer.node.version = 2;
    layer.output(shape, type, type == Type::Int8 ? Quantisation{{1.0f / 16}, {127}, 0} : Quantisation{});
    return layer.finish();
}

Graph l2_normalization(Rng& rng) {
    Layer layer(Op::L2Normalization, rng);
    const Type type = any_of(rng, {Type::Int8, Type::UInt8, Type::Float32});
    const auto shape = image(rng);
    layer.input(shape, type, quantise_as(type, rng, 0.06));
    layer.node.version = 2;
    layer.output(shape, type, unit_scale(Op::Tanh, type));
    return layer.finish();
}

Graph quantise_layer(Rng& rng) {
    Layer layer(Op::Quantize, rng);
    const auto shape = image(rng);
    const Type from = any_of(rng, {Type::Float32, Type::UInt8, Type::Int8, Type::Int16});
    Type to = any_of(rng, {Type::Int8, Type::Int8, Type::Int16});
    if (from == Type::UInt8) to = Type::Int8;
    if (from == Type::Int8) to = Type::Int8;
    if (from == Type::Int16 && rng.below(2) == 0) to = Type::Int32;
    layer.input(shape, from, quantise_as(from, rng, 0.03));
    layer.node.version = 2;
    Quantisation out = quantise_as(to, rng, 0.03);
    if (to == Type::Int32) out = {{near(rng, 0.00003)}, {0}, 0};
    layer.output(shape, to, out);
    return layer.finish();
}

Graph dequantise_layer(Rng& rng) {
    Layer layer(Op::Dequantize, rng);
    const auto shape = image(rng);
    layer.input(shape, Type::Int8, quantise(rng, 0.03));
    layer.node.version = 2;
    layer.output(shape, Type::Float32, {});
    return layer.finish();
}

}  // namespace

LayerMakers layers_of_elements() {
    return {
        {Op::Add, addition},
        {Op::Sub, subtraction},
        {Op::Mul, product},
        {Op::Div, quotient},
        {Op::Maximum, maximum},
        {Op::Minimum, minimum},
        {Op::SquaredDifference, squared_difference},
        {Op::Prelu, slope},
        {Op::Logistic, [](Rng& rng) { return sigmoid(Op::Logistic, rng); }},
        {Op::Tanh, [](Rng& rng) { return sigmoid(Op::Tanh, rng); }},
        {Op::Relu, any_unary<Op::Relu>},
        {Op::Relu6, byte_unary<Op::Relu6>},
        {Op::ReluN1To1, byte_unary<Op::ReluN1To1>},
        {Op::LeakyRelu, any_unary<Op::LeakyRelu>},
        {Op::HardSwish, byte_unary<Op::HardSwish>},
        {Op::Elu, int8_unary<Op::Elu>},
        {Op::Abs, int8_unary<Op::Abs>},
        {Op::Neg, float_unary<Op::Neg>},
        {Op::Ceil, float_unary<Op::Ceil>},
        {Op::Floor, float_unary<Op::Floor>},
        {Op::Round, float_unary<Op::Round>},
        {Op::Sqrt, float_unary<Op::Sqrt>},
        {Op::Rsqrt, float_unary<Op::Rsqrt>},
        {Op::Square, float_unary<Op::Square>},
        {Op::Exp, float_unary<Op::Exp>},
        {Op::Log, float_unary<Op::Log>},
        {Op::Sin, float_unary<Op::Sin>},
        {Op::Cos, float_unary<Op::Cos>},
        {Op::Equal, comparison<Op::Equal>},
        {Op::NotEqual, comparison<Op::NotEqual>},
        {Op::Less, comparison<Op::Less>},
        {Op::LessEqual, comparison<Op::LessEqual>},
        {Op::Greater, comparison<Op::Greater>},
        {Op::GreaterEqual, comparison<Op::GreaterEqual>},
        {Op::LogicalAnd, truth<Op::LogicalAnd>},
        {Op::LogicalOr, truth<Op::LogicalOr>},
        {Op::LogicalNot, truth<Op::LogicalNot>},
        {Op::SelectV2, selection},
        {Op::Cast, cast},
        {Op::LogSoftmax, log_softmax},
        {Op::L2Normalization, l2_normalization},
        {Op::Softmax, softmax},
        {Op::Quantize, quantise_layer},
        {Op::Dequantize, dequantise_layer},
    };
}

}  // namespace jatai
