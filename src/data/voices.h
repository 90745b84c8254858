// voices.h: which voices espeak-ng really has, proven by what they say.
//
//     VoiceBank bank = find_voices(speaker, "en", {}, 2, progress);
//     bank.voices                                   // distinct ones: {variant, sha256}
//     bank.accents                                  // those in which variants really change the voice
//
// An unknown variant exits 0 and speaks with another voice, some variants are another's twin, and some
// accents ignore variants. So each variant says one sentence in the first accent, and equal sound means equal
// voice; each accent is tried with a few voices. generate_keywords() later hears every voice in every accent
// it uses.
#pragma once

#include "src/data/espeak.h"

namespace jatai {

struct Voice {
    std::string variant;
    std::string sha256;  // of what it says in the first accent
};

struct VoiceBank {
    std::vector<Voice> voices;          // in order of variant
    std::vector<std::string> accents;   // those in which variants change the voice
    std::vector<std::string> held_out;  // of the accents
    nlohmann::json diversity;           // tried, distinct, dropped and why
};

struct VoiceWish {
    std::string language;               // "en" or "pt"
    std::vector<std::string> held_out;  // accents; empty: our choice for the language
    int most_voices = 0;                // variants listened to; 0: all
};

// Fails with Error for an unknown language or accent, and when fewer than four voices are distinct.
VoiceBank find_voices(const Speaker& speaker, const VoiceWish& wish, unsigned processes,
                      const Progress& progress = {});

}  // namespace jatai
