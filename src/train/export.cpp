#include "src/train/export.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "src/base/error.h"
#include "src/graph/verify.h"

namespace jatai::train {
namespace {

template <typename T>
Bytes bytes_of(const std::vector<T>& values) {
    Bytes bytes(values.size() * sizeof(T));
    std::memcpy(bytes.data(), values.data(), bytes.size());
    return bytes;
}

std::vector<std::int32_t> batch_of(Shape shape) { return {1, shape.h, shape.w, shape.c}; }

class Exporter {
  public:
    Exporter(const Network& network, const Model& model, const ExportSettings& settings)
        : network_(network), model_(model), settings_(settings) {}

    Graph run() {
        graph_.name = network_.spec().name;
        graph_.metadata = settings_.metadata;
        const Shape input = network_.spec().input;
        graph_.inputs = {add_activation("features", batch_of(input), settings_.input)};
        tensors_.assign(network_.layers().size(), kNoTensor);
        for (std::size_t i = 0; i < network_.layers().size(); ++i) add_layer(i);
        add_softmax();
        verify(graph_);
        return std::move(graph_);
    }

  private:
    const Layer& layer(std::size_t i) const { return *network_.layers()[i]; }
    TensorId tensor_of(int layer) const {
        return layer == kNetworkInput ? graph_.inputs[0] : tensors_[static_cast<std::size_t>(layer)];
    }
    QuantGrid grid_of_tensor(TensorId id) const {
        const Quantisation& q = graph_.tensor(id).quantisation;
        return {q.scale(), q.zero_point()};
    }
    QuantGrid own_grid(std::size_t i) const {
        const std::span<const float> range = network_.state_of(i, std::span<const float>(model_.state));
        CHECK(range.size() == 2);
        return grid_of(range[0], range[1]);
    }

    TensorId add_activation(const std::string& name, std::vector<std::int32_t> shape, QuantGrid grid) {
        return graph_.add({name, Type::Int8, std::move(shape), {{grid.scale}, {grid.zero_point}, 0}, {}});
    }
    void add_node(Op op, int version, const std::string& name, Attributes attributes,
                  std::vector<TensorId> inputs, TensorId output) {
        graph_.nodes.push_back({op, version, name, std::move(attributes), std::move(inputs), {output}});
    }

    void add_layer(std::size_t i) {
        const LayerSpec& spec = network_.spec().layers[i];
        const TensorId in = tensor_of(spec.inputs[0]);
        switch (spec.kind) {
            case LayerKind::Conv2d:
            case LayerKind::DepthwiseConv2d:
            case LayerKind::Dense:
                return check_bias_follows(i);
            case LayerKind::Bias:
                return add_weighted(i);
            case LayerKind::BatchNorm:
                CHECK(false && "batch-norm is folded before export");
                return;
            case LayerKind::Add: {
                Attributes attributes;
                attributes.set("fused_activation_function", static_cast<std::int64_t>(spec.activation));
                tensors_[i] = add_activation(spec.name, batch_of(layer(i).out()), own_grid(i));
                return add_node(Op::Add, 2, spec.name, attributes, {in, tensor_of(spec.inputs[1])},
                                tensors_[i]);
            }
            case LayerKind::AveragePool:
            case LayerKind::MaxPool:
                tensors_[i] = add_activation(spec.name, batch_of(layer(i).out()), grid_of_tensor(in));
                return add_node(spec.kind == LayerKind::MaxPool ? Op::MaxPool2d : Op::AveragePool2d, 2,
                                spec.name, pool_attributes(i), {in}, tensors_[i]);
            case LayerKind::Flatten:
                return add_flatten(i, in);
            case LayerKind::Dropout:
                tensors_[i] = in;
                return;
            case LayerKind::FakeQuant:
                tensors_[i] = add_activation(spec.name, batch_of(layer(i).out()), own_grid(i));
                return add_node(Op::Quantize, 2, spec.name, {}, {in}, tensors_[i]);
        }
    }

    void check_bias_follows(std::size_t i) const {
        int readers = 0, biases = 0;
        for (const LayerSpec& other : network_.spec().layers)
            for (const int from : other.inputs)
                if (from == static_cast<int>(i)) {
                    ++readers;
                    biases += other.kind == LayerKind::Bias;
                }
        if (readers != 1 || biases != 1)
            throw Error{text("network {}: layer {} {} has no bias of its own behind it", network_.spec().name,
                             i, network_.spec().layers[i].name),
                        text("put a bias or batch_norm layer behind every convolution and dense layer")};
    }

    // One node of the layer that weighs and the Bias behind it.
    void add_weighted(std::size_t i) {
        const int from = network_.spec().layers[i].inputs[0];
        if (from == kNetworkInput || layer(static_cast<std::size_t>(from)).weights().rows == 0)
            throw Error{text("network {}: layer {} {}: a bias with nothing to add to", network_.spec().name,
                             i, network_.spec().layers[i].name),
                        text("put a bias only behind a convolution or dense layer")};
        const auto w = static_cast<std::size_t>(from);
        const LayerSpec& spec = network_.spec().layers[w];
        const TensorId in = tensor_of(spec.inputs[0]);
        const TensorId weights = add_weights(w);
        const TensorId bias = add_bias(i, in, weights, spec.name);
        const Shape out = layer(i).out();
        const bool dense = spec.kind == LayerKind::Dense;
        tensors_[i] = add_activation(spec.name, dense ? std::vector<std::int32_t>{1, out.c} : batch_of(out),
                                     own_grid(i));
        Attributes attributes;
        if (!dense) attributes = conv_attributes(spec);
        attributes.set("fused_activation_function",
                       static_cast<std::int64_t>(network_.spec().layers[i].activation));
        const Op op = dense                                     ? Op::FullyConnected
                      : spec.kind == LayerKind::DepthwiseConv2d ? Op::DepthwiseConv2d
                                                                : Op::Conv2d;
        add_node(op, dense ? 4 : 3, spec.name, attributes, {in, weights, bias}, tensors_[i]);
    }

