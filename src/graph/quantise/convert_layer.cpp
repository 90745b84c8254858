// One layer: as int8 where it can be, else as it was.
#include "src/graph/quantise/converter.h"

#include <algorithm>

#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/quantise/scales.h"

namespace jatai::quantise {
namespace {

using Kind = OpRule::Kind;

}  // namespace

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

}  // namespace jatai::quantise
