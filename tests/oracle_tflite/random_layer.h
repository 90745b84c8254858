// random_layer.h: one random layer under construction, as tests compare it with TensorFlow Lite.
//
//     Layer layer(Op::Prelu, rng);
//     layer.input(shape, Type::Int8, quantise_as(Type::Int8, rng, 0.05));
//     layer.output(shape, Type::Int8, quantise(rng, 0.05));
//     return layer.finish();  // verified
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "src/base/rng.h"
#include "src/graph/graph.h"
#include "src/graph/op_def.h"
#include "src/graph/verify.h"

namespace jatai {

using Shape = std::vector<std::int32_t>;
using LayerMakers = std::map<Op, Graph (*)(Rng&)>;

std::int32_t between(Rng& rng, int low, int high);

// Spread over a factor of 2^span around `middle`.
float near(Rng& rng, double middle, float span = 2);

// A scale near `scale` and any zero point of int8.
Quantisation quantise(Rng& rng, double scale);

// A scale and zero point as this type has them; none for numbers that mean what is stored.
Quantisation quantise_as(Type type, Rng& rng, double scale);

Type any_of(Rng& rng, std::initializer_list<Type> types);

// [1, height, width, channels], small.
Shape image(Rng& rng);

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
    TensorId input(Shape shape, Type type, Quantisation q) {
        const TensorId id =
            graph.add({"in" + std::to_string(graph.tensors.size()), type, std::move(shape), q, {}});
        graph.inputs.push_back(id);
        node.inputs.push_back(id);
        return id;
    }
    TensorId output(Shape shape, Type type, Quantisation q) {
        const TensorId id = graph.add({"out", type, std::move(shape), q, {}});
        graph.outputs.push_back(id);
        node.outputs.push_back(id);
        return id;
    }
    void weights(Shape shape, int axis, bool per_channel);
    // A constant list of numbers as the next input.
    void numbers(Shape shape, const Shape& values);
    void bias(std::int32_t channels);
    Graph finish() {
        graph.nodes.push_back(node);
        verify(graph);
        return std::move(graph);
    }
};

// The operators by what they do: sums of products and pools, one value from one or two, values moved or
// picked.
LayerMakers layers_of_sums();
LayerMakers layers_of_elements();
LayerMakers layers_of_moves();

}  // namespace jatai
