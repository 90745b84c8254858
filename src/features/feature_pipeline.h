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

#include "src/data/dataset.h"
#include "src/features/feature_set.h"
#include "src/features/feature_settings.h"

namespace jatai {

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
    int frames() const { return settings_.frames(); }            // rows of one clip
    int coefficients() const { return settings_.row_length(); }  // values of one row
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
    void build_blob() { blob_ = make_blob(); }
    Bytes make_blob() const;

    FeatureSettings settings_;
    std::vector<float> means_;  // log2 units, per coefficient
    std::vector<float> deviations_;
    Bytes blob_;
};

}  // namespace jatai
