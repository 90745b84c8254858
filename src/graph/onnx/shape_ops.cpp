// Operators that move elements without changing them.
#include <algorithm>
#include <array>
#include <limits>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"

namespace jatai::onnx {
namespace {

constexpr std::int64_t kMostPad = 1 << 24;

std::vector<std::int64_t> wide(const Shape& shape) { return {shape.begin(), shape.end()}; }

void give_reshaped(Layer& layer, const std::vector<std::int64_t>& extents) {
    Datum& x = layer.in(0);
    const Shape shape = check_shape(extents, Type::Int64, layer.where());
    if (elements_of(shape) != x.elements()) {
        layer.fail(
            text("found {} elements to arrange as {}, expected as many", x.elements(), elements_of(shape)));
    }
    layer.give(0, layer.reshape(x, shape));
}

void read_reshape(Layer& layer) {
    const Datum& x = layer.in(0);
    std::vector<std::int64_t> extents = layer.list_at(1, "shape");
    const bool zero_is_zero = layer.integer("allowzero", 0) != 0;
    std::int64_t known = 1;
    std::ptrdiff_t open = -1;
    for (std::size_t k = 0; k < extents.size(); ++k) {
        if (extents[k] == 0 && !zero_is_zero) {
            if (k >= x.rank())
                layer.fail(text("found dimension {} to be kept, expected at most {}", k, x.rank()));
            extents[k] = x.shape[k];
        }
        if (extents[k] == -1) {
            if (open >= 0) layer.fail(text("found two dimensions left open, expected at most one"));
            open = static_cast<std::ptrdiff_t>(k);
        } else if (extents[k] < 0 ||
                   (extents[k] > 0 && known > std::numeric_limits<std::int32_t>::max() / extents[k])) {
            layer.fail(text("found an extent of {}, expected 1 or more", extents[k]));
        } else {
            known *= extents[k];
        }
    }
    if (open >= 0) extents[static_cast<std::size_t>(open)] = known == 0 ? 0 : x.elements() / known;
    give_reshaped(layer, extents);
}

void read_flatten(Layer& layer) {
    const Datum& x = layer.in(0);
    const std::int64_t asked = layer.integer("axis", 1), rank = static_cast<std::int64_t>(x.rank());
    const std::int64_t axis = asked < 0 ? asked + rank : asked;
    if (axis < 0 || axis > rank) layer.fail(text("found axis {}, expected {} to {}", asked, -rank, rank));
    const Shape front(x.shape.begin(), x.shape.begin() + axis);
    const std::int64_t rows = elements_of(front);
    give_reshaped(layer, {rows, rows == 0 ? 0 : x.elements() / rows});
}

void read_squeeze(Layer& layer) {
    const Datum& x = layer.in(0);
    std::vector<bool> drop(x.rank(), false);
    const std::vector<std::int64_t> axes = layer.list_at(1, "axes");
    for (const std::int64_t axis : axes) drop[layer.axis(axis, x.rank())] = true;
    std::vector<std::int64_t> extents;
    for (std::size_t k = 0; k < x.rank(); ++k) {
        if (axes.empty() ? x.shape[k] != 1 : !drop[k]) extents.push_back(x.shape[k]);
    }
    give_reshaped(layer, extents);
}

void read_unsqueeze(Layer& layer) {
    const Datum& x = layer.in(0);
    const std::vector<std::int64_t> axes = layer.list_at(1, "axes");
    const std::size_t rank = x.rank() + axes.size();
    std::vector<bool> added(rank, false);
    for (const std::int64_t axis : axes) added[layer.axis(axis, rank)] = true;
    std::vector<std::int64_t> extents;
    std::size_t from = 0;
    for (std::size_t k = 0; k < rank; ++k) {
        if (!added[k] && from >= x.rank()) layer.fail(text("found an axis twice, expected each once"));
        extents.push_back(added[k] ? 1 : x.shape[from++]);
    }
    give_reshaped(layer, extents);
}

void read_transpose(Layer& layer) {
    Datum& x = layer.in(0);
    std::vector<int> order;
    for (const std::int64_t axis : layer.list("perm")) {
        const auto at = static_cast<int>(layer.axis(axis, x.rank()));
        if (std::find(order.begin(), order.end(), at) != order.end())
            layer.fail(text("found an axis twice, expected each once"));
        order.push_back(at);
    }
    if (order.empty())
        for (std::size_t k = x.rank(); k-- > 0;) order.push_back(static_cast<int>(k));
    if (order.size() != x.rank()) layer.fail(text("found {} axes, expected {}", order.size(), x.rank()));
    layer.give(0, layer.ordered(x, order));
}

void read_concat(Layer& layer) {
    const std::size_t rank = layer.in(0).rank();
    const std::size_t axis = layer.axis(layer.integer("axis", 1), rank);
    Form form = Form::Plain;
    std::int64_t total = 0;
    for (std::size_t i = 0; i < layer.inputs(); ++i) {
        const Datum& part = layer.in(i);
        Shape expected = layer.in(0).shape;
        if (part.rank() == rank) expected[axis] = part.shape[axis];
        if (part.shape != expected || part.type != layer.in(0).type)
            layer.fail(text("found inputs of different shapes, expected them to differ in one dimension"));
        total += expected[axis];
        if (layer.form_of(part) == Form::Last && Layer::has_last(part)) form = Form::Last;
    }
    if (layer.inputs() == 1) return layer.give(0, layer.in(0));
    std::vector<TensorId> inputs;
    for (std::size_t i = 0; i < layer.inputs(); ++i) inputs.push_back(layer.in_form(layer.in(i), form));
    std::vector<std::int64_t> extents = wide(layer.in(0).shape);
    extents[axis] = total;
    const Shape shape = check_shape(extents, Type::Float32, layer.where());
    const auto at = static_cast<std::int64_t>(Layer::axis_in(form, axis, rank));
    layer.give(0, layer.datum(layer.emit("CONCATENATION", inputs, Layer::shape_in(form, shape),
                                         layer.in(0).type, {{"axis", at}}),
                              form));
}

// A box of x: from `begin`, of this shape; both in ONNX's order.
Datum box(Layer& layer, Datum& x, std::vector<std::int64_t> begin, const Shape& shape) {
    if (shape == x.shape) return x;
    const Form form = layer.form_of(x);
    if (form == Form::Last) {
        const std::vector<int> order = channels_last(x.rank());
        std::vector<std::int64_t> moved;
        for (const int axis : order) moved.push_back(begin[static_cast<std::size_t>(axis)]);
        begin = moved;
    }
    const Shape size = Layer::shape_in(form, shape);
    const TensorId from = layer.in_form(x, form);
    return layer.datum(
        layer.emit("SLICE", {from, layer.numbers(begin), layer.numbers(wide(size))}, size, x.type), form);
}

void read_split(Layer& layer) {
    Datum& x = layer.in(0);
    const std::size_t axis = layer.axis(layer.integer("axis", 0), x.rank());
    std::vector<std::int64_t> sizes = layer.list_at(1, "split");
    const auto parts = static_cast<std::int64_t>(layer.outputs());
    if (sizes.empty()) {
        const std::int64_t each = (x.shape[axis] + parts - 1) / parts;
        sizes.assign(static_cast<std::size_t>(parts), each);
        sizes.back() = x.shape[axis] - each * (parts - 1);
    }
    std::int64_t total = 0;
    for (const std::int64_t size : sizes) {
        if (size < 0 || size > x.shape[axis])
            layer.fail(text("found a part of {}, expected 1 to {}", size, x.shape[axis]));
        total += size;
    }
    if (sizes.size() != layer.outputs() || total != x.shape[axis])
        layer.fail(text("found {} parts that add up to {}, expected {} of {}", sizes.size(), total, parts,
                        x.shape[axis]));
    std::vector<std::int64_t> begin(x.rank(), 0);
    for (std::size_t i = 0; i < sizes.size(); ++i) {
        Shape shape = x.shape;
        shape[axis] = static_cast<std::int32_t>(sizes[i]);
        if (layer.wanted(i)) layer.give(i, box(layer, x, begin, shape));
        begin[axis] += sizes[i];
    }
}

void read_slice(Layer& layer) {
    Datum& x = layer.in(0);
    std::vector<std::int64_t> begin(x.rank(), 0), step(x.rank(), 1);
    Shape shape = x.shape;
    bool strided = false;
    for (const AxisRange& range : slice_ranges(layer, x.shape)) {
        begin[range.axis] = range.begin;
        step[range.axis] = range.step;
        shape[range.axis] = static_cast<std::int32_t>(range.count);
        strided = strided || range.step != 1;
    }
    if (!strided) return layer.give(0, box(layer, x, begin, shape));
    const Form form = layer.form_of(x);
    const std::size_t rank = x.rank();
    std::vector<std::int64_t> from(rank), to(rank), steps(rank);
    std::int64_t open = 0;  // bit k: dimension k goes to its end
    for (std::size_t k = 0; k < rank; ++k) {
        const std::size_t at = form == Form::Last ? Layer::axis_in(form, k, rank) : k;
        const std::int64_t end = begin[k] + step[k] * shape[k];
        from[at] = begin[k];
        steps[at] = step[k];
        to[at] = std::clamp<std::int64_t>(end, 0, x.shape[k]);
        if (end < 0) open |= std::int64_t{1} << at;
    }
    const TensorId source = layer.in_form(x, form);
    layer.give(0,
               layer.datum(layer.emit("STRIDED_SLICE",
                                      {source, layer.numbers(from), layer.numbers(to), layer.numbers(steps)},
                                      Layer::shape_in(form, shape), x.type, {{"end_mask", open}}),
                           form));
}

void read_gather(Layer& layer) {
    Datum &x = layer.in(0), &which = layer.in(1);
    const std::size_t axis = layer.axis(layer.integer("axis", 0), x.rank());
    Shape shape(x.shape.begin(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis));
    shape.insert(shape.end(), which.shape.begin(), which.shape.end());
    shape.insert(shape.end(), x.shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, x.shape.end());
    shape = check_shape(wide(shape), Type::Float32, layer.where());
    TensorId indices = kNoTensor;
    if (which.constant) {
        std::vector<std::int64_t> slices = integers(which);
        for (std::int64_t& slice : slices) {
            if (slice < 0) slice += x.shape[axis];
            if (slice < 0 || slice >= x.shape[axis])
                layer.fail(text("found index {} outside the data", slice));
        }
        if (slices.size() == 1) {  // one slice is a box
            std::vector<std::int64_t> begin(x.rank(), 0);
            begin[axis] = slices[0];
            Shape one = x.shape;
            one[axis] = 1;
            Datum part = box(layer, x, begin, one);
            return layer.give(0, layer.reshape(part, shape));
        }
        layer.spend(slices.size() * 8);
        indices = layer.constant_tensor(constant_of(slices, which.shape, Type::Int32));
    } else {
        Datum narrow = converted(layer, which, Type::Int32);
        indices = layer.plain(narrow);
    }
    layer.give(0, layer.datum(layer.emit("GATHER", {layer.plain(x), indices}, shape, x.type,
                                         {{"axis", static_cast<std::int64_t>(axis)}}),
                              Form::Plain));
}

// Which element of an extent stands at place `at` beside it.
std::int64_t mirrored_place(std::string_view mode, std::int64_t at, std::int64_t extent) {
    if (mode == "edge" || extent == 1) return std::clamp<std::int64_t>(at, 0, extent - 1);
    const std::int64_t period = mode == "wrap" ? extent : 2 * (extent - 1);
    const std::int64_t place = (at % period + period) % period;
    return place < extent ? place : period - place;
}

// Dimension by dimension: the places are known beforehand. `around`: before and after of each, in ONNX's
// order.
void pad_by_places(Layer& layer, Datum& x, const std::vector<std::int64_t>& around) {
    TensorId id = layer.plain(x);
    for (std::size_t k = 0; k < x.rank(); ++k) {
        const std::int64_t before = around[2 * k], after = around[2 * k + 1], extent = x.shape[k];
        if (before == 0 && after == 0) continue;
        Shape shape = layer.graph().tensor(id).shape;
        std::vector<std::int64_t> extents{shape.begin(), shape.end()}, places;
        extents[k] += before + after;
        shape = check_shape(extents, Type::Float32, layer.where());
        layer.spend(static_cast<std::uint64_t>(shape[k]) * 16);
        for (std::int64_t at = -before; at < extent + after; ++at)
            places.push_back(mirrored_place(layer.word("mode", "constant"), at, extent));
        if (places.empty())
            layer.fail(text("found an empty tensor, expected every dimension to be 1 or more"));
        id = layer.emit("GATHER", {id, layer.numbers(places)}, shape, x.type,
                        {{"axis", static_cast<std::int64_t>(k)}});
    }
    layer.give(0, layer.datum(id, Form::Plain));
}

void read_pad(Layer& layer) {
    Datum& x = layer.in(0);
    const std::vector<std::int64_t> pads = layer.list_at(1, layer.opset() < 2 ? "paddings" : "pads");
    const std::vector<std::int64_t> chosen =
        layer.has(3) ? layer.list_of(3, "axes") : std::vector<std::int64_t>{};
    std::vector<std::size_t> axes;
    for (const std::int64_t axis : chosen) axes.push_back(layer.axis(axis, x.rank()));
    if (!layer.has(3))
        for (std::size_t k = 0; k < x.rank(); ++k) axes.push_back(k);
    if (pads.size() != 2 * axes.size())
        layer.fail(text("found {} pads, expected {}", pads.size(), 2 * axes.size()));
    const std::string_view wanted = layer.word("mode", "constant");
    if (wanted == "edge" || wanted == "wrap") {
        std::vector<std::int64_t> both(2 * x.rank(), 0);
        for (std::size_t i = 0; i < axes.size(); ++i) {
            both[2 * axes[i]] = std::clamp<std::int64_t>(pads[i], -kMostPad, kMostPad);
            both[2 * axes[i] + 1] = std::clamp<std::int64_t>(pads[i + axes.size()], -kMostPad, kMostPad);
        }
        return pad_by_places(layer, x, both);
    }
    const Form form = layer.form_of(x);
    std::vector<std::int64_t> around(2 * x.rank(), 0), extents = wide(x.shape);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t at = Layer::axis_in(form, axes[i], x.rank());
        for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
            const std::int64_t pad = pads[i + side * axes.size()];
            if (pad < 0 || pad > std::numeric_limits<std::int32_t>::max()) {
                layer.fail(text("found a pad of {}, expected 0 or more", pad), text("use Slice to cut"));
            }
            around[2 * at + side] = pad;
            extents[axes[i]] += pad;
        }
    }
    const Shape shape = check_shape(extents, Type::Float32, layer.where());
    if (shape == x.shape) return layer.give(0, x);
    const TensorId paddings =
        layer.constant_tensor(constant_of(around, {static_cast<std::int32_t>(x.rank()), 2}, Type::Int32));
    const TensorId from = layer.in_form(x, form);
    const Shape to = Layer::shape_in(form, shape);
    const std::string_view mode = layer.word("mode", "constant");
    TensorId id = kNoTensor;
    if (mode == "reflect") {
        id = layer.emit("MIRROR_PAD", {from, paddings}, to, x.type, {{"mode", std::int64_t{0}}});
    } else if (mode != "constant") {
        layer.fail(text("found padding by {}, expected constant, reflect, edge or wrap", std::string(mode)));
    } else {
        double value = layer.real("value", 0);
        if (layer.has(2)) {
            const auto values = reals(layer.constant(2, text("value")));
            value = values.empty() ? 0 : values[0];
        }
        id = value == 0
                 ? layer.emit("PAD", {from, paddings}, to, x.type)
                 : layer.emit("PADV2",
                              {from, paddings,
                               layer.constant_tensor(constant_of(std::vector<double>{value}, {1}, x.type))},
                              to, x.type);
    }
    layer.give(0, layer.datum(id, form));
}

