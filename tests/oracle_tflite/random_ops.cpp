#include "tests/oracle_tflite/random_ops.h"

#include <cmath>
#include <cstring>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

std::int32_t between(Rng& rng, int low, int high) {
    return low + static_cast<std::int32_t>(rng.below(static_cast<std::uint32_t>(high - low + 1)));
}

// Spread over a factor of 2^span around `middle`.
float near(Rng& rng, double middle, float span = 2) {
    return static_cast<float>(middle * std::exp2(rng.uniform(-span, span)));
}

Quantisation quantise(Rng& rng, double scale) { return {{near(rng, scale)}, {between(rng, -128, 127)}, 0}; }

Quantisation quantise_as(Type type, Rng& rng, double scale);

// What a layer that multiplies by weights works in.
Type activations(Rng& rng) { return rng.below(3) == 0 ? Type::Int16 : Type::Int8; }

// One layer under construction: its graph, its node, its random numbers.
struct Layer {
    Graph graph;
    Node node;
    Rng& rng;

    Layer(Op op, Rng& random) : rng(random) {
        node.op = op;
        node.name = "layer";
        for (const OptionField& field : op_def(op).options)
            node.attributes.set(field.name, default_of(field));
    }
    void set(const char* name, std::int64_t value) { node.attributes.set(name, value); }
    void activate() {
        const std::int64_t choices[] = {0, 0, 1, 3, 2};
        set("fused_activation_function", choices[rng.below(5)]);
    }
    TensorId input(std::vector<std::int32_t> shape, Type type, Quantisation q) {
        const TensorId id =
            graph.add({"in" + std::to_string(graph.tensors.size()), type, std::move(shape), q, {}});
        graph.inputs.push_back(id);
        node.inputs.push_back(id);
        return id;
    }
    TensorId output(std::vector<std::int32_t> shape, Type type, Quantisation q) {
        const TensorId id = graph.add({"out", type, std::move(shape), q, {}});
        graph.outputs.push_back(id);
        node.outputs.push_back(id);
        return id;
    }
    void weights(std::vector<std::int32_t> shape, int axis, bool per_channel);
    // A constant list of numbers as the next input.
    void numbers(std::vector<std::int32_t> shape, const std::vector<std::int32_t>& values);
    void bias(std::int32_t channels);
    Graph finish() {
        graph.nodes.push_back(node);
        verify(graph);
        return std::move(graph);
    }
};

void Layer::weights(std::vector<std::int32_t> shape, int axis, bool per_channel) {
    Tensor tensor{"weights", Type::Int8, std::move(shape), {{}, {}, axis}, {}};
    const auto channels =
        static_cast<std::size_t>(per_channel ? tensor.shape[static_cast<std::size_t>(axis)] : 1);
    for (std::size_t c = 0; c < channels; ++c) tensor.quantisation.scales.push_back(near(rng, 0.01));
    tensor.quantisation.zero_points.assign(channels, 0);
    for (std::int64_t i = 0; i < tensor.elements(); ++i) {
        tensor.data.push_back(static_cast<std::uint8_t>(between(rng, -127, 127)));
    }
    node.inputs.push_back(graph.add(std::move(tensor)));
}

void Layer::numbers(std::vector<std::int32_t> shape, const std::vector<std::int32_t>& values) {
    Tensor tensor{"list" + std::to_string(graph.tensors.size()), Type::Int32, std::move(shape), {}, {}};
    tensor.data.resize(values.size() * 4);
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    node.inputs.push_back(graph.add(std::move(tensor)));
}

// int32, or int64 for activations of 16 bits.
void Layer::bias(std::int32_t channels) {
    const bool wide = graph.tensor(node.inputs[0]).type == Type::Int16;
    if (!wide && rng.below(4) == 0) return node.inputs.push_back(kNoTensor);
    const Quantisation of_weights = graph.tensor(node.inputs[1]).quantisation;
    Tensor tensor{"bias", wide ? Type::Int64 : Type::Int32, {channels}, of_weights, {}};
    tensor.quantisation.axis = 0;
    for (float& scale : tensor.quantisation.scales)
        scale *= graph.tensor(node.inputs[0]).quantisation.scale();
    const std::size_t bytes = size_of(tensor.type);
    tensor.data.resize(static_cast<std::size_t>(channels) * bytes);
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
        const std::int64_t value = between(rng, -20000, 20000) * (wide ? 256 : 1);
        std::memcpy(tensor.data.data() + bytes * c, &value, bytes);
    }
    node.inputs.push_back(graph.add(std::move(tensor)));
}

