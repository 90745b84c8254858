// uint8_to_int8.h: models of the old uint8 quantisation, as int8 inside: 128 less, everywhere.
//
//     uint8_to_int8(graph);        // before verify(): convolutions of uint8 are not known there
//
// A stored q with zero point z is the same number as q - 128 with zero point z - 128. Inputs and outputs of
// the model stay uint8, behind a QUANTIZE that only moves by 128; AVERAGE_POOL_2D, whose halves go up in
// uint8, stays uint8 between two such. Graphs without CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED of uint8,
// or with states of uint8, are left alone. Keeps: the outputs, bit for bit. Numbers of tensors stay; new ones
// follow.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

void uint8_to_int8(Graph& graph);

}  // namespace jatai
