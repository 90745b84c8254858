// kernels.h: every kernel of device/simd/ for one kind of vectors, each with the key, the checks and the
// answers of the reference it stands for.
//
//     for (const Kernel& kernel : simd_kernels<Avx2>().all) ...
#pragma once

#include "device/simd/add.h"
#include "device/simd/conv2d.h"
#include "device/simd/depthwise_conv2d.h"
#include "device/simd/fully_connected.h"
#include "device/simd/multiply_float.h"

namespace jatai {

struct SimdKernels {
    Kernel all[16];
};

constexpr Kernel simd_version(const Kernel& reference, void (*run)(const Call&)) {
    return {reference.key, reference.fits, run};
}

template <typename V>
constexpr SimdKernels simd_kernels() {
    return {{simd_version(kConv2dInt8, run_conv2d_rows<V>),
             simd_version(kConv2dPairsInt8, run_conv2d_pairs<V>),
             simd_version(kConv2dLinesInt8, run_conv2d_lines<V>),
             simd_version(kConv2dRoundedInt8, run_conv2d_rounded<V>),
             simd_version(kConv2dHeldInt8, run_conv2d_held_simd<V>),
             simd_version(kDepthwiseConv2dInt8, run_depthwise_channels<V>),
             simd_version(kDepthwiseLinesInt8, run_depthwise_lines<V>),
             simd_version(kDepthwiseRoundedInt8, run_depthwise_rounded<V>),
             simd_version(kFullyConnectedInt8, run_dense_rows<V, false>),
             simd_version(kFullyConnectedPerChannelInt8, run_dense_rows<V, true>),
             simd_version(kFullyConnectedPairsInt8, run_dense_pairs<V, false>),
             simd_version(kFullyConnectedPairsPerChannelInt8, run_dense_pairs<V, true>),
             simd_version(kAddInt8, run_add_lanes<V>), simd_version(kConv2dFloat, run_float_conv2d_lanes<V>),
             simd_version(kDepthwiseConv2dFloat, run_float_depthwise_lanes<V>),
             simd_version(kFullyConnectedFloat, run_float_dense_lanes<V>)}};
}

}  // namespace jatai