    static Attributes conv_attributes(const LayerSpec& spec) {
        Attributes a;
        a.set("padding", static_cast<std::int64_t>(spec.padding));
        a.set("stride_w", std::int64_t{spec.stride_w});
        a.set("stride_h", std::int64_t{spec.stride_h});
        if (spec.kind == LayerKind::DepthwiseConv2d) a.set("depth_multiplier", std::int64_t{1});
        a.set("dilation_w_factor", std::int64_t{1});
        a.set("dilation_h_factor", std::int64_t{1});
        return a;
    }
    Attributes pool_attributes(std::size_t i) const {
        const LayerSpec& spec = layer(i).spec();  // the whole image is a window by now
        Attributes a;
        a.set("padding", static_cast<std::int64_t>(spec.padding));
        a.set("stride_w", std::int64_t{spec.stride_w});
        a.set("stride_h", std::int64_t{spec.stride_h});
        a.set("filter_width", std::int64_t{spec.kernel_w});
        a.set("filter_height", std::int64_t{spec.kernel_h});
        a.set("fused_activation_function", std::int64_t{0});
        return a;
    }

    // Ours: [kernel_h][kernel_w][in][out] (depthwise [h][w][c], dense [in][out]); TFLite's: output channel
    // first, but last for depthwise.
    TensorId add_weights(std::size_t w) {
        const LayerSpec& spec = network_.spec().layers[w];
        const WeightMatrix matrix = layer(w).weights();
        const std::span<const float> values =
            network_.parameters_of(w, std::span<const float>(model_.parameters));
        const std::vector<float> scales = weight_scales(values, matrix.channels, matrix.per_channel);
        const bool depthwise = spec.kind == LayerKind::DepthwiseConv2d;
        Bytes data(values.size());
        for (int r = 0; r < matrix.rows; ++r)
            for (int c = 0; c < matrix.channels; ++c) {
                const auto from = static_cast<std::size_t>(r * matrix.channels + c);
                const auto to = depthwise ? from : static_cast<std::size_t>(c * matrix.rows + r);
                const float q = std::nearbyint(values[from] /
                                               scales[matrix.per_channel ? static_cast<std::size_t>(c) : 0]);
                data[to] =
                    static_cast<std::uint8_t>(static_cast<std::int8_t>(std::clamp(q, -127.0f, 127.0f)));
            }
        std::vector<std::int32_t> shape{matrix.channels, spec.kernel_h, spec.kernel_w, layer(w).in().c};
        if (depthwise) shape = {1, spec.kernel_h, spec.kernel_w, matrix.channels};
        if (spec.kind == LayerKind::Dense) shape = {matrix.channels, matrix.rows};
        const std::vector<std::int32_t> zeros(scales.size(), 0);
        return graph_.add(
            {spec.name + "/weights", Type::Int8, shape, {scales, zeros, depthwise ? 3 : 0}, std::move(data)});
    }

    TensorId add_bias(std::size_t i, TensorId in, TensorId weights, const std::string& name) {
        const std::span<const float> values =
            network_.parameters_of(i, std::span<const float>(model_.parameters));
        const Quantisation& w = graph_.tensor(weights).quantisation;
        const float in_scale = graph_.tensor(in).quantisation.scale();
        std::vector<float> scales;
        for (const float scale : w.scales) scales.push_back(in_scale * scale);
        std::vector<std::int32_t> data;
        for (std::size_t c = 0; c < values.size(); ++c) {
            const double scale = scales[scales.size() > 1 ? c : 0];
            data.push_back(static_cast<std::int32_t>(
                std::clamp(std::nearbyint(values[c] / scale), -2147483648.0, 2147483647.0)));
        }
        const std::vector<std::int32_t> zeros(scales.size(), 0);
        return graph_.add({name + "/bias",
                           Type::Int32,
                           {static_cast<std::int32_t>(data.size())},
                           {scales, zeros, 0},
                           bytes_of(data)});
    }

    void add_flatten(std::size_t i, TensorId in) {
        const std::string& name = network_.spec().layers[i].name;
        const int size = layer(i).out().size();
        const TensorId shape =
            graph_.add({name + "/shape", Type::Int32, {2}, {}, bytes_of(std::vector<std::int32_t>{1, size})});
        tensors_[i] = add_activation(name, {1, size}, grid_of_tensor(in));
        Attributes attributes;
        attributes.set("new_shape", std::vector<std::int64_t>{1, size});
        add_node(Op::Reshape, 1, name, attributes, {in, shape}, tensors_[i]);
    }

    void add_softmax() {
        const TensorId logits = tensors_.back();
        const TensorId out = add_activation("scores", {1, network_.classes()}, {1.0f / 256.0f, -128});
        Attributes attributes;
        attributes.set("beta", 1.0);
        add_node(Op::Softmax, 2, "softmax", attributes, {logits}, out);
        graph_.outputs = {out};
    }

    const Network& network_;
    const Model& model_;
    const ExportSettings& settings_;
    Graph graph_;
    std::vector<TensorId> tensors_;  // of each layer's output
};

}  // namespace

Graph export_graph(const Network& network, const Model& model, const ExportSettings& settings) {
    ExportSettings full = settings;
    std::string labels;
    for (const std::string& label : settings.labels) labels += (labels.empty() ? "" : "\n") + label;
    full.metadata.insert(full.metadata.begin(), {"labels", labels});
    return Exporter(network, model, full).run();
}

}  // namespace jatai::train
