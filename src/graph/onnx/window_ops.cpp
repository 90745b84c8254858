// Convolutions and pools. An image of one dimension is one of two whose width is 1.
#include <algorithm>
#include <array>
#include <limits>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

constexpr std::int64_t kMostExtent = 65535;

// One direction of a sliding window, all as ONNX says it.
struct Slide {
    std::int64_t input = 1, taps = 1, stride = 1, dilation = 1, before = 0, after = 0;
    std::int64_t beyond = 0;  // ceil_mode: further zeros after the end that count as nothing

    std::int64_t reach() const { return (taps - 1) * dilation + 1; }
    std::int64_t output() const { return (input + before + after + beyond - reach()) / stride + 1; }
    // What TFLite's SAME would put before; and whether SAME gives this output with this padding.
    bool is_same() const {
        const std::int64_t out = (input + stride - 1) / stride;
        const std::int64_t total = std::max<std::int64_t>((out - 1) * stride + reach() - input, 0);
        return output() == out && before == total / 2;
    }
    bool is_valid() const {
        return before == 0 && input >= reach() && (input - reach()) / stride + 1 == output();
    }
};

struct Window {
    Slide h, w;
    bool one_dimension = false;

    bool same() const { return h.is_same() && w.is_same(); }
    bool valid() const { return h.is_valid() && w.is_valid(); }
};

void check_slide(Layer& layer, const Slide& s) {
    const bool sane = s.taps >= 1 && s.taps <= kMostExtent && s.stride >= 1 && s.stride <= kMostExtent &&
                      s.dilation >= 1 && s.dilation <= kMostExtent && s.before >= 0 &&
                      s.before <= kMostExtent && s.after >= 0 && s.after <= kMostExtent;
    if (!sane) {
        layer.fail(
            text("found kernel {}, stride {}, dilation {} and pads {} and {}, expected 1 to {}, pads "
                 "from 0",
                 s.taps, s.stride, s.dilation, s.before, s.after, kMostExtent));
    }
    if (s.input + s.before + s.after < s.reach()) {
        layer.fail(text("found a kernel of {} on an image of {}, expected it to fit", s.reach(), s.input));
    }
}

// auto_pad: as much as keeps input / stride outputs; the odd one after the end, or before it.
void pad_same(Slide& s, bool lower) {
    const std::int64_t out = (s.input + s.stride - 1) / s.stride;
    const std::int64_t total = std::max<std::int64_t>((out - 1) * s.stride + s.reach() - s.input, 0);
    s.before = lower ? total - total / 2 : total / 2;
    s.after = total - s.before;
}

void pad(Layer& layer, Slide& s, bool valid_only) {
    const std::string_view kind = layer.word("auto_pad", "NOTSET");
    if (kind == "SAME_UPPER" || kind == "SAME_LOWER") pad_same(s, kind == "SAME_LOWER");
    if (kind == "VALID" || valid_only) s.before = s.after = 0;
    check_slide(layer, s);
    if (layer.integer("ceil_mode", 0) == 0) return;
    const std::int64_t left = (s.input + s.before + s.after - s.reach()) % s.stride;
    if (left == 0) return;
    // A window that begins beyond the image and the padding before it is not counted.
    const std::int64_t begin = (s.output()) * s.stride;
    if (begin < s.input + s.before) s.beyond = s.stride - left;
}

std::int64_t at(const std::vector<std::int64_t>& list, std::size_t i, std::int64_t fallback) {
    return i < list.size() ? list[i] : fallback;
}

Window window_of(Layer& layer, const Shape& shape, const std::vector<std::int64_t>& kernel) {
    if (shape.size() != 3 && shape.size() != 4) {
        layer.fail(text("found an input of {} dimensions, expected 3 or 4", shape.size()),
                   text("chips run convolutions and pools over one or two dimensions"));
    }
    const std::size_t directions = shape.size() - 2;
    if (kernel.size() != directions) layer.fail(text("found a kernel of {} dimensions", kernel.size()));
    const auto strides = layer.list("strides"), dilations = layer.list("dilations"),
               pads = layer.list("pads");
    Window window;
    window.one_dimension = directions == 1;
    for (std::size_t k = 0; k < directions; ++k) {
        Slide& s = k == 0 ? window.h : window.w;
        s = {shape[k + 2],        kernel[k],      at(strides, k, 1),
             at(dilations, k, 1), at(pads, k, 0), at(pads, k + directions, 0)};
        pad(layer, s, false);
    }
    return window;
}

