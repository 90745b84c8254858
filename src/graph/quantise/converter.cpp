#include "src/graph/quantise/converter.h"

namespace jatai::quantise {

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

}  // namespace jatai::quantise
