#include "src/features/feature_pipeline.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstring>
#include <thread>

#include "device/features/feature_stream.h"
#include "src/base/error.h"
#include "src/features/feature_tables.h"

namespace jatai {
namespace {

// Enough clips for a mean and a deviation to three digits; taken evenly over the training clips.
constexpr std::size_t kFittedClips = 2000;
constexpr float kSmallestDeviation = 0.05f;

// The device's stream with its scratch, on the host.
class HostStream {
  public:
    explicit HostStream(const Bytes& blob) : words_((blob.size() + 3) / 4) {
        std::memcpy(words_.data(), blob.data(), blob.size());
        const auto& config = *reinterpret_cast<const FeatureConfig*>(words_.data());
        scratch_.resize((feature_scratch_bytes(config) + 3) / 4);
        CHECK(stream_.open(words_.data(), blob.size(), scratch_.data(), scratch_.size() * 4) ==
              FeatureStatus::Ok);
    }

    // Feeds samples and calls row(values) at every hop, until `rows` are made.
    template <typename Row>
    void feed(std::span<const std::int16_t> samples, std::size_t rows, Row row) {
        std::vector<std::int8_t> values(stream_.config().coefficients);
        for (std::size_t made = 0; !samples.empty() && made < rows;) {
            samples = samples.subspan(stream_.push(samples.data(), samples.size()));
            if (!stream_.hop_ready()) continue;
            stream_.hop(values.data());
            row(values);
            ++made;
        }
    }

    FeatureStream& stream() { return stream_; }

