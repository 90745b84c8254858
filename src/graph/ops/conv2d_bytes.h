// conv2d_bytes.h: a convolution, or a dense layer, for cores without the DSP extension.
//
//     if (lower_bytes(weights, channels, params, step)) return step;      // step: in, weights, table, out
//
// The kernel: device/kernels/conv2d_bytes.h. A dense layer is a convolution of one tap with as many channels
// as it has inputs.
#pragma once

#include <vector>

#include "src/graph/ops/common.h"

namespace jatai {

// False, and `step` as it was: the kernel cannot do this layer. Needs: params.range, facts and window are
// set.
bool lower_bytes(const Tensor& weights, const std::vector<Channel>& channels, const ConvParams& params,
                 Lowered& step);

}  // namespace jatai
