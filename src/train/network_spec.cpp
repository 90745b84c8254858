#include "src/train/network_spec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai::train {
namespace {

constexpr std::array<std::string_view, 11> kKindNames{
    "conv2d",       "depthwise_conv2d", "dense",   "batch_norm", "bias",      "add",
    "average_pool", "max_pool",         "flatten", "dropout",    "fake_quant"};
constexpr std::array<std::string_view, 4> kActivationNames{"none", "relu", "relu_n1_to_1", "relu6"};
constexpr std::array<std::string_view, 2> kPaddingNames{"same", "valid"};
constexpr int kMaxExtent = 1 << 20;

[[noreturn]] void reject(const NetworkSpec& spec, std::size_t i, const std::string& what) {
    throw Error{text("network {}: layer {} {}: {}", spec.name, i, spec.layers[i].name, what),
                text("check the sizes in the network's description")};
}

bool has_window(LayerKind kind) {
    return kind == LayerKind::Conv2d || kind == LayerKind::DepthwiseConv2d ||
           kind == LayerKind::AveragePool || kind == LayerKind::MaxPool;
}

Shape windowed(const LayerSpec& layer, Shape in, int channels) {
    if (layer.kernel_h == 0) return {1, 1, channels};
    return {window(in.h, layer.kernel_h, layer.stride_h, layer.padding).out,
            window(in.w, layer.kernel_w, layer.stride_w, layer.padding).out, channels};
}

Shape output_shape(const LayerSpec& layer, Shape in) {
    switch (layer.kind) {
        case LayerKind::Conv2d:
            return windowed(layer, in, layer.filters);
        case LayerKind::DepthwiseConv2d:
        case LayerKind::AveragePool:
        case LayerKind::MaxPool:
            return windowed(layer, in, in.c);
        case LayerKind::Dense:
            return {1, 1, layer.filters};
        case LayerKind::Flatten:
            return {1, 1, in.size()};
        default:
            return in;
    }
}

void check_layer(const NetworkSpec& spec, std::size_t i, Shape in) {
    const LayerSpec& layer = spec.layers[i];
    const bool filters = layer.kind == LayerKind::Conv2d || layer.kind == LayerKind::Dense;
    if (filters && (layer.filters < 1 || layer.filters > kMaxExtent))
        reject(spec, i, text("found {} filters, expected at least 1", layer.filters));
    if (layer.kind == LayerKind::Dense && (in.h != 1 || in.w != 1))
        reject(spec, i, text("found an image of {}x{}x{}, expected a flat input", in.h, in.w, in.c));
    const bool whole_image =
        layer.kind == LayerKind::AveragePool && layer.kernel_h == 0 && layer.kernel_w == 0;
    if (has_window(layer.kind) && !whole_image) {
        const bool sane = layer.kernel_h >= 1 && layer.kernel_w >= 1 && layer.stride_h >= 1 &&
                          layer.stride_w >= 1 && layer.kernel_h <= kMaxExtent && layer.kernel_w <= kMaxExtent;
        const bool fits =
            layer.padding == Padding::Same || (layer.kernel_h <= in.h && layer.kernel_w <= in.w);
        if (!sane || !fits)
            reject(
                spec, i,
                text("found a window of {}x{} with steps {}x{} on an image of {}x{}, expected one that fits",
                     layer.kernel_h, layer.kernel_w, layer.stride_h, layer.stride_w, in.h, in.w));
    }
    if (layer.kind == LayerKind::Dropout && !(layer.rate >= 0.0f && layer.rate < 1.0f))
        reject(spec, i, text("found a dropout rate of {}, expected 0 to 1", layer.rate));
}

template <typename Names>
std::size_t index_of(const Names& names, const std::string& word, const std::string& place) {
    const auto it = std::find(names.begin(), names.end(), word);
    if (it == names.end())
        throw Error{text("{}: found \"{}\"", place, word), did_you_mean(word, {names.begin(), names.end()})};
    return static_cast<std::size_t>(it - names.begin());
}

nlohmann::json layer_json(const LayerSpec& layer) {
    nlohmann::json out{{"kind", name(layer.kind)}, {"name", layer.name}, {"inputs", layer.inputs}};
    if (layer.filters != 0) out["filters"] = layer.filters;
    if (has_window(layer.kind)) {
        out["kernel"] = {layer.kernel_h, layer.kernel_w};
        out["stride"] = {layer.stride_h, layer.stride_w};
        out["padding"] = kPaddingNames[static_cast<std::size_t>(layer.padding)];
    }
    if (layer.activation != Activation::None)
        out["activation"] = kActivationNames[static_cast<std::size_t>(layer.activation)];
    if (layer.kind == LayerKind::Dropout) out["rate"] = layer.rate;
    if (layer.range_of != kNoRange) out["range_of"] = layer.range_of;
    return out;
}

LayerSpec layer_from_json(const nlohmann::json& json, const std::string& place) {
    LayerSpec layer;
    layer.kind =
        static_cast<LayerKind>(index_of(kKindNames, json.at("kind").get<std::string>(), place + ": kind"));
    layer.name = json.value("name", std::string{});
    layer.inputs = json.at("inputs").get<std::vector<int>>();
    layer.filters = json.value("filters", 0);
    const auto pair = [&](const char* key, int& h, int& w) {
        if (!json.contains(key)) return;
        h = json.at(key).at(0).get<int>();
        w = json.at(key).at(1).get<int>();
    };
    pair("kernel", layer.kernel_h, layer.kernel_w);
    pair("stride", layer.stride_h, layer.stride_w);
    layer.padding = static_cast<Padding>(
        index_of(kPaddingNames, json.value("padding", std::string{"same"}), place + ": padding"));
    layer.activation = static_cast<Activation>(
        index_of(kActivationNames, json.value("activation", std::string{"none"}), place + ": activation"));
    layer.rate = json.value("rate", 0.0f);
    layer.range_of = json.value("range_of", kNoRange);
    return layer;
}

}  // namespace

