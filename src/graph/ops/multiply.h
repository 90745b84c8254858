// multiply.h: what the operators that multiply by weights share, for every type but the int8 of most models.
//
//     const Multiplied m = multiplied(node);                  // input, weights, bias, output
//     need_floats(graph, node, m, channels);
//     return {kConv2dFloat.key, params_bytes(params), operands_of(m)};
//
// Fails with Error naming the layer.
#pragma once

#include "device/kernels/products.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/window.h"

namespace jatai {

// Who is who among the tensors of a layer.
struct Multiplied {
    TensorId in, weights, bias, out;  // bias: kNoTensor when absent
};
Multiplied multiplied(const Node& node);  // inputs 0, 1, 2

// As they stand: input, weights, bias, output.
std::vector<Operand> operands_of(const Multiplied& m);

// All of float32; a bias has so many elements. Weights and bias may be computed by other layers.
void need_floats(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels);

// What the fused activation leaves of a float.
struct FloatRange {
    float low, high;
};
FloatRange float_range(const Node& node);

Lowered lower_float_conv(const Node& node, KernelKey kernel, const Window& window, const Multiplied& m);

}  // namespace jatai
