#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>

#include "src/base/error.h"
#include "src/graph/drop_empty.h"
#include "src/graph/flex_map.h"
#include "src/graph/narrow_indices.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/fold_constants.h"
#include "src/graph/printable.h"
#include "src/graph/tflite.h"
#include "src/graph/tflite_names.h"
#include "src/graph/uint8_concatenation.h"
#include "src/graph/uint8_to_int8.h"
#include "src/graph/verify.h"
#include "src/graph/widen.h"
#include "tflite_schema_generated.h"

namespace jatai {
namespace {

constexpr std::uint32_t kSchemaVersion = 3;
constexpr int kTensorFloat16 = 1;  // of TensorType
constexpr int kTensorInt4 = 17;
constexpr std::size_t kAlign = 8;  // the widest scalar of the schema

// The bytes where scalars may be read in place: a copy when the caller's are not aligned.
class Aligned {
  public:
    explicit Aligned(ByteView bytes) : view_(bytes) {
        if (reinterpret_cast<std::uintptr_t>(bytes.data()) % kAlign == 0) return;
        copy_.assign(bytes.begin(), bytes.end());
        view_ = copy_;
    }
    ByteView view() const { return view_; }

  private:
    Bytes copy_;
    ByteView view_;
};

template <typename T>
std::size_t count(const flatbuffers::Vector<T>* vector) {
    return vector ? vector->size() : 0;
}

class Reader {
  public:
    Reader(ByteView bytes, const std::string& place)
        : bytes_(bytes), place_(place), budget_(16 * bytes.size() + (1u << 20)) {}

    Graph read();

  private:
    [[noreturn]] void fail(const std::string& found, const std::string& hint = {}) const {
        throw Error{place_ + ": " + found, hint};
    }
    const tflite::Model& open();
    const tflite::SubGraph& main_graph(const tflite::Model& model);

    void read_tensors(const tflite::SubGraph& from);
    void read_inputs(const tflite::SubGraph& from);
    Tensor read_tensor(const tflite::Tensor& from, TensorId id);
    void begin_state(Tensor& tensor);
    void widen(Tensor& tensor, int tensor_type);
    bool is_widened(const Node& node);
    void refuse_tensor(const tflite::Tensor& from, TensorId id);
    void forget_unused();
    Quantisation read_quantisation(const tflite::QuantizationParameters& from, TensorId id);
    Bytes read_buffer(std::uint32_t index, const std::string& owner);
    void refuse_unknown_extents(const tflite::SubGraph& from);

    void read_nodes(const tflite::SubGraph& from);
    const OpDef* find_def(const tflite::OperatorCode& code);
    const OpDef& read_op(const tflite::Operator& from, Node& node, std::size_t index);
    std::string input_types(const tflite::Operator& from);
    [[noreturn]] void refuse_op(const tflite::Operator& from, const tflite::OperatorCode& code,
                                std::size_t index);
    void forget_empty_inputs(Node& node) const;
    void use_states(Node& node, std::size_t index);
    void read_options(const tflite::Operator& from, const OpDef& def, Node& node, std::size_t index);
    Value read_option(const flatbuffers::Table& table, const OptionField& field, const std::string& where);
    void read_custom_options(const tflite::Operator& from, const OpDef& def, Node& node,
                             const std::string& where);
    std::vector<std::int64_t> read_list(const flatbuffers::Table& table, const OptionField& field,
                                        const std::string& where);
    void read_metadata(const tflite::Model& model);

    // Variables: resource tensors become states, the operators that name them vanish.
    std::int32_t builtin_code(const tflite::Operator& from) const;
    bool read_variable_op(const tflite::Operator& from, std::size_t index);
    void name_variable(const tflite::Operator& from, std::size_t index);
    TensorId variable(TensorId handle, const Tensor& like, const std::string& where);
    void begin_variables(const tflite::Operator& from, std::size_t index);
    void begin_variable(const tflite::SubGraph& graph, const tflite::Operator& assign,
                        std::map<TensorId, std::string>& names, const std::string& where);
    std::string variable_name(const tflite::Operator& handle, const std::string& where);
    std::string read_string(const flatbuffers::Table& table, std::uint16_t field, const std::string& where);