struct Sliding {
    std::int32_t kernel, stride, dilation;
};

// Output extent as the schema defines SAME and VALID.
std::int32_t slide(std::int32_t in, const Sliding& s, bool same) {
    const std::int32_t reach = (s.kernel - 1) * s.dilation + 1;
    return same ? (in + s.stride - 1) / s.stride : (in - reach + s.stride) / s.stride;
}

// Settings of a sliding window that fits the input; gives the output's height and width.
std::pair<std::int32_t, std::int32_t> place_window(Layer& layer, const std::vector<std::int32_t>& in,
                                                   Sliding& h, Sliding& w, bool dilate) {
    const bool same = layer.rng.below(2) == 0;
    for (auto [slot, extent] : {std::pair{&h, in[1]}, {&w, in[2]}}) {
        slot->kernel = between(layer.rng, 1, std::min(5, extent));
        slot->stride = between(layer.rng, 1, 3);
        slot->dilation = dilate && (slot->kernel - 1) * 2 + 1 <= extent ? between(layer.rng, 1, 2) : 1;
    }
    layer.set("padding", same ? 0 : 1);
    layer.set("stride_h", h.stride);
    layer.set("stride_w", w.stride);
    return {slide(in[1], h, same), slide(in[2], w, same)};
}

// A scale that the sum of `terms` products fills without saturating everywhere.
double sum_scale(const Layer& layer, std::int32_t terms) {
    const double product = layer.graph.tensor(layer.node.inputs[0]).quantisation.scale() * 0.01;
    return product * 75 * 75 * std::sqrt(static_cast<double>(terms)) / 60;
}

Quantisation sum_of(Layer& layer, Type type, std::int32_t terms) {
    const double scale = sum_scale(layer, terms);
    return quantise_as(type, layer.rng, type == Type::Int16 ? scale * 256 : scale);
}

std::vector<std::int32_t> image(Rng& rng) {
    return {1, between(rng, 1, 12), between(rng, 1, 12), between(rng, 1, 20)};
}

Graph convolution(Rng& rng) {
    Layer layer(Op::Conv2d, rng);
    const auto in = image(rng);
    const std::int32_t out_c = between(rng, 1, 20);
    const Type type = activations(rng);
    layer.input(in, type, quantise_as(type, rng, 0.05));
    Sliding h{};
    Sliding w{};
    const auto [out_h, out_w] = place_window(layer, in, h, w, true);
    layer.set("dilation_h_factor", h.dilation);
    layer.set("dilation_w_factor", w.dilation);
    layer.weights({out_c, h.kernel, w.kernel, in[3]}, 0, rng.below(4) != 0);
    layer.bias(out_c);
    layer.activate();
    layer.node.version = type == Type::Int16 ? 4 : 3;
    layer.output({1, out_h, out_w, out_c}, type, sum_of(layer, type, h.kernel * w.kernel * in[3]));
    return layer.finish();
}

Graph depthwise(Rng& rng) {
    Layer layer(Op::DepthwiseConv2d, rng);
    const auto in = image(rng);
    const std::int32_t multiplier = rng.below(3) == 0 ? between(rng, 2, 4) : 1;
    const Type type = activations(rng);
    layer.input(in, type, quantise_as(type, rng, 0.05));
    Sliding h{};
    Sliding w{};
    const auto [out_h, out_w] = place_window(layer, in, h, w, true);
    layer.set("dilation_h_factor", h.dilation);
    layer.set("dilation_w_factor", w.dilation);
    layer.set("depth_multiplier", multiplier);
    layer.weights({1, h.kernel, w.kernel, in[3] * multiplier}, 3, true);
    layer.bias(in[3] * multiplier);
    layer.activate();
    layer.node.version = type == Type::Int16 ? 5 : 3;
    layer.output({1, out_h, out_w, in[3] * multiplier}, type, sum_of(layer, type, h.kernel * w.kernel));
    return layer.finish();
}

