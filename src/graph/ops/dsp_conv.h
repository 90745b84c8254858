// dsp_conv.h: a convolution of int8 as the kernels for cores with DSP take it.
//
//     if (lower_dsp_conv(weights, channels, sums, params, step)) return step;
//
// In blocks of four output channels, by lines or two roundings, or of one to three channels as they are.
#pragma once

#include <vector>

#include "device/kernels/window.h"
#include "src/graph/ops/common.h"
#include "src/graph/ops/ops.h"

namespace jatai {

// `step`, of operands input, weights, channels and output, becomes that of the fast kernel; false: there is
// none that is exact, and the step is as it was. Weights: [out_c, kernel_h, kernel_w, in_c].
bool lower_dsp_conv(const Tensor& weights, const std::vector<Channel>& channels, const WeightSums& sums,
                    const ConvParams& params, Lowered& step);

// Depthwise weights [1, kernel_h, kernel_w, out_c] as those of a convolution over all `in_c` channels:
// nothing for the others.
Tensor dense_weights(const Tensor& depthwise, std::int32_t in_c);

}  // namespace jatai
