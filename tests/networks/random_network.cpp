#include "tests/networks/random_network.h"

#include <cmath>
#include <cstring>
#include <iterator>

#include "src/base/error.h"
#include "src/graph/verify.h"
#include "tests/oracle_tflite/random_layer.h"

namespace jatai {
namespace {

constexpr std::int64_t kLargest = 24000;  // bytes of a value: small boards hold a few of them

// A network under construction. Every maker takes a value [1,h,w,c] of int8 and gives the next one.
class Maker {
  public:
    explicit Maker(Rng& random) : rng(random) {}
    Graph make();

    Graph graph;
    Rng& rng;
    Type type = Type::Int8;  // of activations: int8, int16 or float32

    const Tensor& at(TensorId id) const { return graph.tensor(id); }
    std::int32_t extent(TensorId id, std::size_t axis) const { return at(id).shape[axis]; }
    bool one_in(std::uint32_t n) { return rng.below(n) == 0; }
    TensorId value(Shape shape, Quantisation q, Type as) {
        return graph.add(
            {"t" + std::to_string(graph.tensors.size()), as, std::move(shape), std::move(q), {}});
    }
    TensorId value(Shape shape, Quantisation q) { return value(std::move(shape), std::move(q), type); }
    // A scale of its own near `scale`, as this type of numbers has it.
    Quantisation near_scale(double scale) {
        return quantise_as(type, rng, type == Type::Int16 ? scale * 256 : scale);
    }
    Quantisation near_scale_of(TensorId id) { return near_scale(at(id).quantisation.scale()); }
    // How the three types are served by an operator that has a version for each.
    int version(int for_int8, int for_int16, int for_float = 1) const {
        return type == Type::Int8 ? for_int8 : type == Type::Int16 ? for_int16 : for_float;
    }
    void append_number(Tensor& tensor, double low, double high);
    TensorId numbers(Shape shape, const Shape& values);
    TensorId weights(Shape shape, int axis, bool dead);
    TensorId bias(TensorId in, TensorId weights, std::int32_t channels);
    Node node(Op op, int version, std::vector<TensorId> inputs) {
        Node made;
        made.op = op;
        made.version = version;
        made.name = op_def(op).name;
        for (const OptionField& field : op_def(op).options)
            made.attributes.set(field.name, default_of(field));
        made.inputs = std::move(inputs);
        return made;
    }
    void activate(Node& node) {
        const std::int64_t choices[] = {0, 0, 1, 3, 2};
        node.attributes.set("fused_activation_function", choices[rng.below(5)]);
    }
    // Ends a layer; gives its output.
    TensorId end(Node made, TensorId out) {
        made.outputs = {out};
        graph.nodes.push_back(std::move(made));
        return out;
    }
    TensorId same_numbers(Node made, TensorId in, Shape shape) {
        return end(std::move(made), value(std::move(shape), at(in).quantisation));
    }
    // A scale that sums of so many products fill.
    Quantisation of_sum(TensorId in, std::int32_t terms) {
        return near_scale(at(in).quantisation.scale() * 0.01 * 70 * std::sqrt(terms) * 70 / 60);
    }