Graph fully_connected(Rng& rng) {
    Layer layer(Op::FullyConnected, rng);
    const std::int32_t in = between(rng, 1, 300);
    const std::int32_t out = between(rng, 1, 40);
    const Type type = activations(rng);
    layer.input({1, in}, type, quantise_as(type, rng, 0.05));
    layer.weights({out, in}, 0, false);
    layer.bias(out);
    layer.activate();
    layer.node.version = type == Type::Int16 ? 7 : 4;
    layer.output({1, out}, type, sum_of(layer, type, in));
    return layer.finish();
}

Graph transposed_convolution(Rng& rng) {
    Layer layer(Op::TransposeConv, rng);
    const Type type = Type::Int8;  // of 16 bits TensorFlow Lite 2.9 rescales otherwise than TFLite Micro
    const std::int32_t in_h = between(rng, 1, 6), in_w = between(rng, 1, 6), in_c = between(rng, 1, 8);
    const std::int32_t kernel = between(rng, 1, 4), stride = between(rng, 1, 3), out_c = between(rng, 1, 8);
    const bool same = rng.below(2) == 0;
    const auto spread = [&](std::int32_t in) { return same ? in * stride : (in - 1) * stride + kernel; };
    const std::vector<std::int32_t> shape{1, spread(in_h), spread(in_w), out_c};
    layer.numbers({4}, shape);
    layer.weights({out_c, kernel, kernel, in_c}, 0, true);
    layer.input({1, in_h, in_w, in_c}, type, quantise_as(type, rng, 0.05));
    layer.set("padding", same ? 0 : 1);
    layer.set("stride_h", stride);
    layer.set("stride_w", stride);
    layer.node.version = 2;
    layer.output(shape, type, quantise_as(type, rng, 0.05 * 0.01 * 75 * 75 * std::sqrt(in_c * 2.0) / 60));
    return layer.finish();
}

Graph matrix_product(Rng& rng) {
    Layer layer(Op::BatchMatmul, rng);
    const std::int32_t rows = between(rng, 1, 9), depth = between(rng, 1, 40), columns = between(rng, 1, 9);
    const std::int32_t batches = between(rng, 1, 3);
    const bool a = rng.below(2) == 0, b = rng.below(2) == 0;
    layer.node.attributes.set("adj_x", a);
    layer.node.attributes.set("adj_y", b);
    layer.input({batches, a ? depth : rows, a ? rows : depth}, Type::Int8, quantise(rng, 0.05));
    layer.input({batches, b ? columns : depth, b ? depth : columns}, Type::Int8, quantise(rng, 0.05));
    layer.node.version = 2;
    layer.output({batches, rows, columns}, Type::Int8,
                 quantise(rng, 0.05 * 0.05 * 100 * 100 * std::sqrt(static_cast<double>(depth)) / 60));
    return layer.finish();
}

Graph pool(Op op, Rng& rng) {
    Layer layer(op, rng);
    const auto in = image(rng);
    const Quantisation q = quantise(rng, 0.05);
    layer.input(in, Type::Int8, q);
    Sliding h{};
    Sliding w{};
    const auto [out_h, out_w] = place_window(layer, in, h, w, false);
    layer.set("filter_height", h.kernel);
    layer.set("filter_width", w.kernel);
    layer.activate();
    layer.node.version = 2;
    layer.output({1, out_h, out_w, in[3]}, Type::Int8, q);
    return layer.finish();
}

// A scale and zero point as this type has them; none for numbers that mean what is stored.
Quantisation quantise_as(Type type, Rng& rng, double scale) {
    if (type == Type::Int8) return quantise(rng, scale);
    if (type == Type::UInt8) return {{near(rng, scale)}, {between(rng, 0, 255)}, 0};
    if (type == Type::Int16) return {{near(rng, scale / 256)}, {0}, 0};
    return {};
}

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

Type any_of(Rng& rng, std::initializer_list<Type> types) {
    return types.begin()[rng.below(static_cast<std::uint32_t>(types.size()))];
}

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