// [n, l, c] as [n, l, 1, c].
TensorId as_image(Layer& layer, Datum& x) {
    const TensorId id = layer.last(x);
    if (x.rank() == 4) return id;
    const Shape& s = layer.graph().tensor(id).shape;
    return layer.reshape_tensor(id, {s[0], s[1], 1, s[2]});
}

Datum from_image(Layer& layer, TensorId id, bool one_dimension) {
    if (!one_dimension) return layer.datum(id, Form::Last);
    const Shape s = layer.graph().tensor(id).shape;
    return layer.datum(layer.reshape_tensor(id, {s[0], s[1], s[3]}), Form::Last);
}

// The image with zeros, or `value`, around it: for padding that SAME and VALID cannot say.
TensorId padded(Layer& layer, TensorId image, const Window& w, std::optional<double> value = {}) {
    Shape shape = layer.graph().tensor(image).shape;
    const auto extent = [](const Slide& s) { return s.before + s.after + s.beyond; };
    const Datum paddings = constant_of(std::vector<std::int64_t>{0, 0, w.h.before, w.h.after + w.h.beyond,
                                                                 w.w.before, w.w.after + w.w.beyond, 0, 0},
                                       {4, 2}, Type::Int32);
    const std::vector<std::int64_t> grown{shape[0], shape[1] + extent(w.h), shape[2] + extent(w.w), shape[3]};
    shape = check_shape(grown, Type::Float32, layer.where());
    const Type type = layer.graph().tensor(image).type;
    const TensorId around = layer.constant_tensor(paddings);
    if (value) return layer.emit("PADV2", {image, around, layer.scalar(*value)}, shape, type);
    return layer.emit("PAD", {image, around}, shape, type);
}

Settings stride_settings(const Window& w) { return {{"stride_h", w.h.stride}, {"stride_w", w.w.stride}}; }

Shape image_shape(Layer& layer, std::int64_t n, const Window& w, std::int64_t channels) {
    return check_shape({n, w.h.output(), w.w.output(), channels}, Type::Float32, layer.where());
}

// The image a convolution reads, and the word for its padding.
struct Source {
    TensorId image;
    Padding padding;
};
Source source_of(Layer& layer, Datum& x, const Window& w) {
    const TensorId image = as_image(layer, x);
    if (w.valid()) return {image, Padding::Valid};
    if (w.same()) return {image, Padding::Same};
    return {padded(layer, image, w), Padding::Valid};
}

// Weights [o, i, h, w] or [o, i, l] in the order given, as a constant of four dimensions.
TensorId arranged_weights(Layer& layer, Datum& weights, const std::vector<int>& order) {
    if (!weights.constant) {  // computed, or from outside
        Shape shape = weights.shape;
        if (shape.size() == 3) shape.push_back(1);
        Datum image = layer.reshape(weights, shape);
        Datum moved = layer.ordered(image, order);
        return layer.plain(moved);
    }
    Datum four = weights;
    four.plain = four.last = kNoTensor;
    if (four.rank() == 3) four.shape.push_back(1);
    layer.spend(four.data.size());
    return layer.constant_tensor(transpose(four, order));
}

TensorId bias_of(Layer& layer, std::size_t i, std::int64_t channels) {
    if (!layer.has(i)) return kNoTensor;
    Datum& bias = layer.in(i);
    if (bias.elements() != channels)
        layer.fail(text("found a bias of {}, expected {}", bias.elements(), channels));
    return bias.constant ? layer.constant_tensor(bias) : layer.plain(bias);
}

