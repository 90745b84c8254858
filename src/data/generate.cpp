#include "src/data/generate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/data/espeak.h"
#include "src/data/files.h"
#include "src/data/parallel.h"
#include "src/data/scene.h"
#include "src/data/voices.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr float kSplitShares[] = {0.68f, 0.08f, 0.14f, 0.10f};  // of the clips, in order of Split
constexpr float kBabbleOfUnknown = 0.1f;                        // unknown clips that are many voices at once
constexpr std::size_t kFewestUnknownWords = 25;
constexpr std::size_t kAccentsPerVoice =
    3;  // a process per voice and accent: more take longer and add little
// What every voice says first in every accent: equal sound means equal voice. One breath, without a pause.
constexpr const char* kProbe = "seven bees over the river";

// A clip before it sounds.
struct Plan {
    std::uint32_t label = 0;
    Split split = Split::Train;
    const Voice* voice = nullptr;  // none: noise or babble
    std::string accent;
    Utterance utterance;
    float stretch = 1.0f;  // of time and formants, as tape speed
    Samples word;          // clean, once spoken
};

// A voice in an accent.
struct Role {
    const Voice* voice;
    std::string accent;
};

struct Cast {
    std::map<Split, std::vector<const Voice*>> voices;
    std::map<Split, std::vector<Role>> roles;
};

// Each voice speaks in a few accents: held-out ones in TestAccents, others elsewhere.
void give_accents(Cast& cast, const VoiceBank& bank, Rng& rng) {
    for (const auto& [split, voices] : cast.voices) {
        const bool wants_held_out = split == Split::TestAccents;
        std::vector<std::string> accents;
        for (const std::string& accent : bank.accents) {
            const bool held_out =
                std::find(bank.held_out.begin(), bank.held_out.end(), accent) != bank.held_out.end();
            if (held_out == wants_held_out) accents.push_back(accent);
        }
        std::vector<Role>& roles = cast.roles[split];
        for (std::size_t turn = 0; turn < std::min(kAccentsPerVoice, accents.size()); ++turn) {
            for (std::size_t v = 0; v < voices.size(); ++v) {
                if (turn == 0 && v % accents.size() == 0) rng.shuffle(accents);
                roles.push_back({voices[v], accents[(v + turn) % accents.size()]});
            }
        }
    }
}

Cast split_voices(const VoiceBank& bank, const KeywordRecipe& recipe, Rng rng) {
    std::vector<const Voice*> order;
    for (const Voice& voice : bank.voices) order.push_back(&voice);
    rng.shuffle(order);
    const auto count = static_cast<float>(order.size());
    const auto tests = static_cast<std::size_t>(std::max(1.0f, std::round(count * recipe.test_share)));
    const auto vals = static_cast<std::size_t>(std::max(1.0f, std::round(count * recipe.val_share)));
    if (order.size() < tests + vals + 1) {
        throw Error{text("{} distinct voices, expected at least {}", order.size(), tests + vals + 1),
                    text("espeak-ng-data may be incomplete: espeak-ng --voices=variant")};
    }
    Cast cast;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i < tests) {
            cast.voices[Split::Test].push_back(order[i]);
            cast.voices[Split::TestAccents].push_back(order[i]);
        } else {
            cast.voices[i < tests + vals ? Split::Val : Split::Train].push_back(order[i]);
        }
    }
    give_accents(cast, bank, rng);
    return cast;
}

Utterance vary(const std::string& word, Rng& rng) {
    constexpr const char* kMarks[] = {"", ".", "?", "!"};
    return {word, 80 + static_cast<int>(rng.below(70)), static_cast<int>(rng.below(80)) - 40,
            static_cast<int>(rng.below(100)) - 40, kMarks[rng.below(4)]};
}

class Planner {
  public:
    Planner(std::uint64_t seed, const Cast& cast) : cast_(cast), rng_(seed) {}

