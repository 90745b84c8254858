// delta_match.h: the cheapest way to say bytes by literals and by what came before them in the same image.
//
//     MatchFinder finder(target);
//     std::vector<DeltaStep> steps = finder.plan(0, target.size());
//
// A shortest path over the bytes, with prices guessed from how often each byte occurs.
// Cost: at most kMostTried places looked at for each byte; 20 bytes of memory for each.
#pragma once

#include <array>
#include <vector>

#include "src/package/delta_coder.h"

namespace jatai {

class MatchFinder {
  public:
    explicit MatchFinder(ByteView target);

    // The steps of target[begin, end); matches may reach back before `begin`.
    std::vector<DeltaStep> plan(std::uint32_t begin, std::uint32_t end) const;
    // Bits of target[at] said as a literal.
    float literal_bits(std::uint32_t at) const { return literal_bits_[target_[at]]; }

  private:
    struct Match {
        std::uint32_t length = 0, distance = 0;
    };
    std::vector<Match> matches_at(std::uint32_t at, std::uint32_t end) const;

    ByteView target_;
    std::array<float, 256> literal_bits_{};
    std::vector<std::int32_t> before_;  // the last place with the same three bytes, -1: none
};

}  // namespace jatai
