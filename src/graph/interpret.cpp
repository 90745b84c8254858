#include "src/graph/interpret.h"

#include <algorithm>
#include <memory>

#include "src/base/error.h"
#include "src/graph/verify.h"

namespace jatai {

Interpreter::Interpreter(const Graph& graph, Family family, HostCode code) : graph_(graph) {
    for (const Tensor& tensor : graph.tensors) values_.push_back(tensor.data);
    for (const TensorId id : graph.inputs) room_for(id);
    for (const TensorId id : graph.outputs) room_for(id);
    for (const Node& node : graph.nodes) steps_.push_back(make_step(node, family, code));
}

// A tensor no step touches (SHAPE reads extents only) needs none.
Bytes& Interpreter::room_for(TensorId id) {
    Bytes& value = values_[static_cast<std::size_t>(id)];
    if (value.empty()) value.resize(static_cast<std::size_t>(graph_.tensor(id).bytes()));
    return value;
}

Interpreter::Step Interpreter::make_step(const Node& node, Family family, HostCode code) {
    Lowered lowered = op_def(node.op).lower(graph_, node, family);
    Step step;
    if (lowered.kernel.op == Op::None) {
        step.from = node.inputs[0];
        step.to = node.outputs[0];
        room_for(step.from);
        room_for(step.to);
        return step;
    }
    step.kernel = find_kernel(lowered.kernel, code);
    CHECK(step.kernel != nullptr);
    bind(step, std::move(lowered));
    return step;
}

void Interpreter::bind(Step& step, Lowered&& lowered) {
    step.params = std::move(lowered.params);
    std::vector<std::uint32_t> sizes;
    const auto writable = std::make_unique<bool[]>(lowered.operands.size());
    step.owned.reserve(lowered.operands.size());  // addresses taken below must stay
    for (std::size_t i = 0; i < lowered.operands.size(); ++i) {
        Operand& operand = lowered.operands[i];
        Bytes* bytes = nullptr;
        writable[i] = operand.kind != Operand::Kind::Constant;
        if (operand.kind == Operand::Kind::Tensor) {
            bytes = &room_for(operand.tensor);
            writable[i] = !graph_.tensor(operand.tensor).constant();
        } else if (operand.kind == Operand::Kind::Constant) {
            bytes = &step.owned.emplace_back(std::move(operand.constant));
        } else if (operand.kind == Operand::Kind::Scratch) {
            bytes = &step.owned.emplace_back(operand.scratch_bytes);
        }
        step.operands.push_back(bytes == nullptr ? nullptr : bytes->data());
        sizes.push_back(bytes == nullptr ? 0 : static_cast<std::uint32_t>(bytes->size()));
    }
    const Claim claim{step.params.data(), static_cast<std::uint32_t>(step.params.size()),
                      static_cast<std::uint32_t>(sizes.size()), sizes.data(), writable.get()};
    CHECK(step.kernel->fits(claim));
}

std::vector<Bytes> Interpreter::run(const std::vector<Bytes>& inputs) {
    if (inputs.size() != graph_.inputs.size()) {
        throw Error{text("model: found {} inputs, expected {}", inputs.size(), graph_.inputs.size())};
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        Bytes& value = values_[static_cast<std::size_t>(graph_.inputs[i])];
        if (inputs[i].size() != value.size()) {
            throw Error{
                text("model: found {} bytes for input {}, expected {}", inputs[i].size(), i, value.size())};
        }
        std::copy(inputs[i].begin(), inputs[i].end(), value.begin());
    }
    for (const Step& step : steps_) {
        if (step.kernel == nullptr) {
            values_[static_cast<std::size_t>(step.to)] = values_[static_cast<std::size_t>(step.from)];
        } else {
            step.kernel->run(Call{step.params.data(), step.operands.data()});
        }
    }
    std::vector<Bytes> answers;
    for (const TensorId id : graph_.outputs) answers.push_back(values_[static_cast<std::size_t>(id)]);
    return answers;
}

std::vector<Bytes> run_graph(const Graph& graph, const std::vector<Bytes>& inputs) {
    return Interpreter(graph).run(inputs);
}

}  // namespace jatai
