#include "src/plan/live_count.h"

#include <algorithm>

#include "device/package.h"
#include "src/graph/op_def.h"

namespace jatai {

namespace {

constexpr std::size_t kNobody = SIZE_MAX;

std::size_t index(TensorId t) { return static_cast<std::size_t>(t); }

std::int64_t round_up(std::int64_t bytes) { return (bytes + kPlaceAlign - 1) / kPlaceAlign * kPlaceAlign; }

bool holds(const std::vector<std::size_t>& list, std::size_t x) {
    return std::find(list.begin(), list.end(), x) != list.end();
}

void add_once(std::vector<std::size_t>& list, std::size_t x) {
    if (!holds(list, x)) list.push_back(x);
}

bool in_arena(const OrderProblem& problem, TensorId t) {
    if (t == kNoTensor) return false;
    const Tensor& root = problem.graph.tensor(problem.roots[index(t)]);
    return !root.constant() && !root.state;
}

}  // namespace

LiveCount::LiveCount(const OrderProblem& problem)
    : nodes_(problem.graph.nodes.size()),
      uses_(problem.graph.tensors.size(), 0),
      writers_(problem.graph.tensors.size(), 0),
      waits_(problem.graph.nodes.size(), 0),
      maker_(problem.graph.tensors.size(), kNobody),
      toucher_(problem.graph.tensors.size(), kNobody),
      done_(problem.graph.nodes.size(), false) {
    const Graph& graph = problem.graph;
    for (const Tensor& tensor : graph.tensors) bytes_.push_back(round_up(tensor.bytes()));
    for (std::size_t i = 0; i < nodes_.size(); ++i) add_step(problem, i);
    for (const TensorId t : graph.outputs) ++uses_[index(problem.roots[index(t)])];
    std::vector<std::size_t> doors;
    for (const TensorId t : graph.inputs) {
        if (in_arena(problem, t)) add_once(doors, index(problem.roots[index(t)]));
    }
    for (const std::size_t memory : doors) {
        writers_[memory] = 1;
        live_ += uses_[memory] > 0 ? bytes_[memory] : 0;
    }
}

void LiveCount::wait_for(std::size_t node, std::size_t before) {
    if (before == kNobody || before == node || holds(nodes_[before].feeds, node)) return;
    nodes_[before].feeds.push_back(node);
    ++waits_[node];
}

void LiveCount::add_step(const OrderProblem& problem, std::size_t i) {
    const Node& node = problem.graph.nodes[i];
    Step& step = nodes_[i];
    step.scratch = problem.scratch.empty() ? 0 : round_up(problem.scratch[i]);
    step.in_place = op_def(node.op).in_place && node.attributes.flag(kInPlace) && node.outputs.size() == 1;
    for (const TensorId t : node.inputs) {
        if (t == kNoTensor) continue;
        wait_for(i, maker_[index(t)]);
        if (in_arena(problem, t)) add_once(step.inputs, index(problem.roots[index(t)]));
    }
    for (const TensorId t : node.outputs) {
        maker_[index(t)] = i;
        if (in_arena(problem, t)) add_once(step.outputs, index(problem.roots[index(t)]));
    }
    for (const auto* list : {&node.inputs, &node.outputs}) {
        for (const TensorId t : *list) {
            if (t == kNoTensor || !problem.graph.tensor(problem.roots[index(t)]).state) continue;
            std::size_t& last = toucher_[index(problem.roots[index(t)])];
            wait_for(i, last);
            last = i;
        }
    }
    for (const std::size_t memory : step.inputs) ++uses_[memory];
}

// As the plan does it: the answer lies on an operand of its size that nobody reads again.
bool LiveCount::takes_over(const Step& step) const {
    return step.in_place && step.outputs.size() == 1 && writers_[step.outputs[0]] == 0 &&
           std::any_of(step.inputs.begin(), step.inputs.end(), [&](std::size_t memory) {
               return uses_[memory] == 1 && bytes_[memory] == bytes_[step.outputs[0]];
           });
}

std::int64_t LiveCount::during(std::size_t node) const {
    const Step& step = nodes_[node];
    std::int64_t bytes = live_ + step.scratch;
    if (takes_over(step)) return bytes;
    for (const std::size_t memory : step.outputs) bytes += writers_[memory] == 0 ? bytes_[memory] : 0;
    return bytes;
}

std::int64_t LiveCount::after(std::size_t node) const {
    const Step& step = nodes_[node];
    std::int64_t bytes = live_;
    for (const std::size_t memory : step.outputs)
        bytes += writers_[memory] == 0 && uses_[memory] > 0 ? bytes_[memory] : 0;
    for (const std::size_t memory : step.inputs) bytes -= uses_[memory] == 1 ? bytes_[memory] : 0;
    return bytes;
}

std::int64_t LiveCount::least_during(std::size_t node) const {
    const Step& step = nodes_[node];
    std::int64_t inputs = 0, outputs = 0;
    for (const std::size_t memory : step.inputs) inputs += bytes_[memory];
    for (const std::size_t memory : step.outputs) outputs += holds(step.inputs, memory) ? 0 : bytes_[memory];
    return step.scratch + (step.in_place ? std::max(inputs, outputs) : inputs + outputs);
}

void LiveCount::run(std::size_t node) {
    live_ = after(node);
    done_[node] = true;
    for (const std::size_t memory : nodes_[node].outputs) ++writers_[memory];
    for (const std::size_t memory : nodes_[node].inputs) --uses_[memory];
    for (const std::size_t next : nodes_[node].feeds) --waits_[next];
}

void LiveCount::undo(std::size_t node) {
    for (const std::size_t memory : nodes_[node].outputs) --writers_[memory];
    for (const std::size_t memory : nodes_[node].inputs) ++uses_[memory];
    for (const std::size_t next : nodes_[node].feeds) ++waits_[next];
    done_[node] = false;
    live_ -= after(node) - live_;
}

}  // namespace jatai
