#include "src/train/augment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "src/train/exact_math.h"

namespace jatai::train {
namespace {

std::int8_t to_int8(float v) {
    return static_cast<std::int8_t>(std::clamp(std::nearbyint(v), -128.0f, 127.0f));
}

// Rows move by `by`; what was at the edge fills the gap.
void shift_rows(std::span<std::int8_t> row, int frames, int width, int by) {
    const std::vector<std::int8_t> before(row.begin(), row.end());
    for (int t = 0; t < frames; ++t) {
        const int from = std::clamp(t - by, 0, frames - 1);
        std::copy_n(before.begin() + from * width, width, row.begin() + t * width);
    }
}

// A run of up to `longest` of `n`, somewhere.
struct Run {
    int first, last;
};
Run draw_run(Rng& rng, int n, int longest) {
    const int length = static_cast<int>(rng.below(static_cast<std::uint32_t>(std::min(n, longest)) + 1));
    const int first = static_cast<int>(rng.below(static_cast<std::uint32_t>(n - length) + 1));
    return {first, first + length};
}

double power_of(std::span<const std::int16_t> samples) {
    double sum = 0;
    for (const std::int16_t s : samples) sum += double(s) * s;
    return samples.empty() ? 0.0 : sum / double(samples.size());
}

double from_db(double db, double per_decade) { return exact_exp(db / per_decade * 2.302585092994046); }

std::vector<double> draw_noise(Rng& rng, const std::vector<const Clip*>& quiet, std::size_t n) {
    std::vector<double> noise(n);
    const Clip* source = quiet.empty() ? nullptr : quiet[rng.below(static_cast<std::uint32_t>(quiet.size()))];
    if (source == nullptr || source->samples.empty() || power_of(source->samples) < 1.0) {
        for (double& v : noise) v = rng.normal();
        return noise;
    }
    const auto length = static_cast<std::uint32_t>(source->samples.size());
    const std::uint32_t start = rng.below(length);
    for (std::size_t i = 0; i < n; ++i) noise[i] = source->samples[(start + i) % length];
    return noise;
}

Samples change(Rng& rng, const AudioAugmentation& s, const Samples& samples,
               const std::vector<const Clip*>& quiet) {
    const int shift = s.shift_samples == 0
                          ? 0
                          : static_cast<int>(rng.below(2 * static_cast<std::uint32_t>(s.shift_samples) + 1)) -
                                s.shift_samples;
    const double gain = from_db(rng.uniform(s.gain_low_db, s.gain_high_db), 20.0);
    const bool noisy = rng.uniform() < s.noise_share;
    const double ratio = from_db(rng.uniform(s.noise_low_db, s.noise_high_db), 10.0);
    const std::vector<double> noise = draw_noise(rng, quiet, samples.size());
    double noise_power = 0;
    for (const double v : noise) noise_power += v * v / double(noise.size());
    const double level = noisy ? std::sqrt(power_of(samples) / (ratio * std::max(noise_power, 1e-9))) : 0.0;
    Samples out(samples.size());
    const auto n = static_cast<int>(samples.size());
    for (int i = 0; i < n; ++i) {
        const int from = i - shift;
        const double speech = from >= 0 && from < n ? samples[static_cast<std::size_t>(from)] : 0.0;
        const double v = gain * (speech + level * noise[static_cast<std::size_t>(i)]);
        out[static_cast<std::size_t>(i)] =
            static_cast<std::int16_t>(std::clamp(std::nearbyint(v), -32768.0, 32767.0));
    }
    return out;
}

}  // namespace

void augment_row(Rng& rng, const FeatureAugmentation& s, int frames, int coefficients, int zero_point,
                 std::span<std::int8_t> row) {
    if (s.shift_frames > 0) {
        const int by =
            static_cast<int>(rng.below(2 * static_cast<std::uint32_t>(s.shift_frames) + 1)) - s.shift_frames;
        shift_rows(row, frames, coefficients, by);
    }
    const float gain = s.gain_steps > 0 ? rng.uniform(-1.0f, 1.0f) * static_cast<float>(s.gain_steps) : 0.0f;
    const int loud = std::min(s.gain_coefficients, coefficients);
    for (int i = 0; i < frames * coefficients; ++i) {
        std::int8_t& v = row[static_cast<std::size_t>(i)];
        const float noise = s.noise_steps > 0.0f ? s.noise_steps * rng.normal() : 0.0f;
        v = to_int8(static_cast<float>(v) + noise + (i % coefficients < loud ? gain : 0.0f));
    }
    const auto mean = static_cast<std::int8_t>(zero_point);
    for (int m = 0; m < s.time_masks; ++m) {
        const Run run = draw_run(rng, frames, s.time_mask_frames);
        std::fill(row.begin() + run.first * coefficients, row.begin() + run.last * coefficients, mean);
    }
    for (int m = 0; m < s.coefficient_masks; ++m) {
        const Run run = draw_run(rng, coefficients, s.coefficient_mask_width);
        for (int t = 0; t < frames; ++t)
            std::fill(row.begin() + t * coefficients + run.first, row.begin() + t * coefficients + run.last,
                      mean);
    }
}

Dataset augment_audio(const Dataset& dataset, const AudioAugmentation& settings, std::uint64_t seed) {
    Dataset out = dataset;
    std::vector<const Clip*> quiet;
    for (const Clip& clip : dataset.clips)
        if (clip.split == Split::Train && dataset.labels[clip.label] == kSilenceLabel) quiet.push_back(&clip);
    const Rng rng(seed);
    for (std::size_t i = 0; i < dataset.clips.size(); ++i) {
        if (dataset.clips[i].split != Split::Train) continue;
        for (int copy = 0; copy < settings.copies; ++copy) {
            Rng mine =
                rng.fork(i * static_cast<std::uint64_t>(settings.copies) + static_cast<std::uint64_t>(copy));
            Clip clip = dataset.clips[i];
            clip.samples = change(mine, settings, clip.samples, quiet);
            clip.sha256 = hash_samples(clip.samples);
            out.clips.push_back(std::move(clip));
        }
    }
    return out;
}

}  // namespace jatai::train
