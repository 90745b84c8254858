#include "src/base/suggest.h"

#include <algorithm>
#include <numeric>

#include "src/base/text.h"

namespace jatai {
namespace {

// Levenshtein distance, one row at a time.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0u);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
        }
    }
    return row.back();
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
