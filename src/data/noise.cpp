#include "src/data/noise.h"

#include <cmath>
#include <numbers>

#include "src/base/error.h"

namespace jatai {
namespace {

constexpr float kPi = std::numbers::pi_v<float>;

// Triangular, mean 0: two draws instead of the twelve of Rng::normal(), and the ear cannot tell.
float draw(Rng& rng) { return rng.uniform() - rng.uniform(); }

// White noise through three first-order sections whose poles stand a factor of about 8 apart: falls with 3 dB
// per octave to within 1 dB from 40 Hz to 7 kHz.
void fill_pink(std::vector<float>& sound, Rng& rng) {
    float a = 0, b = 0, c = 0;
    for (float& x : sound) {
        const float white = draw(rng);
        a = 0.985f * a + 0.12f * white;
        b = 0.90f * b + 0.30f * white;
        c = 0.40f * c + 0.90f * white;
        x = a + b + c + 0.15f * white;
    }
}

void fill_brown(std::vector<float>& sound, Rng& rng) {
    float state = 0;
    for (float& x : sound) x = state = 0.995f * state + draw(rng);
}

// Mains hum of 50 or 60 Hz with its harmonics over a little hiss.
void fill_hum(std::vector<float>& sound, Rng& rng) {
    const float base_hz = rng.below(2) == 0 ? 50.0f : 60.0f;
    float gains[8], phases[8];
    for (int h = 0; h < 8; ++h) {
        gains[h] = rng.uniform() / static_cast<float>(h + 1);
        phases[h] = rng.uniform(0, 2 * kPi);
    }
    for (std::size_t i = 0; i < sound.size(); ++i) {
        const float turn = 2 * kPi * base_hz * static_cast<float>(i % 16000) / 16000.0f;
        float x = 0.1f * draw(rng);
        for (int h = 0; h < 8; ++h) x += gains[h] * std::sin(static_cast<float>(h + 1) * turn + phases[h]);
        sound[i] = x;
    }
}

// Keys, cups and steps: short decaying bursts, some two or three a second, over hiss.
void fill_clicks(std::vector<float>& sound, Rng& rng) {
    for (float& x : sound) x = 0.05f * draw(rng);
    const std::size_t clicks = 1 + sound.size() / 6000;
    for (std::size_t n = 0; n < clicks; ++n) {
        std::size_t at = rng.below(static_cast<std::uint32_t>(sound.size()));
        const float decay = rng.uniform(0.97f, 0.998f);
        const float turn = rng.uniform(0.05f, 1.5f);
        const float first = rng.uniform(0.3f, 1.0f);
        float k = 0;
        for (float gain = first; gain > 0.005f && at < sound.size(); gain *= decay, ++at, k += turn)
            sound[at] += gain * (std::sin(k) + draw(rng));
    }
}

}  // namespace

std::string_view name(NoiseKind kind) {
    constexpr std::string_view kNames[] = {"white", "pink", "brown", "hum", "clicks"};
    return kNames[static_cast<int>(kind)];
}

float root_mean_square(std::span<const float> sound) {
    double sum = 0;
    for (float x : sound) sum += double(x) * double(x);
    return sound.empty() ? 0.0f : static_cast<float>(std::sqrt(sum / static_cast<double>(sound.size())));
}

float from_decibels(float decibels) { return std::pow(10.0f, decibels / 20.0f); }

std::vector<float> make_noise(NoiseKind kind, std::size_t count, Rng& rng) {
    CHECK(count > 0);
    std::vector<float> sound(count);
    switch (kind) {
        case NoiseKind::White:
            for (float& x : sound) x = draw(rng);
            break;
        case NoiseKind::Pink:
            fill_pink(sound, rng);
            break;
        case NoiseKind::Brown:
            fill_brown(sound, rng);
            break;
        case NoiseKind::Hum:
            fill_hum(sound, rng);
            break;
        case NoiseKind::Clicks:
            fill_clicks(sound, rng);
            break;
    }
    const float gain = 1.0f / std::max(root_mean_square(sound), 1e-9f);
    for (float& x : sound) x *= gain;
    return sound;
}

void add_echoes(std::vector<float>& sound, Rng& rng) {
    const std::vector<float> dry = sound;
    const std::uint32_t echoes = 4 + rng.below(7);
    const float strength = rng.uniform(0.2f, 0.6f);
    sound.resize(dry.size() + 960, 0.0f);
    for (std::uint32_t n = 0; n < echoes; ++n) {
        const std::size_t delay = 40 + rng.below(920);
        const float gain =
            strength * (1.0f - static_cast<float>(delay) / 1000.0f) * (rng.below(2) == 0 ? 1.0f : -1.0f);
        for (std::size_t i = 0; i < dry.size(); ++i) sound[i + delay] += gain * dry[i];
    }
}

}  // namespace jatai
