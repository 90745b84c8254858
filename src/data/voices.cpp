#include "src/data/voices.h"

#include <algorithm>
#include <map>

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

}  // namespace

VoiceBank find_voices(const Speaker& speaker, const std::string& language,
                      const std::vector<std::string>& wanted_held_out, unsigned processes,
                      const Progress& progress) {
    const Language& facts = language_of(language);
    const std::vector<std::string> variants = speaker.variants();
    const std::size_t accents = facts.accents.size();
    check_held_out(wanted_held_out, facts.accents);
    std::vector<std::string> prints(variants.size() * accents);
    run_parallel(
        prints.size(), processes,
        [&](std::size_t i) {
            prints[i] = speaker.fingerprint(facts.accents[i % accents], variants[i / accents]);
        },
        progress, text("listening to voices"));
    VoiceBank bank;
    std::map<std::string, std::string> speakers;  // print -> who was first to sound so
    std::map<std::string, std::size_t> voices_of_accent;
    nlohmann::json dropped = nlohmann::json::array();
    for (std::size_t v = 0; v < variants.size(); ++v) {
        Voice voice{variants[v], prints[v * accents], {}};
        std::string twin;
        for (std::size_t a = 0; a < accents; ++a) {
            const std::string& print = prints[v * accents + a];
            const auto [first, is_new] = speakers.emplace(print, facts.accents[a] + "+" + variants[v]);
            if (print.empty() || !is_new) {
                if (a == 0) twin = first->second;
                continue;
            }
            voice.accents.push_back(facts.accents[a]);
        }
        // Who is another's twin in the first accent is that voice, whatever it does elsewhere.
        if (voice.accents.empty() || voice.accents[0] != facts.accents[0]) {
            dropped.push_back({{"variant", variants[v]}, {"same_sound_as", twin}});
            continue;
        }
        for (const std::string& accent : voice.accents) ++voices_of_accent[accent];
        bank.voices.push_back(std::move(voice));
    }
    for (const std::string& accent : facts.accents) {
        if (voices_of_accent[accent] > 0) bank.accents.push_back(accent);
    }
    const auto& held_out = wanted_held_out.empty() ? facts.held_out : wanted_held_out;
    for (const std::string& accent : held_out) {
        if (voices_of_accent[accent] > 0) bank.held_out.push_back(accent);
    }
    bank.diversity = {{"voices_tried", variants.size()},
                      {"voices_distinct", bank.voices.size()},
                      {"voices_dropped", dropped},
                      {"accents_tried", facts.accents},
                      {"voices_by_accent", voices_of_accent},
                      {"accents_held_out", bank.held_out}};
    return bank;
}

}  // namespace jatai
