#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/onnx/importer.h"
#include "src/graph/op_def.h"
#include "src/graph/printable.h"

namespace jatai::onnx {
namespace {

bool moves_nothing(const Shape& shape, const std::vector<int>& order) {
    int before = -1;
    for (const int axis : order) {
        if (shape[static_cast<std::size_t>(axis)] == 1) continue;
        if (axis < before) return false;
        before = axis;
    }
    return true;
}

std::vector<std::int64_t> wide(const Shape& numbers) { return {numbers.begin(), numbers.end()}; }

// ONNX's uint8 is stored as int8: the same numbers, 128 lower.
Quantisation stored_form(const Quantisation& quantisation, Type type) {
    Quantisation to = quantisation;
    if (type == Type::UInt8)
        for (std::int32_t& zero : to.zero_points) zero -= 128;
    return to;
}

// Which scale an element of a constant has.
std::size_t slice_of(std::size_t i, const Shape& shape, const Quantisation& quantisation) {
    if (!quantisation.per_channel()) return 0;
    std::size_t inner = 1;
    for (std::size_t k = static_cast<std::size_t>(quantisation.axis) + 1; k < shape.size(); ++k)
        inner *= static_cast<std::size_t>(shape[k]);
    return i / inner % quantisation.scales.size();
}

Datum dequantised_constant(const Datum& from, const Quantisation& quantisation) {
    const std::vector<std::int64_t> values = integers(from);
    std::vector<double> floats(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        const std::size_t slice = slice_of(i, from.shape, quantisation);
        floats[i] =
            static_cast<float>(values[i] - quantisation.zero_points[slice]) * quantisation.scales[slice];
    }
    Datum to = constant_of(floats, from.shape);
    StoredIntegers stored;
    stored.type = from.type == Type::UInt8 ? Type::Int8 : from.type;
    stored.data = from.data;
    if (from.type == Type::UInt8)
        for (std::uint8_t& byte : stored.data) byte ^= 0x80;
    stored.quantisation = stored_form(quantisation, from.type);
    if (stored.type == Type::Int8 || stored.type == Type::Int32)
        to.stored = std::make_shared<const StoredIntegers>(std::move(stored));
    return to;
}

// round-half-even, as ONNX's QuantizeLinear.
Datum quantised_constant(const Datum& from, Type type, const Quantisation& quantisation) {
    const double low = type == Type::UInt8 ? 0 : type == Type::Int8 ? -128 : -32768;
    const double high = type == Type::UInt8 ? 255 : type == Type::Int8 ? 127 : 32767;
    std::vector<std::int64_t> stored;
    std::size_t i = 0;
    for (const double value : reals(from)) {
        const std::size_t slice = slice_of(i++, from.shape, quantisation);
        const float steps = static_cast<float>(value) / quantisation.scales[slice];
        const double rounded = std::isnan(steps) ? 0 : std::nearbyint(std::clamp<double>(steps, -1e6, 1e6));
        stored.push_back(
            static_cast<std::int64_t>(std::clamp(rounded + quantisation.zero_points[slice], low, high)));
    }
    return constant_of(stored, from.shape, type);
}

bool same(const Quantisation& a, const Quantisation& b) {
    return a.scales == b.scales && a.zero_points == b.zero_points;
}

// What `make` makes of the tensor behind a value, in the order it exists in.
template <typename Make>
Datum map_tensor(Layer& layer, Datum& from, const Make& make) {
    if (from.unflattened && from.plain == kNoTensor) {
        Datum source = map_tensor(layer, *from.unflattened, make);
        Datum to;
        to.type = source.type;
        to.shape = from.shape;
        to.unflattened = std::make_shared<Datum>(std::move(source));
        return to;
    }
    const Form form = layer.form_of(from);
    return layer.datum(make(layer.in_form(from, form)), form);
}

}  // namespace

Layer::Layer(Importer& importer, const Node& node, std::size_t index)
    : importer_(importer), node_(node), index_(index), settings_(parse_attributes(node, importer.place())) {}

std::string Layer::name() const {
    if (!node_.name.empty()) return printable(std::string(node_.name));
    for (const std::string_view output : node_.outputs) {
        if (!output.empty()) return printable(std::string(output));
    }
    return {};
}

std::string Layer::where() const {
    return text("{}: layer {} {} (ONNX {}, opset {})", importer_.place(), index_, name(),
                printable(std::string(node_.op)), opset());
}

void Layer::fail(const std::string& found, const std::string& hint) const {
    throw Error{where() + ": " + found,
                hint.empty() ? text("change this layer in the network, or export the model again") : hint};
}

const Attribute* Layer::setting(std::string_view name) const {
    for (const Attribute& a : settings_) {
        if (a.name == name) return &a;
    }
    return nullptr;
}

std::int64_t Layer::integer(std::string_view name, std::int64_t fallback) const {
    const Attribute* a = setting(name);
    return a ? a->integer : fallback;
}

double Layer::real(std::string_view name, double fallback) const {
    const Attribute* a = setting(name);
    return a ? a->real : fallback;
}

std::string_view Layer::word(std::string_view name, std::string_view fallback) const {
    const Attribute* a = setting(name);
    return a && !a->word.empty() ? a->word : fallback;
}

std::vector<std::int64_t> Layer::list(std::string_view name) const {
    const Attribute* a = setting(name);
    return a ? a->integers : std::vector<std::int64_t>{};
}

Datum& Layer::in(std::size_t i) {
    if (!has(i)) fail(text("found no input {}, which it needs", i));
    const auto found = importer_.values_.find(node_.inputs[i]);
    if (found == importer_.values_.end()) {
        fail(text("found {} read before any layer writes it", printable(std::string(node_.inputs[i]))),
             text("layers must stand in an order in which they can run"));
    }
    return found->second;
}

const Datum& Layer::constant(std::size_t i, const std::string& what) {
    const Datum& datum = in(i);
    if (!datum.constant) {
        fail(text("found {} computed by another layer, expected constants", what),
             text("only layers whose settings are fixed when the model is compiled run on a chip"));
    }
    return datum;
}

std::vector<std::int64_t> Layer::list_of(std::size_t i, const std::string& what) {
    const Datum& datum = constant(i, what);
    if (datum.rank() > 1 || datum.elements() > 65536) {
        fail(text("found {} values of {}, expected a short list", datum.elements(), what));
    }
    return integers(datum);
}

std::vector<std::int64_t> Layer::list_at(std::size_t i, const char* name) {
    return has(i) ? list_of(i, name) : list(name);
}

std::size_t Layer::axis(std::int64_t axis, std::size_t rank) const {
    const auto extent = static_cast<std::int64_t>(rank);
    if (axis < -extent || axis >= extent) {
        fail(text("found axis {}, expected {} to {}", axis, -extent, extent - 1));
    }
    return static_cast<std::size_t>(axis < 0 ? axis + extent : axis);
}

void Layer::give(std::size_t i, Datum datum) {
    if (!wanted(i)) return;
    if (datum.constant) spend(datum.data.size());
    if (!importer_.values_.emplace(node_.outputs[i], std::move(datum)).second) {
        fail(text("found {} written a second time, expected one writer",
                  printable(std::string(node_.outputs[i]))));
    }
}

Form Layer::form_of(const Datum& datum) const {
    return datum.last != kNoTensor && datum.plain == kNoTensor ? Form::Last : Form::Plain;
}

Shape Layer::shape_in(Form form, const Shape& shape) {
    return form == Form::Plain ? shape : transpose(shape, channels_last(shape.size()));
}

std::size_t Layer::axis_in(Form form, std::size_t axis, std::size_t rank) {
    if (form == Form::Plain || axis == 0) return axis;
    return axis == 1 ? rank - 1 : axis - 1;
}

Datum Layer::datum(TensorId id, Form form) const {
    const Tensor& tensor = importer_.graph_.tensor(id);
    Datum datum;
    datum.type = tensor.type;
    (form == Form::Plain ? datum.plain : datum.last) = id;
    datum.shape =
        form == Form::Plain ? tensor.shape : transpose(tensor.shape, channels_second(tensor.shape.size()));
    return datum;
}

TensorId Layer::plain(Datum& datum) {
    if (datum.plain != kNoTensor) return datum.plain;
    if (datum.constant) {
        datum.plain = constant_tensor(datum);
    } else if (datum.last != kNoTensor) {
        datum.plain = transpose_tensor(datum.last, channels_second(datum.rank()));
    } else {
        CHECK(datum.unflattened != nullptr);
        datum.plain = reshape_tensor(plain(*datum.unflattened), datum.shape);
    }
    return datum.plain;
}

TensorId Layer::last(Datum& datum) {
    CHECK(has_last(datum));
    if (datum.last != kNoTensor) return datum.last;
    if (datum.constant) {
        spend(datum.data.size());
        datum.last = constant_tensor(transpose(datum, channels_last(datum.rank())));
    } else {
        datum.last = transpose_tensor(plain(datum), channels_last(datum.rank()));
    }
    return datum.last;
}

TensorId Layer::transpose_tensor(TensorId from, const std::vector<int>& order) {
    const Tensor& tensor = graph().tensor(from);
    const Shape shape = transpose(tensor.shape, order);
    if (moves_nothing(tensor.shape, order)) return reshape_tensor(from, shape);
    const Type type = tensor.type;
    const Quantisation quantisation = tensor.quantisation;
    const TensorId perm = numbers({order.begin(), order.end()});
    const TensorId to = emit("TRANSPOSE", {from, perm}, shape, type);
    graph().tensor(to).quantisation = quantisation;
    return to;
}

TensorId Layer::reshape_tensor(TensorId from, Shape shape) {
    const Tensor& tensor = graph().tensor(from);
    const Type type = tensor.type;
    const Quantisation quantisation = tensor.quantisation;
    const std::vector<std::int64_t> extents = wide(shape);
    const TensorId to = emit("RESHAPE", {from}, std::move(shape), type, {{"new_shape", extents}});
    graph().tensor(to).quantisation = quantisation;
    return to;
}

Datum Layer::reshape(Datum& from, const Shape& shape) {
    if (from.constant) {
        Datum to = from;
        to.shape = shape;
        to.plain = to.last = kNoTensor;
        if (to.stored && to.stored->quantisation.per_channel()) to.stored = nullptr;
        return to;
    }
    Datum to;
    to.type = from.type;
    to.shape = shape;
    to.quantisation = from.quantisation;
    if (shape == from.shape) return from;
    // [n, k] of an image whose channels are last: a dense layer behind it may sort its weights instead.
    if (from.plain == kNoTensor && from.last != kNoTensor && shape.size() == 2 && shape[0] == from.shape[0]) {
        to.unflattened = std::make_shared<Datum>(from);
        return to;
    }
    to.plain = reshape_tensor(plain(from), shape);
    return to;
}

Datum Layer::ordered(Datum& from, const std::vector<int>& order) {
    if (from.constant) {
        spend(from.data.size());
        return transpose(from, order);
    }
    Datum to;
    to.type = from.type;
    to.shape = transpose(from.shape, order);
    to.quantisation = from.quantisation;
    // Channels moved to the end, or back: only what the dimensions are called changes.
    if (has_last(from) && order == channels_last(from.rank())) {
        to.plain = last(from);
    } else if (has_last(to) && order == channels_second(from.rank())) {
        to.last = plain(from);
    } else {
        to.plain = transpose_tensor(plain(from), order);
    }
    return to;
}

std::vector<Datum> Layer::run(std::string_view op, std::vector<Datum> inputs) {
    Node inner = node_;
    inner.op = op;
    inner.domain = {};
    const auto made_name = [&] {
        // No exporter begins a name with a zero byte.
        const std::size_t count = importer_.made_names_.size();
        return std::string_view(
            importer_.made_names_.emplace_back(std::string(1, '\0') + std::to_string(count)));
    };
    inner.inputs.clear();
    for (Datum& input : inputs) {
        const bool absent = input.type == Type::None;
        inner.inputs.push_back(absent ? std::string_view{} : made_name());
        if (!absent) importer_.values_.emplace(inner.inputs.back(), std::move(input));
    }
    if (inner.name.empty() && !node_.outputs.empty()) inner.name = node_.outputs[0];
    for (std::string_view& output : inner.outputs) {
        if (!output.empty()) output = made_name();
    }
    const Rule* rule = find_rule(op);
    CHECK(rule != nullptr);
    Layer layer(importer_, inner, index_);
    if (!fold(layer)) rule->read(layer);
    std::vector<Datum> results;
    for (const std::string_view output : inner.outputs) {
        const auto found = importer_.values_.find(output);
        results.push_back(found == importer_.values_.end() ? Datum{} : std::move(found->second));
        if (found != importer_.values_.end()) importer_.values_.erase(found);
    }
    for (const std::string_view input : inner.inputs) importer_.values_.erase(input);
    return results;
}

bool Layer::known(const char* op) { return find_op(std::string(op)) != nullptr; }

TensorId Layer::tensor(Shape shape, Type type) {
    Tensor tensor;
    tensor.type = type;
    tensor.shape = check_shape(wide(shape), type, where());
    if (std::find(shape.begin(), shape.end(), 0) != shape.end()) {
        fail(text("found an empty tensor, expected every dimension to be 1 or more"));
    }
    tensor.name = name();
    return graph().add(std::move(tensor));
}

void Layer::emit_many(const char* op, std::vector<TensorId> inputs, std::vector<TensorId> outputs,
                      const Settings& settings) {
    const OpDef* def = find_op(std::string(op));
    if (!def) {
        fail(text("found it, which needs {}, an operator this version does not have", op),
             text("replace this layer by one that docs/reference/ops.md lists"));
    }
    jatai::Node node;
    node.op = def->op;
    node.name = name();
    for (const OptionField& field : def->options) node.attributes.set(field.name, default_of(field));
    for (const auto& [key, value] : settings) node.attributes.set(key, value);
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    graph().nodes.push_back(std::move(node));
}

TensorId Layer::emit(const char* op, std::vector<TensorId> inputs, Shape shape, Type type,
                     const Settings& settings) {
    const TensorId output = tensor(std::move(shape), type);
    emit_many(op, std::move(inputs), {output}, settings);
    return output;
}

TensorId Layer::constant_tensor(const Datum& constant) {
    CHECK(constant.constant);
    spend(constant.data.size());
    const TensorId id = tensor(constant.shape, constant.type);
    graph().tensor(id).data = constant.data;
    if (constant.stored) {
        importer_.stored_[id] = {constant.stored->type, constant.stored->data, constant.stored->quantisation};
    }
    return id;
}

TensorId Layer::numbers(const std::vector<std::int64_t>& values, Type type) {
    return constant_tensor(constant_of(values, {static_cast<std::int32_t>(values.size())}, type));
}

Datum Layer::real_of(Datum& stored, const Quantisation& quantisation) {
    if (stored.constant) {
        spend(stored.data.size() * 4);
        return dequantised_constant(stored, quantisation);
    }
    if (quantisation.per_channel()) {
        fail(text("found a scale per channel of a value that varies, expected one"));
    }
    if (stored.quantisation && !same(*stored.quantisation, quantisation)) {
        fail(text("found integers of scale {} read as scale {}, expected the same",
                  stored.quantisation->scale(), quantisation.scale()));
    }
    if (!stored.quantisation) {
        // Integers from outside: this layer is the first to say what they mean.
        if (stored.type != Type::Int8 && stored.type != Type::UInt8 && stored.type != Type::Int16) {
            fail(text("found integers that are wider, expected int8, uint8 or int16"));
        }
        const TensorId outside = plain(stored);
        graph().tensor(outside).quantisation = quantisation;
        if (stored.type == Type::UInt8) {
            stored.plain = emit("QUANTIZE", {outside}, stored.shape, Type::Int8);
            graph().tensor(stored.plain).quantisation = stored_form(quantisation, Type::UInt8);
        }
        stored.quantisation = quantisation;
    }
    return map_tensor(*this, stored, [&](TensorId from) {
        const Shape shape = graph().tensor(from).shape;
        return emit("DEQUANTIZE", {from}, shape, Type::Float32);
    });
}

Datum Layer::quantise(Datum& real, Type type, const Quantisation& quantisation) {
    if (real.constant) {
        spend(real.data.size());
        return quantised_constant(real, type, quantisation);
    }
    if (quantisation.per_channel()) {
        fail(text("found a scale per channel of a value that varies, expected one"));
    }
    Datum to = map_tensor(*this, real, [&](TensorId from) {
        const Shape shape = graph().tensor(from).shape;
        const Type stored = type == Type::UInt8 ? Type::Int8 : type;
        const TensorId id = emit("QUANTIZE", {from}, shape, stored);
        graph().tensor(id).quantisation = stored_form(quantisation, type);
        return id;
    });
    to.type = type;
    to.quantisation = quantisation;
    return to;
}

}  // namespace jatai::onnx
