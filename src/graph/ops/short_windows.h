// short_windows.h: a convolution whose windows are so short that a core with DSP holds one in registers.
//
//     if (lower_short(weights, channels, params, step)) return step;
//
// The layout and the arithmetic: device/kernels/conv2d_short.h. It takes a FineLine for every channel; where
// one has none, the layer runs in blocks.
#pragma once

#include <vector>

#include "device/kernels/window.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/common.h"

namespace jatai {

// `step`, of operands input, weights, channels and output, becomes that of the fast kernel; false: the
// windows are too long, or no lines are exact, and the step is as it was. Weights: [out_c, kernel_h,
// kernel_w, in_c].
bool lower_short(const Tensor& weights, const std::vector<Channel>& channels, const ConvParams& params,
                 Lowered& step);

}  // namespace jatai
