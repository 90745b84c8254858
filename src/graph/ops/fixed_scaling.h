// fixed_scaling.h: how the differences that SOFTMAX and LOG_SOFTMAX take exp of come to Q5.26.
//
//     const ExpScaling s = exp_scaling(beta * input_scale);
//
// As TFLite's PreprocessSoftmaxScaling and CalculateInputRadius.
#pragma once

#include <algorithm>
#include <cmath>

#include "src/graph/ops/common.h"

namespace jatai {

// The factor that takes stored differences of this scale to Q5.26.
inline double to_q5_26(double scale) { return std::min(scale * (1 << 26), 2147483647.0); }

struct ExpScaling {
    Multiplier multiplier;
    std::int32_t diff_min;  // the largest difference that still fits Q5.26 after scaling, negative
};

// Needs: to_q5_26(scale) > 1.
inline ExpScaling exp_scaling(double scale) {
    const Multiplier m = quantize_multiplier(to_q5_26(scale));
    const double radius = 31 * std::ldexp(1.0, 26) / std::ldexp(1.0, m.shift);
    return {m, static_cast<std::int32_t>(-std::floor(radius))};
}

}  // namespace jatai
