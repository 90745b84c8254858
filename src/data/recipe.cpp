#include <algorithm>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/data/generate.h"

namespace jatai {
namespace {

template <typename T>
void read(const nlohmann::json& values, const char* key, T& value, const std::string& place) {
    if (!values.contains(key)) return;
    try {
        value = values.at(key).get<T>();
    } catch (const nlohmann::json::exception&) {
        throw Error{text("{}: {} is {}, expected another type", place, key, values.at(key).dump()),
                    text("as in {} = {}", key, nlohmann::json(value).dump())};
    }
}

}  // namespace

nlohmann::json to_json(const KeywordRecipe& r) {
    return {{"keywords", r.keywords},
            {"unknown_words", r.unknown_words},
            {"language", r.language},
            {"clips_per_keyword", r.clips_per_keyword},
            {"unknown_clips", r.unknown_clips},
            {"silence_clips", r.silence_clips},
            {"test_share", r.test_share},
            {"val_share", r.val_share},
            {"held_out_accents", r.held_out_accents},
            {"most_voices", r.most_voices},
            {"seed", r.seed}};
}

KeywordRecipe keyword_recipe_from_json(const nlohmann::json& values, const std::string& place) {
    KeywordRecipe r;
    if (!values.is_object()) throw Error{text("{}: expected a table of settings", place)};
    const nlohmann::json defaults = to_json(r);
    std::vector<std::string> known;
    for (const auto& [key, value] : defaults.items()) known.push_back(key);
    for (const auto& [key, value] : values.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            throw Error{text("{}: unknown setting {}", place, key), did_you_mean(key, known)};
        }
    }
    read(values, "keywords", r.keywords, place);
    read(values, "unknown_words", r.unknown_words, place);
    read(values, "language", r.language, place);
    read(values, "clips_per_keyword", r.clips_per_keyword, place);
    read(values, "unknown_clips", r.unknown_clips, place);
    read(values, "silence_clips", r.silence_clips, place);
    read(values, "test_share", r.test_share, place);
    read(values, "val_share", r.val_share, place);
    read(values, "held_out_accents", r.held_out_accents, place);
    read(values, "most_voices", r.most_voices, place);
    read(values, "seed", r.seed, place);
    return r;
}

}  // namespace jatai
