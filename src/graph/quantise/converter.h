// converter.h: one float graph on its way to int8, layer by layer; what to_int8 and fuse_int8 work with.
//
//     Converter converter(graph, recipe);
//     Graph result = converter.convert();
//
// Every value has up to two forms in the result, float and int8, made when somebody first asks for them.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "src/graph/graph.h"
#include "src/graph/quantise/op_rules.h"
#include "src/graph/quantise/to_int8.h"

namespace jatai::quantise {

inline bool same(const Quantisation& a, const Quantisation& b) {
    return a.scales == b.scales && a.zero_points == b.zero_points;
}

// What a tensor of the float graph is in the result.
struct Forms {
    TensorId real = kNoTensor;    // or, of what is not float, the tensor itself
    TensorId stored = kNoTensor;  // int8
};

class Converter {
  public:
    Converter(const Graph& from, const Recipe& recipe)
        : from_(from), recipe_(recipe), forms_(from.tensors.size()) {
        for (const Tensor& tensor : from.tensors) budget_ += 16 * tensor.data.size();
    }

    Graph convert();
    std::vector<TensorId> places() const {
        std::vector<TensorId> ids;
        for (const Forms& forms : forms_) ids.push_back(forms.stored);
        return ids;
    }

  private:
    const Tensor& old(TensorId id) const { return from_.tensor(id); }
    bool is_real(TensorId id) const { return id != kNoTensor && old(id).type == Type::Float32; }
    Forms& forms(TensorId id) {
        changed_.emplace_back(id, forms_[static_cast<std::size_t>(id)]);
        return forms_[static_cast<std::size_t>(id)];
    }
    const Forms& look(TensorId id) const { return forms_[static_cast<std::size_t>(id)]; }
    const Quantisation& wanted(TensorId id) const {
        static const Quantisation none;
        const auto at = static_cast<std::size_t>(id);
        return at < recipe_.scales.size() ? recipe_.scales[at] : none;
    }

    TensorId add(const Tensor& like, Type type, Quantisation quantisation);
    TensorId add_constant(const Tensor& like, Type type, Bytes data, Quantisation quantisation);
    void emit(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs);
    TensorId real_of(TensorId id);    // float, or what is not float as it is
    TensorId stored_of(TensorId id);  // int8
    TensorId stored_as(TensorId id, const Quantisation& quantisation);
    bool has_stored(TensorId id) const;
    Quantisation scale_now(TensorId id) const;

    void convert_inputs();
    void convert_quantize(const Node& node);
    void convert_float(const Node& node);
    bool convert_int8(const Node& node);
    bool convert_lstm(const Node& node);
    bool lstm_gate(const Node& node, std::size_t gate, Node& copy);
    TensorId add_state(TensorId id, Type type, const Quantisation& quantisation);
    bool accepted();
    std::optional<std::vector<TensorId>> operands(const Node& node, const Quantisation& joint);
    std::optional<TensorId> constant_operand(TensorId id, const OpRule& rule, const Quantisation& joint);
    bool weighted_operands(const Node& node, const OpRule& rule, std::vector<TensorId>& inputs);
    std::optional<Quantisation> joint_scale(const Node& node);
    bool finish(const Node& node, std::vector<TensorId> inputs, const Quantisation& joint);
    void undo(std::size_t tensors, std::size_t nodes, std::size_t changes);

    const Graph& from_;
    const Recipe& recipe_;
    std::vector<Forms> forms_;
    std::vector<std::pair<TensorId, Forms>> changed_;  // what forms_ held before, latest last
    Graph to_;
    std::size_t budget_ = 64u << 20;  // bytes of constants that may still be made: many layers may share one
};

}  // namespace jatai::quantise