Graph reshape(Rng& rng) {
    Layer layer(Op::Reshape, rng);
    const auto in = image(rng);
    const Quantisation q = quantise(rng, 0.05);
    const std::int32_t flat = in[1] * in[2] * in[3];
    layer.input(in, Type::Int8, q);
    layer.node.attributes.set("new_shape", std::vector<std::int64_t>{1, flat});
    layer.output({1, flat}, Type::Int8, q);
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

using Shape = std::vector<std::int32_t>;

// One layer of int8 in, then `fill` gives its other inputs and settings, then the output of the same scale.
template <typename Fill>
Graph moving(Op op, Rng& rng, const Shape& in, Fill fill) {
    Layer layer(op, rng);
    const Quantisation q = quantise(rng, 0.05);
    layer.input(in, Type::Int8, q);
    const Shape out = fill(layer);
    layer.output(out, Type::Int8, q);
    return layer.finish();
}

Shape any_shape(Rng& rng, int rank) {
    Shape shape;
    for (int i = 0; i < rank; ++i) shape.push_back(between(rng, 1, 6));
    return shape;
}

Graph strided_slice(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::StridedSlice, rng, in, [&](Layer& layer) {
        Shape begin, end, stride, out;
        std::int64_t shrink = 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            const std::int32_t first = between(rng, 0, in[i] - 1);
            const std::int32_t last = between(rng, 0, in[i] - 1);
            const std::int32_t step = between(rng, 1, 2);
            const bool one = rng.below(6) == 0;
            const bool back = !one && last < first;
            begin.push_back(rng.below(2) == 0 ? first : first - in[i]);
            end.push_back(back ? (last == 0 ? -in[i] - 1 : last - 1) : last + 1);
            stride.push_back(one ? 1 : back ? -step : step);
            if (one) shrink |= std::int64_t{1} << i;
            if (!one) out.push_back(std::abs(last - first) / step + 1);
        }
        const auto rank = static_cast<std::int32_t>(in.size());
        layer.numbers({rank}, begin);
        layer.numbers({rank}, end);
        layer.numbers({rank}, stride);
        layer.set("shrink_axis_mask", shrink);
        return out;
    });
}

Graph slice(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Slice, rng, in, [&](Layer& layer) {
        Shape begin, size, out;
        for (const std::int32_t extent : in) {
            begin.push_back(between(rng, 0, extent - 1));
            out.push_back(between(rng, 1, extent - begin.back()));
            size.push_back(out.back() == extent - begin.back() && rng.below(2) == 0 ? -1 : out.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, begin);
        layer.numbers({static_cast<std::int32_t>(in.size())}, size);
        return out;
    });
}

Graph transpose(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 5));
    return moving(Op::Transpose, rng, in, [&](Layer& layer) {
        Shape order(in.size());
        for (std::size_t i = 0; i < in.size(); ++i) {
            const std::size_t j = rng.below(static_cast<std::uint32_t>(i + 1));
            order[i] = order[j];
            order[j] = static_cast<std::int32_t>(i);
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, order);
        Shape out;
        for (const std::int32_t axis : order) out.push_back(in[static_cast<std::size_t>(axis)]);
        return out;
    });
}

Graph reverse(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    Layer layer(Op::ReverseV2, rng);
    layer.input(in, Type::UInt8, {});
    layer.numbers({1}, {between(rng, 0, static_cast<int>(in.size()) - 1)});
    layer.output(in, Type::UInt8, {});
    return layer.finish();
}

Graph pad(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(op, rng, in, [&](Layer& layer) {
        Shape margins, out;
        const std::int32_t edge = layer.node.op == Op::MirrorPad ? 1 : 0;
        for (const std::int32_t extent : in) {
            for (int side = 0; side < 2; ++side)
                margins.push_back(between(rng, 0, edge == 0 ? 3 : std::min(3, extent - edge)));
            out.push_back(extent + margins[margins.size() - 2] + margins.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size()), 2}, margins);
        if (op == Op::PadV2) layer.input({1}, Type::Int8, layer.graph.tensors[0].quantisation);
        layer.node.version = 2;
        return out;
    });
}

