// scales.h: what a channel's sums become bytes by, prepared: one straight line, or the two roundings.
//
//     const auto lines = find_lines(channels, spans, range, kBlockLine);      // empty: keep the two
//     roundings
//
// The line and what it stands for: device/kernels/scales.h. Each line returned is proven: at every sum
// where TFLite's answer changes, and one below, the line answers the same; between them both are constant.
#pragma once

#include <cstdint>
#include <vector>

#include "device/kernels/requantize.h"
#include "device/kernels/scales.h"
#include "src/graph/ops/common.h"

namespace jatai {

// The lowest and the highest sum of weight * input that an output channel can have, without bias.
struct SumSpan {
    std::int64_t low, high;
};

// Of each output channel, its weights less their zero point.
std::vector<SumSpan> sum_spans(const Tensor& weights, const Slices& slices);
// The same for inputs that lie `higher` above what is stored.
std::vector<SumSpan> raise_inputs(std::vector<SumSpan> spans, const std::vector<std::int64_t>& sums,
                                  std::int64_t higher);

// What a kernel can hold: slopes below 2^slope_bits, values (2^sum_bits * sum + start) below 2^value_bits.
struct LineLimits {
    int slope_bits = 31, value_bits = 31;
};
constexpr LineLimits kHalfwordLimits{30, 29};  // products of 16 by 16 bits

// Nothing is clamped within -128..127.
inline bool is_full(Range range) { return range.low == -128 && range.high == 127; }

// One line per channel; empty when a channel has none.
// Needs: is_full(range).
std::vector<ScaleLine> find_lines(const std::vector<Channel>& channels, const std::vector<SumSpan>& spans,
                                  Range range, LineUnits units, LineLimits limits = {});

// The same of 64 bits, sums of channel o in units of 2^-sum_bits[o].
std::vector<FineLine> find_fine_lines(const std::vector<Channel>& channels, const std::vector<SumSpan>& spans,
                                      Range range, const std::vector<std::uint32_t>& sum_bits);

// The two roundings, prepared. Needs: kShortRequantise.
std::vector<RoundedScale> rounded_scales(const std::vector<Channel>& channels, Range range);

}  // namespace jatai
