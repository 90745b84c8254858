// Random layers that sum products, and pools.
#include <cmath>
#include <cstring>

#include "tests/oracle_tflite/random_layer.h"

namespace jatai {
namespace {

// What a layer that multiplies by weights works in.
Type activations(Rng& rng) { return rng.below(3) == 0 ? Type::Int16 : Type::Int8; }

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

}  // namespace

LayerMakers layers_of_sums() {
    return {
        {Op::Conv2d, convolution},
        {Op::DepthwiseConv2d, depthwise},
        {Op::FullyConnected, fully_connected},
        {Op::TransposeConv, transposed_convolution},
        {Op::BatchMatmul, matrix_product},
        {Op::AveragePool2d, [](Rng& rng) { return pool(Op::AveragePool2d, rng); }},
        {Op::MaxPool2d, [](Rng& rng) { return pool(Op::MaxPool2d, rng); }},
    };
}

}  // namespace jatai
