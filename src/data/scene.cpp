#include "src/data/scene.h"

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/data/noise.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr float kQuietestWordDb = -36, kLoudestWordDb = -14;  // root mean square of the word, full scale is 0
constexpr float kWorstRatioDb = 10, kBestRatioDb = 40;        // word over background
constexpr float kMicrophoneHissLow = 1, kMicrophoneHissHigh = 10;  // root mean square in sample steps
constexpr float kRoomShare = 0.3f;
constexpr float kNeighbourShare = 0.1f;
constexpr float kBabbleShare = 0.2f;
constexpr std::size_t kNeighbourGap = kSampleRateHz * 15 / 100;

using Sound = std::vector<float>;

Sound to_float(std::span<const std::int16_t> samples) {
    Sound sound;
    sound.reserve(samples.size());
    for (std::int16_t x : samples) sound.push_back(static_cast<float>(x) / 32768.0f);
    return sound;
}

void add(Sound& sum, const Sound& part, std::size_t at, float gain) {
    for (std::size_t i = 0; i < part.size() && at + i < sum.size(); ++i) sum[at + i] += gain * part[i];
}

void scale_to(Sound& sound, float level) {
    const float gain = level / std::max(root_mean_square(sound), 1e-6f);
    for (float& x : sound) x *= gain;
}

Sound make_babble(const Crowd& others, Rng& rng) {
    Sound babble(kSceneSamples, 0.0f);
    const std::uint32_t voices = 4 + rng.below(4);
    for (std::uint32_t v = 0; v < voices; ++v) {
        std::size_t at = rng.below(4000);
        while (at < kSceneSamples) {
            const Samples& word = *others[rng.below(static_cast<std::uint32_t>(others.size()))];
            Sound said = to_float(word);
            scale_to(said, 1.0f);
            add(babble, said, at, 1.0f);
            at += said.size() + 400 + rng.below(3000);
        }
    }
    scale_to(babble, 1.0f);
    return babble;
}

Sound make_background(const Crowd& others, Rng& rng) {
    if (!others.empty() && rng.uniform() < kBabbleShare) return make_babble(others, rng);
    return make_noise(kNoiseKinds[rng.below(std::size(kNoiseKinds))], kSceneSamples, rng);
}

// The end of a word said just before, or the start of the next: what a moving window sees beside its word.
void add_neighbour(Sound& scene, std::size_t begin, std::size_t end, const Crowd& others, float level,
                   Rng& rng) {
    Sound other = to_float(*others[rng.below(static_cast<std::uint32_t>(others.size()))]);
    scale_to(other, level * rng.uniform(0.5f, 1.0f));
    if (rng.below(2) == 0) {
        if (begin < kNeighbourGap + 400) return;
        const std::size_t room = std::min(begin - kNeighbourGap, other.size());
        add(scene, Sound(other.end() - static_cast<long>(room), other.end()), begin - kNeighbourGap - room,
            1.0f);
    } else if (end + kNeighbourGap < scene.size()) {
        add(scene, other, end + kNeighbourGap, 1.0f);
    }
}

Samples finish(Sound scene, Rng& rng) {
    const Sound hiss = make_noise(NoiseKind::White, scene.size(), rng);
    add(scene, hiss, 0, rng.uniform(kMicrophoneHissLow, kMicrophoneHissHigh) / 32768.0f);
    float peak = 0;
    for (float x : scene) peak = std::max(peak, std::fabs(x));
    if (peak > 0.98f) {
        for (float& x : scene) x *= 0.98f / peak;
    }
    return to_int16(scene);
}

}  // namespace

std::span<const std::int16_t> loudest_part(std::span<const std::int16_t> sound, std::size_t length) {
    if (sound.size() <= length) return sound;
    double energy = 0;
    for (std::size_t i = 0; i < length; ++i) energy += double(sound[i]) * sound[i];
    double best = energy;
    std::size_t at = 0;
    for (std::size_t i = length; i < sound.size(); ++i) {
        energy += double(sound[i]) * sound[i] - double(sound[i - length]) * sound[i - length];
        if (energy > best) best = energy, at = i - length + 1;
    }
    return sound.subspan(at, length);
}

Samples make_word_scene(const Samples& word, const Crowd& others, Rng& rng) {
    CHECK(!word.empty());
    Sound said = to_float(loudest_part(word, kSceneSamples - 320));
    const float level = from_decibels(rng.uniform(kQuietestWordDb, kLoudestWordDb));
    scale_to(said, level);
    const std::size_t dry_length = said.size();
    if (rng.uniform() < kRoomShare) add_echoes(said, rng);
    Sound scene(kSceneSamples, 0.0f);
    const std::size_t begin = rng.below(static_cast<std::uint32_t>(kSceneSamples - dry_length));
    add(scene, said, begin, 1.0f);
    if (!others.empty() && rng.uniform() < kNeighbourShare) {
        add_neighbour(scene, begin, begin + dry_length, others, level, rng);
    }
    const Sound background = make_background(others, rng);
    add(scene, background, 0, level * from_decibels(-rng.uniform(kWorstRatioDb, kBestRatioDb)));
    return finish(std::move(scene), rng);
}

Samples make_babble_scene(const Crowd& others, Rng& rng) {
    Sound scene = make_babble(others, rng);
    scale_to(scene, from_decibels(rng.uniform(-50, -18)));
    return finish(std::move(scene), rng);
}

Samples make_noise_scene(Rng& rng) {
    Sound scene(kSceneSamples, 0.0f);
    // One in five is next to nothing: a quiet room and the microphone's own hiss.
    if (rng.uniform() > 0.2f) {
        scene = make_noise(kNoiseKinds[rng.below(std::size(kNoiseKinds))], kSceneSamples, rng);
        scale_to(scene, from_decibels(rng.uniform(-70, -20)));
    }
    return finish(std::move(scene), rng);
}

}  // namespace jatai
