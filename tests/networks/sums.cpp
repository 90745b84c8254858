// Layers that sum products, and pools.
#include "tests/networks/maker.h"

#include <algorithm>

namespace jatai {
namespace {

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

}  // namespace

TensorId convolution_to(Maker& m, TensorId in, std::int32_t channels, bool keep, const Quantisation* q) {
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

TensorId pool(Maker& m, TensorId in) {
    Node node = m.node(m.one_in(2) ? Op::MaxPool2d : Op::AveragePool2d, 2, {in});
    const auto [h, w] = slide(m, node, in, false, false);
    node.attributes.set("filter_height", h.kernel);
    node.attributes.set("filter_width", w.kernel);
    m.activate(node);
    return m.same_numbers(std::move(node), in, {1, h.out, w.out, m.extent(in, 3)});
}

}  // namespace jatai
