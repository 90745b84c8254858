// uint8_concatenation.h: joins of uint8 whose parts have scales of their own, as old files have them.
//
//     rescale_parts(graph);        // before verify(), which wants parts of the output's scale
//
// TensorFlow Lite's CONCATENATION of uint8 brings each part to the output's scale, in single precision. Here
// a QUANTIZE before the join does, or a DEQUANTIZE and a QUANTIZE, whichever gives all 256 bytes as there; a
// part that neither does is left alone, for verify() to refuse. Numbers of tensors stay; new ones follow.
// Source: TensorFlow Lite `reference_ops::ConcatenationWithScaling`.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

void rescale_parts(Graph& graph);

}  // namespace jatai
