// feature_pipeline.h: the signal front end of a model, on the host: settings, tables, and the device's own
// arithmetic.
//
//     FeaturePipeline features{FeatureSettings{}};             // 49 rows x 10 MFCC of one second
//     features.fit(dataset);                                   // mean and deviation of the training clips
//     FeatureSet set = features.extract(dataset);              // int8, ready for the model
//     Bytes blob = features.blob();                            // what the chip carries (device/features)
//
// Keeps: extract() runs device/features code, so host and chip give the same bytes. scale() and zero_point()
// are the quantisation of the model's input: real = (q - zero_point) * scale. Threads: const functions may be
// called side by side; extract(Dataset) uses `threads` of its own and gives the same bytes for any number.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "device/features/feature_config.h"
#include "src/data/dataset.h"
#include "src/features/feature_set.h"

namespace jatai {

struct FeatureSettings {
    FeatureKind kind = FeatureKind::Mfcc;
    int window_samples = 512;  // 32 ms
    int hop_samples = 320;     // 20 ms
    int fft_size = 512;        // 256, 512 or 1024
    int mel_bands = 40;        // 1..64
    int coefficients = 10;     // MFCC kept; LogMel has mel_bands
    int clip_samples = 16000;  // one model input: 1 s
    float low_hz = 60.0f;      // lower edge of the first band
    float high_hz = 7600.0f;   // upper edge of the last band
    float log_floor = 8.0f;    // log2 power of the quietest band: noise of one least significant bit
    float scale = 0.03125f;    // one int8 step, in standard deviations: +-4 deviations fit
    int zero_point = 0;
};

// The settings as JSON (also the [features] table of jatai.toml, key by key). from_json fails with Error
// naming the key: unknown ("did you mean"), of the wrong type, or out of range; missing keys keep their
// default.
nlohmann::json to_json(const FeatureSettings& settings);
FeatureSettings feature_settings_from_json(const nlohmann::json& values, const std::string& place);

class FeaturePipeline {
  public:
    // Fails with Error when settings contradict each other or a mel band would hold no bin.
    explicit FeaturePipeline(const FeatureSettings& settings);

    // Opens a saved pipeline: to_json() of one, normalisers included.
    static FeaturePipeline from_json(const nlohmann::json& saved, const std::string& place);
    nlohmann::json to_json() const;

    // Sets mean and deviation of each coefficient from the training clips, so that real features have mean 0
    // and deviation 1. Without fit(), typical values for speech stand in.
    void fit(const Dataset& dataset);

    const FeatureSettings& settings() const { return settings_; }
    int frames() const;        // rows of one clip
    int coefficients() const;  // values of one row
    float scale() const { return settings_.scale; }
    int zero_point() const { return settings_.zero_point; }

    // The bytes FeatureStream::open() takes; 4-byte aligned sizes. Its SHA-256 identifies the front end.
    const Bytes& blob() const { return blob_; }
    std::string hash() const;

    // int8 [frames()][coefficients()] of one clip: cut at the end or continued with silence to clip_samples.
    std::vector<std::int8_t> extract(std::span<const std::int16_t> samples) const;

    // Every row of a long recording, one per hop: int8 [rows][coefficients()].
    std::vector<std::int8_t> extract_stream(std::span<const std::int16_t> samples) const;

    FeatureSet extract(const Dataset& dataset, unsigned threads = 2, const Progress& progress = {}) const;

  private:
    void build_blob();

    FeatureSettings settings_;
    std::vector<float> means_;  // log2 units, per coefficient
    std::vector<float> deviations_;
    Bytes blob_;
};

}  // namespace jatai
