// Variables of a .tflite file: resource tensors become states, the operators that name them vanish.
#include <algorithm>

#include "src/base/error.h"
#include "src/graph/tflite_names.h"
#include "src/graph/tflite_reader.h"
#include "src/graph/verify.h"

namespace jatai {

// READ_VARIABLE and ASSIGN_VARIABLE name a handle; in our graph they read and write the state itself.
void TfliteReader::use_states(Node& node, std::size_t index) {
    const std::string where = layer(index, node, op_def(node.op).name);
    const auto tensor = [&](const std::vector<TensorId>& ids, std::size_t i) {
        if (i >= ids.size() || !has_tensor(ids[i]))
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
bool TfliteReader::read_variable_op(const tflite::Operator& from, std::size_t index) {
    const std::int32_t code = builtin_code(from);
    if (code == kBuiltinVarHandle) name_variable(from, index);
    if (code == kBuiltinCallOnce) begin_variables(from, index);
    return code == kBuiltinVarHandle || code == kBuiltinCallOnce;
}

std::int32_t TfliteReader::builtin_code(const tflite::Operator& from) const {
    if (from.opcode_index() >= count(model_->operator_codes())) return -1;  // read_op() tells
    const tflite::OperatorCode& code = *model_->operator_codes()->Get(from.opcode_index());
    return std::max<std::int32_t>(code.deprecated_builtin_code(), code.builtin_code());
}

void TfliteReader::name_variable(const tflite::Operator& from, std::size_t index) {
    const std::string where = text("layer {} ({})", index, builtin_name(kBuiltinVarHandle));
    const std::vector<TensorId> outputs = copy(from.outputs());
    if (outputs.size() != 1 || !has_tensor(outputs[0]))
        fail(text("{}: found operands outside the model", where), text("the file is damaged"));
    const std::string name = variable_name(from, where);
    variable_of_[outputs[0]] = name;
    // Until a layer that uses it tells more: a byte.
    Tensor& tensor = graph_.tensor(outputs[0]);
    tensor = Tensor{tensor.name, Type::Int8, {1}, {}, {}};
}

// Container and name of VarHandleOptions: together they say which variable is meant.
std::string TfliteReader::variable_name(const tflite::Operator& handle, const std::string& where) {
    const flatbuffers::Table* table = options_of(handle);
    if (table == nullptr) return "/";
    return read_string(*table, 0, where) + '/' + read_string(*table, 1, where);
}

std::string TfliteReader::read_string(const flatbuffers::Table& table, std::uint16_t field,
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

// The state a handle stands for, typed like the value that is read from it or written to it.
TensorId TfliteReader::variable(TensorId handle, const Tensor& like, const std::string& where) {
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
void TfliteReader::begin_variables(const tflite::Operator& from, std::size_t index) {
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

void TfliteReader::begin_variable(const tflite::SubGraph& graph, const tflite::Operator& assign,
                                  std::map<TensorId, std::string>& names, const std::string& where) {
    const std::vector<TensorId> inputs = copy(assign.inputs());
    const bool inside = inputs.size() == 2 && inputs[1] >= 0 &&
                        static_cast<std::size_t>(inputs[1]) < count(graph.tensors()) &&
                        names.contains(inputs[0]);
    if (!inside) fail(text("{}: found operands outside the model", where), text("the file is damaged"));
    const tflite::Tensor& value = *graph.tensors()->Get(static_cast<unsigned>(inputs[1]));
    beginnings_[names[inputs[0]]] = read_buffer(value.buffer(), where);
}

}  // namespace jatai
