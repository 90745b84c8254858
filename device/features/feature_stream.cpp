#include "device/features/feature_stream.h"

#include <string.h>

#include "device/features/fft.h"
#include "device/features/fixed_log2.h"
#include "device/hot.h"

namespace jatai {
namespace {

constexpr uint32_t kOneQ15 = 1u << 15;
// Levels stay within 2^22 and coefficients within 2^28, so (coefficient - mean) * multiplier stays within
// 2^62.
constexpr int32_t kLargestFloor = 64 << 16;
constexpr int32_t kLargestMean = 1 << 30;

bool sizes_fit(const FeatureConfig& c) {
    if (c.fft_size != 256 && c.fft_size != 512 && c.fft_size != 1024) return false;
    if (c.window_samples < 2 || c.window_samples > c.fft_size || c.window_samples % 2 != 0) return false;
    if (c.hop_samples < 1 || c.hop_samples > c.window_samples || c.frames < 1) return false;
    if (c.log_floor_q16 > kLargestFloor || c.log_floor_q16 < -kLargestFloor) return false;
    if (c.mel_bands < 1 || c.mel_bands > kMaxMelBands || c.coefficients < 1) return false;
    if (c.kind == uint8_t(FeatureKind::LogMel)) return c.coefficients == c.mel_bands;
    return c.kind == uint8_t(FeatureKind::Mfcc) && c.coefficients <= c.mel_bands;
}

bool inside(const FeatureConfig& c, uint32_t offset, uint32_t bytes) {
    return offset % 4 == 0 && offset >= sizeof(FeatureConfig) && offset <= c.total_bytes &&
           bytes <= c.total_bytes - offset;
}

bool tables_inside(const FeatureConfig& c) {
    const bool has_dct = c.kind == uint8_t(FeatureKind::Mfcc);
    return inside(c, c.window_at, c.window_samples * 2u) && inside(c, c.twiddles_at, c.fft_size * 4u) &&
           inside(c, c.mel_edges_at, (c.mel_bands + 2u) * 2u) && inside(c, c.mel_weights_at, c.fft_size) &&
           inside(c, c.normalise_at, c.coefficients * sizeof(FeatureNormaliser)) &&
           (!has_dct || inside(c, c.dct_at, c.coefficients * c.mel_bands * 2u));
}

}  // namespace

FeatureStatus FeatureStream::open(const void* blob, size_t blob_bytes, void* scratch, size_t scratch_bytes) {
    const FeatureConfig* config = static_cast<const FeatureConfig*>(blob);
    config_ = nullptr;
    if (blob == nullptr || uintptr_t(blob) % 4 != 0 || blob_bytes < sizeof *config) {
        return FeatureStatus::NotFeatures;
    }
    if (config->magic != kFeatureMagic || config->total_bytes > blob_bytes) return FeatureStatus::NotFeatures;
    if (!sizes_fit(*config)) return FeatureStatus::BadSizes;
    if (!tables_inside(*config)) return FeatureStatus::BadTables;
    if (scratch == nullptr || uintptr_t(scratch) % 4 != 0 || scratch_bytes < feature_scratch_bytes(*config)) {
        return FeatureStatus::ScratchTooSmall;
    }
    config_ = config;
    work_ = static_cast<int32_t*>(scratch);
    levels_ = work_ + config->fft_size;
    history_ = reinterpret_cast<int16_t*>(levels_ + config->mel_bands);
    held_ = 0;
    return check_tables();
}

// The bounds that keep every later sum inside its integer: see fft.h and measure_bands().
FeatureStatus FeatureStream::check_tables() const {
    const FeatureConfig& c = *config_;
    const uint16_t* window = table<uint16_t>(c.window_at);
    for (uint32_t i = 0; i < c.window_samples; ++i) {
        if (window[i] > kOneQ15) return FeatureStatus::BadTables;
    }
    const int32_t* twiddles = table<int32_t>(c.twiddles_at);
    for (uint32_t i = 0; i < c.fft_size; ++i) {
        const int64_t sine = twiddles[i];
        const int64_t cosine = twiddles[(i + c.fft_size / 4) % c.fft_size];
        if (uint64_t(sine * sine) + uint64_t(cosine * cosine) > uint64_t(1) << 62) {
            return FeatureStatus::BadTables;
        }
    }
    const uint16_t* edges = table<uint16_t>(c.mel_edges_at);
    for (uint32_t i = 0; i < c.mel_bands + 2u; ++i) {
        if (edges[i] < (i == 0 ? 1 : edges[i - 1]) || edges[i] > c.fft_size / 2) {
            return FeatureStatus::BadTables;
        }
    }
    const uint16_t* weights = table<uint16_t>(c.mel_weights_at);
    for (uint32_t i = 0; i < c.fft_size / 2u; ++i) {
        if (weights[i] > kOneQ15) return FeatureStatus::BadTables;
    }
    const FeatureNormaliser* normalisers = table<FeatureNormaliser>(c.normalise_at);
    for (uint32_t i = 0; i < c.coefficients; ++i) {
        const FeatureNormaliser n = normalisers[i];
        if (n.multiplier_q30 < 1 || n.mean_q16 > kLargestMean || n.mean_q16 < -kLargestMean) {
            return FeatureStatus::BadTables;
        }
    }
    return FeatureStatus::Ok;
}

size_t FeatureStream::push(const int16_t* samples, size_t count) {
    const size_t room = config_->window_samples - held_;
    const size_t taken = count < room ? count : room;
    memcpy(history_ + held_, samples, taken * sizeof(int16_t));
    held_ += taken;
    return taken;
}

JATAI_HOT_BEGIN

// Power of each bin, summed into triangles: slope s lies between the centres of bands s-1 and s, a bin on it
// gives `weight` of its power to band s and the rest to band s-1. The spectrum is first shifted up until its
// largest part fills 31 bits, so power keeps 31 bits below the loudest bin (93 dB) and sums stay under 2^57.
void FeatureStream::measure_bands(uint32_t peak, uint32_t fraction_bits) {
    const FeatureConfig& c = *config_;
    const uint16_t* edges = table<uint16_t>(c.mel_edges_at);
    const uint16_t* weights = table<uint16_t>(c.mel_weights_at);
    const int up = peak == 0 ? 0 : __builtin_clz(peak) - 1;
    // log2 of one unit of `energy` in samples squared: power lost 32 bits, weights are Q15.
    const int32_t unit_q16 = (32 - 15 - 2 * up - 2 * int(fraction_bits)) * 65536;
    uint64_t rising = 0;
    for (uint32_t slope = 0; slope <= c.mel_bands; ++slope) {
        uint64_t all = 0;
        uint64_t given = 0;
        for (uint32_t bin = edges[slope]; bin < edges[slope + 1]; ++bin) {
            const int32_t re = int32_t(uint32_t(work_[2 * bin]) << up);
            const int32_t im = int32_t(uint32_t(work_[2 * bin + 1]) << up);
            const uint32_t power = uint32_t((uint64_t(int64_t(re) * re) + uint64_t(int64_t(im) * im)) >> 32);
            all += power;
            given += uint64_t(power) * weights[bin];
        }
        if (slope > 0) {
            const uint64_t energy = rising + (all << 15) - given;
            const int32_t level = energy == 0 ? c.log_floor_q16 : log2_q16(energy) + unit_q16;
            levels_[slope - 1] = level > c.log_floor_q16 ? level : c.log_floor_q16;
        }
        rising = given;
    }
}

int32_t FeatureStream::coefficient_q16(uint32_t index) const {
    const FeatureConfig& c = *config_;
    if (c.kind == uint8_t(FeatureKind::LogMel)) return levels_[index];
    const int16_t* row = table<int16_t>(c.dct_at) + index * c.mel_bands;
    int64_t sum = 1 << 14;
    for (uint32_t band = 0; band < c.mel_bands; ++band) sum += int64_t(levels_[band]) * row[band];
    return int32_t(sum >> 15);
}

void FeatureStream::hop(int8_t* row) {
    const FeatureConfig& c = *config_;
    const uint32_t fraction_bits =
        load_window(history_, table<uint16_t>(c.window_at), c.window_samples, c.fft_size, work_);
    measure_bands(transform_real(work_, table<int32_t>(c.twiddles_at), c.fft_size), fraction_bits);
    held_ = size_t(c.window_samples - c.hop_samples);
    memmove(history_, history_ + c.hop_samples, held_ * sizeof(int16_t));
    const FeatureNormaliser* normalisers = table<FeatureNormaliser>(c.normalise_at);
    const int64_t zero_point = int8_t(c.zero_point);
    for (uint32_t i = 0; i < c.coefficients; ++i) {
        const int64_t distance = int64_t(coefficient_q16(i)) - normalisers[i].mean_q16;
        const int64_t q =
            zero_point + ((distance * normalisers[i].multiplier_q30 + (int64_t(1) << 29)) >> 30);
        row[i] = int8_t(q < -128 ? -128 : q > 127 ? 127 : q);
    }
}

JATAI_HOT_END

}  // namespace jatai
