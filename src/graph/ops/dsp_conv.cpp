#include "src/graph/ops/dsp_conv.h"

#include "device/kernels/conv2d_blocks.h"
#include "device/kernels/conv2d_few.h"
#include "device/kernels/scratch.h"
#include "src/graph/ops/channel_pairs.h"
#include "src/graph/ops/multiply.h"
#include "src/graph/ops/scales.h"
#include "src/graph/ops/short_windows.h"
#include "src/graph/ops/whole_words.h"

namespace jatai {
namespace {

bool take_blocks(const std::vector<std::uint32_t>& blocks, KernelKey kernel, const Conv2dParams& params,
                 Lowered& step) {
    if (blocks.empty()) return false;
    const std::uint64_t scratch =
        params.weight_zero_point == 0 ? conv2d_scratch_bytes(params) : conv2d_zeroed_scratch_bytes(params);
    step = {kernel,
            params_bytes(params),
            {step.operands[0], Operand::of(table_bytes(blocks)), step.operands[3], scratch_operand(scratch)}};
    return true;
}

// An activation that clamps: two roundings, held in the range at the end.
bool lower_held(const Tensor& weights, const std::vector<Channel>& channels, const WeightSums& sums,
                const Conv2dParams& params, Lowered& step) {
    if (!(params.facts & kShortRequantise) || !sums_can_pair(sums.magnitudes)) return false;
    return take_blocks(pack_blocks(weights, rounded_scales(channels, params.range)),
                       params.weight_zero_point != 0 ? kConv2dZeroedHeldInt8.key : kConv2dHeldInt8.key,
                       params, step);
}

// `step` in blocks of four channels, where that is exact.
bool lower_blocks(const Tensor& narrow, const std::vector<Channel>& channels, const WeightSums& sums,
                  const Conv2dParams& narrow_params, Lowered& step) {
    if (narrow_params.window.groups != 1) return false;
    const auto [weights, params] = in_whole_words(narrow, narrow_params);
    const bool zeroed = params.weight_zero_point != 0;
    if (!is_full(params.range)) return lower_held(weights, channels, sums, params, step);
    const std::int64_t taps = weights.elements() / weights.shape[0];
    const std::vector<SumSpan> spans = sum_spans(weights, {weights.shape[0], taps, 1, taps});
    const std::vector<ScaleLine> lines = find_lines(channels, spans, params.range, kBlockLine);
    const KernelKey by_lines = zeroed ? kConv2dZeroedLinesInt8.key : kConv2dLinesInt8.key;
    if (!lines.empty() && take_blocks(pack_blocks(weights, lines), by_lines, params, step)) return true;
    if (!(params.facts & kShortRequantise) || !sums_can_pair(sums.magnitudes)) return false;
    return take_blocks(pack_blocks(weights, rounded_scales(channels, params.range)),
                       zeroed ? kConv2dZeroedRoundedInt8.key : kConv2dRoundedInt8.key, params, step);
}

// `step` of one to three channels.
bool lower_few(const Tensor& narrow, const std::vector<Channel>& channels, const Conv2dParams& narrow_params,
               Lowered& step) {
    if (narrow_params.window.groups != 1 || narrow_params.window.out_c > kFewChannels) return false;
    const auto [weights, params] = in_whole_words(narrow, narrow_params);
    step = {
        kConv2dFewInt8.key,
        params_bytes(params),
        {step.operands[0], Operand::of(table_bytes(pack_few(weights))), Operand::of(table_bytes(channels)),
         step.operands[3], scratch_operand(conv2d_scratch_bytes(params))}};
    return true;
}

}  // namespace

bool lower_dsp_conv(const Tensor& weights, const std::vector<Channel>& channels, const WeightSums& sums,
                    const ConvParams& params, Lowered& step) {
    return lower_few(weights, channels, params, step) || lower_short(weights, channels, params, step) ||
           lower_blocks(weights, channels, sums, params, step);
}

Tensor dense_weights(const Tensor& depthwise, std::int32_t in_c) {
    const auto out_c = static_cast<std::size_t>(depthwise.shape[3]),
               channels = static_cast<std::size_t>(in_c);
    const std::size_t taps = depthwise.data.size() / out_c, multiplier = out_c / channels;
    Tensor dense = depthwise;
    dense.shape = {depthwise.shape[3], depthwise.shape[1], depthwise.shape[2], in_c};
    if (dense.quantisation.per_channel()) dense.quantisation.axis = 0;
    dense.data.assign(out_c * taps * channels,
                      static_cast<std::uint8_t>(depthwise.quantisation.zero_point()));
    for (std::size_t o = 0; o < out_c; ++o) {
        for (std::size_t k = 0; k < taps; ++k)
            dense.data[(o * taps + k) * channels + o / multiplier] = depthwise.data[k * out_c + o];
    }
    return dense;
}

}  // namespace jatai
