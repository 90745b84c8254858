// feature_stream.h: sound in, one row of int8 features out per hop: the same code on host and chip.
//
//     static uint32_t scratch[1024];               // feature_scratch_bytes(config) says how much
//     jatai::FeatureStream stream;
//     if (stream.open(blob, blob_bytes, scratch, sizeof scratch) != jatai::FeatureStatus::Ok) halt();
//     while (n > 0) {                              // samples: int16, mono, at config.sample_rate_hz
//         size_t used = stream.push(samples, n);
//         samples += used; n -= used;
//         if (stream.hop_ready()) stream.hop(row); // int8_t row[config.coefficients]
//     }
//
// Window -> FFT -> power -> mel bands -> log2 -> (DCT-II for MFCC) -> normalise -> int8; every step in
// integers, specified in docs/reference/features.md. The first row comes after window_samples, then one per
// hop_samples.
//
// Needs: the blob and the scratch 4-byte aligned and in place while the stream is open.
// Fails with FeatureStatus at open(), which checks every table once; push() and hop() cannot fail.
// Memory: no heap; scratch holds the last window, one spectrum and one row of levels.
// Threads: one stream, one thread. Cost: docs/reference/features.md#cost.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "device/features/feature_config.h"

namespace jatai {

// Scratch that open() needs for this front end, in bytes.
constexpr size_t feature_scratch_bytes(const FeatureConfig& config) {
    return size_t(config.fft_size) * 4 + size_t(config.mel_bands) * 4 + size_t(config.window_samples) * 2;
}

class FeatureStream {
  public:
    // Proves the blob and empties the stream. Nothing else may be called before it returned Ok.
    FeatureStatus open(const void* blob, size_t blob_bytes, void* scratch, size_t scratch_bytes);

    // Forgets the samples held; the next row needs a full window again.
    void reset() { held_ = 0; }

    // Takes samples up to the next hop and says how many it took; 0 while a hop is waiting.
    size_t push(const int16_t* samples, size_t count);

    bool hop_ready() const { return held_ == config_->window_samples; }

    // Writes one row and makes room for the next hop_samples. Needs hop_ready().
    void hop(int8_t* row);

    const FeatureConfig& config() const { return *config_; }

    // The row before normalising and rounding to int8: log2 units, Q16 (for tests and for fitting). The last
    // hop's.
    const int32_t* levels() const { return levels_; }
    int32_t coefficient_q16(uint32_t index) const;

  private:
    template <typename T>
    const T* table(uint32_t offset) const {
        return reinterpret_cast<const T*>(reinterpret_cast<const uint8_t*>(config_) + offset);
    }
    FeatureStatus check_tables() const;
    void measure_bands(uint32_t peak, uint32_t fraction_bits);

    const FeatureConfig* config_ = nullptr;
    int32_t* work_ = nullptr;     // the spectrum
    int32_t* levels_ = nullptr;   // log2 power per mel band, Q16
    int16_t* history_ = nullptr;  // the last window of samples
    size_t held_ = 0;
};

}  // namespace jatai