    // `count` clips over the splits; words and voices take turns. No words: noise.
    void add(std::uint32_t label, int count, const std::vector<std::string>& words, float babble_share = 0) {
        for (Split split : kAllSplits) {
            const auto clips = static_cast<int>(std::lround(static_cast<float>(count) * share(split)));
            std::vector<Role> roles = cast_.roles.at(split);
            rng_.shuffle(roles);
            for (int i = 0; i < clips; ++i) {
                Plan plan{label, split};
                if (!words.empty() && rng_.uniform() >= babble_share) {
                    const Role& role = roles[static_cast<std::size_t>(i) % roles.size()];
                    plan.voice = role.voice;
                    plan.accent = role.accent;
                    plan.utterance = vary(words[rng_.below(static_cast<std::uint32_t>(words.size()))], rng_);
                    plan.stretch = rng_.uniform(0.95f, 1.05f);
                }
                plans.push_back(std::move(plan));
            }
        }
    }

    std::vector<Plan> plans;

  private:
    float share(Split split) const {
        const bool accents = !cast_.roles.at(Split::TestAccents).empty();
        if (split == Split::TestAccents) return accents ? kSplitShares[3] : 0.0f;
        const float extra = split == Split::Test && !accents ? kSplitShares[3] : 0.0f;
        return kSplitShares[static_cast<int>(split)] + extra;
    }

    const Cast& cast_;
    Rng rng_;
};

Samples normalise(const std::vector<float>& sound, float stretch) {
    std::vector<float> word = resample(sound, kSpeakerRateHz, double(kSampleRateHz) * double(stretch));
    float peak = 1e-6f;
    for (float x : word) peak = std::max(peak, std::fabs(x));
    for (float& x : word) x *= 0.9f / peak;
    return to_int16(word);
}

// Every word of a voice in an accent is spoken by one process. Words of a voice that sounds in its accent
// like another stay silent. Returns how many voices and accents were heard and how many of those pairs were
// distinct.
nlohmann::json speak_all(std::vector<Plan>& plans, const Speaker& speaker, unsigned processes,
                         const Progress& progress) {
    std::map<std::pair<std::string, std::string>, std::vector<Plan*>> by_voice;
    for (Plan& plan : plans) {
        if (plan.voice != nullptr) by_voice[{plan.accent, plan.voice->variant}].push_back(&plan);
    }
    std::vector<const decltype(by_voice)::value_type*> jobs;
    for (const auto& job : by_voice) jobs.push_back(&job);
    std::vector<std::string> prints(jobs.size());
    const auto speak = [&](std::size_t i) {
        const auto& [voice, words] = *jobs[i];
        std::vector<Utterance> utterances{{kProbe}};
        for (const Plan* plan : words) utterances.push_back(plan->utterance);
        const auto sounds = speaker.speak(voice.first, voice.second, utterances);
        prints[i] = hash_samples(to_int16(sounds[0]));
        for (std::size_t k = 0; k < words.size(); ++k) {
            const auto& sound = sounds[k + 1];
            // Shorter than 60 ms is a click, not a word.
            if (sound.size() > kSpeakerRateHz * 6 / 100) words[k]->word = normalise(sound, words[k]->stretch);
        }
    };
    run_parallel(jobs.size(), processes, speak, progress, text("speaking"));
    std::set<std::string> heard;
    for (std::size_t i = 0; i < jobs.size(); ++i) {
        if (heard.insert(prints[i]).second) continue;
        for (Plan* plan : jobs[i]->second) plan->word.clear();
    }
    const auto silent = std::count_if(plans.begin(), plans.end(), [](const Plan& plan) {
        return plan.voice != nullptr && plan.word.empty();
    });
    return {{"pairs_used", jobs.size()}, {"pairs_distinct", heard.size()}, {"clips_dropped", silent}};
}

std::string group_of(const Voice* voice) {
    return voice == nullptr ? "" : voice->variant.empty() ? "plain" : voice->variant;
}