Graph tile(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Tile, rng, in, [&](Layer& layer) {
        Shape times, out;
        for (const std::int32_t extent : in) {
            times.push_back(between(rng, 1, 3));
            out.push_back(extent * times.back());
        }
        layer.numbers({static_cast<std::int32_t>(in.size())}, times);
        return out;
    });
}

Graph broadcast(Rng& rng) {
    Shape in = any_shape(rng, between(rng, 1, 4));
    Shape out = in;
    for (std::size_t i = 0; i < in.size(); ++i) in[i] = rng.below(2) == 0 ? 1 : in[i];
    return moving(Op::BroadcastTo, rng, in, [&](Layer& layer) {
        layer.numbers({static_cast<std::int32_t>(in.size())}, out);
        layer.node.version = 2;
        return out;
    });
}

Graph concatenation(Rng& rng) {
    Layer layer(Op::Concatenation, rng);
    Shape shape = any_shape(rng, between(rng, 1, 4));
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(shape.size()));
    const Quantisation q = quantise(rng, 0.05);
    std::int32_t extent = 0;
    for (int parts = between(rng, 1, 6); parts > 0; --parts) {
        shape[axis] = between(rng, 1, 6);
        extent += shape[axis];
        layer.input(shape, Type::Int8, q);
    }
    shape[axis] = extent;
    layer.set("axis", static_cast<std::int64_t>(axis) -
                          (rng.below(2) == 0 ? static_cast<std::int64_t>(shape.size()) : 0));
    layer.node.version = 2;
    layer.output(shape, Type::Int8, q);
    return layer.finish();
}

Graph pack(Rng& rng) {
    Layer layer(Op::Pack, rng);
    const Shape part = any_shape(rng, between(rng, 1, 3));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    for (int i = 0; i < parts; ++i) layer.input(part, Type::Int8, q);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size() + 1));
    Shape whole = part;
    whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(axis), parts);
    layer.set("axis", static_cast<std::int64_t>(axis));
    layer.set("values_count", parts);
    layer.node.version = 2;
    layer.output(whole, Type::Int8, q);
    return layer.finish();
}

Graph unpack(Rng& rng) {
    Layer layer(Op::Unpack, rng);
    const Shape part = any_shape(rng, between(rng, 1, 3));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size() + 1));
    Shape whole = part;
    whole.insert(whole.begin() + static_cast<std::ptrdiff_t>(axis), parts);
    layer.set("axis", static_cast<std::int64_t>(axis));
    layer.set("num", parts);
    layer.node.version = 2;
    layer.input(whole, Type::Int8, q);
    for (int i = 0; i < parts; ++i) layer.output(part, Type::Int8, q);
    return layer.finish();
}

Graph split(Rng& rng) {
    Layer layer(Op::Split, rng);
    Shape part = any_shape(rng, between(rng, 1, 4));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size()));
    Shape whole = part;
    whole[axis] *= parts;
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.input(whole, Type::Int8, q);
    layer.set("num_splits", parts);
    layer.node.version = 2;
    for (int i = 0; i < parts; ++i) layer.output(part, Type::Int8, q);
    return layer.finish();
}

Graph split_v(Rng& rng) {
    Layer layer(Op::SplitV, rng);
    Shape part = any_shape(rng, between(rng, 1, 4));
    const Quantisation q = quantise(rng, 0.05);
    const int parts = between(rng, 1, 5);
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(part.size()));
    Shape sizes;
    Shape whole = part;
    whole[axis] = 0;
    for (int i = 0; i < parts; ++i) {
        sizes.push_back(between(rng, 1, 4));
        whole[axis] += sizes.back();
    }
    layer.input(whole, Type::Int8, q);
    layer.numbers({parts}, sizes);
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.set("num_splits", parts);
    layer.node.version = 2;
    for (const std::int32_t size : sizes) {
        part[axis] = size;
        layer.output(part, Type::Int8, q);
    }
    return layer.finish();
}

