#include "src/package/delta_match.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace jatai {
namespace {

constexpr std::uint32_t kShortest = 3;
constexpr unsigned kMostTried = 96;
constexpr std::uint32_t kLongEnough = 256;  // taken without a look at shorter ones
constexpr float kLiteralFlagBits = 0.4f;
constexpr float kMatchFlagBits = 2.5f;

float number_bits(std::uint32_t value) { return 2.5f + static_cast<float>(std::bit_width(value) - 1); }

float match_bits(std::uint32_t length, std::uint32_t distance) {
    return kMatchFlagBits + number_bits(length) + number_bits(distance);
}

std::uint32_t hash_of(const std::uint8_t* p) {
    return (static_cast<std::uint32_t>(p[0]) | p[1] << 8 | p[2] << 16) * 0x9E3779B1u >> 16;
}

}  // namespace

MatchFinder::MatchFinder(ByteView target) : target_(target), before_(target.size(), -1) {
    std::array<float, 256> counts{};
    for (const std::uint8_t byte : target) ++counts[byte];
    for (unsigned i = 0; i < 256; ++i) {
        const float share = (counts[i] + 0.3f) / (static_cast<float>(target.size()) + 77.0f);
        literal_bits_[i] = -std::log2(share) + kLiteralFlagBits;
    }
    std::vector<std::int32_t> last(1u << 16, -1);
    for (std::size_t i = 0; i + kShortest <= target.size(); ++i) {
        std::int32_t& place = last[hash_of(target.data() + i)];
        before_[i] = place;
        place = static_cast<std::int32_t>(i);
    }
}

// Each longer than the one before it, nearest first.
std::vector<MatchFinder::Match> MatchFinder::matches_at(std::uint32_t at, std::uint32_t end) const {
    std::vector<Match> found;
    std::uint32_t best = kShortest - 1;
    std::int32_t place = before_[at];
    for (unsigned tried = 0; place >= 0 && tried < kMostTried; ++tried, place = before_[place]) {
        const auto from = static_cast<std::uint32_t>(place);
        if (at + best < end && target_[from + best] != target_[at + best]) continue;
        std::uint32_t length = 0;
        while (at + length < end && target_[from + length] == target_[at + length]) ++length;
        if (length <= best) continue;
        best = length;
        found.push_back({length, at - from});
        if (length >= kLongEnough) break;
    }
    return found;
}

std::vector<DeltaStep> MatchFinder::plan(std::uint32_t begin, std::uint32_t end) const {
    struct Way {
        float bits = std::numeric_limits<float>::infinity();
        std::uint32_t length = 0, distance = 0;  // of the step that ends here; distance 0: a literal
    };
    std::vector<Way> ways(end - begin + 1);
    ways[0].bits = 0;
    const auto offer = [&](std::uint32_t to, Way way) {
        if (way.bits < ways[to].bits) ways[to] = way;
    };
    for (std::uint32_t at = begin; at < end;) {
        const float bits = ways[at - begin].bits;
        offer(at - begin + 1, {bits + literal_bits(at), 1, 0});
        std::uint32_t shorter = kShortest;
        std::uint32_t jump = 1;
        for (const Match& match : matches_at(at, end)) {
            for (std::uint32_t length = shorter; length <= match.length; ++length)
                offer(at - begin + length,
                      {bits + match_bits(length, match.distance), length, match.distance});
            shorter = match.length + 1;
            if (match.length >= kLongEnough) jump = match.length;
        }
        at += jump;
    }
    std::vector<DeltaStep> steps;
    for (std::uint32_t at = end - begin; at > 0; at -= ways[at].length) {
        const Way& way = ways[at];
        if (way.distance == 0 && !steps.empty() && steps.back().command == Command::Literal) {
            ++steps.back().length;
        } else {
            steps.push_back(
                {way.distance == 0 ? Command::Literal : Command::Match, way.length, way.distance});
        }
    }
    std::reverse(steps.begin(), steps.end());
    return steps;
}

}  // namespace jatai
