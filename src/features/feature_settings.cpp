#include "src/features/feature_settings.h"

#include <vector>

#include "src/base/error.h"
#include "src/base/suggest.h"

namespace jatai {
namespace {

const char* kind_name(FeatureKind kind) { return kind == FeatureKind::LogMel ? "log_mel" : "mfcc"; }

FeatureKind kind_of(const std::string& name, const std::string& place) {
    if (name == "log_mel") return FeatureKind::LogMel;
    if (name == "mfcc") return FeatureKind::Mfcc;
    throw Error{text("{}: unknown kind {}", place, name), did_you_mean(name, {"log_mel", "mfcc"})};
}

void expect_range(const std::string& place, const char* key, double value, double low, double high) {
    if (value >= low && value <= high) return;
    throw Error{text("{}: {} is {}, expected {} to {}", place, key, value, low, high)};
}

template <typename T>
void read(const nlohmann::json& values, const char* key, T& value, const std::string& place) {
    if (!values.contains(key)) return;
    if (!values.at(key).is_number()) {
        throw Error{text("{}: {} is {}, expected a number", place, key, values.at(key).dump())};
    }
    value = values.at(key).get<T>();
}

}  // namespace

void check_settings(const FeatureSettings& s, const std::string& place) {
    if (s.fft_size != 256 && s.fft_size != 512 && s.fft_size != 1024) {
        throw Error{text("{}: fft_size is {}, expected 256, 512 or 1024", place, s.fft_size)};
    }
    expect_range(place, "window_samples", s.window_samples, 2, s.fft_size);
    if (s.window_samples % 2 != 0) {
        throw Error{text("{}: window_samples is {}, expected an even number", place, s.window_samples)};
    }
    expect_range(place, "hop_samples", s.hop_samples, 1, s.window_samples);
    expect_range(place, "mel_bands", s.mel_bands, 1, kMaxMelBands);
    if (s.kind == FeatureKind::Mfcc) expect_range(place, "coefficients", s.coefficients, 1, s.mel_bands);
    expect_range(place, "clip_samples", s.clip_samples, s.window_samples, 16000 * 60);
    expect_range(place, "frames", s.frames(), 1, 65535);
    expect_range(place, "low_hz", s.low_hz, 0, 7900);
    expect_range(place, "high_hz", s.high_hz, s.low_hz + 100, 8000);
    expect_range(place, "log_floor", s.log_floor, -32, 48);
    expect_range(place, "scale", s.scale, 0.001, 1);
    expect_range(place, "zero_point", s.zero_point, -128, 127);
}

nlohmann::json to_json(const FeatureSettings& s) {
    return {{"kind", kind_name(s.kind)},
            {"window_samples", s.window_samples},
            {"hop_samples", s.hop_samples},
            {"fft_size", s.fft_size},
            {"mel_bands", s.mel_bands},
            {"coefficients", s.coefficients},
            {"clip_samples", s.clip_samples},
            {"low_hz", s.low_hz},
            {"high_hz", s.high_hz},
            {"log_floor", s.log_floor},
            {"scale", s.scale},
            {"zero_point", s.zero_point}};
}

FeatureSettings feature_settings_from_json(const nlohmann::json& values, const std::string& place) {
    FeatureSettings s;
    if (!values.is_object()) throw Error{text("{}: expected a table of settings", place)};
    std::vector<std::string> known;
    const nlohmann::json defaults = to_json(s);
    for (const auto& [key, value] : defaults.items()) known.push_back(key);
    for (const auto& [key, value] : values.items()) {
        if (std::find(known.begin(), known.end(), key) == known.end()) {
            throw Error{text("{}: unknown setting {}", place, key), did_you_mean(key, known)};
        }
    }
    if (values.contains("kind")) {
        if (!values.at("kind").is_string()) throw Error{text("{}: kind is not a word", place)};
        s.kind = kind_of(values.at("kind").get<std::string>(), place);
    }
    read(values, "window_samples", s.window_samples, place);
    read(values, "hop_samples", s.hop_samples, place);
    read(values, "fft_size", s.fft_size, place);
    read(values, "mel_bands", s.mel_bands, place);
    read(values, "coefficients", s.coefficients, place);
    read(values, "clip_samples", s.clip_samples, place);
    read(values, "low_hz", s.low_hz, place);
    read(values, "high_hz", s.high_hz, place);
    read(values, "log_floor", s.log_floor, place);
    read(values, "scale", s.scale, place);
    read(values, "zero_point", s.zero_point, place);
    check_settings(s, place);
    return s;
}

}  // namespace jatai
