// Layers that make one value from one: moved, cut, rescaled.
#include "tests/networks/maker.h"

#include <algorithm>

namespace jatai {
namespace {

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

}  // namespace

std::vector<Make> values() {
    return {pad,  pad_and_convolve, activation, activation, requantise, reshape, transpose, crop,
            grow, through_floats,   split,      blocks};
}

}  // namespace jatai
