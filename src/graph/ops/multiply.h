// multiply.h: what the operators that multiply by weights share, for every type but the int8 of most models.
//
//     const Multiplied m = multiplied(node);                  // input, weights, bias, output
//     need_floats(graph, node, m, channels);
//     return {kConv2dFloat.key, params_bytes(params), operands_of(m)};
//
// Fails with Error naming the layer.
#pragma once

#include "device/kernels/multiply_int16.h"
#include "device/kernels/multiply_int8.h"
#include "device/kernels/products.h"
#include "src/graph/op_def.h"
#include "src/graph/ops/common.h"
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

// int16 by int8: all zero points 0, constant weights, a bias of int32 or int64.
void need_int16(const Graph& graph, const Node& node, const Multiplied& m, std::int64_t channels);
void need_zero_point_0(const Graph& graph, const Node& node, TensorId id);
// Absent, or constant integers, one per channel.
void need_integer_bias(const Graph& graph, const Node& node, TensorId bias, std::int64_t channels);

// The factor of multiply_int16.h's 64-bit form: 16 bits of multiplier, all of the shift to the right.
Multiplier wide_factor(const Multiplier& m);
// It has a shift to the right of 1 or more.
void need_wide(const Graph& graph, const Node& node, const Multiplier& m);

// One scale for the layer multiplies input and weight scale in single precision, as TFLite's FULLY_CONNECTED
// does.
enum class Scales : std::uint8_t { PerChannel, Layer };
Scales scales_of(Op op, const Tensor& weights);  // of an int8 or int16 layer
Multiplier factor_of(const Graph& graph, const Multiplied& m, std::size_t channel, Scales scales);

// The bias as it stands and the factor of each channel. Needs: the bias is int32 or absent.
std::vector<Channel> plain_channels(const Graph& graph, const Multiplied& m, std::int64_t channels,
                                    Scales scales);
// Of CONV_2D, DEPTHWISE_CONV_2D or FULLY_CONNECTED.
std::vector<Channel> plain_channels(const Graph& graph, const Node& node);
std::vector<WideChannel> wide_channels(const Graph& graph, const Multiplied& m, std::int64_t channels,
                                       Scales scales);

// What the fused activation leaves of int16.
struct Int16Range {
    std::int16_t low, high;
};
Int16Range int16_range(const Graph& graph, const Node& node);

// Whether sums of 32 bits are what TFLite computes: no bias, or one of int32.
bool sums_in_32_bits(const Graph& graph, const Multiplied& m);

// Whether the usual int8 kernels cannot do it: weights with a zero point, of 4 bits, or computed.
bool needs_zeroed(const Tensor& weights);
ZeroedRange zeroed_range(const Graph& graph, const Node& node, const Multiplied& m);
// Bytes as they stand, or packed two to a byte where the file had 4 bits each.
Operand zeroed_weights(const Graph& graph, TensorId weights);

Lowered lower_zeroed_conv(const Graph& graph, const Node& node, KernelKey kernel, const Window& window,
                          const Multiplied& m);
Lowered lower_int16_conv(const Graph& graph, const Node& node, KernelKey narrow, KernelKey wide,
                         const Window& window, const Multiplied& m);

}  // namespace jatai
