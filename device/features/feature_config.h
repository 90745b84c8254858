// feature_config.h: the byte format of a feature front end: sizes, tables and quantisation, ready for flash.
//
//     const FeatureConfig* config = ...;           // start of the blob, 4-byte aligned
//     config->coefficients                         // int8 values of one row, one row per hop
//
// The blob is this header followed by the tables its offsets point at; src/features writes it, a package or a
// firmware carries it, FeatureStream::open() proves it. Little-endian. Specified in
// docs/reference/features.md.
#pragma once

#include <stdint.h>

namespace jatai {

constexpr uint32_t kFeatureMagic = 0x3145464Au;  // "JFE1"
constexpr uint32_t kMaxFftSize = 1024;
constexpr uint32_t kMaxMelBands = 64;

enum class FeatureKind : uint8_t { LogMel = 0, Mfcc = 1 };

// What open() found. Numbered for telemetry; numbers are never reused.
enum class FeatureStatus : uint8_t {
    Ok = 0,
    NotFeatures = 1,     // wrong magic, or shorter than its header says
    BadSizes = 2,        // window, hop, FFT size, bands or coefficients out of range
    BadTables = 3,       // a table outside the blob, misaligned, or with values the arithmetic cannot take
    ScratchTooSmall = 4  // less memory than feature_scratch_bytes(), or misaligned
};

struct FeatureConfig {
    uint32_t magic;
    uint32_t total_bytes;     // header and tables
    uint32_t sample_rate_hz;  // what the microphone must deliver
    uint16_t window_samples;  // 2 <= window <= fft_size, even; the rest of the FFT is zeros
    uint16_t hop_samples;     // 1 <= hop <= window
    uint16_t fft_size;        // 256, 512 or 1024
    uint16_t frames;          // rows of one model input
    uint8_t kind;             // FeatureKind
    uint8_t mel_bands;        // 1..64
    uint8_t coefficients;     // int8 values of a row: mel_bands for LogMel, 1..mel_bands for Mfcc
    uint8_t zero_point;       // int8, of all coefficients (stored as a byte)
    uint32_t scale_bits;    // IEEE-754 single: real value = (q - zero_point) * scale; the chip never reads it
    int32_t log_floor_q16;  // smallest log2 power; silence is exactly this
    uint32_t window_at;     // uint16[window_samples], Q15
    uint32_t twiddles_at;   // int32[fft_size], Q31: cos(2 pi (i - fft_size/4) / fft_size)
    uint32_t mel_edges_at;  // uint16[mel_bands + 2]: first bin of each slope, 1 .. fft_size/2
    uint32_t mel_weights_at;  // uint16[fft_size/2], Q15: share of a bin that goes to the band above it
    uint32_t dct_at;          // int16[coefficients][mel_bands], Q15; 0 for LogMel
    uint32_t normalise_at;    // FeatureNormaliser[coefficients]
};

// q = zero_point + round((value - mean) * multiplier), value and mean in log2 units.
struct FeatureNormaliser {
    int32_t mean_q16;
    int32_t multiplier_q30;  // of a Q16 value: 2^30 / (65536 * deviation * scale)
};

static_assert(sizeof(FeatureConfig) == 56, "the byte format is fixed");
static_assert(sizeof(FeatureNormaliser) == 8, "the byte format is fixed");

}  // namespace jatai
