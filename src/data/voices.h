// voices.h: which voices espeak-ng really has, proven by what they say.
//
//     VoiceBank bank = find_voices(speaker, "en", {}, 2, progress);
//     bank.voices                                   // distinct ones: {variant, sha256}
//     bank.accents                                  // those in which variants really change the voice
//
// An unknown variant exits 0 and speaks with another voice, some variants are another's twin, and some
// accents ignore variants: each voice says one sentence in each accent, and equal sound means equal voice.
#pragma once

#include "src/data/espeak.h"

namespace jatai {

struct Voice {
    std::string variant;
    std::string sha256;                // of what it says in the first accent
    std::vector<std::string> accents;  // in which it sounds like no other voice
};

struct VoiceBank {
    std::vector<Voice> voices;  // in order of variant
    std::vector<std::string> accents;
    std::vector<std::string> held_out;  // of the accents
    nlohmann::json diversity;           // tried, distinct, dropped and why
};

// `wanted_held_out` empty: our choice for the language. Fails with Error for an unknown language or accent.
VoiceBank find_voices(const Speaker& speaker, const std::string& language,
                      const std::vector<std::string>& wanted_held_out, unsigned processes,
                      const Progress& progress = {});

}  // namespace jatai
