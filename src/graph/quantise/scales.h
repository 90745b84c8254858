// scales.h: from ranges to scales, from numbers to int8.
//
//     const Quantisation q = scale_of_range({-1.0f, 3.0f});        // asymmetric int8 that holds 0 exactly
//     Bytes stored = quantise_all(values, q);
//
// Conventions are TFLite's: activations asymmetric in -128..127; weights symmetric in -127..127, one scale
// per output channel; biases int32 of scale input * weights. Rounded to the nearest, halves away from zero.
#pragma once

#include <vector>

#include "src/graph/graph.h"
#include "src/graph/quantise/to_int8.h"

namespace jatai::quantise {

struct ValueRange {
    float low = 0, high = 0;
};

ValueRange range_of(const std::vector<float>& values);
Quantisation scale_of_range(ValueRange range);
std::int8_t quantise_one(float value, const Quantisation& quantisation);
Bytes quantise_all(const std::vector<float>& values, const Quantisation& quantisation);

// Float weights, one scale per slice along `axis`. `bias` may be null; scales are kept large enough for it.
StoredConstant quantise_weights(const Tensor& weights, int axis, const Tensor* bias, float input_scale);

// A bias as int32. `stored`: the integers of the file, used as they are when their scales are these.
StoredConstant quantise_bias(const Tensor& bias, const StoredConstant* stored, float input_scale,
                             const Quantisation& weights);

}  // namespace jatai::quantise
