#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstddef>
#include <string_view>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512vl,avx2,fma"))), apply_to = function)
#else
#pragma GCC target("avx512f,avx512vl,avx2,fma")
#endif

#define JATAI_LANES 16
#include "src/train/kernels/depthwise.h"
#include "src/train/kernels/gemm.h"
#include "src/train/kernels/pointwise.h"

namespace jatai::train {

const VectorKernels kAvx512Kernels{"avx512",
                                   gemm,
                                   depthwise_forward,
                                   depthwise_backward_data,
                                   depthwise_backward_weights,
                                   moments,
                                   affine,
                                   bias_quantise,
                                   affine_backward_sums,
                                   affine_backward_data,
                                   bias_backward,
                                   range,
                                   adam};

}  // namespace jatai::train

#if defined(__clang__)
#pragma clang attribute pop
#endif
#endif
