// cell_watch.h: how far the cell state of a float LSTM goes, step by step.
//
//     CellWatch watch(graph, node);
//     watch.look(interpreter.value(node.inputs[0]));          // after every sample
//     recipe.scales[cell] = watch.scale();                     // a power of two that holds what was seen
//
// After a run the state is that of the last step only, so the layer is run again, one step at a time.
// Needs: a verified UNIDIRECTIONAL_SEQUENCE_LSTM of float32 with constant weights.
#pragma once

#include <memory>

#include "src/graph/graph.h"
#include "src/graph/interpret.h"

namespace jatai::quantise {

// Operands of the layer, by the numbers of the schema.
constexpr std::size_t kLstmHidden = 18;
constexpr std::size_t kLstmCell = 19;

class CellWatch {
  public:
    CellWatch(const Graph& graph, const Node& node);

    // All steps of one sample. The state goes on from sample to sample, as in the layer itself.
    void look(ByteView input);
    Quantisation scale() const;

  private:
    Graph one_;  // the layer with one step
    std::unique_ptr<Interpreter> interpreter_;
    bool time_major_;
    std::size_t batches_, steps_, row_bytes_;
    float largest_ = 0;
};

}  // namespace jatai::quantise
