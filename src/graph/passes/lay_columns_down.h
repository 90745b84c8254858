// lay_columns_down.h: marks each layer whose windows slide over a picture one pixel wide, as time series have
// it: it may be read as one row.
//
//     %y = CONV_2D(%x [1,128,1,3], ...)      ->      %y = CONV_2D(%x [1,128,1,3], ...) lies_down=1
//
// The pixels lie in the same places of memory, but windows then lie side by side, which kernels read two at a
// time: MLPerf Tiny's wake word takes 0.97 M instead of 1.29 M instructions on a Cortex-M4
// (`jatai compile --without-pass lay_columns_down`). Shapes are kept, so that the plan can still stream the
// layer in bands of rows; make_window (src/graph/ops/window.h) swaps the axes.
// Marked     CONV_2D, DEPTHWISE_CONV_2D, AVERAGE_POOL_2D, MAX_POOL_2D.
// Keeps      Results: the products of a window and their order.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

int lay_columns_down(Graph& graph);

}  // namespace jatai
