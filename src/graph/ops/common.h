// common.h: what the definitions of the operators share: complaints, quantisation constants, parameter bytes.
//
//     need_operands(graph, node, 2, 3);
//     const Multiplier m = quantize_multiplier(real);
//     return {kAddInt8.key, params_bytes(params), {Operand::of(node.inputs[0]), ...}};
//
// Needs: what verify(graph) proves of every tensor (extents of 1 or more, scales, zero points in range).
// Fails with Error naming the layer: "layer 3 conv_a (CONV_2D): found, expected".
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <string>
#include <type_traits>

#include "device/kernels/requantize.h"
#include "device/kernels/window.h"
#include "src/base/error.h"
#include "src/graph/op_def.h"
#include "src/graph/verify.h"

namespace jatai {

static_assert(std::endian::native == std::endian::little,
              "parameter structs are written as they lie in memory");

// The layer, and what is wrong with it; then what to do (without a hint: change the layer).
[[noreturn]] void reject(const Graph& graph, const Node& node, const std::string& found,
                         const std::string& hint = {});

// Between `least` and `most` inputs, the first `least` of them present, and so many outputs.
void need_operands(const Graph& graph, const Node& node, std::size_t least, std::size_t most,
                   std::size_t outputs = 1);
// The tensor has this type, one scale above 0 and one zero point.
void need_activation(const Graph& graph, const Node& node, TensorId id, Type type = Type::Int8);
// As need_activation, but a float needs no scale.
void need_value(const Graph& graph, const Node& node, TensorId id, Type type);
void need_shape(const Graph& graph, const Node& node, TensorId id, const std::vector<std::int32_t>& expected);
void need_rank(const Graph& graph, const Node& node, TensorId id, std::size_t rank);
// int8 of this rank, constant or computed; one scale, or one per slice along `axis` with zero points 0.
void need_weights(const Graph& graph, const Node& node, std::size_t rank, int axis);
// Absent, or constant int32[channels].
void need_bias(const Graph& graph, const Node& node, std::int64_t channels);
// Input and output store the same numbers for the same values.
void need_same_scale(const Graph& graph, const Node& node);
// The activation is one that integers can do: none, RELU, RELU_N1_TO_1, RELU6.
void need_activation_function(const Graph& graph, const Node& node);

// The tensor of input `i`, or null when it is absent.
const Tensor* optional_input(const Graph& graph, const Node& node, std::size_t i);

// multiplier * 2^(shift - 31) = real, as TFLite's QuantizeMultiplier: shift in -31..31, 0 for factors below
// that.
struct Multiplier {
    std::int32_t multiplier;
    std::int32_t shift;
};
Multiplier quantize_multiplier(double real);
// The same for a factor of either sign.
Multiplier signed_multiplier(double real);

// round(value / scale) + zero point, in single precision; it may leave the range of the type.
std::int64_t stored_value(float value, const Quantisation& q);

// The numbers a type stores: int8, uint8 or int16.
struct Limits {
    std::int32_t low, high;
};
Limits limits_of(Type type);

// What the fused activation leaves of the output's range, as TFLite's CalculateActivationRangeQuantized.
Limits output_limits(const Graph& graph, const Node& node);
Range output_range(const Graph& graph, const Node& node);  // of an int8 output

// `channels` for inputs that lie `higher` above what is stored: sums grow by higher * sums[o], the sum of the
// weights of output channel o.
std::vector<Channel> raise_inputs(std::vector<Channel> channels, const std::vector<std::int64_t>& sums,
                                  std::int64_t higher);

// The sum, and the sum of magnitudes, of the weights of each output channel. Weights of channel o: begin at
// o * first, `count` of them, `step` apart.
struct WeightSums {
    std::vector<std::int64_t> sums;
    std::vector<std::int64_t> magnitudes;
};
struct Slices {
    std::int64_t channels, first, step, count;
};
// Each less the zero point of the weights.
WeightSums sum_weights(const Tensor& weights, const Slices& slices);

// kShortRequantise when for every channel |sum| stays below 2^30 whatever the input, and the shift is in
// -22..-1.
std::uint8_t prove_facts(const std::vector<Channel>& channels, const std::vector<std::int64_t>& magnitudes);

// Working memory of a fast kernel. More than 32 bits can count fits no chip: the plan refuses it in words.
inline Operand scratch_operand(std::uint64_t bytes) {
    return Operand::scratch(static_cast<std::uint32_t>(std::min<std::uint64_t>(bytes, 0xFFFFFFFFu)));
}

template <typename T>
Bytes params_bytes(const T& params) {
    static_assert(std::is_trivially_copyable_v<T>);
    Bytes bytes(sizeof(T));
    std::memcpy(bytes.data(), &params, sizeof(T));
    return bytes;
}

template <typename T>
Bytes table_bytes(const std::vector<T>& table) {
    static_assert(std::is_trivially_copyable_v<T>);
    Bytes bytes(table.size() * sizeof(T));
    if (!table.empty()) std::memcpy(bytes.data(), table.data(), bytes.size());
    return bytes;
}

// Parameters and, right behind them, a table.
template <typename T, typename Entry>
Bytes params_bytes(const T& params, const std::vector<Entry>& table) {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<Entry>);
    Bytes bytes(sizeof(T) + table.size() * sizeof(Entry));
    std::memcpy(bytes.data(), &params, sizeof(T));
    if (!table.empty()) std::memcpy(bytes.data() + sizeof(T), table.data(), table.size() * sizeof(Entry));
    return bytes;
}

}  // namespace jatai
