// generate.h: a keyword data set out of a speech synthesiser, for those who have no recordings yet.
//
//     KeywordRecipe recipe;
//     recipe.keywords = {"yes", "no", "up", "down"};
//     Dataset dataset = generate_keywords(recipe, progress);
//     dataset.provenance["diversity"]              // voices tried, distinct, accents: what it really holds
//
// espeak-ng speaks as a separate program (GPL-3: never linked). Every clip is one word of one voice, in an
// accent, at a rate and pitch, then room, noise, gain and shift. SPLIT BY VOICE: a voice is in one split
// only, voices are proven distinct by the hash of what they say (an unknown espeak variant speaks with
// another voice and exits 0), and the held-out accents go to TestAccents, spoken by the test voices. Keeps:
// the same recipe and espeak-ng give the same bytes, whatever the number of processes. Fails with Error when
// espeak-ng is missing, fails, or the recipe is unusable. Cost: docs/reference/dataset.md#cost.
#pragma once

#include "src/data/dataset.h"

namespace jatai {

struct KeywordRecipe {
    std::vector<std::string> keywords;       // >= 2 words, as the language writes them
    std::vector<std::string> unknown_words;  // empty: our list for the language, without the keywords
    std::string language = "en";             // "en" or "pt"
    int clips_per_keyword = 1600;            // all splits together
    int unknown_clips = 3600;
    int silence_clips = 1000;
    float test_share = 0.2f;  // of the voices
    float val_share = 0.1f;
    std::vector<std::string> held_out_accents;  // empty: our choice for the language
    int most_voices = 0;                        // voices listened to; 0: all that are installed
    std::uint64_t seed = 1;
    unsigned processes = 2;
    std::string program = "espeak-ng";
};

// JSON form (the [data] table of jatai.toml). Missing keys keep their default; Error names a bad key.
nlohmann::json to_json(const KeywordRecipe& recipe);
KeywordRecipe keyword_recipe_from_json(const nlohmann::json& values, const std::string& place);

Dataset generate_keywords(const KeywordRecipe& recipe, const Progress& progress = {});

// Our words that are not keywords: at least 25, some of them easily confused with common keywords.
std::vector<std::string> default_unknown_words(const std::string& language);

}  // namespace jatai
