// network_spec.h: a network as data: which layers, how they are joined, of what size.
//
//     NetworkSpec spec = ds_cnn({49, 10, 1}, 6, DsCnnSize::small());
//     spec = network_from_json(nlohmann::json::parse(read_text("network.json")), "network.json");
//
// Layers stand in an order that can be run; `inputs` are indices of earlier layers. Shapes are without the
// batch: height, width, channels. Convolutions and dense layers carry no bias of their own: a Bias or a
// BatchNorm layer follows, together with the activation. The last layer gives the logits.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "src/graph/graph.h"

namespace jatai::train {

enum class LayerKind : std::uint8_t {
    Conv2d,
    DepthwiseConv2d,
    Dense,
    BatchNorm,
    Bias,
    Add,
    AveragePool,  // kernel 0: the whole image
    MaxPool,
    Flatten,
    Dropout,
    FakeQuant,
};

std::string_view name(LayerKind kind);  // "conv2d", "depthwise_conv2d", ...

struct Shape {
    int h = 1, w = 1, c = 1;
    int size() const { return h * w * c; }
    bool operator==(const Shape&) const = default;
};

constexpr int kNetworkInput = -1;  // as a layer's input
constexpr int kNoRange = -1;

struct LayerSpec {
    LayerKind kind = LayerKind::Flatten;
    std::string name;
    std::vector<int> inputs;
    int filters = 0;  // Conv2d, Dense: output channels
    int kernel_h = 1, kernel_w = 1;
    int stride_h = 1, stride_w = 1;
    Padding padding = Padding::Same;
    Activation activation = Activation::None;  // BatchNorm, Bias, Add
    float rate = 0.0f;                         // Dropout: share set to 0
    // Set by quantise(): the layer whose int8 range this layer's output is rounded to; itself, or another
    // when the operator cannot change scale. kNoRange: float.
    int range_of = kNoRange;
    bool operator==(const LayerSpec&) const = default;
};

struct NetworkSpec {
    std::string name;
    Shape input;
    std::vector<LayerSpec> layers;
    bool operator==(const NetworkSpec&) const = default;

    // Output shapes of all layers. Fails with Error naming the layer when something does not fit.
    std::vector<Shape> shapes() const;
    const Shape shape_into(std::size_t layer, std::size_t which, const std::vector<Shape>& shapes) const;
};

// Window arithmetic of TFLite: output extent and the rows or columns padded before the image.
struct Window {
    int out, pad_before;
};
Window window(int in, int kernel, int stride, Padding padding);

nlohmann::json to_json(const NetworkSpec& spec);
// Fails with Error ("network.json: layer 3: found ..., expected ...").
NetworkSpec network_from_json(const nlohmann::json& json, const std::string& place);

}  // namespace jatai::train
