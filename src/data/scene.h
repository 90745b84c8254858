// scene.h: a spoken word becomes what a microphone would hear in one second.
//
//     Samples clip = make_word_scene(word, others, rng);        // word: clean 16 kHz int16
//     Samples quiet = make_noise_scene(rng);
//
// A word gets a random room, place in the second, level, background (white, pink, brown, hum, clicks or
// babble of other words) and the hiss of the microphone itself. Keeps: the same generator state gives the
// same samples.
#pragma once

#include "src/base/rng.h"
#include "src/data/dataset.h"

namespace jatai {

constexpr std::size_t kSceneSamples = kSampleRateHz;

// Other words, said by voices of the same split: for babble and for the neighbour a window cuts off.
using Crowd = std::vector<const Samples*>;

Samples make_word_scene(const Samples& word, const Crowd& others, Rng& rng);
Samples make_babble_scene(const Crowd& others, Rng& rng);
Samples make_noise_scene(Rng& rng);

// The loudest `length` samples in a row.
std::span<const std::int16_t> loudest_part(std::span<const std::int16_t> sound, std::size_t length);

}  // namespace jatai