  private:
    TensorId next(TensorId in, TensorId (*make)(Maker&, TensorId));
    void add_outputs(TensorId last);
};

TensorId Maker::numbers(Shape shape, const Shape& values) {
    Tensor tensor{"list" + std::to_string(graph.tensors.size()), Type::Int32, std::move(shape), {}, {}};
    tensor.data.resize(values.size() * 4);
    std::memcpy(tensor.data.data(), values.data(), tensor.data.size());
    return graph.add(std::move(tensor));
}

// One more element between `low` and `high`, whole unless the tensor holds floats.
void Maker::append_number(Tensor& tensor, double low, double high) {
    const float real = rng.uniform(static_cast<float>(low), static_cast<float>(high));
    const std::int64_t whole = std::llround(static_cast<double>(real));
    const void* from = tensor.type == Type::Float32 ? static_cast<const void*>(&real) : &whole;
    const auto* bytes = static_cast<const std::uint8_t*>(from);
    tensor.data.insert(tensor.data.end(), bytes, bytes + size_of(tensor.type));
}

// `dead`: some channels are all zeros. Floats lie in -0.2..0.2.
TensorId Maker::weights(Shape shape, int axis, bool dead) {
    const bool real = type == Type::Float32;
    Tensor tensor{"w" + std::to_string(graph.tensors.size()),
                  real ? Type::Float32 : Type::Int8,
                  std::move(shape),
                  {},
                  {}};
    const auto channels = static_cast<std::size_t>(tensor.shape[static_cast<std::size_t>(axis)]);
    const std::size_t scales = real ? 0 : type == Type::Int8 && one_in(4) ? 1 : channels;
    for (std::size_t c = 0; c < scales; ++c) tensor.quantisation.scales.push_back(near(rng, 0.01, 1));
    const bool shifted = type == Type::Int8 && scales == 1 && one_in(2);  // as models of uint8 have it
    tensor.quantisation.zero_points.assign(scales, shifted ? between(rng, -30, 30) : 0);
    tensor.quantisation.axis = real ? 0 : axis;
    std::vector<bool> zero(channels);
    for (std::size_t c = 0; c < channels; ++c) zero[c] = dead && one_in(3);
    const auto each = static_cast<std::size_t>(tensor.elements()) / channels;
    for (std::size_t i = 0; i < each * channels; ++i) {
        const double most = zero[axis == 0 ? i / each : i % channels] ? 0 : real ? 0.2 : 127;
        append_number(tensor, -most, most);
    }
    return graph.add(std::move(tensor));
}

TensorId Maker::bias(TensorId in, TensorId weights, std::int32_t channels) {
    if (type != Type::Int16 && one_in(5)) return kNoTensor;
    const Type as = type == Type::Float32 ? Type::Float32 : type == Type::Int16 ? Type::Int64 : Type::Int32;
    Tensor tensor{"b" + std::to_string(graph.tensors.size()), as, {channels}, at(weights).quantisation, {}};
    tensor.quantisation.axis = 0;
    for (float& scale : tensor.quantisation.scales) scale *= at(in).quantisation.scale();
    const double most = type == Type::Float32 ? 0.5 : type == Type::Int16 ? 5e6 : 2e4;
    for (std::int32_t c = 0; c < channels; ++c) append_number(tensor, -most, most);
    return graph.add(std::move(tensor));
}

// ---- layers that sum products

struct Window {
    std::int32_t kernel = 1, stride = 1, dilation = 1, out = 1;
};

Window window(Maker& m, std::int32_t extent, bool same, bool keep, bool dilate) {
    Window w;
    w.kernel = between(m.rng, 1, std::min(m.one_in(6) ? 7 : 3, extent));
    if (dilate && m.one_in(8) && (w.kernel - 1) * 2 + 1 <= extent) w.dilation = 2;
    if (!keep && w.dilation == 1 && m.one_in(3)) w.stride = between(m.rng, 2, 3);
    const std::int32_t reach = (w.kernel - 1) * w.dilation + 1;
    w.out = same ? (extent + w.stride - 1) / w.stride : (extent - reach + w.stride) / w.stride;
    return w;
}

// Sets what a sliding window has; `keep`: the extents stay as they are.
std::pair<Window, Window> slide(Maker& m, Node& node, TensorId in, bool keep, bool dilate = true) {
    const bool same = keep || m.one_in(2);
    const Window h = window(m, m.extent(in, 1), same, keep, dilate);
    const Window w = window(m, m.extent(in, 2), same, keep, dilate);
    node.attributes.set("padding", static_cast<std::int64_t>(same ? Padding::Same : Padding::Valid));
    node.attributes.set("stride_h", h.stride);
    node.attributes.set("stride_w", w.stride);
    return {h, w};
}

void set_dilation(Node& node, const Window& h, const Window& w) {
    node.attributes.set("dilation_h_factor", h.dilation);
    node.attributes.set("dilation_w_factor", w.dilation);
}

TensorId convolution_to(Maker& m, TensorId in, std::int32_t channels, bool keep,
                        const Quantisation* q = nullptr) {
    Node node = m.node(Op::Conv2d, m.version(3, 4), {in});
    const auto [h, w] = slide(m, node, in, keep);
    set_dilation(node, h, w);
    const std::int32_t in_c = m.extent(in, 3);
    const TensorId weights = m.weights({channels, h.kernel, w.kernel, in_c}, 0, m.one_in(3));
    node.inputs.push_back(weights);
    node.inputs.push_back(m.bias(in, weights, channels));
    m.activate(node);
    const Quantisation sum = q != nullptr ? *q : m.of_sum(in, h.kernel * w.kernel * in_c);
    return m.end(std::move(node), m.value({1, h.out, w.out, channels}, sum));
}

TensorId convolution(Maker& m, TensorId in) { return convolution_to(m, in, between(m.rng, 1, 24), false); }

TensorId depthwise(Maker& m, TensorId in) {
    Node node = m.node(Op::DepthwiseConv2d, m.version(3, 5), {in});
    const auto [h, w] = slide(m, node, in, m.one_in(2));
    set_dilation(node, h, w);
    const std::int32_t in_c = m.extent(in, 3);
    const std::int32_t multiplier = in_c < 3 ? between(m.rng, 1, 8) : m.one_in(6) ? 2 : 1;
    node.attributes.set("depth_multiplier", multiplier);
    const std::int32_t channels = in_c * multiplier;
    const TensorId weights = m.weights({1, h.kernel, w.kernel, channels}, 3, m.one_in(3));
    node.inputs.push_back(weights);
    node.inputs.push_back(m.bias(in, weights, channels));
    m.activate(node);
    return m.end(std::move(node), m.value({1, h.out, w.out, channels}, m.of_sum(in, h.kernel * w.kernel)));
}

TensorId dense_to(Maker& m, TensorId in, std::int32_t outputs) {
    const auto terms = static_cast<std::int32_t>(m.at(in).elements());
    Node node = m.node(Op::FullyConnected, m.version(4, 7), {in});
    const TensorId weights = m.weights({outputs, terms}, 0, false);
    Quantisation& q = m.graph.tensor(weights).quantisation;  // one scale for all
    if (!q.empty()) q = {{q.scales[0]}, {0}, 0};
    node.inputs.push_back(weights);
    node.inputs.push_back(m.bias(in, weights, outputs));
    m.activate(node);
    return m.end(std::move(node), m.value({1, outputs}, m.of_sum(in, terms)));
}

// ---- values that meet

TensorId meet(Maker& m, Op op, TensorId a, TensorId b) {
    Node node = m.node(op, m.version(2, op == Op::Sub ? 5 : 1), {a, b});
    if (m.type == Type::Int16 && op != Op::Mul) node.attributes.set("pot_scale_int16", false);
    m.activate(node);
    const double reach = std::max(m.at(a).quantisation.scale(), m.at(b).quantisation.scale());
    const double product = m.at(a).quantisation.scale() * m.at(b).quantisation.scale() * 128;
    const Quantisation q = m.near_scale(op == Op::Mul ? product : 1.5 * reach);
    return m.end(std::move(node), m.value(m.at(a).shape, q));
}

TensorId residual(Maker& m, TensorId in) {
    const TensorId other = convolution_to(m, in, m.extent(in, 3), true);
    const Op ops[] = {Op::Add, Op::Add, Op::Sub, Op::Mul};
    const Op op = ops[m.rng.below(4)];
    return m.one_in(2) ? meet(m, op, in, other) : meet(m, op, other, in);
}

TensorId with_constant(Maker& m, TensorId in) {
    const Shape shapes[] = {{1}, {m.extent(in, 3)}, m.at(in).shape};
    Tensor tensor{"k" + std::to_string(m.graph.tensors.size()),
                  m.type,
                  shapes[m.rng.below(3)],
                  quantise_as(m.type, m.rng, 0.05),
                  {}};
    const double most = m.type == Type::Float32 ? 2 : m.type == Type::Int16 ? 32767 : 127;
    for (std::int64_t i = tensor.elements(); i > 0; --i) m.append_number(tensor, -most, most);
    return meet(m, m.one_in(2) ? Op::Add : Op::Mul, in, m.graph.add(std::move(tensor)));
}

TensorId join(Maker& m, const std::vector<TensorId>& parts, std::size_t axis) {
    Node node = m.node(Op::Concatenation, 2, parts);
    node.attributes.set("axis", static_cast<std::int64_t>(axis));
    Shape shape = m.at(parts[0]).shape;
    shape[axis] = 0;
    for (const TensorId part : parts) shape[axis] += m.extent(part, axis);
    return m.same_numbers(std::move(node), parts[0], shape);
}

TensorId branches(Maker& m, TensorId in) {
    const Quantisation q = m.of_sum(in, 9 * m.extent(in, 3));
    std::vector<TensorId> parts;
    const int count = between(m.rng, 2, 3);
    const std::int32_t channels = between(m.rng, 1, 8);
    const std::size_t axis = m.one_in(2) ? 3 : 1 + m.rng.below(2);
    for (int i = 0; i < count; ++i)
        parts.push_back(convolution_to(m, in, axis == 3 ? between(m.rng, 1, 8) : channels, true, &q));
    return join(m, parts, axis);
}

TensorId mean_of_image(Maker& m, TensorId in) {
    Node node = m.node(Op::Mean, 2, {in, m.numbers({2}, {1, 2})});
    node.attributes.set("keep_dims", true);
    return m.end(std::move(node), m.value({1, 1, 1, m.extent(in, 3)},
                                          m.one_in(2) ? m.at(in).quantisation : m.near_scale_of(in)));
}

TensorId logistic(Maker& m, TensorId in) {
    Quantisation unit{{1.0f / 256}, {-128}, 0};
    if (m.type == Type::Int16) unit = {{1.0f / 32768}, {0}, 0};
    if (m.type == Type::Float32) unit = {};
    return m.end(m.node(Op::Logistic, m.version(2, 3), {in}), m.value(m.at(in).shape, unit));
}

// Squeeze and excite: every channel times a number between 0 and 1.
TensorId gate(Maker& m, TensorId in) {
    TensorId each = convolution_to(m, mean_of_image(m, in), between(m.rng, 1, 8), true);
    each = logistic(m, convolution_to(m, each, m.extent(in, 3), true));
    return meet(m, Op::Mul, in, each);
}

// ---- one value to one

TensorId pool(Maker& m, TensorId in) {
    Node node = m.node(m.one_in(2) ? Op::MaxPool2d : Op::AveragePool2d, 2, {in});
    const auto [h, w] = slide(m, node, in, false, false);
    node.attributes.set("filter_height", h.kernel);
    node.attributes.set("filter_width", w.kernel);
    m.activate(node);
    return m.same_numbers(std::move(node), in, {1, h.out, w.out, m.extent(in, 3)});
}

TensorId pad(Maker& m, TensorId in) {
    Shape amounts(8, 0);
    for (std::size_t i = 2; i < 6; ++i) amounts[i] = between(m.rng, 0, 2);
    if (m.one_in(6)) amounts[7] = between(m.rng, 1, 3);
    Shape shape = m.at(in).shape;
    for (std::size_t axis = 0; axis < 4; ++axis) shape[axis] += amounts[2 * axis] + amounts[2 * axis + 1];
    return m.same_numbers(m.node(Op::Pad, 2, {in, m.numbers({4, 2}, amounts)}), in, shape);
}

TensorId pad_and_convolve(Maker& m, TensorId in) {
    const TensorId wide = pad(m, in);
    return m.one_in(2) ? convolution(m, wide) : depthwise(m, wide);
}

TensorId activation(Maker& m, TensorId in) {
    const Op ops[] = {Op::Relu, Op::Relu6, Op::LeakyRelu, Op::HardSwish, Op::Tanh, Op::Logistic};
    const Op op = ops[m.rng.below(6)];
    if (op == Op::Logistic) return logistic(m, in);
    Node node = m.node(op, op == Op::HardSwish ? 1 : m.version(2, op == Op::Tanh ? 3 : 2), {in});
    if (op == Op::LeakyRelu) node.attributes.set("alpha", static_cast<double>(m.rng.uniform(-0.5f, 1.5f)));
    Quantisation q = m.one_in(2) ? m.at(in).quantisation : m.near_scale_of(in);
    if (op == Op::Tanh && m.type != Type::Float32)
        q = {{m.type == Type::Int8 ? 1.0f / 128 : 1.0f / 32768}, {0}, 0};
    return m.end(std::move(node), m.value(m.at(in).shape, q));
}

TensorId requantise(Maker& m, TensorId in) {
    const Quantisation q = m.near_scale_of(in);
    return m.end(m.node(Op::Quantize, 2, {in}), m.value(m.at(in).shape, q));
}

// To floats and back, as a converter leaves it around a layer that it could not quantise.
TensorId through_floats(Maker& m, TensorId in) {
    if (m.type == Type::Float32) return activation(m, in);
    TensorId real =
        m.end(m.node(Op::Dequantize, m.version(2, 3), {in}), m.value(m.at(in).shape, {}, Type::Float32));
    if (m.one_in(2)) real = m.end(m.node(Op::Relu, 1, {real}), m.value(m.at(in).shape, {}, Type::Float32));
    const Quantisation q = m.one_in(2) ? m.at(in).quantisation : m.near_scale_of(in);
    return m.end(m.node(Op::Quantize, 1, {real}), m.value(m.at(in).shape, q));
}

TensorId reshape(Maker& m, TensorId in) {
    const Shape& s = m.at(in).shape;
    const Shape choices[] = {{1, s[2], s[1], s[3]},
                             {1, 1, s[1] * s[2], s[3]},
                             {1, s[1] * s[2], 1, s[3]},
                             {1, s[1], s[3], s[2]},
                             {1, 1, s[1], s[2] * s[3]}};
    const Shape to = choices[m.rng.below(5)];
    Node node = m.node(Op::Reshape, 1, {in, m.numbers({4}, to)});
    node.attributes.set("new_shape", std::vector<std::int64_t>(to.begin(), to.end()));
    return m.same_numbers(std::move(node), in, to);
}

TensorId transpose(Maker& m, TensorId in) {
    const Shape orders[] = {{0, 2, 1, 3}, {0, 1, 3, 2}, {0, 3, 1, 2}, {0, 1, 2, 3}};
    const Shape order = orders[m.rng.below(4)];
    Shape shape;
    for (const std::int32_t axis : order) shape.push_back(m.at(in).shape[static_cast<std::size_t>(axis)]);
    return m.same_numbers(m.node(Op::Transpose, 2, {in, m.numbers({4}, order)}), in, shape);
}

TensorId crop(Maker& m, TensorId in) {
    Shape begin(4, 0), step(4, 1), end = m.at(in).shape, shape(4, 1);
    for (std::size_t axis = 1; axis < 4; ++axis) {
        begin[axis] = between(m.rng, 0, std::min(2, end[axis] - 1));
        end[axis] = between(m.rng, begin[axis] + 1, end[axis]);
        step[axis] = axis < 3 && m.one_in(4) ? 2 : 1;
        shape[axis] = (end[axis] - begin[axis] + step[axis] - 1) / step[axis];
    }
    Node node =
        m.node(Op::StridedSlice, 2, {in, m.numbers({4}, begin), m.numbers({4}, end), m.numbers({4}, step)});
    return m.same_numbers(std::move(node), in, shape);
}

TensorId grow(Maker& m, TensorId in) {
    const Shape size = {m.extent(in, 1) * 2, m.extent(in, 2) * between(m.rng, 1, 2)};
    const bool nearest = m.one_in(2);
    Node node = m.node(nearest ? Op::ResizeNearestNeighbor : Op::ResizeBilinear, nearest ? 2 : 2,
                       {in, m.numbers({2}, size)});
    node.attributes.set("half_pixel_centers", m.one_in(2));
    return m.same_numbers(std::move(node), in, {1, size[0], size[1], m.extent(in, 3)});
}

// One part of a split; the others are read by nobody, or joined again in another order.
TensorId split(Maker& m, TensorId in) {
    const std::int32_t channels = m.extent(in, 3);
    if (channels % 2 != 0) return in;
    Node node = m.node(Op::Split, 2, {m.numbers({1}, {3}), in});
    node.attributes.set("num_splits", 2);
    Shape shape = m.at(in).shape;
    shape[3] = channels / 2;
    const Quantisation q = m.at(in).quantisation;  // a copy: values are added below
    node.outputs = {m.value(shape, q), m.value(shape, q)};
    const TensorId first = node.outputs[0], second = node.outputs[1];
    m.graph.nodes.push_back(std::move(node));
    return m.one_in(2) ? join(m, {second, first}, 3) : meet(m, Op::Add, first, second);
}

TensorId blocks(Maker& m, TensorId in) {
    const Shape& s = m.at(in).shape;
    const bool to_depth = s[1] % 2 == 0 && s[2] % 2 == 0;
    if (!to_depth && s[3] % 4 != 0) return in;
    Node node = m.node(to_depth ? Op::SpaceToDepth : Op::DepthToSpace, 2, {in});
    node.attributes.set("block_size", 2);
    const Shape shape =
        to_depth ? Shape{1, s[1] / 2, s[2] / 2, s[3] * 4} : Shape{1, s[1] * 2, s[2] * 2, s[3] / 4};
    return m.same_numbers(std::move(node), in, shape);
}

using Make = TensorId (*)(Maker&, TensorId);
constexpr Make kMakers[] = {
    convolution, convolution, convolution, depthwise,        depthwise,      residual,   residual,   branches,
    gate,        pool,        pad,         pad_and_convolve, activation,     activation, requantise, reshape,
    transpose,   crop,        grow,        with_constant,    through_floats, split,      blocks};

// The next value. What the verifier refuses (a window past its image) or what grows too large is taken back.
TensorId Maker::next(TensorId in, Make make) {
    const Graph before = graph;
    try {
        const TensorId out = make(*this, in);
        verify(graph);
        if (at(out).bytes() <= kLargest) return out;
    } catch (const Error&) {
    }
    graph = before;
    return in;
}

void Maker::add_outputs(TensorId last) {
    graph.outputs = {last};
    if (!one_in(3)) return;
    const Node& middle = graph.nodes[rng.below(static_cast<std::uint32_t>(graph.nodes.size()))];
    if (middle.outputs[0] != last) graph.outputs.push_back(middle.outputs[0]);
}

Graph Maker::make() {
    graph.name = "random";
    if (one_in(4)) type = one_in(2) ? Type::Int16 : Type::Float32;
    TensorId last = value(
        {1, between(rng, 3, 24), between(rng, 3, 24), one_in(2) ? between(rng, 1, 4) : between(rng, 1, 16)},
        quantise_as(type, rng, 0.05));
    graph.inputs = graph.outputs = {last};
    const auto layers = static_cast<std::size_t>(between(rng, 3, 16));
    while (graph.nodes.size() < layers) {
        last = next(last, kMakers[rng.below(std::size(kMakers))]);
        if (!graph.nodes.empty()) graph.outputs = {last};
    }
    if (one_in(2))
        last = next(last, [](Maker& m, TensorId in) { return dense_to(m, in, between(m.rng, 1, 12)); });
    add_outputs(last);
    verify(graph);
    return std::move(graph);
}

}  // namespace

Graph random_network(Rng& rng) { return Maker(rng).make(); }

Bytes random_input(const Graph& graph, Rng& rng) {
    const Tensor& in = graph.tensor(graph.inputs[0]);
    Bytes bytes(static_cast<std::size_t>(in.bytes()));
    for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(rng.below(256));
    if (in.type != Type::Float32) return bytes;
    for (std::size_t i = 0; i < bytes.size(); i += sizeof(float)) {
        const float real = rng.uniform(-3, 3);
        std::memcpy(&bytes[i], &real, sizeof real);
    }
    return bytes;
}

}  // namespace jatai
