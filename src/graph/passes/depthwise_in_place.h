// depthwise_in_place.h: marks each DEPTHWISE_CONV_2D whose answer may lie on its own input, a few rows
// earlier.
//
//     %y = DEPTHWISE_CONV_2D(%x, ...)      ->      %y = DEPTHWISE_CONV_2D(%x, ...) in_place_rows=2
//
// Output row y is written over input row y - in_place_rows, which no window reads any more: the two take the
// memory of one and of these rows (after TinyEngine of MCUNet and the "diagonal memory optimisation" of
// Blacker et al. 2021, but for whole rows, so that kernels may take the numbers of a row in any order).
// Whether the memory is really shared the plan decides (src/plan/layout.h): nobody else may need the input.
// Marked     int8, strides 1, one output for each input channel, in fours, rows as wide as the input's.
// Keeps      Results: the kernels read and write as device/kernels/depthwise_conv2d.h says.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

constexpr const char* kInPlaceRows = "in_place_rows";

int depthwise_in_place(Graph& graph);

}  // namespace jatai
