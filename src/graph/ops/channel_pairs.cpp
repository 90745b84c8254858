#include "src/graph/ops/channel_pairs.h"

#include <algorithm>
#include <cstring>

#include "device/kernels/channel_pairs.h"
#include "device/kernels/conv2d_blocks.h"
#include "device/kernels/conv2d_bytes.h"
#include "device/kernels/conv2d_few.h"

namespace jatai {
namespace {

// Two weights as one signed 16-bit lane: first + 256 * second. False: it does not fit.
bool fits_lane(int first, int second) { return second != -128 || first >= 0; }

bool sum_can_pair(std::int64_t magnitude) { return magnitude * 128 < 1 << 23; }

}  // namespace

bool can_pair(const Tensor& weights, const std::vector<std::int64_t>& magnitudes) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const std::int64_t taps = weights.elements() / weights.shape[0];
    for (std::int64_t o = 1; o < weights.shape[0]; o += 2) {
        if (!sum_can_pair(magnitudes[static_cast<std::size_t>(o)])) return false;
        for (std::int64_t k = 0; k < taps; ++k) {
            if (!fits_lane(w[(o - 1) * taps + k], w[o * taps + k])) return false;
        }
    }
    return true;
}

bool sums_can_pair(const std::vector<std::int64_t>& magnitudes) {
    return std::all_of(magnitudes.begin(), magnitudes.end(), sum_can_pair);
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

namespace {

// The weights of one block to its words. False: a lane does not fit.
bool pack_weights(const Tensor& weights, const BlockLayout& layout, std::uint32_t o, std::uint32_t* block) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const PairLayout pairs{layout.taps};
    for (std::uint32_t i = 0; i < 4; i += 2) {
        for (std::uint32_t k = 0; k < layout.taps; ++k) {
            const int first = w[(o + i) * layout.taps + k], second = w[(o + i + 1) * layout.taps + k];
            if (!fits_lane(first, second)) return false;
            const auto lane = static_cast<std::uint32_t>(first + 256 * second) & 0xFFFF;
            block[layout.weights_at() + pairs.word(i, k)] |= lane << PairLayout::lane_shift(k);
        }
    }
    return true;
}

// `put(block, i, o)` writes the scale of channel o, which is channel i of its block.
template <typename Put>
std::vector<std::uint32_t> pack_each_block(const Tensor& weights, BlockScale scale, Put put) {
    const auto channels = static_cast<std::uint32_t>(weights.shape[0]);
    if (channels < 4) return {};
    const BlockLayout layout{static_cast<std::uint32_t>(weights.elements() / channels), channels, scale};
    std::vector<std::uint32_t> words(layout.count() * std::size_t{layout.block_words()});
    for (std::uint32_t b = 0; b < layout.count(); ++b) {
        std::uint32_t* block = words.data() + b * layout.block_words();
        if (!pack_weights(weights, layout, layout.channel(b), block)) return {};
        for (std::uint32_t i = 0; i < 4; ++i) put(layout, block, i, layout.channel(b) + i);
    }
    return words;
}

}  // namespace

std::vector<std::uint32_t> pack_blocks(const Tensor& weights, const std::vector<ScaleLine>& lines) {
    return pack_each_block(
        weights, BlockScale::Line,
        [&](const BlockLayout& layout, std::uint32_t* block, std::uint32_t i, std::uint32_t o) {
            block[layout.start_word(i)] = static_cast<std::uint32_t>(lines[o].start);
            block[layout.slope_word(i)] = static_cast<std::uint32_t>(lines[o].slope);
        });
}

std::vector<std::uint32_t> pack_blocks(const Tensor& weights, const std::vector<RoundedScale>& scales) {
    return pack_each_block(
        weights, BlockScale::Rounded,
        [&](const BlockLayout& layout, std::uint32_t* block, std::uint32_t i, std::uint32_t o) {
            std::memcpy(block + layout.rounded_word(i), &scales[o], sizeof(RoundedScale));
        });
}

namespace {

template <typename Scale>
std::vector<std::uint32_t> pack_byte_blocks(const Tensor& weights, const std::vector<Scale>& scales) {
    const auto channels = static_cast<std::uint32_t>(weights.shape[0]);
    if (channels < 4) return {};
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const ByteBlocks<Scale> layout{static_cast<std::uint32_t>(weights.elements() / channels), channels};
    std::vector<std::uint32_t> words(layout.count() * std::size_t{layout.block_words()}, 0x80808080u);
    for (std::uint32_t b = 0; b < layout.count(); ++b) {
        std::uint32_t* block = words.data() + b * layout.block_words();
        for (std::uint32_t k = 0; k < layout.taps; ++k) {
            std::uint32_t word = 0;
            for (std::uint32_t i = 0; i < 4; ++i)
                word |= static_cast<std::uint32_t>(w[(layout.channel(b) + i) * layout.taps + k] + 128)
                        << (8 * i);
            block[k] = word;
        }
        for (std::uint32_t i = 0; i < 4; ++i) layout.put(block, i, scales[layout.channel(b) + i]);
    }
    return words;
}

}  // namespace

std::vector<std::uint32_t> pack_bytes(const Tensor& weights, const std::vector<ScaleLine>& lines) {
    return pack_byte_blocks(weights, lines);
}

std::vector<std::uint32_t> pack_bytes(const Tensor& weights, const std::vector<RoundedScale>& scales) {
    return pack_byte_blocks(weights, scales);
}

std::vector<std::uint32_t> pack_few(const Tensor& weights) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const auto channels = static_cast<std::uint32_t>(weights.shape[0]);
    const FewLayout layout{static_cast<std::uint32_t>(weights.elements() / channels), channels};
    const std::int64_t zero = weights.quantisation.zero_point();
    std::vector<std::uint32_t> words(layout.words());
    for (std::uint32_t o = 0; o < channels; ++o) {
        for (std::uint32_t k = 0; k < layout.taps; ++k) {
            const auto lane = static_cast<std::uint32_t>(w[o * layout.taps + k] - zero) & 0xFFFF;
            words[layout.word(o, k)] |= lane << FewLayout::lane_shift(k);
        }
    }
    return words;
}

}  // namespace jatai