Graph gather(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::Gather, rng, in, [&](Layer& layer) {
        const std::size_t axis = rng.below(static_cast<std::uint32_t>(in.size()));
        Shape index;
        for (int i = between(rng, 1, 5); i > 0; --i) index.push_back(between(rng, 0, in[axis] - 1));
        layer.numbers({static_cast<std::int32_t>(index.size())}, index);
        layer.set("axis", static_cast<std::int64_t>(axis));
        layer.node.version = 2;
        Shape out = in;
        out[axis] = static_cast<std::int32_t>(index.size());
        return out;
    });
}

Graph gather_nd(Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(Op::GatherNd, rng, in, [&](Layer& layer) {
        const auto depth = between(rng, 1, static_cast<int>(in.size()));
        const auto slices = between(rng, 1, 5);
        Shape index;
        for (int i = 0; i < slices; ++i)
            for (int k = 0; k < depth; ++k)
                index.push_back(between(rng, 0, in[static_cast<std::size_t>(k)] - 1));
        layer.numbers({slices, depth}, index);
        layer.node.version = 2;
        Shape out{slices};
        out.insert(out.end(), in.begin() + depth, in.end());
        return out;
    });
}

Graph depth_and_space(Op op, Rng& rng) {
    const std::int32_t block = between(rng, 1, 3);
    const Shape base{between(rng, 1, 2), between(rng, 1, 4), between(rng, 1, 4), between(rng, 1, 4)};
    const Shape large{base[0], base[1] * block, base[2] * block, base[3]};
    const Shape small{base[0], base[1], base[2], base[3] * block * block};
    return moving(op, rng, op == Op::SpaceToDepth ? large : small, [&](Layer& layer) {
        layer.set("block_size", block);
        return op == Op::SpaceToDepth ? small : large;
    });
}

Graph batch_and_space(Op op, Rng& rng) {
    const Shape block{between(rng, 1, 3), between(rng, 1, 3)};
    const Shape margin{between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2), between(rng, 0, 2)};
    const Shape parts{between(rng, 1, 2) * block[0] * block[1], between(rng, 3, 5), between(rng, 3, 5),
                      between(rng, 1, 3)};
    const std::int32_t height = parts[1] * block[0] - margin[0] - margin[1];
    const std::int32_t width = parts[2] * block[1] - margin[2] - margin[3];
    const Shape image{parts[0] / (block[0] * block[1]), std::max(height, 1), std::max(width, 1), parts[3]};
    if (height < 1 || width < 1) return batch_and_space(op, rng);
    return moving(op, rng, op == Op::SpaceToBatchNd ? image : parts, [&](Layer& layer) {
        layer.numbers({2}, block);
        layer.numbers({2, 2}, margin);
        layer.node.version = 2;
        return op == Op::SpaceToBatchNd ? parts : image;
    });
}

Graph resize(Op op, Rng& rng) {
    const Shape in{between(rng, 1, 2), between(rng, 1, 9), between(rng, 1, 9), between(rng, 1, 4)};
    const Shape out{in[0], between(rng, 1, 20), between(rng, 1, 20), in[3]};
    return moving(op, rng, in, [&](Layer& layer) {
        layer.numbers({2}, {out[1], out[2]});
        const std::uint32_t kind = rng.below(3);
        layer.node.attributes.set("align_corners", kind == 1);
        layer.node.attributes.set("half_pixel_centers", kind == 2);
        layer.node.version = 3;
        return out;
    });
}

Graph most(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    return moving(op, rng, in, [&](Layer& layer) {
        Shape axes, out;
        const bool keep = rng.below(2) == 0;
        for (std::size_t i = 0; i < in.size(); ++i) {
            const bool gone = rng.below(2) == 0;
            if (gone)
                axes.push_back(static_cast<std::int32_t>(i) -
                               (rng.below(2) == 0 ? static_cast<std::int32_t>(in.size()) : 0));
            if (!gone || keep) out.push_back(gone ? 1 : in[i]);
        }
        if (axes.empty()) {
            axes.push_back(0);
            out.erase(out.begin());
            if (keep) out.insert(out.begin(), 1);
        }
        layer.numbers({static_cast<std::int32_t>(axes.size())}, axes);
        layer.node.attributes.set("keep_dims", keep);
        layer.node.version = 2;
        return out;
    });
}

