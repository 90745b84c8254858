// maker.h: a network under construction, and the layers it may grow by.
//
//     Maker m(rng);
//     TensorId x = m.value({1, 8, 8, 3}, m.near_scale(0.05));
//     x = depthwise(m, convolution(m, x));
//
// Every layer takes a value [1,h,w,c] and gives the next one; the caller verifies the graph.
#pragma once

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "src/base/rng.h"
#include "src/graph/graph.h"
#include "src/graph/op_def.h"
#include "tests/oracle_tflite/random_layer.h"

namespace jatai {

struct Maker {
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
};

using Make = TensorId (*)(Maker&, TensorId);

// Layers of products: tests/networks/sums.cpp. `keep`: height and width stay as they are.
TensorId convolution_to(Maker& m, TensorId in, std::int32_t channels, bool keep,
                        const Quantisation* q = nullptr);
TensorId convolution(Maker& m, TensorId in);
TensorId depthwise(Maker& m, TensorId in);
TensorId dense_to(Maker& m, TensorId in, std::int32_t outputs);
TensorId pool(Maker& m, TensorId in);

// Values that meet: tests/networks/joins.cpp. All of them, and some more than once.
TensorId meet(Maker& m, Op op, TensorId a, TensorId b);
TensorId join(Maker& m, const std::vector<TensorId>& parts, std::size_t axis);
TensorId logistic(Maker& m, TensorId in);
std::vector<Make> joins();

// One value to one: tests/networks/values.cpp.
std::vector<Make> values();

}  // namespace jatai
