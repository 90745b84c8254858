// stream.h: the first layers of a network run in bands of rows, so that no tensor of theirs is ever whole.
//
//     const Stage stage = streamable_stage(graph);              // which layers could
//     const Graph bands = stream_rows(graph, {nodes, 2});    // two rows of the last one at a time
//
//     before   %a = CONV_2D(%x)  %b = DEPTHWISE_CONV_2D(%a)
//     after    %x0 = SLICE(%x)  %a0 = CONV_2D(%x0)  %b0 = DEPTHWISE_CONV_2D(%a0)
//              %x1 = SLICE(%x)  %k = SLICE(%a0)  %a1 = CONCATENATION(%k, CONV_2D(%x1))  %b1 = ...(%a1)
//              %b = CONCATENATION(%b0, %b1)
//
// Patch-based execution (Lin et al. 2021, "MCUNetV2") whose patches are rows, without computing any number
// twice: the rows that the next band needs again are kept. With `at_once` every layer makes only so many rows
// before the layers behind it use them, so that less than a band of each is there. The plan
// (src/plan/alias.h) turns slices into views and joins into places, so what is left to copy are the kept
// rows. Keeps  Results, bit for bit: every number comes from the same taps and the same kernel.
#pragma once

#include <cstddef>
#include <vector>

#include "src/graph/graph.h"

namespace jatai {

// Layers that can run in bands: each reads tensors of [1, h, w, c] by a window over rows, or number by
// number. They are the first `nodes` of the graph, and tensor `ends[i]` alone is all that the rest needs when
// the stage ends after node i; kNoTensor: no stage may end there.
struct Stage {
    std::size_t nodes = 0;
    std::vector<TensorId> ends;
};

Stage streamable_stage(const Graph& graph);

struct RowBands {
    std::size_t nodes = 0;     // the stage: the first so many nodes; ends[nodes - 1] is a tensor
    std::int64_t rows = 0;     // of its last tensor, at a time
    std::int64_t at_once = 0;  // rows of any layer before the next one goes on; 0: all that a band needs
};

// Needs: `bands` from streamable_stage(graph), rows from 1 to one less than the last tensor has.
Graph stream_rows(const Graph& graph, const RowBands& bands);

}  // namespace jatai
