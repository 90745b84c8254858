// fold_constants.h: layers whose inputs never change are computed now, not on the chip.
//
//     %s int32[4] = SHAPE(%x)            shapes are fixed, so this and what is made of it are constants
//
// Not folded: an answer larger than its inputs and than kFoldedBytes, which would cost flash to save little
// time.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

constexpr std::int64_t kFoldedBytes = 4096;

int fold_constants(Graph& graph);

// Before verify(): short lists of whole numbers that are known already, since operators such as TILE and
// STRIDED_SLICE take only constant ones. Needs: verify_tensors(graph). Layers that are wrong stay.
constexpr std::int64_t kShapeNumbers = 64;
int fold_shapes(Graph& graph);

}  // namespace jatai
