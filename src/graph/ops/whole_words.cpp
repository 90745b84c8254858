#include "src/graph/ops/whole_words.h"

#include <algorithm>
#include <numeric>

#include "device/kernels/scratch.h"

namespace jatai {
namespace {

constexpr std::int64_t kWordBytes = 4;
constexpr std::int64_t kLowestByte = -128;  // two such weights fit no lane of a pair (channel_pairs.h)

std::int64_t taps_of(const Window& w, std::int64_t kernel_w) {
    return static_cast<std::int64_t>(round_up4(static_cast<std::uint64_t>(w.kernel_h * kernel_w * w.in_c)));
}

// The narrowest row of whole words.
std::int64_t whole_columns(const Window& w) {
    const std::int64_t step = kWordBytes / std::gcd(kWordBytes, std::int64_t{w.in_c});
    return (w.kernel_w + step - 1) / step * step;
}

// Instructions of one pixel: what collecting its window takes beside what the new products do.
bool is_sooner(const Window& w, std::int64_t columns) {
    const std::int64_t more = taps_of(w, columns) - taps_of(w, w.kernel_w);
    const std::int64_t channels = static_cast<std::int64_t>(round_up4(w.out_c));
    const std::int64_t collecting = 30 + w.kernel_h * (10 + std::int64_t{w.kernel_w} * w.in_c);
    return more * 2 + more * channels * 3 / 4 < collecting;
}

bool gains(const Tensor& weights, const Window& w, std::int64_t columns) {
    return w.kernel_h > 1 && w.dilation_w == 1 && columns > w.kernel_w &&
           columns <= std::max(w.in_w, w.kernel_w) && weights.quantisation.zero_point() != kLowestByte &&
           is_sooner(w, columns);
}

}  // namespace

WholeWords in_whole_words(const Tensor& weights, const Conv2dParams& params) {
    const std::int64_t columns = whole_columns(params.window);
    if (!gains(weights, params.window, columns)) return {weights, params};
    return in_columns(weights, params, columns);
}

WholeWords in_columns(const Tensor& weights, const Conv2dParams& params, std::int64_t columns) {
    const Window& w = params.window;
    WholeWords wide{weights, params};
    const std::size_t row = std::size_t{w.kernel_w} * w.in_c;
    const std::size_t wide_row = static_cast<std::size_t>(columns) * w.in_c;
    wide.params.window.kernel_w = static_cast<std::uint16_t>(columns);
    wide.weights.shape[2] = static_cast<std::int32_t>(columns);
    wide.weights.data.assign(weights.data.size() / row * wide_row,
                             static_cast<std::uint8_t>(weights.quantisation.zero_point()));
    for (std::size_t from = 0, to = 0; from < weights.data.size(); from += row, to += wide_row)
        std::copy_n(weights.data.begin() + static_cast<std::ptrdiff_t>(from), row,
                    wide.weights.data.begin() + static_cast<std::ptrdiff_t>(to));
    return wide;
}

}  // namespace jatai
