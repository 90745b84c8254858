// Resize and Upsample: by TFLite's nearest or bilinear where it reads the same places, else by Gather.
#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

// One dimension of the change: extents, and the factor as the file says it.
struct Stretch {
    std::int64_t from = 1, to = 1;
    double scale = 1;
};

struct Change {
    std::vector<Stretch> stretches;  // one per dimension
    std::string_view coordinates, rounding;
};

void take_sizes(Layer& layer, Change& change, const std::vector<std::size_t>& axes) {
    const std::vector<std::int64_t> sizes = layer.list_of(3, "sizes");
    if (sizes.size() != axes.size())
        layer.fail(text("found {} sizes, expected {}", sizes.size(), axes.size()));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        Stretch& s = change.stretches[axes[i]];
        s.to = sizes[i];
        s.scale = static_cast<double>(s.to) / static_cast<double>(s.from);
    }
}

void take_scales(Layer& layer, Change& change, const std::vector<std::size_t>& axes,
                 const std::vector<double>& scales) {
    if (scales.size() != axes.size())
        layer.fail(text("found {} scales, expected {}", scales.size(), axes.size()));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        Stretch& s = change.stretches[axes[i]];
        const double to = std::floor(static_cast<double>(s.from) * scales[i]);
        if (!(to >= 1 && to < 65536))
            layer.fail(text("found a factor of {}, expected one that leaves an image", scales[i]));
        s.to = static_cast<std::int64_t>(to);
        s.scale = scales[i];
    }
}

Change change_of(Layer& layer) {
    const bool upsample = layer.node().op == "Upsample";
    const Datum& x = layer.in(0);
    Change change;
    for (const std::int32_t extent : x.shape) change.stretches.push_back({extent, extent, 1});
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : layer.list("axes")) axes.push_back(layer.axis(axis, x.rank()));
    if (axes.empty())
        for (std::size_t k = 0; k < x.rank(); ++k) axes.push_back(k);
    const bool plain = upsample || layer.opset() < 11;
    change.coordinates = plain ? "asymmetric" : layer.word("coordinate_transformation_mode", "half_pixel");
    change.rounding = plain ? "floor" : layer.word("nearest_mode", "round_prefer_floor");
    const std::size_t at = plain ? 1 : 2;
    if (upsample && layer.opset() < 9) {
        const Attribute* scales = layer.setting("scales");
        take_scales(
            layer, change, axes,
            scales ? std::vector<double>(scales->reals.begin(), scales->reals.end()) : std::vector<double>{});
    } else if (!plain && layer.has(3) && layer.constant(3, text("sizes")).elements() > 0) {
        take_sizes(layer, change, axes);
    } else {
        take_scales(layer, change, axes, reals(layer.constant(at, text("scales"))));
    }
    if (layer.integer("antialias", 0) != 0 ||
        layer.word("keep_aspect_ratio_policy", "stretch") != "stretch") {
        layer.fail(text("found antialias or a kept aspect ratio, expected neither"),
                   text("use NEAREST resize"));
    }
    return change;
}

// The place in the input that element `o` of the output lies at.
double place_of(Layer& layer, const Change& change, const Stretch& s, std::int64_t o) {
    const auto x = static_cast<double>(o);
    const std::string_view mode = change.coordinates;
    if (mode == "asymmetric") return x / s.scale;
    if (mode == "half_pixel") return (x + 0.5) / s.scale - 0.5;
    if (mode == "pytorch_half_pixel") return s.to > 1 ? (x + 0.5) / s.scale - 0.5 : 0;
    if (mode == "align_corners")
        return s.to > 1 ? x * static_cast<double>(s.from - 1) / static_cast<double>(s.to - 1) : 0;
    layer.fail(
        text("found coordinates by {}, expected asymmetric, half_pixel or align_corners", std::string(mode)),
        text("use NEAREST resize with asymmetric coordinates"));
}

std::int64_t rounded(Layer& layer, std::string_view mode, double place) {
    if (mode == "floor") return static_cast<std::int64_t>(std::floor(place));
    if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(place));
    if (mode == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(place + 0.5));
    if (mode == "round_prefer_floor") return static_cast<std::int64_t>(std::ceil(place - 0.5));
    layer.fail(text("found rounding by {}, expected floor or round_prefer_floor", std::string(mode)));
}

std::vector<std::int64_t> nearest_places(Layer& layer, const Change& change, const Stretch& s) {
    std::vector<std::int64_t> places;
    for (std::int64_t o = 0; o < s.to; ++o) {
        places.push_back(std::clamp<std::int64_t>(
            rounded(layer, change.rounding, place_of(layer, change, s, o)), 0, s.from - 1));
    }
    return places;
}

