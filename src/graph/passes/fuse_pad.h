// fuse_pad.h: a margin of zeros round an image becomes the padding of the layer that reads it.
//
//     before   %p = PAD(%x, 1 above, 1 to the left)  %y = CONV_2D(%p) padding=valid
//     after    %y = CONV_2D(%x) padding=explicit pad_top=1 pad_left=1
//
// Convolutions only, int8, and a margin that holds the zero point: outside the image a convolution reads just
// that. The padded image, often the largest tensor of all, is never made.
#pragma once

#include "src/graph/graph.h"

namespace jatai {

// How many layers now pad for themselves.
int fuse_pad(Graph& graph);

}  // namespace jatai
