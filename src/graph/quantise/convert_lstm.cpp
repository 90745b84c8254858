// An LSTM, whose gates and states have scales of their own.
#include "src/graph/quantise/converter.h"

#include <algorithm>
#include <cstring>

#include "src/graph/quantise/cell_watch.h"
#include "src/graph/quantise/scales.h"

namespace jatai::quantise {

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

}  // namespace jatai::quantise