// The word is part of the name, so that a mistake shows what was said.
std::string file_of(const Plan& plan, const Dataset& dataset, std::size_t i) {
    const std::string word = plan.voice != nullptr ? "_" + file_safe(plan.utterance.word) : "";
    return fmt::format("clips/{}/{}_{:05}{}.wav", file_safe(dataset.labels[plan.label]), name(plan.split), i,
                       word);
}

std::vector<Clip> make_clips(const std::vector<Plan>& plans, const Dataset& dataset,
                             const KeywordRecipe& recipe, const Progress& progress) {
    const auto unknown = static_cast<std::uint32_t>(
        std::find(dataset.labels.begin(), dataset.labels.end(), kUnknownLabel) - dataset.labels.begin());
    std::map<Split, Crowd> crowds;
    for (const Plan& plan : plans) {
        if (plan.label == unknown && !plan.word.empty()) crowds[plan.split].push_back(&plan.word);
    }
    const Rng root(recipe.seed ^ 0x5CE9Eull);
    std::vector<Clip> clips(plans.size());
    const auto make = [&](std::size_t i) {
        const Plan& plan = plans[i];
        Rng rng = root.fork(i);
        const auto crowd = crowds.find(plan.split);
        const Crowd& others = crowd == crowds.end() ? Crowd{} : crowd->second;
        Clip& clip = clips[i];
        if (plan.voice != nullptr && plan.word.empty()) return;
        clip.samples = plan.voice != nullptr                      ? make_word_scene(plan.word, others, rng)
                       : plan.label == unknown && !others.empty() ? make_babble_scene(others, rng)
                                                                  : make_noise_scene(rng);
        clip.label = plan.label;
        clip.split = plan.split;
        clip.group = group_of(plan.voice);
        clip.accent = plan.accent;
        clip.file = file_of(plan, dataset, i);
        clip.sha256 = hash_samples(clip.samples);
    };
    run_parallel(plans.size(), recipe.processes, make, progress, text("mixing"));
    std::erase_if(clips, [](const Clip& clip) { return clip.samples.empty(); });
    return clips;
}

void check_recipe(const KeywordRecipe& recipe) {
    const std::set<std::string> distinct(recipe.keywords.begin(), recipe.keywords.end());
    if (recipe.keywords.size() < 2 || distinct.size() != recipe.keywords.size()) {
        throw Error{text("{} different keywords, expected two or more", distinct.size()),
                    text("a model needs something to tell apart: words = [\"yes\", \"no\"] in jatai.toml")};
    }
    for (const std::string& word : recipe.keywords) {
        if (word.empty() || word == kUnknownLabel || word == kSilenceLabel) {
            throw Error{text("\"{}\" cannot be a keyword", word),
                        text("unknown and silence are made anyway; choose another word")};
        }
    }
    if (recipe.clips_per_keyword < 50 || recipe.unknown_clips < 50 || recipe.silence_clips < 20) {
        throw Error{text("{} clips per keyword, {} unknown, {} silence: expected at least 50, 50 and 20",
                         recipe.clips_per_keyword, recipe.unknown_clips, recipe.silence_clips)};
    }
    if (!(recipe.test_share > 0 && recipe.val_share > 0 && recipe.test_share + recipe.val_share < 0.8f)) {
        throw Error{text("test_share {} and val_share {}: expected above 0 and together below 0.8",
                         recipe.test_share, recipe.val_share)};
    }
}

// Stress marks do not make another word for a listener of single words.
std::string without_stress(std::string phonemes) {
    std::erase_if(phonemes, [](char c) { return c == '\'' || c == ',' || c == '_' || c == ':'; });
    return phonemes;
}