void read_conv(Layer& layer) {
    Datum& x = layer.in(0);
    Datum& weights = layer.in(1);
    if (weights.rank() < 3 || weights.rank() != x.rank())
        layer.fail(text("found weights of {} dimensions, expected {}", weights.rank(), x.rank()));
    const std::vector<std::int64_t> kernel(weights.shape.begin() + 2, weights.shape.end());
    const Window w = window_of(layer, x.shape, kernel);
    const std::int64_t groups = layer.integer("group", 1), in_c = x.shape[1], out_c = weights.shape[0];
    if (groups < 1 || in_c != weights.shape[1] * groups || out_c % groups != 0 || out_c < 1) {
        layer.fail(text("found weights for {} channels in {} groups on an input of {}", weights.shape[1],
                        groups, in_c));
    }
    const bool depthwise = groups > 1 && weights.shape[1] == 1;
    const TensorId filter =
        arranged_weights(layer, weights, depthwise ? std::vector{1, 2, 3, 0} : std::vector{0, 2, 3, 1});
    const TensorId bias = bias_of(layer, 2, out_c);
    const Source source = source_of(layer, x, w);
    Settings settings = stride_settings(w);
    settings.emplace_back("padding", static_cast<std::int64_t>(source.padding));
    settings.emplace_back("dilation_h_factor", w.h.dilation);
    settings.emplace_back("dilation_w_factor", w.w.dilation);
    if (depthwise) settings.emplace_back("depth_multiplier", out_c / groups);
    std::vector<TensorId> inputs{source.image, filter};
    if (bias != kNoTensor) inputs.push_back(bias);
    const TensorId out = layer.emit(depthwise ? "DEPTHWISE_CONV_2D" : "CONV_2D", inputs,
                                    image_shape(layer, x.shape[0], w, out_c), Type::Float32, settings);
    layer.give(0, from_image(layer, out, w.one_dimension));
}

// Transposed: each input adds the kernel to the output, `stride` apart; then the pads are cut off.
struct Spread {
    std::int64_t input = 1, taps = 1, stride = 1, before = 0, after = 0, output = 1;

    std::int64_t full() const { return (input - 1) * stride + taps; }
    // Of the output: what the kernel writes; beyond it there is only the bias.
    std::int64_t written() const { return std::min(output, full() - before); }
    // What TFLite's SAME cuts off in front for this output.
    bool is_same() const {
        const std::int64_t total = std::max<std::int64_t>(full() - output, 0);
        return output == input * stride && before == total / 2 && full() >= output;
    }
};

Spread spread_of(Layer& layer, std::size_t k, std::int64_t input, std::int64_t taps, std::size_t directions) {
    const auto pads = layer.list("pads");
    Spread s{input, taps, at(layer.list("strides"), k, 1), at(pads, k, 0), at(pads, k + directions, 0)};
    const std::int64_t more = at(layer.list("output_padding"), k, 0);
    if (at(layer.list("dilations"), k, 1) != 1) {
        layer.fail(text("found a dilated transposed convolution, expected dilation 1"));
    }
    if (s.taps < 1 || s.taps > kMostExtent || s.stride < 1 || s.stride > kMostExtent || s.before < 0 ||
        s.after < 0 || s.before > kMostExtent || s.after > kMostExtent || more < 0 || more > kMostExtent) {
        layer.fail(text("found kernel {}, stride {} and pads {} and {}, expected 1 to {}, pads from 0",
                        s.taps, s.stride, s.before, s.after, kMostExtent));
    }
    const std::string_view kind = layer.word("auto_pad", "NOTSET");
    const std::int64_t asked = at(layer.list("output_shape"), k, 0);
    if (kind == "SAME_UPPER" || kind == "SAME_LOWER" || asked > 0) {
        s.output = asked > 0 ? asked : input * s.stride;
        const std::int64_t total = std::max<std::int64_t>(s.full() + more - s.output, 0);
        s.before = kind == "SAME_UPPER" ? total / 2 : total - total / 2;
    } else {
        s.output = s.full() + more - s.before - s.after;
    }
    if (s.output < 1 || s.output > kMostExtent || s.before >= s.full())
        layer.fail(text("found an output of {}, expected 1 to {}", s.output, kMostExtent));
    return s;
}