// x repeated along its dimensions, in ONNX's order.
Datum tiled(Layer& layer, Datum& x, const std::vector<std::int64_t>& times) {
    if (times.size() != x.rank()) layer.fail(text("found {} counts, expected {}", times.size(), x.rank()));
    const Form form = layer.form_of(x);
    std::vector<std::int64_t> extents = wide(x.shape), moved(times);
    for (std::size_t k = 0; k < times.size(); ++k) {
        if (times[k] < 1 || times[k] > std::numeric_limits<std::int32_t>::max())
            layer.fail(text("found {} repetitions, expected 1 or more", times[k]));
        extents[k] *= times[k];
        moved[Layer::axis_in(form, k, x.rank())] = times[k];
    }
    const Shape shape = check_shape(extents, Type::Float32, layer.where());
    if (shape == x.shape) return x;
    const TensorId from = layer.in_form(x, form);
    return layer.datum(layer.emit("TILE", {from, layer.numbers(moved)}, Layer::shape_in(form, shape), x.type),
                       form);
}

void read_tile(Layer& layer) { layer.give(0, tiled(layer, layer.in(0), layer.list_of(1, "repeats"))); }

void read_expand(Layer& layer) {
    Datum& x = layer.in(0);
    const Shape target = check_shape(layer.list_of(1, "shape"), Type::Float32, layer.where());
    const auto shape = broadcast(x.shape, target);
    if (!shape) layer.fail(text("found shapes that cannot be broadcast"));
    Shape full(shape->size() - x.rank(), 1);
    full.insert(full.end(), x.shape.begin(), x.shape.end());
    std::vector<std::int64_t> times;
    for (std::size_t k = 0; k < full.size(); ++k) times.push_back(full[k] == 0 ? 0 : (*shape)[k] / full[k]);
    Datum from = layer.reshape(x, full);
    layer.give(0, tiled(layer, from, times));
}