std::vector<std::string> choose_unknown_words(const KeywordRecipe& recipe, const Speaker& speaker,
                                              const std::string& accent, std::vector<std::string>& notes) {
    const auto candidates =
        recipe.unknown_words.empty() ? default_unknown_words(recipe.language) : recipe.unknown_words;
    std::set<std::string> sounds;
    for (const std::string& said : speaker.phonemes(accent, recipe.keywords))
        sounds.insert(without_stress(said));
    const auto said = speaker.phonemes(accent, candidates);
    std::vector<std::string> words;
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        if (sounds.count(without_stress(said[i])) == 0) {
            words.push_back(candidates[i]);
        } else if (!recipe.unknown_words.empty()) {
            notes.push_back(text("{}: sounds like a keyword, left out of the unknown words", candidates[i]));
        }
    }
    if (words.size() < kFewestUnknownWords) {
        throw Error{text("{} unknown words, expected at least {}", words.size(), kFewestUnknownWords),
                    text("leave unknown_words out to use the built-in list")};
    }
    return words;
}

nlohmann::json list_voices(const Cast& cast) {
    nlohmann::json list = nlohmann::json::array();
    for (Split split : {Split::Train, Split::Val, Split::Test}) {
        for (const Voice* voice : cast.voices.at(split)) {
            list.push_back({{"voice", group_of(voice)}, {"sha256", voice->sha256}, {"split", name(split)}});
        }
    }
    return list;
}

void check_spoken(const Dataset& dataset, const KeywordRecipe& recipe) {
    std::map<std::string, int> clips;
    for (const Clip& clip : dataset.clips) ++clips[dataset.labels[clip.label]];
    for (const std::string& word : recipe.keywords) {
        if (clips[word] * 2 >= recipe.clips_per_keyword) continue;
        throw Error{
            text("\"{}\": only {} of {} clips were audible", word, clips[word], recipe.clips_per_keyword),
            text("write the keyword as {} spells it", recipe.language)};
    }
}

}  // namespace

Dataset generate_keywords(const KeywordRecipe& recipe, const Progress& progress) {
    check_recipe(recipe);
    const Speaker speaker(recipe.program);
    const VoiceBank bank = find_voices(
        speaker, {recipe.language, recipe.held_out_accents, recipe.most_voices}, recipe.processes, progress);
    const Cast cast = split_voices(bank, recipe, Rng(recipe.seed ^ 0xCA57ull));
    Dataset dataset;
    const auto unknown_words = choose_unknown_words(recipe, speaker, bank.accents[0], dataset.notes);
    for (const std::string& word : recipe.keywords) label_index(dataset, word);
    label_index(dataset, kUnknownLabel);
    label_index(dataset, kSilenceLabel);
    sort_labels(dataset);
    Planner planner(recipe.seed, cast);
    for (const std::string& word : recipe.keywords) {
        planner.add(label_index(dataset, word), recipe.clips_per_keyword, {word});
    }
    planner.add(label_index(dataset, kUnknownLabel), recipe.unknown_clips, unknown_words, kBabbleOfUnknown);
    planner.add(label_index(dataset, kSilenceLabel), recipe.silence_clips, {});
    const nlohmann::json pairs = speak_all(planner.plans, speaker, recipe.processes, progress);
    dataset.clips = make_clips(planner.plans, dataset, recipe, progress);
    check_spoken(dataset, recipe);
    nlohmann::json diversity = bank.diversity;
    diversity["voices"] = list_voices(cast);
    diversity["unknown_words"] = unknown_words.size();
    diversity["voice_and_accent"] = pairs;
    dataset.provenance = {{"maker", "jatai data generate"},
                          {"synthetic", true},
                          {"synthesiser", speaker.version()},
                          {"recipe", to_json(recipe)},
                          {"diversity", diversity}};
    dataset.notes.push_back(
        text("{} voices of {} tried are distinct; one formant synthesiser speaks them all, so "
             "real people differ more",
             bank.voices.size(), bank.diversity.at("voices_tried").get<std::size_t>()));
    verify_splits(dataset);
    return dataset;
}

}  // namespace jatai
