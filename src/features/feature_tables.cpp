#include "src/features/feature_tables.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <numbers>

#include "src/base/error.h"
#include "src/data/dataset.h"

namespace jatai {
namespace {

constexpr double kPi = std::numbers::pi;

// Appends a table at the next 4-byte boundary and says where it stands.
template <typename T>
std::uint32_t append(Bytes& blob, const std::vector<T>& table) {
    blob.resize((blob.size() + 3) / 4 * 4);
    const auto at = static_cast<std::uint32_t>(blob.size());
    const auto* bytes = reinterpret_cast<const std::uint8_t*>(table.data());
    blob.insert(blob.end(), bytes, bytes + table.size() * sizeof(T));
    return at;
}

std::vector<FeatureNormaliser> make_normalisers(const std::vector<float>& means,
                                                const std::vector<float>& deviations, float scale) {
    std::vector<FeatureNormaliser> normalisers;
    for (std::size_t i = 0; i < means.size(); ++i) {
        const double steps_per_unit = 1.0 / (double(deviations[i]) * double(scale));
        normalisers.push_back({static_cast<std::int32_t>(std::llround(double(means[i]) * 65536.0)),
                               static_cast<std::int32_t>(std::llround(16384.0 * steps_per_unit))});
    }
    return normalisers;
}

}  // namespace

double mel_of_hz(double hz) { return 1127.0 * std::log(1.0 + hz / 700.0); }

std::vector<std::uint16_t> make_window_table(int window_samples) {
    std::vector<std::uint16_t> table;
    for (int n = 0; n < window_samples; ++n) {
        const double value = 0.5 - 0.5 * std::cos(2 * kPi * n / window_samples);
        table.push_back(static_cast<std::uint16_t>(std::lround(value * 32768.0)));
    }
    return table;
}

std::vector<std::int32_t> make_twiddle_table(int fft_size) {
    std::vector<std::int32_t> table;
    for (int i = 0; i < fft_size; ++i) {
        // 2^31 itself does not fit, and cos^2 + sin^2 must not pass 2^62 after rounding.
        const double value = std::cos(2 * kPi * (i - fft_size / 4) / fft_size);
        table.push_back(static_cast<std::int32_t>(value * 2147483647.0));
    }
    return table;
}

MelTables make_mel_tables(const FeatureSettings& s) {
    const double low = mel_of_hz(double(s.low_hz));
    const double step = (mel_of_hz(double(s.high_hz)) - low) / (s.mel_bands + 1);
    const int bins = s.fft_size / 2;
    const auto slope_of = [&](int bin) {
        return (mel_of_hz(double(bin) * kSampleRateHz / s.fft_size) - low) / step;
    };
    MelTables tables;
    tables.weights.assign(static_cast<std::size_t>(bins), 0);
    std::vector<double> band_weight(static_cast<std::size_t>(s.mel_bands) + 2, 0.0);
    int bin = 1;
    for (int slope = 0; slope <= s.mel_bands + 1; ++slope) {
        while (bin < bins && slope_of(bin) < slope) ++bin;
        tables.edges.push_back(static_cast<std::uint16_t>(bin));
    }
    for (int i = tables.edges.front(); i < tables.edges.back(); ++i) {
        const double at = slope_of(i);
        const double up = at - std::floor(at);
        tables.weights[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(std::lround(up * 32768.0));
        band_weight[static_cast<std::size_t>(at) + 1] += up;  // band `slope` is entry slope + 1
        band_weight[static_cast<std::size_t>(at)] += 1.0 - up;
    }
    for (int band = 0; band < s.mel_bands; ++band) {
        if (band_weight[static_cast<std::size_t>(band) + 1] < 0.05) {
            throw Error{text("features: mel band {} holds no bin of a {}-point spectrum", band, s.fft_size),
                        text("take fewer mel_bands, a larger fft_size or a higher low_hz")};
        }
    }
    return tables;
}

std::vector<std::int16_t> make_dct_table(int coefficients, int bands) {
    std::vector<std::int16_t> table;
    for (int k = 0; k < coefficients; ++k) {
        const double gain = std::sqrt((k == 0 ? 1.0 : 2.0) / bands);
        for (int band = 0; band < bands; ++band) {
            const double value = gain * std::cos(kPi * k * (band + 0.5) / bands);
            table.push_back(
                static_cast<std::int16_t>(std::clamp(std::lround(value * 32768.0), -32767l, 32767l)));
        }
    }
    return table;
}

Bytes make_feature_blob(const FeatureSettings& s, const std::vector<float>& means,
                        const std::vector<float>& deviations) {
    const MelTables mel = make_mel_tables(s);
    Bytes blob(sizeof(FeatureConfig));
    FeatureConfig config{};
    config.magic = kFeatureMagic;
    config.sample_rate_hz = kSampleRateHz;
    config.window_samples = static_cast<std::uint16_t>(s.window_samples);
    config.hop_samples = static_cast<std::uint16_t>(s.hop_samples);
    config.fft_size = static_cast<std::uint16_t>(s.fft_size);
    config.frames = static_cast<std::uint16_t>(s.frames());
    config.kind = static_cast<std::uint8_t>(s.kind);
    config.mel_bands = static_cast<std::uint8_t>(s.mel_bands);
    config.coefficients = static_cast<std::uint8_t>(s.row_length());
    config.zero_point = static_cast<std::uint8_t>(s.zero_point);
    config.scale_bits = std::bit_cast<std::uint32_t>(s.scale);
    config.log_floor_q16 = static_cast<std::int32_t>(std::lround(double(s.log_floor) * 65536.0));
    config.window_at = append(blob, make_window_table(s.window_samples));
    config.twiddles_at = append(blob, make_twiddle_table(s.fft_size));
    config.mel_edges_at = append(blob, mel.edges);
    config.mel_weights_at = append(blob, mel.weights);
    if (s.kind == FeatureKind::Mfcc)
        config.dct_at = append(blob, make_dct_table(s.row_length(), s.mel_bands));
    config.normalise_at = append(blob, make_normalisers(means, deviations, s.scale));
    config.total_bytes = static_cast<std::uint32_t>(blob.size());
    std::memcpy(blob.data(), &config, sizeof config);
    return blob;
}

}  // namespace jatai