void blocks(Layer& layer, bool to_depth) {
    Datum& x = layer.in(0);
    const std::int64_t block = layer.integer("blocksize", 0);
    if (x.rank() != 4 || block < 1 || block > 65535)
        layer.fail(text("found blocks of {}, expected 1 or more, on an image", block));
    std::vector<std::int64_t> extents = wide(x.shape);
    const bool even =
        to_depth ? extents[2] % block == 0 && extents[3] % block == 0 : extents[1] % (block * block) == 0;
    if (!even) layer.fail(text("found blocks of {}, expected them to divide the image", block));
    extents[1] = to_depth ? extents[1] * block * block : extents[1] / (block * block);
    for (const std::size_t k : {2, 3}) extents[k] = to_depth ? extents[k] / block : extents[k] * block;
    const Shape shape = check_shape(extents, Type::Float32, layer.where());
    if (!to_depth && layer.word("mode", "DCR") == "CRD") {  // the channels' own number in front of the place
        const auto b = static_cast<std::int32_t>(block);
        Datum apart = layer.reshape(x, {x.shape[0], shape[1], b, b, x.shape[2], x.shape[3]});
        apart = layer.ordered(apart, {0, 1, 4, 2, 5, 3});
        return layer.give(0, layer.reshape(apart, shape));
    }
    const TensorId from = layer.last(x);
    layer.give(0, layer.datum(layer.emit(to_depth ? "SPACE_TO_DEPTH" : "DEPTH_TO_SPACE", {from},
                                         Layer::shape_in(Form::Last, shape), x.type, {{"block_size", block}}),
                              Form::Last));
}

