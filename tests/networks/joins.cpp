// Values that meet: sums, branches, gates.
#include "tests/networks/maker.h"

#include <algorithm>

namespace jatai {

TensorId meet(Maker& m, Op op, TensorId a, TensorId b) {
    Node node = m.node(op, m.version(2, op == Op::Sub ? 5 : 1), {a, b});
    if (m.type == Type::Int16 && op != Op::Mul) node.attributes.set("pot_scale_int16", false);
    m.activate(node);
    const double reach = std::max(m.at(a).quantisation.scale(), m.at(b).quantisation.scale());
    const double product = m.at(a).quantisation.scale() * m.at(b).quantisation.scale() * 128;
    const Quantisation q = m.near_scale(op == Op::Mul ? product : 1.5 * reach);
    return m.end(std::move(node), m.value(m.at(a).shape, q));
}

TensorId join(Maker& m, const std::vector<TensorId>& parts, std::size_t axis) {
    Node node = m.node(Op::Concatenation, 2, parts);
    node.attributes.set("axis", static_cast<std::int64_t>(axis));
    Shape shape = m.at(parts[0]).shape;
    shape[axis] = 0;
    for (const TensorId part : parts) shape[axis] += m.extent(part, axis);
    return m.same_numbers(std::move(node), parts[0], shape);
}

TensorId logistic(Maker& m, TensorId in) {
    Quantisation unit{{1.0f / 256}, {-128}, 0};
    if (m.type == Type::Int16) unit = {{1.0f / 32768}, {0}, 0};
    if (m.type == Type::Float32) unit = {};
    return m.end(m.node(Op::Logistic, m.version(2, 3), {in}), m.value(m.at(in).shape, unit));
}

namespace {

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

// Squeeze and excite: every channel times a number between 0 and 1.
TensorId gate(Maker& m, TensorId in) {
    TensorId each = convolution_to(m, mean_of_image(m, in), between(m.rng, 1, 8), true);
    each = logistic(m, convolution_to(m, each, m.extent(in, 3), true));
    return meet(m, Op::Mul, in, each);
}

}  // namespace

std::vector<Make> joins() { return {residual, residual, branches, gate, with_constant}; }

}  // namespace jatai