// [in, out / groups, ...] as [out, h, w, in]; groups become zeros where a channel does not see another.
Datum spread_weights(Layer& layer, Datum& weights, std::int64_t groups) {
    if (!weights.constant) {
        if (groups != 1) layer.constant(1, text("weights"));
        Shape shape = weights.shape;
        if (shape.size() == 3) shape.push_back(1);
        Datum image = layer.reshape(weights, shape);
        return layer.ordered(image, {1, 2, 3, 0});
    }
    Datum four = weights;
    four.plain = four.last = kNoTensor;
    if (four.rank() == 3) four.shape.push_back(1);
    layer.spend(four.data.size());
    if (groups == 1) return transpose(four, {1, 2, 3, 0});
    const auto in = static_cast<std::size_t>(four.shape[0]), out = static_cast<std::size_t>(four.shape[1]);
    const std::size_t taps =
        static_cast<std::size_t>(four.shape[2]) * static_cast<std::size_t>(four.shape[3]);
    const auto count = static_cast<std::size_t>(groups);
    layer.spend(std::uint64_t{4} * in * out * taps * count);
    const std::vector<double> values = reals(four);
    std::vector<double> wide(in * out * count * taps, 0.0);
    for (std::size_t i = 0; i < in; ++i) {
        const std::size_t group = i / (in / count);
        for (std::size_t k = 0; k < out * taps; ++k)
            wide[(i * count + group) * out * taps + k] = values[i * out * taps + k];
    }
    return transpose(constant_of(wide, {four.shape[0], static_cast<std::int32_t>(out * count), four.shape[2],
                                        four.shape[3]}),
                     {1, 2, 3, 0});
}

// output_padding reaches past what the kernel writes: zeros there, then the bias everywhere.
TensorId with_margin(Layer& layer, TensorId image, const Spread& h, const Spread& w, TensorId bias) {
    Shape shape = layer.graph().tensor(image).shape;
    const Datum around = constant_of(
        std::vector<std::int64_t>{0, 0, 0, h.output - h.written(), 0, w.output - w.written(), 0, 0}, {4, 2},
        Type::Int32);
    shape[1] = static_cast<std::int32_t>(h.output);
    shape[2] = static_cast<std::int32_t>(w.output);
    image = layer.emit("PAD", {image, layer.constant_tensor(around)}, shape, Type::Float32);
    return bias == kNoTensor ? image : layer.emit("ADD", {image, bias}, shape, Type::Float32);
}

void read_conv_transpose(Layer& layer) {
    Datum& x = layer.in(0);
    Datum& weights = layer.in(1);
    if ((x.rank() != 3 && x.rank() != 4) || weights.rank() != x.rank()) {
        layer.fail(text("found an input of {} dimensions, expected 3 or 4", x.rank()),
                   text("chips run convolutions and pools over one or two dimensions"));
    }
    if (weights.shape[0] != x.shape[1])
        layer.fail(text("found weights for {} channels on an input of {}", weights.shape[0], x.shape[1]));
    const std::size_t directions = x.rank() - 2;
    const Spread h = spread_of(layer, 0, x.shape[2], weights.shape[2], directions);
    const Spread w = directions == 2 ? spread_of(layer, 1, x.shape[3], weights.shape[3], 2) : Spread{};
    const std::int64_t groups = layer.integer("group", 1);
    if (groups < 1 || weights.shape[0] % groups != 0)
        layer.fail(text("found {} groups of {} channels, expected them to divide", groups, weights.shape[0]));
    const std::int64_t channels = check_shape({weights.shape[1] * groups}, Type::Float32, layer.where())[0];
    const bool same = h.is_same() && w.is_same();
    const bool beyond = h.written() != h.output || w.written() != w.output;
    const bool cut = !same && (h.written() != h.full() || w.written() != w.full());
    const auto shape = [&](std::int64_t rows, std::int64_t columns) {
        return check_shape({x.shape[0], rows, columns, channels}, Type::Float32, layer.where());
    };
    const Shape full = cut || beyond ? shape(h.full(), w.full()) : shape(h.output, w.output);
    Datum spread = spread_weights(layer, weights, groups);
    const TensorId filter = spread.constant ? layer.constant_tensor(spread) : layer.plain(spread);
    std::vector<TensorId> inputs{layer.numbers({full.begin(), full.end()}), filter, as_image(layer, x)};
    const TensorId bias = bias_of(layer, 2, channels);
    if (bias != kNoTensor && !beyond) inputs.push_back(bias);
    TensorId out =
        layer.emit("TRANSPOSE_CONV", inputs, full, Type::Float32,
                   {{"stride_h", h.stride},
                    {"stride_w", w.stride},
                    {"padding", static_cast<std::int64_t>(same ? Padding::Same : Padding::Valid)}});
    if (cut) {
        const Shape kept = shape(h.written(), w.written());
        const TensorId begin = layer.numbers({0, h.before, w.before, 0});
        out =
            layer.emit("SLICE", {out, begin, layer.numbers({kept.begin(), kept.end()})}, kept, Type::Float32);
    }
    if (beyond) out = with_margin(layer, out, h, w, bias);
    layer.give(0, from_image(layer, out, directions == 1));
}

