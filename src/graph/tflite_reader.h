// tflite_reader.h: what reads a .tflite file; the files tflite_read*.cpp share it, and nobody else.
//
//     return TfliteReader(aligned_bytes, place).read();
//
// One walk: tensors (tflite_read_tensors.cpp), then layers (tflite_read_layers.cpp), among them those that
// only name variables (tflite_read_variables.cpp); then what no layer asked for is refused (tflite_read.cpp).
// Needs   bytes that begin where any scalar of the schema may.
// Fails   as tflite.h says.
#pragma once

#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/printable.h"
#include "tflite_schema_generated.h"

namespace jatai {

template <typename T>
std::size_t count(const flatbuffers::Vector<T>* vector) {
    return vector ? vector->size() : 0;
}

// The settings table; null when there is none, or when a damaged file names a kind and gives no table.
inline const flatbuffers::Table* options_of(const tflite::Operator& from) {
    return from.options_kind() == 0 ? nullptr : reinterpret_cast<const flatbuffers::Table*>(from.options());
}

// What a converter fused into a name behind its first part goes.
inline std::string shorten(const std::string& tensor_name) {
    return tensor_name.substr(0, tensor_name.find(';'));
}

// How errors name a layer. `op`: its operator.
std::string layer(std::size_t index, const Node& node, const std::string& op);

class TfliteReader {
  public:
    TfliteReader(ByteView bytes, const std::string& place)
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

    bool has_tensor(TensorId id) const {
        return id >= 0 && static_cast<std::size_t>(id) < graph_.tensors.size();
    }

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

}  // namespace jatai
