#include <algorithm>
#include <cstddef>
#include <string_view>

#define JATAI_LANES 4
#include "src/train/kernels/depthwise.h"
#include "src/train/kernels/gemm.h"
#include "src/train/kernels/pointwise.h"

namespace jatai::train {

const VectorKernels kPortableKernels{"portable",
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
