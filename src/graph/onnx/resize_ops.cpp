// Resize and Upsample: by TFLite's nearest or bilinear where it reads the same places, else by Gather.
#include <algorithm>
#include <array>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/resize.h"

namespace jatai::onnx {
namespace {

struct Change {
    std::vector<Stretch> stretches;                // one per dimension
    std::vector<std::pair<double, double>> crops;  // of the input, in parts of it: tf_crop_and_resize
    std::string_view coordinates, rounding;
};

// The same factor for all: the least or the greatest of them, and sizes to fit.
void keep_aspect(Layer& layer, Change& change, const std::vector<std::size_t>& axes) {
    const std::string_view policy = layer.word("keep_aspect_ratio_policy", "stretch");
    if (policy == "stretch" || axes.empty()) return;
    double scale = change.stretches[axes[0]].scale;
    for (const std::size_t axis : axes) {
        const double other = change.stretches[axis].scale;
        scale = policy == "not_larger" ? std::min(scale, other) : std::max(scale, other);
    }
    for (const std::size_t axis : axes) {
        Stretch& s = change.stretches[axis];
        s.scale = scale;
        s.to = static_cast<std::int64_t>(std::floor(scale * static_cast<double>(s.from) + 0.5));
    }
}

// Beginnings, then ends, of all axes.
void take_crops(Layer& layer, Change& change, const std::vector<std::size_t>& axes) {
    change.crops.assign(change.stretches.size(), {0.0, 1.0});
    const std::vector<double> roi = layer.has(1) ? reals(layer.constant(1, "roi")) : std::vector<double>{};
    if (change.coordinates != "tf_crop_and_resize") return;
    if (roi.size() != 2 * axes.size())
        layer.fail(text("found {} sizes, expected {}", roi.size(), 2 * axes.size()));
    for (std::size_t i = 0; i < axes.size(); ++i) change.crops[axes[i]] = {roi[i], roi[i + axes.size()]};
}

void take_sizes(Layer& layer, Change& change, const std::vector<std::size_t>& axes) {
    const std::vector<std::int64_t> sizes = layer.list_of(3, "sizes");
    if (sizes.size() != axes.size())
        layer.fail(text("found {} sizes, expected {}", sizes.size(), axes.size()));
    for (std::size_t i = 0; i < axes.size(); ++i) {
        Stretch& s = change.stretches[axes[i]];
        s.to = sizes[i];
        if (s.to < 1 || s.to > 65535) layer.fail(text("found a size of {}, expected 1 to 65535", s.to));
        s.scale = static_cast<double>(s.to) / static_cast<double>(s.from);
    }
    keep_aspect(layer, change, axes);
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
    take_crops(layer, change, axes);
    return change;
}

// The place in the input that element `o` of the output lies at.
double place_of(Layer& layer, const Change& change, std::size_t axis, std::int64_t o) {
    const Stretch& s = change.stretches[axis];
    const auto x = static_cast<double>(o), last = static_cast<double>(s.from - 1);
    const std::string_view mode = change.coordinates;
    if (mode == "half_pixel_symmetric") {
        const double from = static_cast<double>(s.from), part = static_cast<double>(s.to) / (s.scale * from);
        return from / 2 * (1 - part) + (x + 0.5) / s.scale - 0.5;
    }
    if (mode == "tf_crop_and_resize") {
        const auto [begin, end] = change.crops[axis];
        if (s.to == 1) return 0.5 * (begin + end) * last;
        return begin * last + x * (end - begin) * last / static_cast<double>(s.to - 1);
    }
    if (mode == "asymmetric") return x / s.scale;
    if (mode == "half_pixel") return (x + 0.5) / s.scale - 0.5;
    if (mode == "pytorch_half_pixel") return s.to > 1 ? (x + 0.5) / s.scale - 0.5 : 0;
    if (mode == "align_corners")
        return s.to > 1 ? x * static_cast<double>(s.from - 1) / static_cast<double>(s.to - 1) : 0;
    layer.fail(text("found coordinates by {}, which ONNX does not have", std::string(mode)),
               text("use NEAREST resize with asymmetric coordinates"));
}

std::int64_t rounded(Layer& layer, std::string_view mode, double place) {
    if (mode == "floor") return static_cast<std::int64_t>(std::floor(place));
    if (mode == "ceil") return static_cast<std::int64_t>(std::ceil(place));
    if (mode == "round_prefer_ceil") return static_cast<std::int64_t>(std::floor(place + 0.5));
    if (mode == "round_prefer_floor") return static_cast<std::int64_t>(std::ceil(place - 0.5));
    layer.fail(text("found rounding by {}, expected floor or round_prefer_floor", std::string(mode)));
}

std::vector<std::int64_t> nearest_places(Layer& layer, const Change& change, std::size_t axis) {
    const Stretch& s = change.stretches[axis];
    std::vector<std::int64_t> places;
    for (std::int64_t o = 0; o < s.to; ++o) {
        places.push_back(std::clamp<std::int64_t>(
            rounded(layer, change.rounding, place_of(layer, change, axis, o)), 0, s.from - 1));
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

std::vector<std::int64_t> nearest_identity(std::int64_t extent) {
    std::vector<std::int64_t> places;
    for (std::int64_t o = 0; o < extent; ++o) places.push_back(o);
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
    return layer.emit("GATHER", {id, layer.numbers(places)}, to, layer.graph().tensor(id).type,
                      {{"axis", static_cast<std::int64_t>(axis)}});
}

// An image whose channels are last, when only its height and width change and TFLite's operator reads the
// same places.
TensorId nearest_image(Layer& layer, const Change& change, TensorId image) {
    const auto rows = nearest_places(layer, change, 2), columns = nearest_places(layer, change, 3);
    const Stretch &h = change.stretches[2], &w = change.stretches[3];
    const Shape shape = layer.graph().tensor(image).shape;
    for (const bool half_pixel : {false, true}) {
        if (tflite_places(h, half_pixel) != rows || tflite_places(w, half_pixel) != columns) continue;
        const Shape to = resized_shape(resized_shape(shape, 1, h.to), 2, w.to);
        return layer.emit("RESIZE_NEAREST_NEIGHBOR", {image, layer.numbers({h.to, w.to})}, to,
                          layer.graph().tensor(image).type, {{"half_pixel_centers", half_pixel}});
    }
    if (h.from != h.to || rows != nearest_identity(h.to)) image = gathered(layer, image, 1, rows);
    return w.from != w.to || columns != nearest_identity(w.to) ? gathered(layer, image, 2, columns) : image;
}

bool changes_only_image(const Datum& x, const Change& change) {
    return x.rank() == 4 && change.stretches[0].to == x.shape[0] && change.stretches[1].to == x.shape[1] &&
           change.coordinates != "tf_crop_and_resize";
}

// Whether RESIZE_BILINEAR gives what is asked.
bool is_bilinear(Layer& layer, const Change& change) {
    const std::string_view mode = change.coordinates;
    const Stretch &h = change.stretches[2], &w = change.stretches[3];
    const bool half = mode == "half_pixel" || (mode == "pytorch_half_pixel" && h.to > 1 && w.to > 1);
    if (!half && mode != "align_corners" && mode != "asymmetric") return false;
    if (layer.integer("antialias", 0) != 0 || layer.integer("exclude_outside", 0) != 0) return false;
    for (const Stretch& s : {h, w}) {
        const double exact = static_cast<double>(s.to) / static_cast<double>(s.from);
        if (std::abs(s.scale - exact) > 1e-6 * exact) return false;
    }
    return true;
}

TensorId bilinear_image(Layer& layer, const Change& change, TensorId image) {
    const Stretch &h = change.stretches[2], &w = change.stretches[3];
    const Shape to = resized_shape(resized_shape(layer.graph().tensor(image).shape, 1, h.to), 2, w.to);
    const bool corners = change.coordinates == "align_corners";
    const bool half = !corners && change.coordinates != "asymmetric";
    Settings settings;
    settings.emplace_back("align_corners", corners);
    settings.emplace_back("half_pixel_centers", half);
    return layer.emit("RESIZE_BILINEAR", {image, layer.numbers({h.to, w.to})}, to, Type::Float32, settings);
}

Blend blend_of(Layer& layer, const Change& change, std::size_t axis) {
    Blend blend;
    blend.cubic = layer.word("mode", "nearest") == "cubic";
    blend.cubic_a = layer.real("cubic_coeff_a", -0.75);
    blend.antialias = layer.integer("antialias", 0) != 0;
    blend.leave_out = layer.integer("exclude_outside", 0) != 0;
    if (change.coordinates == "tf_crop_and_resize") blend.outside = layer.real("extrapolation_value", 0);
    for (std::int64_t o = 0; o < change.stretches[axis].to; ++o)
        blend.places.push_back(place_of(layer, change, axis, o));
    return blend;
}

// Dimension by dimension, in ONNX's order.
void resize_any(Layer& layer, const Change& change, bool nearest) {
    Datum real = nearest ? layer.in(0) : converted(layer, layer.in(0), Type::Float32);
    TensorId id = layer.plain(real);
    for (std::size_t axis = 0; axis < change.stretches.size(); ++axis) {
        const Stretch& s = change.stretches[axis];
        const bool cropped = change.crops[axis] != std::pair{0.0, 1.0};
        if (s.from == s.to && s.scale == 1 && !cropped) continue;
        if (nearest && change.coordinates == "tf_crop_and_resize")
            layer.fail(text("found a crop with resizing by nearest, expected linear or cubic"));
        id = nearest ? gathered(layer, id, axis, nearest_places(layer, change, axis))
                     : blended(layer, id, axis, s, blend_of(layer, change, axis));
    }
    layer.give(0, layer.datum(id, Form::Plain));
}

void read_resize(Layer& layer) {
    Datum& x = layer.in(0);
    const Change change = change_of(layer);
    for (const Stretch& s : change.stretches) {
        if (s.to < 1 || s.to > 65535) layer.fail(text("found a size of {}, expected 1 to 65535", s.to));
    }
    const std::string_view mode = layer.word("mode", "nearest");
    if (mode != "nearest" && mode != "linear" && mode != "cubic")
        layer.fail(text("found resizing by {}, expected nearest, linear or cubic", std::string(mode)));
    const bool image = changes_only_image(x, change);
    if (image && mode == "nearest")
        return layer.give(0, layer.datum(nearest_image(layer, change, layer.last(x)), Form::Last));
    if (image && mode == "linear" && x.type == Type::Float32 && is_bilinear(layer, change))
        return layer.give(0, layer.datum(bilinear_image(layer, change, layer.last(x)), Form::Last));
    resize_any(layer, change, mode == "nearest");
}

}  // namespace

std::span<const Rule> resize_rules() {
    static constexpr std::array rules{Rule{"Resize", read_resize}, Rule{"Upsample", read_resize}};
    return rules;
}

}  // namespace jatai::onnx
