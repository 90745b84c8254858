// Layers of a .tflite file: operators and their settings, or why one cannot be run.
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/graph/flex_map.h"
#include "src/graph/tflite_names.h"
#include "src/graph/tflite_reader.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

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

}  // namespace

std::string layer(std::size_t index, const Node& node, const std::string& op) {
    return node.name.empty() ? text("layer {} ({})", index, op)
                             : text("layer {} {} ({})", index, node.name, op);
}

void TfliteReader::read_nodes(const tflite::SubGraph& from) {
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
        if (has_tensor(first)) {
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

const OpDef& TfliteReader::read_op(const tflite::Operator& from, Node& node, std::size_t index) {
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

const OpDef* TfliteReader::find_def(const tflite::OperatorCode& code) {
    const std::int32_t number = std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
    return number == kCustomOp ? find_custom_op(copy(code.custom_code())) : find_op(number);
}

void TfliteReader::refuse_op(const tflite::Operator& from, const tflite::OperatorCode& code,
                             std::size_t index) {
    Node node;
    if (count(from.outputs()) > 0) {
        const TensorId id = from.outputs()->Get(0);
        if (has_tensor(id)) {
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

// The types of the first inputs: what they are tells a reader more than all of an LSTM's twenty-four.
std::string TfliteReader::input_types(const tflite::Operator& from) {
    constexpr std::size_t kShown = 4;
    std::vector<std::string> types;
    for (const TensorId id : copy(from.inputs())) {
        if (!has_tensor(id)) continue;
        types.push_back(types.size() == kShown ? "..." : shape_text(graph_.tensor(id)));
        if (types.size() > kShown) break;
    }
    return types.empty() ? text("no input") : fmt::format("{}", fmt::join(types, ", "));
}

// A constant without elements says no more than an input left out: the shape of a scalar, no axes.
void TfliteReader::forget_empty_inputs(Node& node) const {
    for (TensorId& id : node.inputs) {
        if (!has_tensor(id)) continue;  // verify() tells
        const Tensor& tensor = graph_.tensor(id);
        const bool empty = std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
        const bool given = std::find(graph_.inputs.begin(), graph_.inputs.end(), id) != graph_.inputs.end();
        if (empty && !given && tensor.data.empty()) id = kNoTensor;
    }
}

void TfliteReader::read_options(const tflite::Operator& from, const OpDef& def, Node& node,
                                std::size_t index) {
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

Value TfliteReader::read_option(const flatbuffers::Table& table, const OptionField& field,
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

std::vector<std::int64_t> TfliteReader::read_list(const flatbuffers::Table& table, const OptionField& field,
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

void TfliteReader::read_custom_options(const tflite::Operator& from, const OpDef& def, Node& node,
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

}  // namespace jatai
