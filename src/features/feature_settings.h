// feature_settings.h: what a signal front end does, in words a person can write down.
//
//     FeatureSettings settings;                    // 49 rows x 10 MFCC of one second
//     settings.kind = FeatureKind::LogMel;         // 49 rows x 40 bands
//     check_settings(settings);
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "device/features/feature_config.h"
#include "src/base/bytes.h"

namespace jatai {

struct FeatureSettings {
    FeatureKind kind = FeatureKind::Mfcc;
    int window_samples = 512;  // 32 ms
    int hop_samples = 320;     // 20 ms
    int fft_size = 512;        // 256, 512 or 1024
    int mel_bands = 40;        // 1..64
    int coefficients = 10;     // MFCC kept; LogMel has mel_bands and ignores this
    int clip_samples = 16000;  // one model input: 1 s
    float low_hz = 60.0f;      // lower edge of the first band
    float high_hz = 7600.0f;   // upper edge of the last band
    float log_floor = 8.0f;    // log2 power of the quietest band: noise of one least significant bit
    float scale = 0.03125f;    // one int8 step, in standard deviations: +-4 deviations fit
    int zero_point = 0;

    int frames() const { return (clip_samples - window_samples) / hop_samples + 1; }
    int row_length() const { return kind == FeatureKind::LogMel ? mel_bands : coefficients; }
};

// Fails with Error when a value is out of range or two contradict each other. `place` names the settings.
void check_settings(const FeatureSettings& settings, const std::string& place = "features");

// As JSON, which is also the [features] table of jatai.toml key by key. Reading fails with Error naming the
// key: unknown ("did you mean"), of the wrong type, or out of range; a missing key keeps its default.
nlohmann::json to_json(const FeatureSettings& settings);
FeatureSettings feature_settings_from_json(const nlohmann::json& values, const std::string& place);

}  // namespace jatai
