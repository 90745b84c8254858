// n: points of the transform.
#include "src/report/mel_image.h"

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>

namespace jatai::page {
namespace {

constexpr int kBins = 48;
constexpr double kRangeDb = 60;
constexpr double kFaintestPeakDb = 30;  // quieter sound is not stretched to full scale: silence stays dark

using Spectrum = std::vector<std::complex<float>>;

// In place, radix 2, decimation in time.
void transform(Spectrum& x) {
    const std::size_t n = x.size();
    for (std::size_t i = 1, j = 0; i < n; ++i) {
        std::size_t bit = n >> 1;
        for (; j & bit; bit >>= 1) j ^= bit;
        j ^= bit;
        if (i < j) std::swap(x[i], x[j]);
    }
    for (std::size_t half = 1; half < n; half *= 2) {
        const auto turn = std::polar(1.0f, static_cast<float>(-std::numbers::pi / static_cast<double>(half)));
        std::complex<float> twiddle = 1;
        for (std::size_t k = 0; k < half; ++k, twiddle *= turn)
            for (std::size_t i = k; i < n; i += 2 * half) {
                const auto odd = x[i + half] * twiddle;
                x[i + half] = x[i] - odd;
                x[i] += odd;
            }
    }
}

double to_mel(double hz) { return 1127 * std::log1p(hz / 700); }
double to_hz(double mel) { return 700 * std::expm1(mel / 1127); }

// The band edges as positions in the spectrum: kBins triangles share kBins + 2 edges.
std::vector<double> place_edges(int rate_hz, std::size_t n) {
    const double low = to_mel(60), high = to_mel(std::min(7600.0, rate_hz * 0.475));
    std::vector<double> edges(kBins + 2);
    for (std::size_t i = 0; i < edges.size(); ++i)
        edges[i] = to_hz(low + (high - low) * static_cast<double>(i) / (kBins + 1)) * static_cast<double>(n) /
                   rate_hz;
    return edges;
}

double sum_band(const Spectrum& x, double from, double peak, double to) {
    double sum = 0;
    const auto first = static_cast<std::size_t>(std::floor(from));
    const auto last = std::min(static_cast<std::size_t>(std::ceil(to)), x.size() / 2);
    for (std::size_t i = first; i <= last; ++i) {
        const double at = static_cast<double>(i);
        // Narrow low bands fall between two points of the spectrum; a floor on the weight keeps them alive.
        const double weight = at < peak ? (at - from) / (peak - from) : (to - at) / (to - peak);
        sum += std::max(weight, 0.02) * std::norm(x[i]);
    }
    return sum;
}

}  // namespace

FeatureImage draw_mel_image(const Sound& sound, int max_frames) {
    const std::size_t total = sound.samples.size();
    if (total == 0 || sound.rate_hz < 1000 || max_frames < 1) return {};
    std::size_t n = 64;
    while (n * 1000 < static_cast<std::size_t>(sound.rate_hz) * 25) n *= 2;
    const std::size_t hop = std::max<std::size_t>(static_cast<std::size_t>(sound.rate_hz) / 100,
                                                  (total + max_frames - 1) / max_frames);
    const std::size_t frames = (total + hop - 1) / hop;
    const std::vector<double> edges = place_edges(sound.rate_hz, n);
    std::vector<double> db(frames * kBins);
    Spectrum x(n);
    for (std::size_t frame = 0; frame < frames; ++frame) {
        for (std::size_t i = 0; i < n; ++i) {
            const std::size_t at = frame * hop + hop / 2 + i;  // centred on the column
            const float sample = at >= n / 2 && at - n / 2 < total ? sound.samples[at - n / 2] / 32768.0f : 0;
            x[i] = sample * static_cast<float>(
                                0.5 - 0.5 * std::cos(2 * std::numbers::pi * (static_cast<double>(i) + 0.5) /
                                                     static_cast<double>(n)));
        }
        transform(x);
        for (std::size_t bin = 0; bin < kBins; ++bin)
            db[frame * kBins + bin] =
                10 * std::log10(sum_band(x, edges[bin], edges[bin + 1], edges[bin + 2]) + 1e-12);
    }
    // A full-scale tone reaches (n / 4)² in a Hann window.
    const double full_db = 20 * std::log10(static_cast<double>(n) / 4);
    const double top = std::max(*std::max_element(db.begin(), db.end()), full_db - kFaintestPeakDb);
    FeatureImage image{static_cast<int>(frames), kBins, std::vector<std::uint8_t>(db.size())};
    std::transform(db.begin(), db.end(), image.values.begin(), [&](double value) {
        return static_cast<std::uint8_t>(std::clamp((value - top + kRangeDb) / kRangeDb * 255, 0.0, 255.0));
    });
    return image;
}

std::vector<std::uint8_t> draw_outline(const Sound& sound, int columns) {
    const std::size_t total = sound.samples.size();
    std::vector<std::uint8_t> out(static_cast<std::size_t>(columns) * 2, 128);
    for (std::size_t column = 0; column < static_cast<std::size_t>(columns); ++column) {
        const std::size_t from = column * total / columns, to = (column + 1) * total / columns;
        if (from >= to) continue;
        const auto [low, high] =
            std::minmax_element(sound.samples.begin() + from, sound.samples.begin() + to);
        out[column * 2] = static_cast<std::uint8_t>((*low + 32768) >> 8);
        out[column * 2 + 1] = static_cast<std::uint8_t>((*high + 32768) >> 8);
    }
    return out;
}

}  // namespace jatai::page
