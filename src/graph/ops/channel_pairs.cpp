#include "src/graph/ops/channel_pairs.h"

#include "device/kernels/channel_pairs.h"

namespace jatai {
namespace {

// Two weights as one signed 16-bit lane: first + 256 * second. False: it does not fit.
bool fits_lane(int first, int second) { return second != -128 || first >= 0; }

}  // namespace

bool can_pair(const Tensor& weights, const std::vector<std::int64_t>& magnitudes) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const std::int64_t taps = weights.elements() / weights.shape[0];
    for (std::int64_t o = 1; o < weights.shape[0]; o += 2) {
        if (magnitudes[static_cast<std::size_t>(o)] * 128 >= 1 << 23) return false;
        for (std::int64_t k = 0; k < taps; ++k) {
            if (!fits_lane(w[(o - 1) * taps + k], w[o * taps + k])) return false;
        }
    }
    return true;
}

std::vector<std::uint32_t> pack_pairs(const Tensor& weights) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const auto channels = static_cast<std::uint32_t>(weights.shape[0]);
    const PairLayout layout{static_cast<std::uint32_t>(weights.elements() / channels)};
    std::vector<std::uint32_t> words((channels + 3) / 4 * std::size_t{layout.words_per_block()});
    for (std::uint32_t o = 0; o < channels; o += 2) {
        for (std::uint32_t k = 0; k < layout.taps; ++k) {
            const int first = w[o * layout.taps + k];
            const int second = o + 1 < channels ? w[(o + 1) * layout.taps + k] : 0;
            const auto lane = static_cast<std::uint32_t>(first + 256 * second) & 0xFFFF;
            words[layout.word(o, k)] |= lane << PairLayout::lane_shift(k);
        }
    }
    return words;
}

}  // namespace jatai