    // Offsets may point at the same bytes many times, so a small file can ask for endless copies.
    void spend(std::size_t bytes) {
        if (bytes > budget_) {
            fail(text("found the same bytes used over and over, expected each part of the file about once"),
                 text("the file is damaged"));
        }
        budget_ -= bytes;
    }
    template <typename T>
    std::vector<T> copy(const flatbuffers::Vector<T>* from) {
        std::vector<T> to(count(from));
        spend(to.size() * sizeof(T));
        if (!to.empty()) std::memcpy(to.data(), from->Data(), to.size() * sizeof(T));  // may be unaligned
        return to;
    }
    std::string copy(const flatbuffers::String* from) {
        if (!from) return {};
        spend(from->size());
        return printable(from->str());
    }

    ByteView bytes_;
    const std::string& place_;
    std::size_t budget_;  // bytes that may still be copied
    const tflite::Model* model_ = nullptr;
    Graph graph_;
    std::map<TensorId, std::string> variable_of_;  // by handle
    std::map<std::string, TensorId> states_;       // by variable
    std::map<std::string, Bytes> beginnings_;      // by variable
};

std::string shorten(const std::string& tensor_name) { return tensor_name.substr(0, tensor_name.find(';')); }

std::string layer(std::size_t index, const Node& node, const std::string& op) {
    return node.name.empty() ? text("layer {} ({})", index, op)
                             : text("layer {} {} ({})", index, node.name, op);
}

// The settings table; null when there is none, or when a damaged file names a kind and gives no table.
const flatbuffers::Table* options_of(const tflite::Operator& from) {
    return from.options_kind() == 0 ? nullptr : reinterpret_cast<const flatbuffers::Table*>(from.options());
}

// A setting of a custom operator, as its OpDef types it.
void set_custom_option(const OpDef& def, Node& node, const std::string& name, const Value& value) {
    const auto field = std::find_if(def.options.begin(), def.options.end(),
                                    [&](const OptionField& option) { return name == option.name; });
    if (field == def.options.end())
        throw Error{text("{}: found the setting {}, which is not known", def.name, name)};
    const bool fraction = field->type == FieldType::Float32;
    const auto* real = std::get_if<double>(&value);
    const auto* flag = std::get_if<bool>(&value);
    const auto* whole = std::get_if<std::int64_t>(&value);
    const std::int64_t number = whole ? *whole : flag ? std::int64_t{*flag} : 0;
    const auto real_number = static_cast<float>(real ? *real : static_cast<double>(number));
    if ((real && !fraction) || number < INT32_MIN || number > INT32_MAX || !std::isfinite(real_number))
        throw Error{text("{}: found {} outside what it can be", def.name, name)};
    node.attributes.set(name, fraction                         ? Value{double{real_number}}
                              : field->type == FieldType::Bool ? Value{number != 0}
                                                               : Value{number});
}

const tflite::Model& Reader::open() {
    const std::string damaged = text("copy or download the file again; if it stays, export it again");
    if (bytes_.size() >= FLATBUFFERS_MAX_BUFFER_SIZE) {
        fail(text("found {} bytes, expected less than 2 GB", bytes_.size()));
    }
    if (bytes_.size() < 8)
        fail(text("found {} bytes, expected a TensorFlow Lite model", bytes_.size()), damaged);
    if (!tflite::ModelBufferHasIdentifier(bytes_.data())) {
        fail(text("found no TFL3 mark at byte 4, expected a TensorFlow Lite model"),
             text("jatai reads .tflite files; convert the model first"));
    }
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    if (!tflite::VerifyModelBuffer(verifier)) {
        fail(
            text(
                "found parts that point outside the file of {} bytes, expected a whole TensorFlow Lite model",
                bytes_.size()),
            damaged);
    }
    const tflite::Model& model = *tflite::GetModel(bytes_.data());
    if (model.version() != kSchemaVersion) {
        fail(text("found schema version {}, expected {}", model.version(), kSchemaVersion),
             text("convert the model again with TensorFlow 2"));
    }
    return model;
}

const tflite::SubGraph& Reader::main_graph(const tflite::Model& model) {
    if (count(model.subgraphs()) == 0) {
        fail(text("found a model without a graph"), text("export the model again"));
    }
    // Further graphs are reached only by operators such as IF and WHILE, which are refused by name.
    const tflite::SubGraph& graph = *model.subgraphs()->Get(0);
    if (count(graph.tensors()) > kMaxTensors || count(graph.operators()) > kMaxNodes) {
        fail(text("found {} layers and {} tensors, expected at most {} and {}", count(graph.operators()),
                  count(graph.tensors()), kMaxNodes, kMaxTensors));
    }
    return graph;
}

// A variable that is an input as well is given before every run: it keeps nothing.
void Reader::read_inputs(const tflite::SubGraph& from) {
    graph_.inputs = copy(from.inputs());
    for (const TensorId id : graph_.inputs) {
        if (id < 0 || static_cast<std::size_t>(id) >= graph_.tensors.size()) continue;  // verify() tells
        Tensor& tensor = graph_.tensor(id);
        if (!tensor.state) continue;
        tensor.state = false;
        tensor.data.clear();
    }
}

Graph Reader::read() {
    const tflite::Model& model = open();
    model_ = &model;
    const tflite::SubGraph& from = main_graph(model);
    graph_.name = copy(from.name());
    read_tensors(from);
    read_inputs(from);
    graph_.outputs = copy(from.outputs());
    read_nodes(from);
    drop_empty(graph_);
    forget_unused();
    for (std::size_t i = 0; i < count(from.tensors()); ++i) {
        refuse_tensor(*from.tensors()->Get(static_cast<unsigned>(i)), static_cast<TensorId>(i));
    }
    refuse_unknown_extents(from);
    read_metadata(model);
    rescale_parts(graph_);
    uint8_to_int8(graph_);
    narrow_indices(graph_);
    try {
        verify_tensors(graph_);
        fold_shapes(graph_);
        verify(graph_);
    } catch (const Error& error) {
        fail(error.what(), error.hint());
    }
    return std::move(graph_);
}

Tensor Reader::read_tensor(const tflite::Tensor& from, TensorId id) {
    Tensor to;
    to.name = copy(from.name());
    to.type = type_of(from.type()).value_or(Type::None);
    to.shape = copy(from.shape());
    // An unknown batch is one sample at a time: that is how a chip meets them.
    if (to.shape.size() > 1 && to.shape[0] == -1) to.shape[0] = 1;
    if (from.quantization()) to.quantisation = read_quantisation(*from.quantization(), id);
    // Some converters give the biases of a convolution the axis of its weights.
    if (to.shape.size() == 1) to.quantisation.axis = 0;
    to.data = read_buffer(from.buffer(), text("tensor {} {}", id, to.name));
    widen(to, from.type());
    if (from.is_variable()) begin_state(to);
    return to;
}

// How many elements; none when there are more than a tensor may have: verify() tells.
std::optional<std::size_t> elements_of(const std::vector<std::int32_t>& shape) {
    std::int64_t elements = 1;
    for (const std::int32_t extent : shape) {
        if (extent < 1 || elements > static_cast<std::int64_t>(kMaxTensorBytes) / extent) return std::nullopt;
        elements *= extent;
    }
    return static_cast<std::size_t>(elements);
}

// Constants of 4 bits become int8, those of float16 become float32: the same numbers.
void Reader::widen(Tensor& tensor, int tensor_type) {
    const auto elements = elements_of(tensor.shape);
    if (tensor.data.empty() || !elements) return;
    if (tensor_type == kTensorInt4 && tensor.data.size() == (*elements + 1) / 2) {
        spend(*elements);
        tensor.data = widen_int4(tensor.data, *elements);
        tensor.type = Type::Int8;
        tensor.four_bits = true;
    } else if (tensor_type == kTensorFloat16 && tensor.data.size() == *elements * 2) {
        spend(*elements * sizeof(float));
        tensor.data = widen_float16(tensor.data);
        tensor.type = Type::Float32;
    }
}

// DEQUANTIZE of what widen() made float32 already, or of constants with a scale per channel, which no kernel
// takes: its answer is known, there is no node to make.
bool Reader::is_widened(const Node& node) {
    const auto inside = [&](const std::vector<TensorId>& ids) {
        return ids.size() == 1 && ids[0] >= 0 && static_cast<std::size_t>(ids[0]) < graph_.tensors.size();
    };
    if (node.op != Op::Dequantize || !inside(node.inputs) || !inside(node.outputs)) return false;
    const Tensor& from = graph_.tensor(node.inputs[0]);
    Tensor& to = graph_.tensor(node.outputs[0]);
    if (!from.constant() || to.type != Type::Float32 || !to.data.empty() || to.shape != from.shape)
        return false;
    if (from.type == Type::Float32) {
        spend(from.data.size());
        to.data = from.data;
        return true;
    }
    // Weights of int8 or 4 bits that are floats when the model runs.
    if (!has_scale_per_channel(from)) return false;
    spend(from.data.size() * sizeof(float));
    to.data = dequantise_channels(from);
    return true;
}

// As TFLite's ResetVariableTensors: every element begins as the zero point.
void Reader::begin_state(Tensor& tensor) {
    tensor.state = true;
    const auto zero = static_cast<std::uint8_t>(tensor.quantisation.zero_point());
    const bool byte = tensor.type == Type::Int8 || tensor.type == Type::UInt8;
    if (!tensor.data.empty() || !byte || zero == 0) return;
    const auto elements = elements_of(tensor.shape);
    if (!elements) return;
    spend(*elements);
    tensor.data.assign(*elements, zero);
}

// What no layer and no door names, as the ranges of an LSTM's inner sums, may have any shape: it becomes a
// byte.
void Reader::forget_unused() {
    std::vector<bool> used(graph_.tensors.size(), false);
    const auto mark = [&](const std::vector<TensorId>& ids) {
        for (const TensorId id : ids) {
            if (id >= 0 && static_cast<std::size_t>(id) < used.size())
                used[static_cast<std::size_t>(id)] = true;
        }
    };
    mark(graph_.inputs);
    mark(graph_.outputs);
    for (const Node& node : graph_.nodes) {
        mark(node.inputs);
        mark(node.outputs);
    }
    for (std::size_t i = 0; i < used.size(); ++i) {
        Tensor& tensor = graph_.tensors[i];
        if (!used[i]) tensor = Tensor{tensor.name, Type::Int8, {1}, {}, {}};
    }
}

// Asked after the layers, whose refusals say more: an LSTM is why a model keeps state.
void Reader::refuse_tensor(const tflite::Tensor& from, TensorId id) {
    const std::string where = text("tensor {} {}", id, graph_.tensor(id).name);
    if (graph_.tensor(id).type == Type::None) {
        fail(text("{}: found elements of {}, expected int8, uint8, int16, int32, int64, uint32, uint64, "
                  "float32 or bool",
                  where, tensor_type_name(from.type())),
             text("convert the model with full integer quantisation to int8"));
    }
    if (from.sparsity()) {
        fail(text("{}: found sparse weights, expected dense ones", where),
             text("export the model without sparsity"));
    }
    if (from.external_buffer() != 0) {
        fail(text("{}: found constants in another file, expected them in the model", where));
    }
}

Quantisation Reader::read_quantisation(const tflite::QuantizationParameters& from, TensorId id) {
    const std::string where = text("tensor {}", id);
    if (from.details_kind() != 0) {
        fail(text("{}: found block-wise or custom quantisation, expected one scale per tensor or per channel",
                  where),
             text("convert the model with full integer quantisation to int8"));
    }
    Quantisation to;
    to.scales = copy(from.scale());
    to.axis = from.quantized_dimension();
    const std::vector<std::int64_t> zero_points = copy(from.zero_point());
    if (to.scales.empty()) return Quantisation{};  // only min and max, kept by some float models
    if (!zero_points.empty() && zero_points.size() != to.scales.size()) {
        fail(text("{}: found {} scales and {} zero points, expected as many of both", where, to.scales.size(),
                  zero_points.size()));
    }
    to.zero_points.assign(to.scales.size(), 0);
    for (std::size_t c = 0; c < zero_points.size(); ++c) {
        if (zero_points[c] < INT32_MIN || zero_points[c] > INT32_MAX) {
            fail(text("{}: found a zero point of {}, expected 32 bits", where, zero_points[c]));
        }
        to.zero_points[c] = static_cast<std::int32_t>(zero_points[c]);
    }
    return to;
}

Bytes Reader::read_buffer(std::uint32_t index, const std::string& owner) {
    const std::size_t buffers = count(model_->buffers());
    if (index == 0) return {};
    if (index >= buffers) {
        fail(text("{}: found buffer {}, expected a number below {}", owner, index, buffers),
             text("the file is damaged"));
    }
    const tflite::Buffer& buffer = *model_->buffers()->Get(index);
    if (buffer.offset() > 1) {
        fail(text("{}: found constants behind the end of the model, expected them inside", owner),
             text("models above 2 GB do not fit a microcontroller"));
    }
    return copy(buffer.data());
}

void Reader::read_tensors(const tflite::SubGraph& from) {
    graph_.tensors.reserve(count(from.tensors()));
    for (std::size_t i = 0; i < count(from.tensors()); ++i) {
        graph_.add(read_tensor(*from.tensors()->Get(static_cast<unsigned>(i)), static_cast<TensorId>(i)));
    }
}

// `shape_signature` holds -1 where the file leaves a size open; the shape beside it may still name one.
void Reader::refuse_unknown_extents(const tflite::SubGraph& from) {
    for (const TensorId id : graph_.inputs) {
        if (id < 0 || static_cast<std::size_t>(id) >= graph_.tensors.size()) continue;  // verify() tells
        const auto signature = copy(from.tensors()->Get(static_cast<unsigned>(id))->shape_signature());
        for (std::size_t d = 1; d < signature.size(); ++d) {
            const std::vector<std::int32_t>& shape = graph_.tensor(id).shape;
            if (signature[d] != -1 || (d < shape.size() && shape[d] > 0)) continue;
            fail(text("input {}: found dimension {} of {} left open, expected a fixed size",
                      graph_.tensor(id).name, d, shape_text(graph_.tensor(id))),
                 text("export the model with a fixed input shape: memory is planned before it runs"));
        }
    }
}

// The types of the first inputs: what they are tells a reader more than all of an LSTM's twenty-four.
std::string Reader::input_types(const tflite::Operator& from) {
    constexpr std::size_t kShown = 4;
    std::vector<std::string> types;
    for (const TensorId id : copy(from.inputs())) {
        if (id < 0 || static_cast<std::size_t>(id) >= graph_.tensors.size()) continue;
        types.push_back(types.size() == kShown ? "..." : shape_text(graph_.tensor(id)));
        if (types.size() > kShown) break;
    }
    return types.empty() ? text("no input") : fmt::format("{}", fmt::join(types, ", "));
}

void Reader::refuse_op(const tflite::Operator& from, const tflite::OperatorCode& code, std::size_t index) {
    Node node;
    if (count(from.outputs()) > 0) {
        const TensorId id = from.outputs()->Get(0);
        if (id >= 0 && static_cast<std::size_t>(id) < graph_.tensors.size()) {
            node.name = shorten(graph_.tensor(id).name);
        }
    }
    const std::string types = input_types(from);
    const std::int32_t number = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    const OpDef* def = find_def(code);
    if (number == kCustomOp && def == nullptr) {
        fail(text("{}: found a custom operator on {}, expected one of the TensorFlow Lite schema",
                  layer(index, node, copy(code.custom_code())), types),
             nearest_to_custom(copy(code.custom_code())));
    }
    const std::string name = number == kCustomOp ? def->name : builtin_name(number);
    if (def) {
        fail(text("{}: found version {} of {} on {}, expected at most {}", layer(index, node, name),
                  code.version(), name, types, def->max_version),
             text("convert the model with full integer quantisation to int8, which uses older versions"));
    }
    fail(text("{}: found version {} of {} on {}, expected an operator Jataí runs", layer(index, node, name),
              code.version(), name, types),
         nearest_thing(number));
}

const OpDef* Reader::find_def(const tflite::OperatorCode& code) {
    const std::int32_t number = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    return number == kCustomOp ? find_custom_op(copy(code.custom_code())) : find_op(number);
}

const OpDef& Reader::read_op(const tflite::Operator& from, Node& node, std::size_t index) {
    const std::size_t codes = count(model_->operator_codes());
    if (from.opcode_index() >= codes) {
        fail(text("layer {}: found operator code {}, expected a number below {}", index, from.opcode_index(),
                  codes),
             text("the file is damaged"));
    }
    const tflite::OperatorCode& code = *model_->operator_codes()->Get(from.opcode_index());
    const OpDef* def = find_def(code);
    if (!def || code.version() > def->max_version) refuse_op(from, code, index);
    node.op = def->op;
    node.version = code.version();
    return *def;
}

std::vector<std::int64_t> Reader::read_list(const flatbuffers::Table& table, const OptionField& field,
                                            const std::string& where) {
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    const auto slot = flatbuffers::FieldIndexToOffset(field.field);
    const auto* vector = table.VerifyOffset(verifier, slot)
                             ? table.GetPointer<const flatbuffers::Vector<std::int32_t>*>(slot)
                             : nullptr;
    if (table.CheckField(slot) && (!vector || !verifier.VerifyVector(vector))) {
        fail(text("{}: found {} outside the file", where, field.name), text("the file is damaged"));
    }
    const std::vector<std::int32_t> items = copy(vector);
    return {items.begin(), items.end()};
}

Value Reader::read_option(const flatbuffers::Table& table, const OptionField& field,
                          const std::string& where) {
    const flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    const auto slot = flatbuffers::FieldIndexToOffset(field.field);
    const auto need = [&](bool inside) {
        if (!inside)
            fail(text("{}: found {} outside the file", where, field.name), text("the file is damaged"));
    };
    switch (field.type) {
        case FieldType::Int8:
            need(table.VerifyField<std::int8_t>(verifier, slot, 1));
            return std::int64_t{table.GetField(slot, static_cast<std::int8_t>(field.fallback))};
        case FieldType::Bool:
            need(table.VerifyField<std::uint8_t>(verifier, slot, 1));
            return table.GetField(slot, static_cast<std::uint8_t>(field.fallback)) != 0;
        case FieldType::Int32:
            need(table.VerifyField<std::int32_t>(verifier, slot, 4));
            return std::int64_t{table.GetField(slot, static_cast<std::int32_t>(field.fallback))};
        case FieldType::Float32: {
            need(table.VerifyField<float>(verifier, slot, 4));
            const float value = table.GetField(slot, static_cast<float>(field.fallback));
            if (!std::isfinite(value))
                fail(text("{}: found {} of {}, expected a number", where, field.name, value));
            return double{value};
        }
        case FieldType::Int32List:
            return read_list(table, field, where);
    }
    CHECK(false);
}

void Reader::read_options(const tflite::Operator& from, const OpDef& def, Node& node, std::size_t index) {
    const std::string where = layer(index, node, def.name);
    // Operators without settings need none: converters disagree on what kind of nothing they write.
    const bool other = from.options_kind() != 0 && from.options_kind() != def.options_type;
    if (other && !def.options.empty()) {
        fail(text("{}: found settings of kind {}, expected kind {}", where, from.options_kind(),
                  def.options_type),
             text("the file is damaged, or was written by a faulty converter"));
    }
    if (def.builtin_code == kCustomOp) return read_custom_options(from, def, node, where);
    const flatbuffers::Table* table = options_of(from);
    for (const OptionField& field : def.options) {
        node.attributes.set(field.name, table ? read_option(*table, field, where) : default_of(field));
    }
}

void Reader::read_custom_options(const tflite::Operator& from, const OpDef& def, Node& node,
                                 const std::string& where) {
    const Bytes bytes = copy(from.custom_options());
    for (const OptionField& field : def.options) node.attributes.set(field.name, default_of(field));
    try {
        for (const auto& [name, value] : read_flex_map(bytes, where))
            set_custom_option(def, node, name, value);
    } catch (const Error& error) {
        fail(error.what(), error.hint());
    }
}

// A constant without elements says no more than an input left out: the shape of a scalar, no axes.
void Reader::forget_empty_inputs(Node& node) const {
    for (TensorId& id : node.inputs) {
        if (id < 0 || static_cast<std::size_t>(id) >= graph_.tensors.size()) continue;  // verify() tells
        const Tensor& tensor = graph_.tensor(id);
        const bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
        const bool given = std::find(graph_.inputs.begin(), graph_.inputs.end(), id) != graph_.inputs.end();
        if (empty && !given && tensor.data.empty()) id = kNoTensor;
    }
}

void Reader::read_nodes(const tflite::SubGraph& from) {
    graph_.nodes.reserve(count(from.operators()));
    for (std::size_t i = 0; i < count(from.operators()); ++i) {
        const tflite::Operator& source = *from.operators()->Get(static_cast<unsigned>(i));
        if (read_variable_op(source, i)) continue;
        Node node;
        const OpDef& def = read_op(source, node, i);
        node.inputs = copy(source.inputs());
        forget_empty_inputs(node);
        node.outputs = copy(source.outputs());
        const TensorId first = node.outputs.empty() ? kNoTensor : node.outputs[0];
        if (first >= 0 && static_cast<std::size_t>(first) < graph_.tensors.size()) {
            node.name = shorten(graph_.tensor(first).name);
            spend(node.name.size());
        }
        if (is_widened(node)) continue;
        read_options(source, def, node, i);
        use_states(node, i);
        if (def.complete != nullptr) def.complete(graph_, node);
        graph_.nodes.push_back(std::move(node));
    }
    for (const auto& [name, id] : states_) graph_.tensor(id).data = std::move(beginnings_[name]);
}

// READ_VARIABLE and ASSIGN_VARIABLE name a handle; in our graph they read and write the state itself.
void Reader::use_states(Node& node, std::size_t index) {
    const std::string where = layer(index, node, op_def(node.op).name);
    const auto tensor = [&](const std::vector<TensorId>& ids, std::size_t i) {
        if (i >= ids.size() || ids[i] < 0 || static_cast<std::size_t>(ids[i]) >= graph_.tensors.size())
            fail(text("{}: found operands outside the model", where), text("the file is damaged"));
        return ids[i];
    };
    if (node.op == Op::ReadVariable) {
        const TensorId handle = tensor(node.inputs, 0);
        node.inputs = {variable(handle, graph_.tensor(tensor(node.outputs, 0)), where)};
    } else if (node.op == Op::AssignVariable) {
        const TensorId handle = tensor(node.inputs, 0);
        const TensorId value = tensor(node.inputs, 1);
        node.inputs = {value};
        node.outputs = {variable(handle, graph_.tensor(value), where)};
        node.name = shorten(graph_.tensor(node.outputs[0]).name);
    }
}

// The operators that only name variables or say what they begin with; true: there is no node to make.
bool Reader::read_variable_op(const tflite::Operator& from, std::size_t index) {
    const std::int32_t code = builtin_code(from);
    if (code == kBuiltinVarHandle) name_variable(from, index);
    if (code == kBuiltinCallOnce) begin_variables(from, index);
    return code == kBuiltinVarHandle || code == kBuiltinCallOnce;
}

std::int32_t Reader::builtin_code(const tflite::Operator& from) const {
    if (from.opcode_index() >= count(model_->operator_codes())) return -1;  // read_op() tells
    const tflite::OperatorCode& code = *model_->operator_codes()->Get(from.opcode_index());
    return std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
}

std::string Reader::read_string(const flatbuffers::Table& table, std::uint16_t field,
                                const std::string& where) {
    flatbuffers::Verifier verifier(bytes_.data(), bytes_.size());
    const auto slot = flatbuffers::FieldIndexToOffset(field);
    if (!table.CheckField(slot)) return {};
    const auto* words =
        table.VerifyOffset(verifier, slot) ? table.GetPointer<const flatbuffers::String*>(slot) : nullptr;
    if (!words || !verifier.VerifyString(words))
        fail(text("{}: found a name outside the file", where), text("the file is damaged"));
    return copy(words);
}

// Container and name of VarHandleOptions: together they say which variable is meant.
std::string Reader::variable_name(const tflite::Operator& handle, const std::string& where) {
    const flatbuffers::Table* table = options_of(handle);
    if (table == nullptr) return "/";
    return read_string(*table, 0, where) + '/' + read_string(*table, 1, where);
}

void Reader::name_variable(const tflite::Operator& from, std::size_t index) {
    const std::string where = text("layer {} ({})", index, builtin_name(kBuiltinVarHandle));
    const std::vector<TensorId> outputs = copy(from.outputs());
    if (outputs.size() != 1 || outputs[0] < 0 ||
        static_cast<std::size_t>(outputs[0]) >= graph_.tensors.size())
        fail(text("{}: found operands outside the model", where), text("the file is damaged"));
    const std::string name = variable_name(from, where);
    variable_of_[outputs[0]] = name;
    // Until a layer that uses it tells more: a byte.
    Tensor& tensor = graph_.tensor(outputs[0]);
    tensor = Tensor{tensor.name, Type::Int8, {1}, {}, {}};
}

// The state a handle stands for, typed like the value that is read from it or written to it.
TensorId Reader::variable(TensorId handle, const Tensor& like, const std::string& where) {
    const auto name = variable_of_.find(handle);
    if (name == variable_of_.end()) {
        fail(text("{}: found a variable that no {} names", where, builtin_name(kBuiltinVarHandle)),
             text("the file is damaged, or was written by a faulty converter"));
    }
    const auto [known, fresh] = states_.emplace(name->second, handle);
    Tensor& state = graph_.tensor(known->second);
    if (fresh) {
        state.type = like.type;
        state.shape = like.shape;
        state.quantisation = like.quantisation;
        state.state = true;
    } else if (state.type != like.type || state.shape != like.shape) {
        fail(text("{}: found variable {} as {}, expected {}", where, name->second, shape_text(like),
                  shape_text(state)));
    }
    return known->second;
}

// CALL_ONCE runs a graph before the first sample; what it may do here is give variables constants.
void Reader::begin_variables(const tflite::Operator& from, std::size_t index) {
    const std::string where = text("layer {} ({})", index, builtin_name(kBuiltinCallOnce));
    std::int64_t number = 0;
    if (const flatbuffers::Table* table = options_of(from)) {
        number = std::get<std::int64_t>(
            read_option(*table, {"init_subgraph_index", 0, FieldType::Int32, 0}, where));
    }
    if (number < 0 || static_cast<std::size_t>(number) >= count(model_->subgraphs())) {
        fail(
            text("{}: found graph {}, expected a number below {}", where, number, count(model_->subgraphs())),
            text("the file is damaged"));
    }
    const tflite::SubGraph& graph = *model_->subgraphs()->Get(static_cast<unsigned>(number));
    std::map<TensorId, std::string> names;
    for (std::size_t i = 0; i < count(graph.operators()); ++i) {
        const tflite::Operator& step = *graph.operators()->Get(static_cast<unsigned>(i));
        const std::int32_t code = builtin_code(step);
        if (code == kBuiltinVarHandle && count(step.outputs()) == 1) {
            names[step.outputs()->Get(0)] = variable_name(step, where);
        } else if (code == op_def(Op::AssignVariable).builtin_code) {
            begin_variable(graph, step, names, where);
        } else {
            fail(text("{}: found {} among what runs once, expected only variables that get constants", where,
                      builtin_name(code)),
                 text("export the model so that its variables begin with constants"));
        }
    }
}

void Reader::begin_variable(const tflite::SubGraph& graph, const tflite::Operator& assign,
                            std::map<TensorId, std::string>& names, const std::string& where) {
    const std::vector<TensorId> inputs = copy(assign.inputs());
    const bool inside = inputs.size() == 2 && inputs[1] >= 0 &&
                        static_cast<std::size_t>(inputs[1]) < count(graph.tensors()) &&
                        names.contains(inputs[0]);
    if (!inside) fail(text("{}: found operands outside the model", where), text("the file is damaged"));
    const tflite::Tensor& value = *graph.tensors()->Get(static_cast<unsigned>(inputs[1]));
    beginnings_[names[inputs[0]]] = read_buffer(value.buffer(), where);
}

void Reader::read_metadata(const tflite::Model& model) {
    for (std::size_t i = 0; i < count(model.metadata()); ++i) {
        const tflite::Metadata& entry = *model.metadata()->Get(static_cast<unsigned>(i));
        std::string name = copy(entry.name());
        const Bytes data = read_buffer(entry.buffer(), text("metadata {}", name));
        graph_.metadata.emplace_back(std::move(name), std::string(data.begin(), data.end()));
    }
}

}  // namespace

Graph read_tflite(ByteView bytes, const std::string& place) {
    const Aligned aligned(bytes);
    return Reader(aligned.view(), place).read();
}

}  // namespace jatai