Settings pool_settings(const Window& w, Padding padding) {
    Settings settings = stride_settings(w);
    settings.emplace_back("filter_height", w.h.taps);
    settings.emplace_back("filter_width", w.w.taps);
    settings.emplace_back("padding", static_cast<std::int64_t>(padding));
    return settings;
}

// The taps of window `o` that count: those on the image, with `all` also those on the padding.
std::int64_t counted_taps(const Slide& s, std::int64_t o, bool all) {
    const std::int64_t begin = o * s.stride - s.before;  // of tap 0; tap k lies k dilations behind it
    const std::int64_t low = all ? begin : 0, high = all ? s.input + s.after : s.input;
    const auto first_at = [&](std::int64_t place) {
        const std::int64_t way = std::max<std::int64_t>(place - begin, 0);
        return std::min((way + s.dilation - 1) / s.dilation, s.taps);
    };
    return std::max<std::int64_t>(first_at(high) - first_at(low), 1);
}

bool is_dilated(Layer& layer) {
    const auto dilations = layer.list("dilations");
    return std::any_of(dilations.begin(), dilations.end(), [](std::int64_t d) { return d != 1; });
}

// Pools that no operator does: dilated ones, and those over three dimensions and more. A maximum and a sum
// over a box are those along one dimension after another, and along one they join slices of the image.
class SlicedPool {
  public:
    SlicedPool(Layer& layer, const char* op, double margin) : layer_(layer), op_(op), margin_(margin) {}

    Datum of(Datum& x) {
        const auto kernel = layer_.list("kernel_shape"), strides = layer_.list("strides"),
                   dilations = layer_.list("dilations"), pads = layer_.list("pads");
        if (x.rank() < 3 || kernel.size() + 2 != x.rank())
            layer_.fail(text("found a kernel of {} dimensions", kernel.size()));
        TensorId id = layer_.plain(x);
        for (std::size_t k = 0; k < kernel.size(); ++k) {
            Slide s{x.shape[k + 2],      kernel[k],      at(strides, k, 1),
                    at(dilations, k, 1), at(pads, k, 0), at(pads, k + kernel.size(), 0)};
            pad(layer_, s, false);
            if (s.taps > 256)
                layer_.fail(
                    text("found a kernel of {} on an image of {}, expected it to fit", s.taps, s.input));
            id = along(id, k + 2, s);
            slides_.push_back(s);
        }
        return layer_.datum(id, Form::Plain);
    }
    // Behind a sum: one over the number of elements that count.
    Datum averaged(Datum& sum, bool all) {
        Shape one(sum.rank(), 1);
        TensorId id = layer_.plain(sum);
        for (std::size_t k = 0; k < slides_.size(); ++k) {
            std::vector<double> shares;
            for (std::int64_t o = 0; o < slides_[k].output(); ++o)
                shares.push_back(1.0 / static_cast<double>(counted_taps(slides_[k], o, all)));
            Shape shape = one;
            shape[k + 2] = static_cast<std::int32_t>(shares.size());
            id = layer_.emit("MUL", {id, layer_.constant_tensor(constant_of(shares, shape))}, sum.shape,
                             Type::Float32);
        }
        return layer_.datum(id, Form::Plain);
    }

