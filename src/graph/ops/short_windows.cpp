#include "src/graph/ops/short_windows.h"

#include <algorithm>

#include "device/kernels/conv2d_short.h"
#include "src/graph/ops/scales.h"
#include "src/graph/ops/whole_words.h"

namespace jatai {
namespace {

// Rows of four numbers each, where a window has several; columns that weigh nothing fill them up.
WholeWords in_rows_of_four(const Tensor& weights, const Conv2dParams& params) {
    const Window& w = params.window;
    const bool fills_up = w.kernel_h > 1 && w.dilation_w == 1 && 4 % w.in_c == 0;
    const std::int64_t columns = fills_up ? 4 / w.in_c : w.kernel_w;
    if (columns <= w.kernel_w) return {weights, params};
    return in_columns(weights, params, columns);
}

// One channel's weights less their zero point.
std::vector<std::int32_t> row_of(const Tensor& weights, std::size_t o) {
    const std::size_t taps = weights.data.size() / static_cast<std::size_t>(weights.shape[0]);
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data()) + o * taps;
    std::vector<std::int32_t> row(taps);
    for (std::size_t k = 0; k < taps; ++k) row[k] = w[k] - weights.quantisation.zero_point();
    return row;
}

// By how many bits these weights grow, so that their line's slope comes just below 2^31: the finer the slope
// the surer there is a line. They have to fit 16 bits afterwards.
std::uint32_t growth(const std::vector<std::int32_t>& row, const Channel& channel) {
    const auto [least, most] = std::minmax_element(row.begin(), row.end());
    const std::int32_t spare = *least >= -128 && *most <= 127 ? 8 : 7;
    const std::int32_t wanted = channel.shift + 1 + static_cast<std::int32_t>(kFineShift);
    return static_cast<std::uint32_t>(std::clamp(wanted, 0, spare));
}

template <std::uint32_t kWords>
std::vector<std::uint32_t> pack_short(const Tensor& weights, const std::vector<std::uint32_t>& bits,
                                      const std::vector<FineLine>& lines) {
    using Layout = ShortLayout<kWords>;
    std::vector<std::uint32_t> words(lines.size() * Layout::kChannelWords);
    for (std::size_t o = 0; o < lines.size(); ++o) {
        std::uint32_t* const channel = words.data() + o * Layout::kChannelWords;
        const std::vector<std::int32_t> row = row_of(weights, o);
        for (std::uint32_t k = 0; k < row.size(); ++k) {
            const auto lane = static_cast<std::uint32_t>(row[k]) << bits[o] & 0xFFFF;
            channel[Layout::word(k)] |= lane << Layout::lane_shift(k);
        }
        channel[Layout::kWeightWords] = static_cast<std::uint32_t>(lines[o].slope);
        channel[Layout::kWeightWords + 1] = lines[o].start_low;
        channel[Layout::kWeightWords + 2] = static_cast<std::uint32_t>(lines[o].start_high);
    }
    return words;
}

}  // namespace

bool lower_short(const Tensor& narrow, const std::vector<Channel>& channels,
                 const Conv2dParams& narrow_params, Lowered& step) {
    if (narrow_params.window.groups != 1 || !is_full(narrow_params.range)) return false;
    const auto [weights, params] = in_rows_of_four(narrow, narrow_params);
    const std::uint32_t words = words_of_window(params.window);
    if (words == 0 || words > 3) return false;
    std::vector<std::uint32_t> bits;
    for (std::size_t o = 0; o < channels.size(); ++o) bits.push_back(growth(row_of(weights, o), channels[o]));
    const std::int64_t taps = weights.elements() / weights.shape[0];
    const std::vector<SumSpan> spans = sum_spans(weights, {weights.shape[0], taps, 1, taps});
    const std::vector<FineLine> lines = find_fine_lines(channels, spans, params.range, bits);
    if (lines.empty()) return false;
    const bool three = words == 3;
    const auto packed = three ? pack_short<3>(weights, bits, lines) : pack_short<2>(weights, bits, lines);
    step = {three ? kConv2dShort12Int8.key : kConv2dShort8Int8.key,
            params_bytes(params),
            {step.operands[0], Operand::of(table_bytes(packed)), step.operands[3]}};
    return true;
}

}  // namespace jatai
