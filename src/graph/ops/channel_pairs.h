// channel_pairs.h: int8 weights as the channel-pair kernels read them, where that is exact.
//
//     if (can_pair(weights, sums.magnitudes)) operands[1] = Operand::of(table_bytes(pack_pairs(weights)));
//
// Weights: int8 [outputs, ...]. The layout and the arithmetic: device/kernels/channel_pairs.h.
#pragma once

#include <cstdint>
#include <vector>

#include "device/kernels/scales.h"
#include "src/graph/graph.h"

namespace jatai {

// Every lane fits 16 bits, and the sums of the second channel of a pair stay below 2^23 for any input.
// `magnitudes[o]`: the sum of |weight| of output o.
bool can_pair(const Tensor& weights, const std::vector<std::int64_t>& magnitudes);

// Whichever channels form pairs, the sums of the second one stay below 2^23.
bool sums_can_pair(const std::vector<std::int64_t>& magnitudes);

// The weights in the order of PairLayout. Needs: can_pair().
std::vector<std::uint32_t> pack_pairs(const Tensor& weights);

// Weights and scales in the order of ByteBlocks. Empty: fewer than four outputs.
std::vector<std::uint32_t> pack_bytes(const Tensor& weights, const std::vector<ScaleLine>& lines);
std::vector<std::uint32_t> pack_bytes(const Tensor& weights, const std::vector<RoundedScale>& scales);

// Weights and scales in the order of BlockLayout. Empty: fewer than four outputs, or a lane that does not
// fit.
std::vector<std::uint32_t> pack_blocks(const Tensor& weights, const std::vector<ScaleLine>& lines);
std::vector<std::uint32_t> pack_blocks(const Tensor& weights, const std::vector<RoundedScale>& scales);

// The weights less their zero point in the order of FewLayout. Needs: few outputs.
std::vector<std::uint32_t> pack_few(const Tensor& weights);

}  // namespace jatai