  private:
    TensorId along(TensorId id, std::size_t axis, const Slide& s) {
        Shape shape = layer_.graph().tensor(id).shape;
        std::vector<std::int64_t> extents{shape.begin(), shape.end()}, around(2 * shape.size(), 0);
        around[2 * axis] = s.before;
        around[2 * axis + 1] = s.after + s.beyond;
        extents[axis] += s.before + s.after + s.beyond;
        shape = check_shape(extents, Type::Float32, layer_.where());
        if (shape != layer_.graph().tensor(id).shape) {
            const Datum pads = constant_of(around, {static_cast<std::int32_t>(shape.size()), 2}, Type::Int32);
            id = layer_.emit("PADV2", {id, layer_.constant_tensor(pads), layer_.scalar(margin_)}, shape,
                             Type::Float32);
        }
        TensorId joined = kNoTensor;
        for (std::int64_t tap = 0; tap < s.taps; ++tap) {
            const TensorId part = slice(id, axis, tap * s.dilation, s);
            const Shape& kept = layer_.graph().tensor(part).shape;
            joined = tap == 0 ? part : layer_.emit(op_, {joined, part}, Shape(kept), Type::Float32);
        }
        return joined;
    }
    TensorId slice(TensorId id, std::size_t axis, std::int64_t from, const Slide& s) {
        Shape shape = layer_.graph().tensor(id).shape;
        std::vector<std::int64_t> begin(shape.size(), 0), end{shape.begin(), shape.end()},
            step(shape.size(), 1);
        begin[axis] = from;
        step[axis] = s.stride;
        end[axis] = from + (s.output() - 1) * s.stride + 1;
        shape[axis] = static_cast<std::int32_t>(s.output());
        return layer_.emit("STRIDED_SLICE",
                           {id, layer_.numbers(begin), layer_.numbers(end), layer_.numbers(step)}, shape,
                           Type::Float32);
    }

    Layer& layer_;
    const char* op_;
    double margin_;
    std::vector<Slide> slides_;
};

bool needs_slices(Layer& layer, const Datum& x) { return x.rank() > 4 || is_dilated(layer); }

Window pool_window(Layer& layer, Datum& x) { return window_of(layer, x.shape, layer.list("kernel_shape")); }

void read_max_pool(Layer& layer) {
    Datum& given = layer.in(0);
    if (layer.wanted(1))
        layer.fail(text("found the places of the maxima asked for, expected only their values"));
    Datum x = given.type == Type::Int8 || given.type == Type::UInt8 ? converted(layer, given, Type::Float32)
                                                                    : given;
    if (needs_slices(layer, x)) {
        SlicedPool pool(layer, "MAXIMUM", -std::numeric_limits<float>::max());
        Datum y = pool.of(x);
        return layer.give(0, converted(layer, y, given.type));
    }
    const Window w = pool_window(layer, x);
    const TensorId image = as_image(layer, x);
    const bool same = !w.valid() && w.same();
    const bool pads = !w.valid() && !same;
    const TensorId source = pads ? padded(layer, image, w, -std::numeric_limits<float>::max()) : image;
    const TensorId out = layer.emit("MAX_POOL_2D", {source}, image_shape(layer, x.shape[0], w, x.shape[1]),
                                    x.type, pool_settings(w, same ? Padding::Same : Padding::Valid));
    Datum y = from_image(layer, out, w.one_dimension);
    layer.give(0, converted(layer, y, given.type));
}

