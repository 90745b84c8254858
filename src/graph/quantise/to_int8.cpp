#include "src/graph/quantise/to_int8.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <set>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/quantise/cell_watch.h"
#include "src/graph/quantise/op_rules.h"
#include "src/graph/quantise/scales.h"

namespace jatai::quantise {
namespace {

using Kind = OpRule::Kind;

bool same(const Quantisation& a, const Quantisation& b) {
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

TensorId Converter::add(const Tensor& like, Type type, Quantisation quantisation) {
    Tensor tensor;
    tensor.name = like.name;
    tensor.shape = like.shape;
    tensor.type = type;
    tensor.quantisation = std::move(quantisation);
    return to_.add(std::move(tensor));
}

TensorId Converter::add_constant(const Tensor& like, Type type, Bytes data, Quantisation quantisation) {
    const TensorId id = add(like, type, std::move(quantisation));
    to_.tensor(id).data = std::move(data);
    return id;
}

void Converter::emit(Op op, std::vector<TensorId> inputs, std::vector<TensorId> outputs) {
    Node node;
    node.op = op;
    node.name = to_.tensor(outputs[0]).name;
    node.inputs = std::move(inputs);
    node.outputs = std::move(outputs);
    to_.nodes.push_back(std::move(node));
}

TensorId Converter::real_of(TensorId id) {
    if (id == kNoTensor || look(id).real != kNoTensor) return id == kNoTensor ? id : look(id).real;
    TensorId made = kNoTensor;
    if (is_real(id) && look(id).stored != kNoTensor) {
        made = add(old(id), Type::Float32, {});
        emit(Op::Dequantize, {look(id).stored}, {made});
    } else {
        made = to_.add(old(id));
    }
    forms(id).real = made;
    return made;
}

bool Converter::has_stored(TensorId id) const { return look(id).stored != kNoTensor || !wanted(id).empty(); }

// The scale an activation has, or will have once it is quantised.
Quantisation Converter::scale_now(TensorId id) const {
    return look(id).stored != kNoTensor ? to_.tensor(look(id).stored).quantisation : wanted(id);
}

TensorId Converter::stored_of(TensorId id) {
    if (look(id).stored != kNoTensor) return look(id).stored;
    const TensorId real = real_of(id);
    const TensorId made = add(old(id), Type::Int8, wanted(id));
    emit(Op::Quantize, {real}, {made});
    forms(id).stored = made;
    return made;
}

TensorId Converter::stored_as(TensorId id, const Quantisation& quantisation) {
    const TensorId stored = stored_of(id);
    if (same(to_.tensor(stored).quantisation, quantisation)) return stored;
    const TensorId made = add(old(id), Type::Int8, quantisation);
    emit(Op::Quantize, {stored}, {made});
    return made;
}

void Converter::convert_inputs() {
    for (const TensorId id : from_.inputs) {
        const bool store = recipe_.doors == Doors::Int8 && is_real(id) && !wanted(id).empty();
        const TensorId made = store ? add(old(id), Type::Int8, wanted(id)) : to_.add(old(id));
        (store ? forms(id).stored : forms(id).real) = made;
        to_.inputs.push_back(made);
    }
}

// QUANTIZE: the same number where the value exists so already; DEQUANTIZE: only when somebody asks for float.
void Converter::convert_quantize(const Node& node) {
    const TensorId in = node.inputs[0], out = node.outputs[0];
    if (node.op == Op::Dequantize) {
        forms(out).stored = real_of(in);  // the integers themselves
        if (to_.tensor(look(out).stored).type != Type::Int8) {
            const TensorId integers = look(out).stored;
            forms(out) = {add(old(out), Type::Float32, {}), kNoTensor};
            emit(Op::Dequantize, {integers}, {look(out).real});
        }
        return;
    }
    const Quantisation& quantisation = old(out).quantisation;
    if (is_real(in) && look(in).stored != kNoTensor && old(out).type == Type::Int8) {
        forms(out).real = stored_as(in, quantisation);
        return;
    }
    const TensorId source = real_of(in);
    const TensorId made = to_.add(old(out));
    forms(out).real = made;
    emit(Op::Quantize, {source}, {made});
}

void Converter::convert_float(const Node& node) {
    Node copy = node;
    for (TensorId& id : copy.inputs) id = real_of(id);
    for (std::size_t i = 0; i < copy.outputs.size(); ++i) {
        const TensorId id = node.outputs[i];
        if (look(id).real == kNoTensor) {  // a state is there already
            const TensorId made = to_.add(old(id));
            forms(id).real = made;
        }
        copy.outputs[i] = look(id).real;
    }
    to_.nodes.push_back(std::move(copy));
}

// The scale operands that must agree have in common: the result's, or that of the first which varies.
std::optional<Quantisation> Converter::joint_scale(const Node& node) {
    std::optional<Quantisation> first;
    std::size_t varying = 0;
    bool agree = true;
    for (const TensorId id : node.inputs) {
        if (!is_real(id) || old(id).constant()) continue;
        if (!has_stored(id)) return std::nullopt;
        const Quantisation scale = scale_now(id);
        agree = agree && (!first || same(*first, scale));
        if (!first) first = scale;
        ++varying;
    }
    if (varying > 1 && !wanted(node.outputs[0]).empty()) return wanted(node.outputs[0]);
    return agree ? first : std::nullopt;
}

std::optional<TensorId> Converter::constant_operand(TensorId id, const OpRule& rule,
                                                    const Quantisation& joint) {
    const Tensor& constant = old(id);
    if (constant.data.size() > budget_) return std::nullopt;
    budget_ -= constant.data.size();
    const auto stored = recipe_.stored.find(id);
    const auto* values = reinterpret_cast<const float*>(constant.data.data());
    const std::vector<float> floats(values, values + constant.data.size() / sizeof(float));
    if (rule.kind == Kind::Same)
        return add_constant(constant, Type::Int8, quantise_all(floats, joint), joint);
    if (stored != recipe_.stored.end() && stored->second.type == Type::Int8 &&
        !stored->second.quantisation.per_channel()) {
        return add_constant(constant, Type::Int8, stored->second.data, stored->second.quantisation);
    }
    if (!recipe_.quantise_constants) return std::nullopt;
    const Quantisation own = scale_of_range(range_of(floats));
    return add_constant(constant, Type::Int8, quantise_all(floats, own), own);
}

bool Converter::weighted_operands(const Node& node, const OpRule& rule, std::vector<TensorId>& inputs) {
    const auto at = [&](int i) { return static_cast<std::size_t>(i); };
    if (node.inputs.size() <= at(std::max(rule.input, rule.weights))) return false;
    const TensorId x = node.inputs[at(rule.input)], w = node.inputs[at(rule.weights)];
    if (!is_real(x) || !is_real(w) || old(x).constant() || !old(w).constant() || !has_stored(x)) return false;
    const TensorId b = at(rule.bias) < node.inputs.size() ? node.inputs[at(rule.bias)] : kNoTensor;
    if (b != kNoTensor && (!is_real(b) || !old(b).constant())) return false;
    const auto stored = recipe_.stored.find(w);
    const bool given = stored != recipe_.stored.end() && stored->second.type == Type::Int8;
    if (!given && !recipe_.quantise_constants) return false;
    const float input_scale = scale_now(x).scale();
    const StoredConstant weights =
        given ? stored->second
              : quantise_weights(old(w), rule.axis, b == kNoTensor ? nullptr : &old(b), input_scale);
    inputs = node.inputs;
    for (TensorId& id : inputs) {
        if (id != x && id != w && id != b) id = real_of(id);
    }
    inputs[at(rule.input)] = stored_of(x);
    inputs[at(rule.weights)] = add_constant(old(w), Type::Int8, weights.data, weights.quantisation);
    if (b == kNoTensor) return true;
    const auto stored_bias = recipe_.stored.find(b);
    const StoredConstant* integers = stored_bias == recipe_.stored.end() ? nullptr : &stored_bias->second;
    const StoredConstant bias = quantise_bias(old(b), integers, input_scale, weights.quantisation);
    inputs[at(rule.bias)] = add_constant(old(b), Type::Int32, bias.data, bias.quantisation);
    return true;
}

std::optional<std::vector<TensorId>> Converter::operands(const Node& node, const Quantisation& joint) {
    const OpRule& rule = rule_of(node.op);
    std::vector<TensorId> inputs;
    if (rule.kind == Kind::Weighted) {
        if (!weighted_operands(node, rule, inputs)) return std::nullopt;
        return inputs;
    }
    bool varies = false;
    for (const TensorId id : node.inputs) {
        if (!is_real(id)) {
            inputs.push_back(real_of(id));
        } else if (old(id).constant()) {
            const auto made = constant_operand(id, rule, joint);
            if (!made) return std::nullopt;
            inputs.push_back(*made);
        } else {
            if (!has_stored(id) || old(id).state) return std::nullopt;
            inputs.push_back(rule.kind == Kind::Same ? stored_as(id, joint) : stored_of(id));
            varies = true;
        }
    }
    if (!varies) return std::nullopt;
    return inputs;
}

// Whether the operator takes the layer that was just added.
bool Converter::accepted() {
    try {
        op_def(to_.nodes.back().op).verify(to_, to_.nodes.back());
    } catch (const Error&) {
        return false;
    }
    return true;
}

// Weights of one scale for each matrix; the bias in the scale of the product with the input.
bool Converter::lstm_gate(const Node& node, std::size_t gate, Node& copy) {
    const std::size_t first = 1 + gate, recurrent = 5 + gate, bias = 12 + gate;
    Quantisation of_input;
    for (const std::size_t i : {first, recurrent}) {
        const TensorId id = node.inputs[i];
        if (!is_real(id) || !old(id).constant() || old(id).data.size() > budget_) return false;
        budget_ -= old(id).data.size();
        std::vector<float> values(old(id).data.size() / sizeof(float));
        std::memcpy(values.data(), old(id).data.data(), old(id).data.size());
        const ValueRange range = range_of(values);
        const float reach = std::max(-range.low, range.high);
        const Quantisation scale{{reach > 0 ? reach / 127 : 1.0f}, {0}, 0};
        copy.inputs[i] = add_constant(old(id), Type::Int8, quantise_all(values, scale), scale);
        if (i == first) of_input = scale;
    }
    const TensorId b = node.inputs[bias];
    if (!is_real(b) || !old(b).constant()) return false;
    const StoredConstant stored = quantise_bias(old(b), nullptr, scale_now(node.inputs[0]).scale(), of_input);
    copy.inputs[bias] = add_constant(old(b), Type::Int32, stored.data, stored.quantisation);
    return true;
}

// A state that begins as zero begins as the zero point.
TensorId Converter::add_state(TensorId id, Type type, const Quantisation& quantisation) {
    const TensorId made = add(old(id), type, quantisation);
    to_.tensor(made).state = true;
    if (quantisation.zero_point() != 0)
        to_.tensor(made).data.assign(static_cast<std::size_t>(to_.tensor(made).bytes()),
                                     static_cast<std::uint8_t>(quantisation.zero_point()));
    return made;
}

// h is stored as the answer is, c in 16 bits of a power of two.
bool Converter::convert_lstm(const Node& node) {
    if (!recipe_.quantise_constants || node.inputs.size() <= kLstmCell) return false;
    const TensorId x = node.inputs[0], y = node.outputs[0], cell = node.inputs[kLstmCell];
    if (!is_real(x) || old(x).constant() || !has_stored(x) || wanted(y).empty() || wanted(cell).empty())
        return false;
    if (!old(cell).data.empty() || !old(node.inputs[kLstmHidden]).data.empty())
        return false;  // not from zero
    Node copy = node;
    copy.inputs[0] = stored_of(x);
    for (std::size_t gate = 0; gate < 4; ++gate)
        if (!lstm_gate(node, gate, copy)) return false;
    copy.inputs[kLstmHidden] = add_state(node.inputs[kLstmHidden], Type::Int8, wanted(y));
    copy.inputs[kLstmCell] = add_state(cell, Type::Int16, wanted(cell));
    copy.outputs = {add(old(y), Type::Int8, wanted(y))};
    forms(y).stored = copy.outputs[0];
    to_.nodes.push_back(std::move(copy));
    return accepted();
}

// The layer with int8 results; those that ask for another scale than it can give are quantised again.
bool Converter::finish(const Node& node, std::vector<TensorId> inputs, const Quantisation& joint) {
    const OpRule& rule = rule_of(node.op);
    Node copy = node;
    copy.inputs = std::move(inputs);
    std::vector<std::pair<TensorId, TensorId>> again;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        const TensorId id = node.outputs[i];
        if (!is_real(id)) {
            copy.outputs[i] = real_of(id);
            continue;
        }
        const Quantisation scale = rule.kind == Kind::Fixed  ? rule.output
                                   : rule.kind == Kind::Same ? joint
                                                             : wanted(id);
        if (scale.empty() || old(id).state) return false;
        copy.outputs[i] = add(old(id), Type::Int8, scale);
        forms(id).stored = copy.outputs[i];
        if (!wanted(id).empty() && !same(wanted(id), scale)) again.emplace_back(id, copy.outputs[i]);
    }
    to_.nodes.push_back(std::move(copy));
    if (!accepted()) return false;
    for (const auto& [id, stored] : again) {
        const TensorId made = add(old(id), Type::Int8, wanted(id));
        emit(Op::Quantize, {stored}, {made});
        forms(id).stored = made;
    }
    return true;
}

void Converter::undo(std::size_t tensors, std::size_t nodes, std::size_t changes) {
    while (changed_.size() > changes) {
        forms_[static_cast<std::size_t>(changed_.back().first)] = changed_.back().second;
        changed_.pop_back();
    }
    to_.tensors.resize(tensors);
    to_.nodes.resize(nodes);
}

bool Converter::convert_int8(const Node& node) {
    const OpRule& rule = rule_of(node.op);
    const bool remembers = node.op == Op::UnidirectionalSequenceLstm;
    if ((rule.kind == Kind::Float && !remembers) || node.inputs.empty()) return false;
    Quantisation joint;
    if (rule.kind == Kind::Same) {
        const auto found = joint_scale(node);
        if (!found || found->empty()) return false;
        joint = *found;
    }
    changed_.clear();
    const std::size_t tensors = to_.tensors.size(), nodes = to_.nodes.size();
    if (remembers) {
        if (convert_lstm(node)) return true;
    } else {
        const auto inputs = operands(node, joint);
        if (inputs && finish(node, *inputs, joint)) return true;
    }
    undo(tensors, nodes, 0);
    return false;
}

Graph Converter::convert() {
    to_.name = from_.name;
    to_.metadata = from_.metadata;
    convert_inputs();
    for (const Node& node : from_.nodes) {
        if (node.op == Op::Quantize || node.op == Op::Dequantize) {
            convert_quantize(node);
        } else if (!convert_int8(node)) {
            convert_float(node);
        }
        changed_.clear();
    }
    for (const TensorId id : from_.outputs) {
        const bool store = recipe_.doors == Doors::Int8 && is_real(id) && look(id).stored != kNoTensor;
        to_.outputs.push_back(store ? look(id).stored : real_of(id));
    }
    return std::move(to_);
}

// Who reads a tensor.
struct Readers {
    std::vector<const Node*> nodes;
    bool door = false;
};

std::vector<Readers> readers_of(const Graph& graph) {
    std::vector<Readers> readers(graph.tensors.size());
    for (const Node& node : graph.nodes) {
        for (const TensorId id : node.inputs) {
            if (id != kNoTensor) readers[static_cast<std::size_t>(id)].nodes.push_back(&node);
        }
    }
    for (const TensorId id : graph.outputs) readers[static_cast<std::size_t>(id)].door = true;
    return readers;
}

// The scale of a value that is only ever quantised, always the same way.
Quantisation scale_by_readers(const Graph& graph, const Readers& readers) {
    Quantisation scale;
    if (readers.door) return scale;
    for (const Node* node : readers.nodes) {
        const Tensor& out = graph.tensor(node->outputs[0]);
        if (node->op != Op::Quantize || out.type != Type::Int8) return {};
        if (!scale.empty() && !same(scale, out.quantisation)) return {};
        scale = out.quantisation;
    }
    return scale;
}

}  // namespace

Graph to_int8(const Graph& graph, const Recipe& recipe, std::vector<TensorId>* places) {
    Converter converter(graph, recipe);
    Graph result = converter.convert();
    if (places) *places = converter.places();
    return result;
}

Graph fuse_int8(Graph graph, const StoredConstants& stored) {
    const bool quantised = std::any_of(graph.nodes.begin(), graph.nodes.end(), [](const Node& node) {
        return node.op == Op::Quantize || node.op == Op::Dequantize;
    });
    if (!quantised) return graph;
    Recipe recipe;
    recipe.stored = stored;
    recipe.scales.resize(graph.tensors.size());
    const std::vector<Readers> readers = readers_of(graph);
    std::set<TensorId> written;
    for (const Node& node : graph.nodes) written.insert(node.outputs.begin(), node.outputs.end());
    for (const TensorId id : written) {
        if (graph.tensor(id).type == Type::Float32)
            recipe.scales[static_cast<std::size_t>(id)] =
                scale_by_readers(graph, readers[static_cast<std::size_t>(id)]);
    }
    // A value that is only moved before it is quantised may be quantised before it is moved.
    for (std::size_t i = graph.nodes.size(); i-- > 0;) {
        const Node& node = graph.nodes[i];
        if (rule_of(node.op).kind != Kind::Same || node.outputs.size() != 1) continue;
        const Quantisation& out = recipe.scales[static_cast<std::size_t>(node.outputs[0])];
        for (const TensorId id : node.inputs) {
            if (out.empty() || id == kNoTensor || !written.contains(id)) continue;
            const auto at = static_cast<std::size_t>(id);
            const bool alone = readers[at].nodes.size() == 1 && !readers[at].door;
            if (alone && graph.tensor(id).type == Type::Float32 && recipe.scales[at].empty())
                recipe.scales[at] = out;
        }
    }
    return to_int8(graph, recipe);
}

}  // namespace jatai::quantise