  private:
    std::vector<std::uint32_t> words_;
    std::vector<std::uint32_t> scratch_;
    FeatureStream stream_;
};

// The clip as long as a model input: cut at the end, or continued with silence.
Samples fit_length(std::span<const std::int16_t> samples, std::size_t length) {
    Samples fitted(samples.begin(), samples.begin() + static_cast<long>(std::min(samples.size(), length)));
    fitted.resize(length, 0);
    return fitted;
}

std::uint16_t index_of(std::vector<std::string>& names, const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    const auto index = at - names.begin();
    if (at == names.end()) names.push_back(name);
    CHECK(index < 65535);
    return static_cast<std::uint16_t>(index);
}

FeatureSet describe(const Dataset& dataset, const FeaturePipeline& pipeline) {
    FeatureSet set;
    set.frames = pipeline.frames();
    set.coefficients = pipeline.coefficients();
    set.scale = pipeline.scale();
    set.zero_point = pipeline.zero_point();
    set.pipeline_hash = pipeline.hash();
    set.labels = dataset.labels;
    for (const Clip& clip : dataset.clips) {
        set.y.push_back(static_cast<std::uint16_t>(clip.label));
        set.split.push_back(clip.split);
        set.group.push_back(index_of(set.groups, clip.group));
        set.accent.push_back(index_of(set.accents, clip.accent));
    }
    set.x.resize(set.size() * set.row_size());
    return set;
}

}  // namespace

FeaturePipeline::FeaturePipeline(const FeatureSettings& settings) : settings_(settings) {
    check_settings(settings_);
    const auto count = static_cast<std::size_t>(coefficients());
    // Speech at a usual level: bands around 2^22, deviating by 2^5; MFCC above the first fall with their
    // order.
    means_.assign(count, settings_.kind == FeatureKind::LogMel ? 22.0f : 0.0f);
    deviations_.assign(count, 5.0f);
    if (settings_.kind == FeatureKind::Mfcc) {
        means_[0] = 22.0f * std::sqrt(static_cast<float>(settings_.mel_bands));
        for (std::size_t k = 0; k < count; ++k) deviations_[k] = 24.0f / (1.0f + static_cast<float>(k));
    }
    build_blob();
}

Bytes FeaturePipeline::make_blob() const { return make_feature_blob(settings_, means_, deviations_); }

nlohmann::json FeaturePipeline::to_json() const {
    return {{"settings", jatai::to_json(settings_)}, {"means", means_}, {"deviations", deviations_}};
}

FeaturePipeline FeaturePipeline::from_json(const nlohmann::json& saved, const std::string& place) {
    try {
        FeaturePipeline pipeline(feature_settings_from_json(saved.at("settings"), place));
        pipeline.means_ = saved.at("means").get<std::vector<float>>();
        pipeline.deviations_ = saved.at("deviations").get<std::vector<float>>();
        const auto count = static_cast<std::size_t>(pipeline.coefficients());
        if (pipeline.means_.size() != count || pipeline.deviations_.size() != count) {
            throw Error{text("{}: {} means and {} deviations, expected {}", place, pipeline.means_.size(),
                             pipeline.deviations_.size(), count)};
        }
        for (std::size_t i = 0; i < count; ++i) {
            if (!(pipeline.deviations_[i] >= kSmallestDeviation) ||
                !(std::fabs(pipeline.means_[i]) < 8192.0f)) {
                throw Error{text("{}: coefficient {} has mean {} and deviation {}, out of range", place, i,
                                 pipeline.means_[i], pipeline.deviations_[i])};
            }
        }
        pipeline.build_blob();
        return pipeline;
    } catch (const nlohmann::json::exception& error) {
        throw Error{text("{}: not a feature pipeline: {}", place, error.what()),
                    text("run jatai train again; it makes the features anew")};
    }
}

void FeaturePipeline::fit(const Dataset& dataset) {
    std::vector<const Clip*> training;
    for (const Clip& clip : dataset.clips) {
        if (clip.split == Split::Train) training.push_back(&clip);
    }
    if (training.empty()) {
        throw Error{text("no training clips to measure, expected at least one"),
                    text("jatai data show says what the data set holds")};
    }
    const auto count = static_cast<std::size_t>(coefficients());
    std::vector<double> sums(count), squares(count);
    double rows = 0;
    const std::size_t stride = (training.size() + kFittedClips - 1) / kFittedClips;
    HostStream host(blob_);
    for (std::size_t i = 0; i < training.size(); i += stride) {
        host.stream().reset();
        const Samples samples =
            fit_length(training[i]->samples, static_cast<std::size_t>(settings_.clip_samples));
        host.feed(samples, static_cast<std::size_t>(frames()), [&](const std::vector<std::int8_t>&) {
            for (std::size_t k = 0; k < count; ++k) {
                const double value = host.stream().coefficient_q16(static_cast<std::uint32_t>(k)) / 65536.0;
                sums[k] += value;
                squares[k] += value * value;
            }
            rows += 1;
        });
    }
    for (std::size_t k = 0; k < count; ++k) {
        const double mean = sums[k] / rows;
        const double variance = std::max(0.0, squares[k] / rows - mean * mean);
        means_[k] = static_cast<float>(mean);
        deviations_[k] = std::max(kSmallestDeviation, static_cast<float>(std::sqrt(variance)));
    }
    build_blob();
}

std::string FeaturePipeline::hash() const { return hash_bytes(blob_); }

std::vector<std::int8_t> FeaturePipeline::extract(std::span<const std::int16_t> samples) const {
    std::vector<std::int8_t> rows =
        extract_stream(fit_length(samples, static_cast<std::size_t>(settings_.clip_samples)));
    rows.resize(static_cast<std::size_t>(frames()) * static_cast<std::size_t>(coefficients()));
    return rows;
}

std::vector<std::int8_t> FeaturePipeline::extract_stream(std::span<const std::int16_t> samples) const {
    std::vector<std::int8_t> rows;
    HostStream host(blob_);
    host.feed(samples, SIZE_MAX,
              [&](const std::vector<std::int8_t>& row) { rows.insert(rows.end(), row.begin(), row.end()); });
    return rows;
}

FeatureSet FeaturePipeline::extract(const Dataset& dataset, unsigned threads,
                                    const Progress& progress) const {
    FeatureSet set = describe(dataset, *this);
    // Clips are handed out one by one; each writes its own rows, so the bytes do not depend on who made them.
    std::atomic<std::size_t> next{0};
    const auto work = [&](bool reports) {
        HostStream host(blob_);
        for (std::size_t i = next++; i < dataset.clips.size(); i = next++) {
            host.stream().reset();
            const Samples samples =
                fit_length(dataset.clips[i].samples, static_cast<std::size_t>(settings_.clip_samples));
            std::int8_t* out = set.x.data() + i * set.row_size();
            host.feed(samples, static_cast<std::size_t>(frames()), [&](const std::vector<std::int8_t>& row) {
                out = std::copy(row.begin(), row.end(), out);
            });
            if (reports && i % 64 == 0) report(progress, i, dataset.clips.size(), text("features"));
        }
    };
    std::vector<std::jthread> helpers;
    for (unsigned i = 1; i < threads; ++i) helpers.emplace_back(work, false);
    work(true);
    return set;
}

}  // namespace jatai
