#include "src/train/score.h"

#include <nlohmann/json.hpp>

#include "src/base/error.h"

namespace jatai::train {
namespace {

void count(Tally& tally, bool right) {
    ++tally.samples;
    tally.right += right;
}

nlohmann::json tallies_json(const std::map<std::string, Tally>& tallies) {
    nlohmann::json out = nlohmann::json::object();
    for (const auto& [name, tally] : tallies)
        out[name] = {{"samples", tally.samples}, {"right", tally.right}, {"accuracy", tally.accuracy()}};
    return out;
}

}  // namespace

Score make_score(const FeatureSet& features, const std::vector<std::size_t>& clips,
                 const std::vector<std::uint16_t>& answers) {
    CHECK(clips.size() == answers.size());
    const std::size_t classes = features.labels.size();
    Score score;
    score.confusion.assign(classes, std::vector<std::uint32_t>(classes, 0));
    for (std::size_t i = 0; i < clips.size(); ++i) {
        const std::size_t clip = clips[i];
        const bool right = answers[i] == features.y[clip];
        ++score.confusion[features.y[clip]][answers[i]];
        count(score.all, right);
        if (clip < features.group.size()) count(score.groups[features.groups[features.group[clip]]], right);
        if (clip < features.accent.size())
            count(score.accents[features.accents[features.accent[clip]]], right);
    }
    return score;
}

nlohmann::json to_json(const Score& score, const std::vector<std::string>& labels) {
    return {{"samples", score.all.samples},          {"right", score.all.right},
            {"accuracy", score.accuracy()},          {"labels", labels},
            {"confusion", score.confusion},          {"groups", tallies_json(score.groups)},
            {"accents", tallies_json(score.accents)}};
}

}  // namespace jatai::train
