#include "src/graph/ops/scales.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

namespace jatai {
namespace {

constexpr std::int64_t kLowest = std::numeric_limits<std::int32_t>::min();
constexpr std::int64_t kHighest = std::numeric_limits<std::int32_t>::max();
constexpr std::int64_t kFarStart = std::int64_t{1} << 60;
constexpr std::int64_t kNearby = 1024;  // slopes tried on either side of the exact one

// A corner of the staircase: from this sum on the answer is `level` or more, below it less.
struct Corner {
    std::int64_t sum;
    std::int64_t level;
};

// TFLite's staircase over one channel's sums.
struct Staircase {
    const Channel& channel;
    const SumSpan span;
    const Range range;

    int at(std::int64_t sum) const {
        return to_int8(static_cast<std::int32_t>(channel.bias + sum), channel.multiplier, channel.shift,
                       range);
    }

    // The first sum from which on the answer is `level` or more. Needs: at(low) < level <= at(high).
    std::int64_t corner(int level) const {
        std::int64_t below = span.low, from = span.high;
        while (from - below > 1) {
            const std::int64_t middle = below + (from - below) / 2;
            (at(middle) >= level ? from : below) = middle;
        }
        return from;
    }
};

std::int64_t divide_up(std::int64_t a, std::int64_t b) {
    return a / b + (a % b > 0 ? 1 : 0);  // b > 0
}

// The corners a line has to pass, in the units of a kernel.
struct Search {
    const Staircase& stairs;
    const LineUnits units;
    const LineLimits limits;
    std::vector<Corner> corners;

    std::int64_t product(std::int64_t level) const { return level * (std::int64_t{1} << (32 + units.shift)); }
    std::int64_t unit() const { return std::int64_t{1} << units.sum_bits; }
};

// Which starts make a line of this slope pass right of `lower` corners and left of `upper` ones: starts that
// are added to the sum, which is multiplied then.
struct Starts {
    const Search& search;
    const std::int64_t slope;
    std::int64_t low = kLowest, high = kHighest;

    // The line is at `level` or above at this sum.
    void reach(std::int64_t sum, std::int64_t level) {
        low = std::max(low, divide_up(search.product(level), slope) - search.unit() * sum);
    }
    // The line is below `level` at this sum.
    void stay_below(std::int64_t sum, std::int64_t level) {
        high = std::min(high, divide_up(search.product(level), slope) - 1 - search.unit() * sum);
    }
    bool none() const { return low > high; }
    std::int64_t middle() const { return low + (high - low) / 2; }
};

// The same of starts that are added to the product.
struct FineStarts {
    const Search& search;
    const std::int64_t slope;
    std::int64_t low = -kFarStart, high = kFarStart;