// How many taps of each window count: those on the image, with `all` also those on the padding.
std::vector<double> counted(const Slide& s, bool all) {
    std::vector<double> counts;
    for (std::int64_t o = 0; o < s.output(); ++o)
        counts.push_back(static_cast<double>(counted_taps(s, o, all)));
    return counts;
}

// The mean over all taps, zeros included, becomes the mean over those that count.
TensorId corrected(Layer& layer, TensorId mean, const Window& w, bool all) {
    const auto rows = counted(w.h, all), columns = counted(w.w, all);
    const double taps = static_cast<double>(w.h.taps) * static_cast<double>(w.w.taps);
    std::vector<double> factors;
    layer.spend(static_cast<std::uint64_t>(rows.size()) * columns.size() * 8);
    for (const double row : rows) {
        for (const double column : columns) factors.push_back(taps / (row * column));
    }
    if (std::all_of(factors.begin(), factors.end(), [](double f) { return f == 1; })) return mean;
    const Datum map = constant_of(
        factors, {1, static_cast<std::int32_t>(rows.size()), static_cast<std::int32_t>(columns.size()), 1});
    return layer.emit("MUL", {mean, layer.constant_tensor(map)}, layer.graph().tensor(mean).shape,
                      Type::Float32);
}

void read_average_pool(Layer& layer) {
    Datum& x = layer.in(0);
    if (needs_slices(layer, x)) {
        SlicedPool pool(layer, "ADD", 0);
        Datum sum = pool.of(x);
        return layer.give(0, pool.averaged(sum, layer.integer("count_include_pad", 0) != 0));
    }
    const Window w = pool_window(layer, x);
    const bool all = layer.integer("count_include_pad", 0) != 0;
    const bool no_pads = w.valid();
    // TFLite's SAME leaves padding out of the mean, as ONNX does unless told otherwise.
    const bool same = !no_pads && !all && w.same();
    const TensorId image = as_image(layer, x);
    const TensorId source = no_pads || same ? image : padded(layer, image, w);
    TensorId out = layer.emit("AVERAGE_POOL_2D", {source}, image_shape(layer, x.shape[0], w, x.shape[1]),
                              x.type, pool_settings(w, same ? Padding::Same : Padding::Valid));
    if (!no_pads && !same) out = corrected(layer, out, w, all);
    layer.give(0, from_image(layer, out, w.one_dimension));
}

// [n, c, h, w] as one image of h * w rows when it has more directions than a pool.
void pool_all(Layer& layer, const char* op, const char* mean_op) {
    Datum& x = layer.in(0);
    if (x.rank() != 3 && x.rank() != 4) {
        layer.fail(text("found an input of {} dimensions, expected 3 or 4", x.rank()),
                   text("chips run convolutions and pools over one or two dimensions"));
    }
    const TensorId image = as_image(layer, x);
    const Shape from = layer.graph().tensor(image).shape;
    const Shape to{from[0], 1, 1, from[3]};
    TensorId out = kNoTensor;
    if (mean_op && Layer::known(mean_op)) {
        out = layer.emit(mean_op, {image, layer.numbers({1, 2})}, to, x.type, {{"keep_dims", true}});
    } else {
        Window w;
        w.h.taps = from[1];
        w.w.taps = from[2];
        out = layer.emit(op, {image}, to, x.type, pool_settings(w, Padding::Valid));
    }
    layer.give(0, from_image(layer, out, x.rank() == 3));
}

}  // namespace

std::span<const Rule> window_rules() {
    static constexpr std::array rules{
        Rule{"Conv", read_conv},
        Rule{"ConvTranspose", read_conv_transpose},
        Rule{"MaxPool", read_max_pool},
        Rule{"AveragePool", read_average_pool},
        Rule{"GlobalAveragePool", [](Layer& l) { pool_all(l, "AVERAGE_POOL_2D", "MEAN"); }},
        Rule{"GlobalMaxPool", [](Layer& l) { pool_all(l, "MAX_POOL_2D", nullptr); }},
    };
    return rules;
}

}  // namespace jatai::onnx
