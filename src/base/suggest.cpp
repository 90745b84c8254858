#include "src/base/suggest.h"

#include <algorithm>

#include "src/base/text.h"

namespace jatai {
namespace {

// Letters added, dropped, replaced, or swapped with their neighbour (optimal string alignment).
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::vector<std::size_t>> least(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 0; i <= a.size(); ++i) least[i][0] = i;
    for (std::size_t j = 0; j <= b.size(); ++j) least[0][j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = least[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            least[i][j] = std::min({least[i - 1][j] + 1, least[i][j - 1] + 1, replaced});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) least[i][j] = std::min(least[i][j], least[i - 2][j - 2] + 1);
        }
    }
    return least[a.size()][b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& choices) {
    std::string best;
    std::size_t least = std::max<std::size_t>(1, word.size() / 3) + 1;
    for (const auto& choice : choices) {
        const std::size_t distance = edit_distance(word, choice);
        if (distance < least) {
            least = distance;
            best = choice;
        }
    }
    return best;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& choices) {
    const std::string near = nearest(word, choices);
    if (!near.empty()) return text("did you mean {}?", near);
    std::string list;
    for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
    return text("choose one of: {}", list);
}

}  // namespace jatai
