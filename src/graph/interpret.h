// interpret.h: run a graph on the host, by the kernels the chip would run.
//
//     Interpreter interpreter(graph);
//     for (const Sample& sample : samples) score(interpreter.run({sample.bytes}));
//
//     std::vector<Bytes> answers = run_graph(graph, {input});     // once
//
// Used for constant folding, for quantised evaluation and as the oracle of the engine: a plain buffer per
// tensor, no plan, no arena. Needs: verify(graph) holds. The graph stays in place while the interpreter
// lives. Fails with Error when an input has the wrong number of bytes. Cost: Interpreter() lowers every layer
// once; run() allocates only its answers.
#pragma once

#include <vector>

#include "src/base/bytes.h"
#include "src/graph/graph.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/kernels.h"

namespace jatai {

class Interpreter {
  public:
    // `family`: whose lowering to run, on the host's kernels.
    explicit Interpreter(const Graph& graph, Family family = Family::Reference, HostCode code = host_code());
    Interpreter(const Interpreter&) = delete;
    Interpreter& operator=(const Interpreter&) = delete;

    // One sample: the bytes of every graph input, in order; gives the bytes of every graph output.
    std::vector<Bytes> run(const std::vector<Bytes>& inputs);

    // What a tensor held after the last run.
    ByteView value(TensorId id) const { return values_[static_cast<std::size_t>(id)]; }

  private:
    struct Step {
        const Kernel* kernel = nullptr;  // null: copy `from` to `to`
        Bytes params;
        std::vector<Bytes> owned;  // constants and scratch made for this step
        std::vector<void*> operands;
        TensorId from = kNoTensor, to = kNoTensor;
    };
    Bytes& room_for(TensorId id);
    Step make_step(const Node& node, Family family, HostCode code);
    void bind(Step& step, Lowered&& lowered);

    const Graph& graph_;
    std::vector<Bytes> values_;  // one per tensor; empty until a step, or the caller, needs it
    std::vector<Step> steps_;
};

// One sample through a graph.
std::vector<Bytes> run_graph(const Graph& graph, const std::vector<Bytes>& inputs);

}  // namespace jatai
