#include "src/graph/quantise/cell_watch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace jatai::quantise {

CellWatch::CellWatch(const Graph& graph, const Node& node) : time_major_(node.attributes.flag("time_major")) {
    const std::vector<std::int32_t>& in = graph.tensor(node.inputs[0]).shape;
    batches_ = static_cast<std::size_t>(in[time_major_ ? 1 : 0]);
    steps_ = static_cast<std::size_t>(in[time_major_ ? 0 : 1]);
    row_bytes_ = static_cast<std::size_t>(in[2]) * sizeof(float);
    Node copy = node;
    for (TensorId& id : copy.inputs) {
        if (id != kNoTensor) id = one_.add(graph.tensor(id));
    }
    copy.outputs = {one_.add(graph.tensor(node.outputs[0]))};
    for (const TensorId id : {copy.inputs[0], copy.outputs[0]})
        one_.tensor(id).shape[time_major_ ? 0 : 1] = 1;
    one_.inputs = {copy.inputs[0]};
    one_.outputs = {copy.inputs[kLstmCell]};
    one_.nodes.push_back(std::move(copy));
    interpreter_ = std::make_unique<Interpreter>(one_);
}

void CellWatch::look(ByteView input) {
    Bytes step(batches_ * row_bytes_);
    for (std::size_t t = 0; t < steps_; ++t) {
        for (std::size_t b = 0; b < batches_; ++b) {
            const std::size_t row = time_major_ ? t * batches_ + b : b * steps_ + t;
            std::memcpy(step.data() + b * row_bytes_, input.data() + row * row_bytes_, row_bytes_);
        }
        const Bytes cell = interpreter_->run({step})[0];
        for (std::size_t i = 0; i < cell.size(); i += sizeof(float)) {
            float value;
            std::memcpy(&value, cell.data() + i, sizeof value);
            if (std::isfinite(value)) largest_ = std::max(largest_, std::abs(value));
        }
    }
}

Quantisation CellWatch::scale() const {
    const int power = largest_ > 0 ? static_cast<int>(std::ceil(std::log2(largest_))) : 0;
    return {{std::ldexp(1.0f, std::clamp(power - 15, -28, 0))}, {0}, 0};
}

}  // namespace jatai::quantise
