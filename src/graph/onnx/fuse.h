// fuse.h: layers that a convolution or a dense layer before them can swallow.
//
//     CONV_2D, MUL by one number per channel, ADD of one number per channel, RELU   ->   CONV_2D
//
// Weights are scaled in double and rounded once. Weights that were quantised by the file are left as they
// are.
#pragma once

#include "src/graph/graph.h"
#include "src/graph/quantise/to_int8.h"

namespace jatai::onnx {

void fuse(Graph& graph, const quantise::StoredConstants& stored);

}  // namespace jatai::onnx
