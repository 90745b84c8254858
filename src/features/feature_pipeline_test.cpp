#include "src/features/feature_pipeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <kissfft/kiss_fftr.h>

#include <cmath>
#include <cstring>
#include <numbers>

#include "device/features/feature_stream.h"
#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/data/wav.h"
#include "src/features/feature_tables.h"

namespace jatai {
namespace {

using testing::HasSubstr;
constexpr double kPi = std::numbers::pi;

// The front end in floating point, from its definition: window, kissfft, power, mel, log2.
std::vector<double> reference_levels(const FeatureSettings& s, const std::int16_t* samples) {
    std::vector<float> input(static_cast<std::size_t>(s.fft_size));
    for (int n = 0; n < s.window_samples; ++n)
        input[static_cast<std::size_t>(n)] =
            static_cast<float>(samples[n] * (0.5 - 0.5 * std::cos(2 * kPi * n / s.window_samples)));
    std::vector<kiss_fft_cpx> bins(static_cast<std::size_t>(s.fft_size / 2 + 1));
    kiss_fftr_cfg plan = kiss_fftr_alloc(s.fft_size, 0, nullptr, nullptr);
    kiss_fftr(plan, input.data(), bins.data());
    kiss_fft_free(plan);
    const auto mel = [](double hz) { return 1127.0 * std::log1p(hz / 700.0); };
    const double low = mel(double(s.low_hz)), step = (mel(double(s.high_hz)) - low) / (s.mel_bands + 1);
    std::vector<double> levels;
    for (int band = 0; band < s.mel_bands; ++band) {
        double energy = 0;
        for (int k = 1; k < s.fft_size / 2; ++k) {
            const double at = (mel(16000.0 * k / s.fft_size) - low) / step - band;  // the triangle spans 0..2
            const double weight = std::max(0.0, 1.0 - std::fabs(at - 1.0));
            const auto& bin = bins[static_cast<std::size_t>(k)];
            energy += weight * (double(bin.r) * double(bin.r) + double(bin.i) * double(bin.i));
        }
        levels.push_back(std::max(std::log2(energy + 1e-30), double(s.log_floor)));
    }
    return levels;
}

std::vector<double> reference_row(const FeatureSettings& s, const std::int16_t* samples) {
    const std::vector<double> levels = reference_levels(s, samples);
    if (s.kind == FeatureKind::LogMel) return levels;
    std::vector<double> row;
    for (int k = 0; k < s.coefficients; ++k) {
        double sum = 0;
        for (int band = 0; band < s.mel_bands; ++band)
            sum += levels[static_cast<std::size_t>(band)] * std::cos(kPi * k * (band + 0.5) / s.mel_bands);
        row.push_back(sum * std::sqrt((k == 0 ? 1.0 : 2.0) / s.mel_bands));
    }
    return row;
}

// Vowel-like harmonics with a moving pitch, plus noise; `amplitude` is its peak.
Samples make_speech_like(int count, double amplitude, std::uint64_t seed) {
    Rng rng(seed);
    Samples samples;
    double phase = 0;
    for (int n = 0; n < count; ++n) {
        phase += 2 * kPi * (140 + 40 * std::sin(n / 3000.0)) / kSampleRateHz;
        double value = 0;
        for (int h = 1; h <= 30; ++h) value += std::sin(h * phase) / (1 + std::fabs(h - 5.0));
        const double envelope = 0.5 - 0.5 * std::cos(2 * kPi * n / 8000.0);
        samples.push_back(
            static_cast<std::int16_t>(amplitude * (envelope * value / 4 + 0.01 * double(rng.normal()))));
    }
    return samples;
}

struct Errors {
    double level = 0;        // log2 units
    double coefficient = 0;  // log2 units
    int steps = 0;           // int8 steps
};

Errors compare(const FeaturePipeline& pipeline, const Samples& samples) {
    const FeatureSettings& s = pipeline.settings();
    Bytes blob = pipeline.blob();
    std::vector<std::uint32_t> words(blob.size() / 4 + 1), scratch(4096);
    std::memcpy(words.data(), blob.data(), blob.size());
    FeatureStream stream;
    EXPECT_EQ(stream.open(words.data(), blob.size(), scratch.data(), scratch.size() * 4), FeatureStatus::Ok);
    const auto saved = pipeline.to_json();
    Errors errors;
    std::vector<std::int8_t> row(static_cast<std::size_t>(pipeline.coefficients()));
    const std::int16_t* at = samples.data();
    std::size_t left = samples.size();
    for (const std::int16_t* window = at; left > 0;) {
        const std::size_t used = stream.push(at, left);
        at += used;
        left -= used;
        if (!stream.hop_ready()) continue;
        stream.hop(row.data());
        const auto levels = reference_levels(s, window);
        const auto values = reference_row(s, window);
        window += s.hop_samples;
        for (std::size_t i = 0; i < levels.size(); ++i)
            errors.level = std::max(errors.level, std::fabs(stream.levels()[i] / 65536.0 - levels[i]));
        for (std::size_t i = 0; i < values.size(); ++i) {
            const double exact = values[i];
            errors.coefficient =
                std::max(errors.coefficient,
                         std::fabs(stream.coefficient_q16(static_cast<std::uint32_t>(i)) / 65536.0 - exact));
            const double real = (exact - double(saved["means"][i])) / double(saved["deviations"][i]);
            const double q = std::clamp(std::round(real / double(s.scale)) + s.zero_point, -128.0, 127.0);
            errors.steps = std::max(errors.steps, std::abs(int(row[i]) - int(q)));
        }
    }
    return errors;
}

FeatureSettings settings_of(int fft_size, FeatureKind kind) {
    FeatureSettings s;
    s.fft_size = fft_size;
    s.window_samples = fft_size == 512 ? 480 : fft_size;  // 480: a window shorter than its FFT
    s.hop_samples = fft_size == 256 ? 160 : 320;
    s.mel_bands = fft_size == 256 ? 20 : 40;
    s.kind = kind;
    return s;
}

class FrontEnd : public testing::TestWithParam<std::tuple<int, FeatureKind>> {
  protected:
    FeaturePipeline pipeline_{settings_of(std::get<0>(GetParam()), std::get<1>(GetParam()))};
};

// docs/reference/features.md#error states these bounds.
TEST_P(FrontEnd, AgreesWithFloatingPointOnSpeech) {
    for (double amplitude : {200.0, 3000.0, 30000.0}) {
        const Errors errors = compare(pipeline_, make_speech_like(16000, amplitude, 1));
        EXPECT_LT(errors.level, 0.001) << amplitude;
        EXPECT_LT(errors.coefficient, 0.005) << amplitude;
        EXPECT_LE(errors.steps, 1) << amplitude;
    }
}

TEST_P(FrontEnd, AgreesWithFloatingPointOnSilenceAndOnFullScaleNoise) {
    EXPECT_EQ(compare(pipeline_, Samples(4000, 0)).steps, 0);
    Samples noise;
    Rng rng(2);
    for (int i = 0; i < 16000; ++i) noise.push_back(static_cast<std::int16_t>(rng.next()));
    const Errors errors = compare(pipeline_, noise);
    EXPECT_LT(errors.level, 0.001);
    EXPECT_LE(errors.steps, 1);
}

INSTANTIATE_TEST_SUITE_P(All, FrontEnd,
                         testing::Combine(testing::Values(256, 512, 1024),
                                          testing::Values(FeatureKind::LogMel, FeatureKind::Mfcc)));

TEST(FeaturePipeline, MakesFortyNineRowsOfTenFromASecond) {
    const FeaturePipeline pipeline{FeatureSettings{}};
    EXPECT_EQ(pipeline.frames(), 49);
    EXPECT_EQ(pipeline.coefficients(), 10);
    EXPECT_EQ(pipeline.extract(make_speech_like(16000, 5000, 3)).size(), 490u);
    EXPECT_LE(pipeline.blob().size(), 10u * 1024);
}

TEST(FeaturePipeline, GivesTheSameRowsHoweverTheSoundIsCut) {
    const FeaturePipeline pipeline{FeatureSettings{}};
    const Samples samples = make_speech_like(16000, 5000, 4);
    std::vector<std::uint32_t> words(pipeline.blob().size() / 4 + 1), scratch(2048);
    std::memcpy(words.data(), pipeline.blob().data(), pipeline.blob().size());
    FeatureStream stream;
    ASSERT_EQ(stream.open(words.data(), pipeline.blob().size(), scratch.data(), 8192), FeatureStatus::Ok);
    std::vector<std::int8_t> rows;
    Rng rng(5);
    for (std::size_t at = 0; at < samples.size();) {
        const std::size_t want = std::min<std::size_t>(1 + rng.below(200), samples.size() - at);
        at += stream.push(samples.data() + at, want);
        if (!stream.hop_ready()) continue;
        EXPECT_EQ(stream.push(samples.data(), 10), 0u);
        rows.resize(rows.size() + 10);
        stream.hop(rows.data() + rows.size() - 10);
    }
    EXPECT_EQ(rows, pipeline.extract(samples));
}

Dataset make_dataset() {
    Dataset dataset;
    dataset.labels = {"a", "b"};
    for (std::uint32_t i = 0; i < 40; ++i) {
        Clip clip;
        clip.samples = make_speech_like(12000 + int(i) * 200, 1000.0 + 500.0 * i, i);
        clip.label = i % 2;
        clip.split = i < 30 ? Split::Train : Split::Test;
        clip.group = "voice" + std::to_string(i % 7);
        dataset.clips.push_back(std::move(clip));
    }
    return dataset;
}

TEST(FeaturePipeline, FittedFeaturesHaveMeanZeroAndDeviationOne) {
    const Dataset dataset = make_dataset();
    FeaturePipeline pipeline{FeatureSettings{}};
    pipeline.fit(dataset);
    const FeatureSet set = pipeline.extract(dataset);
    for (int k = 0; k < 10; ++k) {
        double sum = 0, squares = 0, count = 0;
        for (std::size_t i : set.indices(Split::Train)) {
            const auto row = set.real(i);
            for (int f = 0; f < set.frames; ++f) {
                const double value = double(row[static_cast<std::size_t>(f * 10 + k)]);
                sum += value;
                squares += value * value;
                ++count;
            }
        }
        EXPECT_NEAR(sum / count, 0, 0.05) << k;
        EXPECT_NEAR(std::sqrt(squares / count), 1, 0.1) << k;
    }
}

TEST(FeaturePipeline, ExtractsTheSameBytesWithOneThreadAndWithTwo) {
    const Dataset dataset = make_dataset();
    const FeaturePipeline pipeline{FeatureSettings{}};
    EXPECT_EQ(pipeline.extract(dataset, 1).x, pipeline.extract(dataset, 2).x);
}

TEST(FeaturePipeline, OpensAgainFromItsJsonWithTheSameBlob) {
    FeatureSettings settings;
    settings.kind = FeatureKind::LogMel;
    settings.zero_point = -7;
    FeaturePipeline pipeline{settings};
    pipeline.fit(make_dataset());
    const auto json = nlohmann::json::parse(pipeline.to_json().dump());
    EXPECT_EQ(FeaturePipeline::from_json(json, "x").blob(), pipeline.blob());
}

TEST(FeatureSettings, AMistypedKeyIsNamedWithASuggestion) {
    try {
        feature_settings_from_json({{"hop_sample", 320}}, "jatai.toml");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("hop_sample"));
        EXPECT_THAT(error.hint(), HasSubstr("hop_samples"));
    }
}

TEST(FeatureSettings, ImpossibleValuesAreRefused) {
    for (const char* bad : {R"({"fft_size":300})", R"({"window_samples":513})", R"({"hop_samples":0})",
                            R"({"mel_bands":65})", R"({"coefficients":41})", R"({"high_hz":9000})",
                            R"({"kind":"cepstrum"})", R"({"kind":3})", R"({"scale":"big"})", R"([])"}) {
        EXPECT_THROW(feature_settings_from_json(nlohmann::json::parse(bad), "x"), Error) << bad;
    }
    FeatureSettings narrow;
    narrow.fft_size = narrow.window_samples = 256;
    narrow.hop_samples = 160;
    narrow.mel_bands = 64;
    narrow.high_hz = 2000;
    EXPECT_THROW(FeaturePipeline{narrow}, Error);  // low bands narrower than a bin
}

TEST(FeatureStream, RefusesABlobThatIsCutAnywhereOrDamaged) {
    const FeaturePipeline pipeline{FeatureSettings{}};
    const Bytes& blob = pipeline.blob();
    std::vector<std::uint32_t> words(blob.size() / 4 + 1), scratch(2048);
    FeatureStream stream;
    std::memcpy(words.data(), blob.data(), blob.size());
    for (std::size_t size = 0; size < blob.size(); ++size)
        EXPECT_NE(stream.open(words.data(), size, scratch.data(), 8192), FeatureStatus::Ok) << size;
    EXPECT_EQ(stream.open(words.data(), blob.size(), scratch.data(), 1000), FeatureStatus::ScratchTooSmall);
    // Any byte changed: refused, or accepted and then run on the loudest sound without harm (ASan, UBSan
    // watch).
    Rng rng(6);
    Samples loud(1024, -32768);
    std::vector<std::int8_t> row(256);
    for (int i = 0; i < 20000; ++i) {
        std::memcpy(words.data(), blob.data(), blob.size());
        auto* bytes = reinterpret_cast<std::uint8_t*>(words.data());
        bytes[rng.below(i % 2 ? 56 : std::uint32_t(blob.size()))] = static_cast<std::uint8_t>(rng.next());
        if (stream.open(words.data(), blob.size(), scratch.data(), 8192) != FeatureStatus::Ok) continue;
        stream.push(loud.data(), loud.size());
        if (stream.hop_ready() && i % 16 == 0) stream.hop(row.data());
    }
}

TEST(FeatureSet, ReadsBackWhatWasWrittenAndRefusesACutFile) {
    const fs::path path = fs::temp_directory_path() / ("jatai_set_" + std::to_string(::getpid()) + ".jfs");
    const FeatureSet set = FeaturePipeline{FeatureSettings{}}.extract(make_dataset());
    save_feature_set(set, path);
    const FeatureSet read = load_feature_set(path);
    EXPECT_EQ(read.x, set.x);
    EXPECT_EQ(read.y, set.y);
    EXPECT_EQ(read.split, set.split);
    EXPECT_EQ(read.group, set.group);
    EXPECT_EQ(read.groups, set.groups);
    EXPECT_EQ(read.labels, set.labels);
    EXPECT_EQ(read.pipeline_hash, set.pipeline_hash);
    const Bytes bytes = read_file(path);
    for (std::size_t size : {std::size_t(0), std::size_t(7), std::size_t(50), bytes.size() - 1}) {
        write_file(path, ByteView(bytes).first(size));
        EXPECT_THROW(load_feature_set(path), Error) << size;
    }
    fs::remove(path);
}

}  // namespace
}  // namespace jatai
