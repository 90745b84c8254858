// espeak.h: espeak-ng as a separate program: its voices, and words spoken by one of them.
//
//     Speaker speaker("espeak-ng");                        // Error when it is not installed
//     for (auto& v : speaker.variants()) ...               // "", "f2", "zac" …
//     auto words = speaker.speak("en-us", "f2", {{"yes"}, {"no", 120, 20}});   // one Sound per utterance
//     speaker.phonemes("en-us", {"no", "know"});           // {"n'oU", "n'oU"}
//
// One process speaks a whole batch with pauses between the words (0.5 ms a word instead of 8 ms); the batch
// is cut at the pauses, and when the number of pieces is not the number of words each word gets its own
// process. espeak-ng is GPL-3 and is never linked. Threads: const functions are safe from several at once.
#pragma once

#include <string>
#include <vector>

#include "src/data/dataset.h"

namespace jatai {

struct Utterance {
    std::string word;
    int rate_percent = 100;  // 60..170
    int pitch_percent = 0;   // -50..+80, relative
    int range_percent = 0;   // -50..+80: how much the pitch moves
    std::string mark;        // "", ".", "?" or "!": the melody
};

class Speaker {
  public:
    explicit Speaker(std::string program);

    const std::string& version() const { return version_; }

    // Voice variants, the plain voice "" first; as espeak-ng lists them, sorted.
    std::vector<std::string> variants() const;

    // One sound per utterance, 22.05 kHz in [-1, 1], without the silence around it; empty when nothing was
    // audible.
    std::vector<std::vector<float>> speak(const std::string& accent, const std::string& variant,
                                          const std::vector<Utterance>& utterances) const;

    // What one sentence sounds like, as a hash: two voices with the same hash are one voice. "" when it says
    // nothing.
    std::string fingerprint(const std::string& accent, const std::string& variant) const;

    // Phonemes of each word; words with the same phonemes sound the same.
    std::vector<std::string> phonemes(const std::string& accent, const std::vector<std::string>& words) const;

  private:
    Bytes run(std::vector<std::string> arguments, const std::string& input) const;
    std::vector<std::int16_t> speak_ssml(const std::string& voice, const std::string& ssml) const;

    std::string program_;
    std::string version_;
};

constexpr int kSpeakerRateHz = 22050;

}  // namespace jatai