Graph arg_most(Op op, Rng& rng) {
    const Shape in = any_shape(rng, between(rng, 1, 4));
    const std::size_t axis = rng.below(static_cast<std::uint32_t>(in.size()));
    Layer layer(op, rng);
    layer.input(in, Type::Int8, quantise(rng, 0.05));
    layer.numbers({}, {static_cast<std::int32_t>(axis)});
    layer.set("output_type", 2);
    layer.node.version = 2;
    Shape out = in;
    out.erase(out.begin() + static_cast<std::ptrdiff_t>(axis));
    layer.output(out, Type::Int32, {});
    return layer.finish();
}

}  // namespace

const std::map<Op, Graph (*)(Rng&)>& random_layers() {
    static const std::map<Op, Graph (*)(Rng&)> makers{
        {Op::Conv2d, convolution},
        {Op::DepthwiseConv2d, depthwise},
        {Op::FullyConnected, fully_connected},
        {Op::TransposeConv, transposed_convolution},
        {Op::BatchMatmul, matrix_product},
        {Op::AveragePool2d, [](Rng& rng) { return pool(Op::AveragePool2d, rng); }},
        {Op::MaxPool2d, [](Rng& rng) { return pool(Op::MaxPool2d, rng); }},
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
        {Op::Reshape, reshape},
        {Op::Quantize, quantise_layer},
        {Op::Dequantize, dequantise_layer},
        {Op::StridedSlice, strided_slice},
        {Op::Slice, slice},
        {Op::Transpose, transpose},
        {Op::ReverseV2, reverse},
        {Op::Pad, [](Rng& rng) { return pad(Op::Pad, rng); }},
        {Op::PadV2, [](Rng& rng) { return pad(Op::PadV2, rng); }},
        {Op::MirrorPad, [](Rng& rng) { return pad(Op::MirrorPad, rng); }},
        {Op::Tile, tile},
        {Op::BroadcastTo, broadcast},
        {Op::Concatenation, concatenation},
        {Op::Pack, pack},
        {Op::Unpack, unpack},
        {Op::Split, split},
        {Op::SplitV, split_v},
        {Op::Gather, gather},
        {Op::GatherNd, gather_nd},
        {Op::SpaceToDepth, [](Rng& rng) { return depth_and_space(Op::SpaceToDepth, rng); }},
        {Op::DepthToSpace, [](Rng& rng) { return depth_and_space(Op::DepthToSpace, rng); }},
        {Op::SpaceToBatchNd, [](Rng& rng) { return batch_and_space(Op::SpaceToBatchNd, rng); }},
        {Op::BatchToSpaceNd, [](Rng& rng) { return batch_and_space(Op::BatchToSpaceNd, rng); }},
        {Op::ReduceMax, [](Rng& rng) { return most(Op::ReduceMax, rng); }},
        {Op::ReduceMin, [](Rng& rng) { return most(Op::ReduceMin, rng); }},
        {Op::ArgMax, [](Rng& rng) { return arg_most(Op::ArgMax, rng); }},
        {Op::ArgMin, [](Rng& rng) { return arg_most(Op::ArgMin, rng); }},
        {Op::ResizeBilinear, [](Rng& rng) { return resize(Op::ResizeBilinear, rng); }},
        {Op::ResizeNearestNeighbor, [](Rng& rng) { return resize(Op::ResizeNearestNeighbor, rng); }},
    };
    return makers;
}

std::vector<Bytes> random_inputs(const Graph& graph, Rng& rng) {
    std::vector<Bytes> inputs;
    for (const TensorId id : graph.inputs) {
        const Tensor& tensor = graph.tensor(id);
        Bytes bytes(static_cast<std::size_t>(tensor.bytes()));
        if (tensor.type == Type::Float32) {
            for (std::size_t i = 0; i < bytes.size(); i += 4) {
                const float value = rng.uniform(-4.0f, 4.0f);
                std::memcpy(bytes.data() + i, &value, 4);
            }
        } else {
            const std::uint32_t values = tensor.type == Type::Bool ? 2 : 256;
            for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(values));
        }
        inputs.push_back(std::move(bytes));
    }
    return inputs;
}

}  // namespace jatai
