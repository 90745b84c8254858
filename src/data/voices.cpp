#include "src/data/voices.h"

#include <algorithm>
#include <map>
#include <set>

#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/data/parallel.h"

namespace jatai {
namespace {

struct Language {
    std::vector<std::string> accents;  // espeak-ng's names; "en" is British ("en-gb" ignores variants)
    std::vector<std::string> held_out;
};

const std::map<std::string, Language>& languages() {
    static const std::map<std::string, Language> table = {
        {"en",
         {{"en-us", "en", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-gb-x-rp", "en-us-nyc", "en-029",
           "en-gb-scotland"},
          {"en-029", "en-gb-scotland"}}},
        {"pt", {{"pt-br", "pt"}, {"pt"}}}};
    return table;
}

const Language& language_of(const std::string& name) {
    const auto at = languages().find(name);
    if (at != languages().end()) return at->second;
    std::vector<std::string> names;
    for (const auto& [key, value] : languages()) names.push_back(key);
    throw Error{text("no voices for language {}", name), did_you_mean(name, names)};
}

void check_held_out(const std::vector<std::string>& held_out, const std::vector<std::string>& accents) {
    for (const std::string& accent : held_out) {
        if (std::find(accents.begin(), accents.end(), accent) == accents.end()) {
            throw Error{text("unknown accent {}", accent), did_you_mean(accent, accents)};
        }
    }
    if (held_out.size() >= accents.size()) {
        throw Error{text("all {} accents are held out, expected one or more to train with", accents.size())};
    }
}

// The first of equal prints is a voice, the others its twins.
std::vector<Voice> keep_distinct(const std::vector<std::string>& variants,
                                 const std::vector<std::string>& prints, nlohmann::json& dropped) {
    std::map<std::string, std::string> first_with;
    std::vector<Voice> voices;
    for (std::size_t i = 0; i < variants.size(); ++i) {
        const auto [first, is_new] = first_with.emplace(prints[i], variants[i]);
        if (is_new && !prints[i].empty()) {
            voices.push_back({variants[i], prints[i]});
        } else {
            dropped.push_back({{"variant", variants[i]}, {"same_sound_as", first->second}});
        }
    }
    return voices;
}

// An accent counts when it gives each of a few voices a sound nobody had before.
std::vector<std::string> keep_working(const Speaker& speaker, const std::vector<std::string>& accents,
                                      const std::vector<Voice>& voices, unsigned processes) {
    constexpr std::size_t kTried = 4;
    std::vector<std::string> prints(accents.size() * kTried);
    run_parallel(prints.size(), processes, [&](std::size_t i) {
        const std::size_t voice = (i % kTried) * (voices.size() - 1) / (kTried - 1);
        prints[i] = speaker.fingerprint(accents[i / kTried], voices[voice].variant);
    });
    std::set<std::string> heard;
    std::vector<std::string> working;
    for (std::size_t a = 0; a < accents.size(); ++a) {
        const auto begin = prints.begin() + static_cast<long>(a * kTried);
        std::set<std::string> fresh(begin, begin + kTried);
        for (const std::string& print : heard) fresh.erase(print);
        fresh.erase("");
        heard.insert(fresh.begin(), fresh.end());
        if (fresh.size() == kTried) working.push_back(accents[a]);
    }
    return working;
}

// All variants, or so many of them, taken evenly over the list.
std::vector<std::string> choose_variants(const Speaker& speaker, int most) {
    const std::vector<std::string> all = speaker.variants();
    const auto count = most <= 0 ? all.size() : std::min(all.size(), static_cast<std::size_t>(most));
    std::vector<std::string> chosen;
    for (std::size_t i = 0; i < count; ++i) chosen.push_back(all[i * all.size() / count]);
    return chosen;
}

}  // namespace

VoiceBank find_voices(const Speaker& speaker, const VoiceWish& wish, unsigned processes,
                      const Progress& progress) {
    const Language& facts = language_of(wish.language);
    check_held_out(wish.held_out, facts.accents);
    const std::vector<std::string> variants = choose_variants(speaker, wish.most_voices);
    std::vector<std::string> prints(variants.size());
    run_parallel(
        prints.size(), processes,
        [&](std::size_t i) { prints[i] = speaker.fingerprint(facts.accents[0], variants[i]); }, progress,
        text("listening to voices"));
    nlohmann::json dropped = nlohmann::json::array();
    VoiceBank bank;
    bank.voices = keep_distinct(variants, prints, dropped);
    if (bank.voices.size() < 4) {
        throw Error{text("espeak-ng has {} distinct voices for language {}, expected 4 or more",
                         bank.voices.size(), wish.language),
                    text("install espeak-ng-data again")};
    }
    bank.accents = keep_working(speaker, facts.accents, bank.voices, processes);
    for (const std::string& accent : wish.held_out.empty() ? facts.held_out : wish.held_out) {
        if (std::find(bank.accents.begin(), bank.accents.end(), accent) != bank.accents.end()) {
            bank.held_out.push_back(accent);
        }
    }
    bank.diversity = {{"voices_tried", variants.size()}, {"voices_distinct", bank.voices.size()},
                      {"voices_dropped", dropped},       {"accents_tried", facts.accents},
                      {"accents_working", bank.accents}, {"accents_held_out", bank.held_out}};
    return bank;
}

}  // namespace jatai