// What RESIZE_NEAREST_NEIGHBOR reads: all in float, as TFLite's GetNearestNeighbor.
std::vector<std::int64_t> tflite_places(const Stretch& s, bool half_pixel) {
    std::vector<std::int64_t> places;
    const float scale = static_cast<float>(s.from) / static_cast<float>(s.to);
    const float offset = half_pixel ? 0.5f : 0.0f;
    for (std::int64_t o = 0; o < s.to; ++o) {
        const auto at = static_cast<std::int64_t>(std::floor((static_cast<float>(o) + offset) * scale));
        places.push_back(std::clamp<std::int64_t>(at, 0, s.from - 1));
    }
    return places;
}

Shape resized_shape(const Shape& shape, std::size_t axis, std::int64_t extent) {
    Shape to = shape;
    to[axis] = static_cast<std::int32_t>(extent);
    return to;
}

// Row by row and column by column, by places known beforehand.
TensorId gathered(Layer& layer, TensorId id, std::size_t axis, const std::vector<std::int64_t>& places) {
    const Shape shape = layer.graph().tensor(id).shape;
    const Shape to = resized_shape(shape, axis, static_cast<std::int64_t>(places.size()));
    return layer.emit("GATHER", {id, layer.numbers(places)}, to, Type::Float32,
                      {{"axis", static_cast<std::int64_t>(axis)}});
}

TensorId resize_nearest(Layer& layer, const Change& change, TensorId image, const Stretch& h,
                        const Stretch& w) {
    const auto rows = nearest_places(layer, change, h), columns = nearest_places(layer, change, w);
    const Shape shape = layer.graph().tensor(image).shape;
    for (const bool half_pixel : {false, true}) {
        if (!Layer::known("RESIZE_NEAREST_NEIGHBOR")) break;
        if (tflite_places(h, half_pixel) != rows || tflite_places(w, half_pixel) != columns) continue;
        const Shape to = resized_shape(resized_shape(shape, 1, h.to), 2, w.to);
        return layer.emit("RESIZE_NEAREST_NEIGHBOR", {image, layer.numbers({h.to, w.to})}, to, Type::Float32,
                          {{"half_pixel_centers", half_pixel}});
    }
    if (h.from != h.to) image = gathered(layer, image, 1, rows);
    return w.from != w.to ? gathered(layer, image, 2, columns) : image;
}

TensorId resize_linear(Layer& layer, const Change& change, TensorId image, const Stretch& h,
                       const Stretch& w) {
    const std::string_view mode = change.coordinates;
    const bool half = mode == "half_pixel" || (mode == "pytorch_half_pixel" && h.to > 1 && w.to > 1);
    const bool corners = mode == "align_corners";
    for (const Stretch& s : {h, w}) {
        const double exact = static_cast<double>(s.to) / static_cast<double>(s.from);
        if ((!half && !corners && mode != "asymmetric") || std::abs(s.scale - exact) > 1e-6 * exact) {
            layer.fail(text("found linear resizing of {} to {} by {} with a factor of {}", s.from, s.to,
                            std::string(mode), s.scale),
                       text("give the size instead of the factor, or use NEAREST resize"));
        }
    }
    const Shape to = resized_shape(resized_shape(layer.graph().tensor(image).shape, 1, h.to), 2, w.to);
    return layer.emit("RESIZE_BILINEAR", {image, layer.numbers({h.to, w.to})}, to, Type::Float32,
                      {{"align_corners", corners}, {"half_pixel_centers", half}});
}

void read_resize(Layer& layer) {
    Datum& x = layer.in(0);
    if (x.rank() != 3 && x.rank() != 4)
        layer.fail(text("found an input of {} dimensions, expected 3 or 4", x.rank()));
    const Change change = change_of(layer);
    for (const Stretch& s : change.stretches) {
        if (s.to < 1 || s.to > 65535) layer.fail(text("found a size of {}, expected 1 to 65535", s.to));
    }
    if (change.stretches[0].to != x.shape[0] || change.stretches[1].to != x.shape[1])
        layer.fail(text("found channels resized, expected only height and width"));
    const Stretch h = change.stretches[2], w = x.rank() == 4 ? change.stretches[3] : Stretch{};
    TensorId image = layer.last(x);
    if (x.rank() == 3) image = layer.reshape_tensor(image, {x.shape[0], x.shape[2], 1, x.shape[1]});
    const std::string_view mode = layer.word("mode", "nearest");
    if (mode == "nearest") {
        image = resize_nearest(layer, change, image, h, w);
    } else if (mode == "linear") {
        image = resize_linear(layer, change, image, h, w);
    } else {
        layer.fail(text("found resizing by {}, expected nearest or linear", std::string(mode)),
                   text("use NEAREST resize"));
    }
    if (x.rank() == 3)
        image = layer.reshape_tensor(image, {x.shape[0], static_cast<std::int32_t>(h.to), x.shape[1]});
    layer.give(0, layer.datum(image, Form::Last));
}

}  // namespace

std::span<const Rule> resize_rules() {
    static constexpr std::array rules{Rule{"Resize", read_resize}, Rule{"Upsample", read_resize}};
    return rules;
}

}  // namespace jatai::onnx
