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

void Layer::bias(std::int32_t channels) {
    if (rng.below(4) == 0) return node.inputs.push_back(kNoTensor);
    const Quantisation of_weights = graph.tensor(node.inputs[1]).quantisation;
    Tensor tensor{"bias", Type::Int32, {channels}, of_weights, {}};
    tensor.quantisation.axis = 0;
    for (float& scale : tensor.quantisation.scales)
        scale *= graph.tensor(node.inputs[0]).quantisation.scale();
    tensor.data.resize(static_cast<std::size_t>(channels) * 4);
    for (std::int32_t c = 0; c < channels; ++c) {
        const std::int32_t value = between(rng, -20000, 20000);
        std::memcpy(tensor.data.data() + 4 * c, &value, 4);
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

std::vector<std::int32_t> image(Rng& rng) {
    return {1, between(rng, 1, 12), between(rng, 1, 12), between(rng, 1, 20)};
}

Graph convolution(Rng& rng) {
    Layer layer(Op::Conv2d, rng);
    const auto in = image(rng);
    const std::int32_t out_c = between(rng, 1, 20);
    layer.input(in, Type::Int8, quantise(rng, 0.05));
    Sliding h{};
    Sliding w{};
    const auto [out_h, out_w] = place_window(layer, in, h, w, true);
    layer.set("dilation_h_factor", h.dilation);
    layer.set("dilation_w_factor", w.dilation);
    layer.weights({out_c, h.kernel, w.kernel, in[3]}, 0, rng.below(4) != 0);
    layer.bias(out_c);
    layer.activate();
    layer.node.version = 3;
    layer.output({1, out_h, out_w, out_c}, Type::Int8,
                 quantise(rng, sum_scale(layer, h.kernel * w.kernel * in[3])));
    return layer.finish();
}

Graph depthwise(Rng& rng) {
    Layer layer(Op::DepthwiseConv2d, rng);
    const auto in = image(rng);
    const std::int32_t multiplier = rng.below(3) == 0 ? between(rng, 2, 4) : 1;
    layer.input(in, Type::Int8, quantise(rng, 0.05));
    Sliding h{};
    Sliding w{};
    const auto [out_h, out_w] = place_window(layer, in, h, w, true);
    layer.set("dilation_h_factor", h.dilation);
    layer.set("dilation_w_factor", w.dilation);
    layer.set("depth_multiplier", multiplier);
    layer.weights({1, h.kernel, w.kernel, in[3] * multiplier}, 3, true);
    layer.bias(in[3] * multiplier);
    layer.activate();
    layer.node.version = 3;
    layer.output({1, out_h, out_w, in[3] * multiplier}, Type::Int8,
                 quantise(rng, sum_scale(layer, h.kernel * w.kernel)));
    return layer.finish();
}

Graph fully_connected(Rng& rng) {
    Layer layer(Op::FullyConnected, rng);
    const std::int32_t in = between(rng, 1, 300);
    const std::int32_t out = between(rng, 1, 40);
    layer.input({1, in}, Type::Int8, quantise(rng, 0.05));
    layer.weights({out, in}, 0, false);
    layer.bias(out);
    layer.activate();
    layer.node.version = 4;
    layer.output({1, out}, Type::Int8, quantise(rng, sum_scale(layer, in)));
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

Graph softmax(Rng& rng) {
    Layer layer(Op::Softmax, rng);
    const std::vector<std::int32_t> shape{between(rng, 1, 3), between(rng, 2, 40)};
    layer.input(shape, Type::Int8, quantise(rng, 0.06));
    layer.node.attributes.set("beta", 1.0);
    layer.node.version = 2;
    layer.output(shape, Type::Int8, {{1.0f / 256}, {-128}, 0});
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
    switch (rng.below(3)) {
        case 0:
            layer.input(shape, Type::Float32, {});
            break;
        case 1:
            layer.input(shape, Type::UInt8, {{near(rng, 0.03)}, {between(rng, 0, 255)}, 0});
            break;
        default:
            layer.input(shape, Type::Int8, quantise(rng, 0.03));
    }
    layer.node.version = 2;
    layer.output(shape, Type::Int8, quantise(rng, 0.03));
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

const std::map<Op, Graph (*)(Rng&)>& random_layers() {
    static const std::map<Op, Graph (*)(Rng&)> makers{
        {Op::Conv2d, convolution},
        {Op::DepthwiseConv2d, depthwise},
        {Op::FullyConnected, fully_connected},
        {Op::AveragePool2d, [](Rng& rng) { return pool(Op::AveragePool2d, rng); }},
        {Op::MaxPool2d, [](Rng& rng) { return pool(Op::MaxPool2d, rng); }},
        {Op::Add, addition},
        {Op::Sub, subtraction},
        {Op::Mul, product},
        {Op::Div, quotient},
        {Op::Maximum, maximum},
        {Op::Minimum, minimum},
        {Op::SquaredDifference, squared_difference},
        {Op::Softmax, softmax},
        {Op::Reshape, reshape},
        {Op::Quantize, quantise_layer},
        {Op::Dequantize, dequantise_layer},
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
            for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
        }
        inputs.push_back(std::move(bytes));
    }
    return inputs;
}

}  // namespace jatai
