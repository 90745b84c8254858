// suggest.h: "did you mean".
//
//     throw Error{text("unknown board {}", id), did_you_mean(id, ids)};
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace jatai {

// The nearest of `choices` by edit distance, or "" when none is near (more than a third of the letters
// differ).
std::string nearest(std::string_view word, const std::vector<std::string>& choices);

// "did you mean X?", or the list of choices when nothing is near.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& choices);

}  // namespace jatai
