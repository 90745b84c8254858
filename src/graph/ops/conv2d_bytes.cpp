#include "src/graph/ops/conv2d_bytes.h"

#include "device/kernels/conv2d_bytes.h"
#include "src/graph/ops/channel_pairs.h"
#include "src/graph/ops/scales.h"

namespace jatai {

bool lower_bytes(const Tensor& weights, const std::vector<Channel>& channels, const ConvParams& params,
                 Lowered& step) {
    constexpr std::int64_t kHigher = 128;  // the kernel reads inputs so much above what is stored
    if (params.window.groups != 1) return false;
    const std::int64_t outputs = weights.shape[0], taps = weights.elements() / outputs;
    const Slices slices{outputs, taps, 1, taps};
    const std::vector<std::int64_t> sums = sum_weights(weights, slices).sums;
    const std::vector<Channel> raised = raise_inputs(channels, sums, kHigher);
    std::vector<ScaleLine> lines;
    if (is_full(params.range)) {
        lines = find_lines(raised, raise_inputs(sum_spans(weights, slices), sums, kHigher), params.range,
                           kBlockLine, kHalfwordLimits);
    }
    std::vector<std::uint32_t> blocks;
    if (!lines.empty()) {
        blocks = pack_bytes(weights, lines);
    } else if (params.facts & kShortRequantise) {
        blocks = pack_bytes(weights, rounded_scales(raised, params.range));
    }
    if (blocks.empty()) return false;
    step = {lines.empty() ? kConv2dByteRoundedInt8.key : kConv2dByteLinesInt8.key,
            params_bytes(params),
            {step.operands[0], Operand::of(table_bytes(blocks)), step.operands[3],
             scratch_operand(conv2d_bytes_scratch_bytes(params))}};
    return true;
}

}  // namespace jatai