std::string_view name(LayerKind kind) { return kKindNames[static_cast<std::size_t>(kind)]; }

Window window(int in, int kernel, int stride, Padding padding) {
    if (padding == Padding::Valid) return {(in - kernel) / stride + 1, 0};
    const int out = (in + stride - 1) / stride;
    return {out, std::max(0, (out - 1) * stride + kernel - in) / 2};
}

const Shape NetworkSpec::shape_into(std::size_t layer, std::size_t which,
                                    const std::vector<Shape>& shapes) const {
    const int from = layers[layer].inputs[which];
    return from == kNetworkInput ? input : shapes[static_cast<std::size_t>(from)];
}

std::vector<Shape> NetworkSpec::shapes() const {
    if (layers.empty())
        throw Error{text("network {}: no layers", name), text("a network needs at least one layer")};
    std::vector<Shape> all;
    for (std::size_t i = 0; i < layers.size(); ++i) {
        const LayerSpec& layer = layers[i];
        const std::size_t expected = layer.kind == LayerKind::Add ? 2 : 1;
        if (layer.inputs.size() != expected)
            reject(*this, i, text("found {} inputs, expected {}", layer.inputs.size(), expected));
        for (const int from : layer.inputs)
            if (from < kNetworkInput || from >= static_cast<int>(i))
                reject(*this, i, text("found input {}, expected an earlier layer", from));
        if (layer.range_of != kNoRange && (layer.range_of < 0 || layer.range_of > static_cast<int>(i)))
            reject(*this, i,
                   text("found the range of layer {}, expected this or an earlier one", layer.range_of));
        const Shape in = shape_into(i, 0, all);
        if (layer.kind == LayerKind::Add && shape_into(i, 1, all) != in)
            reject(*this, i, text("found two inputs of different shapes, expected equal ones"));
        check_layer(*this, i, in);
        all.push_back(output_shape(layer, in));
    }
    return all;
}

nlohmann::json to_json(const NetworkSpec& spec) {
    nlohmann::json layers = nlohmann::json::array();
    for (const LayerSpec& layer : spec.layers) layers.push_back(layer_json(layer));
    return {{"name", spec.name}, {"input", {spec.input.h, spec.input.w, spec.input.c}}, {"layers", layers}};
}

NetworkSpec network_from_json(const nlohmann::json& json, const std::string& place) {
    NetworkSpec spec;
    try {
        spec.name = json.value("name", std::string{"network"});
        const nlohmann::json& input = json.at("input");
        spec.input = {input.at(0).get<int>(), input.at(1).get<int>(), input.at(2).get<int>()};
        for (const nlohmann::json& layer : json.at("layers"))
            spec.layers.push_back(layer_from_json(layer, text("{}: layer {}", place, spec.layers.size())));
    } catch (const nlohmann::json::exception& problem) {
        throw Error{text("{}: not a network's description: {}", place, problem.what()),
                    text("expected name, input [h, w, c] and layers [{{kind, inputs, ...}}]")};
    }
    for (const int extent : {spec.input.h, spec.input.w, spec.input.c})
        if (extent < 1 || extent > kMaxExtent)
            throw Error{text("{}: found an input extent of {}, expected at least 1", place, extent)};
    spec.shapes();
    return spec;
}

}  // namespace jatai::train