void need_known(Layer& layer) {
    layer.fail(
        text("found a shape that depends on what the model is given, expected it to be known beforehand"),
        text("export the model with a fixed input shape: memory is planned before it runs"));
}

}  // namespace

std::vector<AxisRange> slice_ranges(Layer& layer, const Shape& shape) {
    const bool old = layer.opset() < 10;
    const auto starts = old ? layer.list("starts") : layer.list_of(1, "starts");
    const auto ends = old ? layer.list("ends") : layer.list_of(2, "ends");
    auto axes = old            ? layer.list("axes")
                : layer.has(3) ? layer.list_of(3, "axes")
                               : std::vector<std::int64_t>{};
    auto steps = !old && layer.has(4) ? layer.list_of(4, "steps") : std::vector<std::int64_t>{};
    if (axes.empty())
        for (std::size_t k = 0; k < starts.size(); ++k) axes.push_back(static_cast<std::int64_t>(k));
    if (steps.empty()) steps.assign(starts.size(), 1);
    if (ends.size() != starts.size() || axes.size() != starts.size() || steps.size() != starts.size())
        layer.fail(text("found {} starts and {} ends, expected as many of both", starts.size(), ends.size()));
    std::vector<AxisRange> ranges;
    for (std::size_t i = 0; i < starts.size(); ++i) {
        AxisRange range;
        range.axis = layer.axis(axes[i], shape.size());
        const std::int64_t extent = shape[range.axis];
        range.step = std::clamp<std::int64_t>(steps[i], -(1ll << 31), 1ll << 31);
        if (range.step == 0) layer.fail(text("found a step of 0, expected another"));
        const bool back = range.step < 0;
        const auto place = [&](std::int64_t at, std::int64_t low, std::int64_t high) {
            return std::clamp(at < 0 ? std::max<std::int64_t>(at, -(std::int64_t{1} << 40)) + extent : at,
                              low, high);
        };
        range.begin = place(starts[i], 0, back ? std::max<std::int64_t>(extent - 1, 0) : extent);
        const std::int64_t end = place(ends[i], back ? -1 : 0, extent);
        const std::int64_t span = back ? range.begin - end : end - range.begin;
        const std::int64_t size = std::abs(range.step);
        range.count = span <= 0 ? 0 : (span + size - 1) / size;
        ranges.push_back(range);
    }
    return ranges;
}

std::span<const Rule> shape_rules() {
    static constexpr std::array rules{
        Rule{"Reshape", read_reshape},
        Rule{"Flatten", read_flatten},
        Rule{"Squeeze", read_squeeze},
        Rule{"Unsqueeze", read_unsqueeze},
        Rule{"Transpose", read_transpose},
        Rule{"Concat", read_concat},
        Rule{"Split", read_split},
        Rule{"Slice", read_slice},
        Rule{"Gather", read_gather},
        Rule{"Pad", read_pad},
        Rule{"Tile", read_tile},
        Rule{"Expand", read_expand},
        Rule{"DepthToSpace", [](Layer& l) { blocks(l, false); }},
        Rule{"SpaceToDepth", [](Layer& l) { blocks(l, true); }},
        // Known when the model is read, or not at all.
        Rule{"Shape", need_known},
        Rule{"Size", need_known},
        Rule{"Constant", need_known},
        Rule{"ConstantOfShape", need_known},
        Rule{"Range", need_known},
    };
    return rules;
}

}  // namespace jatai::onnx
