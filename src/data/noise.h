// noise.h: what stands between a mouth and a microphone: room, distance, noise.
//
//     std::vector<float> sound = ...;                       // 16 kHz, [-1, 1]
//     add_echoes(sound, rng);
//     std::vector<float> noise = make_noise(NoiseKind::Pink, 16000, rng);   // root mean square 1
//
// Keeps: the same generator state gives the same samples.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "src/base/rng.h"

namespace jatai {

enum class NoiseKind { White, Pink, Brown, Hum, Clicks };
constexpr NoiseKind kNoiseKinds[] = {NoiseKind::White, NoiseKind::Pink, NoiseKind::Brown, NoiseKind::Hum,
                                     NoiseKind::Clicks};
std::string_view name(NoiseKind kind);

// `count` samples of root mean square 1.
std::vector<float> make_noise(NoiseKind kind, std::size_t count, Rng& rng);

// Early reflections of a small room: 4 to 10 echoes within 60 ms, each weaker than the last.
void add_echoes(std::vector<float>& sound, Rng& rng);

float root_mean_square(std::span<const float> sound);

// A level in decibels as a factor: 20 dB is 10.
float from_decibels(float decibels);

}  // namespace jatai