    void reach(std::int64_t sum, std::int64_t level) {
        low = std::max(low, search.product(level) - slope * search.unit() * sum);
    }
    void stay_below(std::int64_t sum, std::int64_t level) {
        high = std::min(high, search.product(level) - 1 - slope * search.unit() * sum);
    }
    bool none() const { return low > high; }
    std::int64_t middle() const { return low + (high - low) / 2; }
};

// Whether a start is left that passes all corners.
template <typename Kind>
bool pass_corners(const Search& search, Kind& starts) {
    for (const Corner& corner : search.corners) {
        starts.reach(corner.sum, corner.level);
        starts.stay_below(corner.sum - 1, corner.level);
        if (starts.none()) return false;
    }
    const SumSpan span = search.stairs.span;
    const int lowest = search.stairs.at(span.low), highest = search.stairs.at(span.high);
    if (lowest > -128) starts.reach(span.low, lowest);
    if (highest < 127) starts.stay_below(span.high, highest + 1);
    return !starts.none();
}

std::optional<ScaleLine> line_of_slope(const Search& search, std::int64_t slope) {
    const SumSpan span = search.stairs.span;
    Starts starts{search, slope};
    const std::int64_t most = (std::int64_t{1} << search.limits.value_bits) - 1;
    starts.low = std::max(-most, -most - search.unit() * span.low);
    starts.high = std::min(most, most - search.unit() * span.high);
    if (!pass_corners(search, starts)) return std::nullopt;
    return ScaleLine{static_cast<std::int32_t>(starts.middle()), static_cast<std::int32_t>(slope)};
}

std::optional<FineLine> fine_line_of_slope(const Search& search, std::int64_t slope) {
    FineStarts starts{search, slope};
    if (!pass_corners(search, starts)) return std::nullopt;
    const auto start = static_cast<std::uint64_t>(starts.middle());
    return FineLine{static_cast<std::int32_t>(slope), static_cast<std::uint32_t>(start),
                    static_cast<std::int32_t>(start >> 32)};
}

// The line of the slope nearest to the exact one for which `line_of` finds a start.
template <typename Line>
std::optional<Line> find_line(const Staircase& stairs, LineUnits units, LineLimits limits,
                              std::optional<Line> (*line_of)(const Search&, std::int64_t)) {
    const Channel& c = stairs.channel;
    // Outside these the two roundings wrap and are no staircase.
    if (c.shift > 0 || c.bias + stairs.span.low < kLowest || c.bias + stairs.span.high > kHighest)
        return std::nullopt;
    Search search{stairs, units, limits, {}};
    for (int level = stairs.at(stairs.span.low) + 1; level <= stairs.at(stairs.span.high); ++level)
        search.corners.push_back({stairs.corner(level), level});
    const int bits = c.shift + 1 + static_cast<int>(units.shift) - static_cast<int>(units.sum_bits);
    const auto exact = static_cast<std::int64_t>(std::llround(std::ldexp(c.multiplier, bits)));
    for (std::int64_t i = 0; i <= 2 * kNearby; ++i) {
        const std::int64_t slope = exact + (i % 2 == 0 ? i / 2 : -(i / 2) - 1);
        if (slope < 1 || slope >= std::int64_t{1} << limits.slope_bits) continue;
        if (const auto line = line_of(search, slope)) return line;
    }
    return std::nullopt;
}

// find_line(), once for each question: the bands of a layer (src/plan/stream.h) ask the same ones again.
template <typename Line>
std::optional<Line> find_known_line(const Staircase& stairs, LineUnits units, LineLimits limits,
                                    std::optional<Line> (*line_of)(const Search&, std::int64_t)) {
    using Question = std::array<std::int64_t, 11>;
    static thread_local std::map<Question, std::optional<Line>> known;
    constexpr std::size_t kMostKnown = 1 << 16;
    const Question question{
        stairs.channel.bias, stairs.channel.multiplier, stairs.channel.shift, stairs.span.low,
        stairs.span.high,    stairs.range.zero_point,   units.sum_bits,       units.shift,
        limits.slope_bits,   limits.value_bits,         stairs.range.low};
    const auto found = known.find(question);
    if (found != known.end()) return found->second;
    if (known.size() >= kMostKnown) known.clear();
    return known[question] = find_line(stairs, units, limits, line_of);
}

}  // namespace

std::vector<SumSpan> sum_spans(const Tensor& weights, const Slices& slices) {
    const auto* w = reinterpret_cast<const std::int8_t*>(weights.data.data());
    const std::int32_t zero = weights.quantisation.zero_point();
    std::vector<SumSpan> spans(static_cast<std::size_t>(slices.channels), SumSpan{0, 0});
    for (std::int64_t o = 0; o < slices.channels; ++o) {
        SumSpan& span = spans[static_cast<std::size_t>(o)];
        for (std::int64_t i = 0; i < slices.count; ++i) {
            const int weight = w[o * slices.first + i * slices.step] - zero;
            span.low += weight > 0 ? -128 * weight : 127 * weight;
            span.high += weight > 0 ? 127 * weight : -128 * weight;
        }
    }
    return spans;
}

std::vector<SumSpan> raise_inputs(std::vector<SumSpan> spans, const std::vector<std::int64_t>& sums,
                                  std::int64_t higher) {
    for (std::size_t o = 0; o < spans.size(); ++o) {
        spans[o].low += higher * sums[o];
        spans[o].high += higher * sums[o];
    }
    return spans;
}

std::vector<ScaleLine> find_lines(const std::vector<Channel>& channels, const std::vector<SumSpan>& spans,
                                  Range range, LineUnits units, LineLimits limits) {
    std::vector<ScaleLine> lines;
    for (std::size_t o = 0; o < channels.size(); ++o) {
        const auto line = find_known_line({channels[o], spans[o], range}, units, limits, line_of_slope);
        if (!line) return {};
        lines.push_back(*line);
    }
    return lines;
}

std::vector<FineLine> find_fine_lines(const std::vector<Channel>& channels, const std::vector<SumSpan>& spans,
                                      Range range, const std::vector<std::uint32_t>& sum_bits) {
    std::vector<FineLine> lines;
    for (std::size_t o = 0; o < channels.size(); ++o) {
        const auto line = find_known_line({channels[o], spans[o], range}, {sum_bits[o], kFineShift}, {},
                                          fine_line_of_slope);
        if (!line) return {};
        lines.push_back(*line);
    }
    return lines;
}

std::vector<RoundedScale> rounded_scales(const std::vector<Channel>& channels, Range range) {
    std::vector<RoundedScale> scales;
    for (const Channel& c : channels) {
        const std::int32_t bits = -c.shift;
        scales.push_back({2 * c.bias, c.multiplier, (2 * range.zero_point + 1) * (1 << (bits - 1)), bits});
    }
    return scales;
}

}  // namespace jatai
