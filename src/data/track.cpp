#include "src/data/track.h"

#include <algorithm>
#include <cmath>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/data/noise.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr std::size_t kFrame = kSampleRateHz / 100;  // 10 ms
constexpr std::size_t kFade = kSampleRateHz / 50;    // 20 ms of fading in and out round a word
constexpr std::size_t kMargin = kSampleRateHz / 25;  // 40 ms of the clip kept before and after its word

std::vector<double> frame_energies(std::span<const std::int16_t> samples) {
    std::vector<double> energies;
    for (std::size_t at = 0; at + kFrame <= samples.size(); at += kFrame) {
        double sum = 0;
        for (std::int16_t x : samples.subspan(at, kFrame)) sum += double(x) * x;
        energies.push_back(sum / kFrame + 1);
    }
    return energies;
}

struct Candidate {
    const Clip* clip;
    double clearness;  // power of the word over power of the rest
};

// The clearer half of the clips: a clip brings its own noise, which would sound as a patch in the track's.
std::vector<const Clip*> choose_clear(const Dataset& dataset, Split split, bool keywords) {
    std::vector<Candidate> candidates;
    for (const Clip& clip : dataset.clips) {
        const std::string& label = dataset.labels[clip.label];
        if (clip.split != split || label == kSilenceLabel || (label == kUnknownLabel) == keywords) continue;
        if (!keywords && clip.group.empty() && dataset.provenance.value("synthetic", false))
            continue;  // babble
        const auto [begin, end] = find_word(clip.samples);
        double inside = 0, outside = 0;
        for (std::size_t i = 0; i < clip.samples.size(); ++i) {
            (i >= begin && i < end ? inside : outside) += double(clip.samples[i]) * clip.samples[i];
        }
        inside /= double(std::max<std::size_t>(end - begin, 1));
        outside /= double(std::max<std::size_t>(clip.samples.size() - (end - begin), 1));
        candidates.push_back({&clip, inside / (outside + 1)});
    }
    // Equals keep their order in the data set: all clips lie in one vector.
    std::sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.clearness != b.clearness ? a.clearness > b.clearness : a.clip < b.clip;
    });
    std::vector<const Clip*> clips;
    for (std::size_t i = 0; i < (candidates.size() + 1) / 2; ++i) clips.push_back(candidates[i].clip);
    return clips;
}

void check_some(const std::vector<const Clip*>& clips, Split split, const char* kind) {
    if (!clips.empty()) return;
    throw Error{text("no clips of {} in split {}, expected some", kind, name(split)),
                text("jatai data show says what the data set holds")};
}

class Mixer {
  public:
    Mixer(const TrackRecipe& recipe, Rng& rng) : recipe_(recipe), rng_(rng) { wait(); }

    // Appends a word after the gap and says where it stands.
    void add(const Clip& clip, const std::string& word) {
        const auto [begin, end] = find_word(clip.samples);
        const std::size_t from = begin < kMargin ? 0 : begin - kMargin;
        const std::size_t to = std::min(clip.samples.size(), end + kMargin);
        const std::size_t at = sound_.size();
        for (std::size_t i = from; i < to; ++i) {
            const std::size_t edge = std::min({i - from + 1, to - i, kFade});
            sound_.push_back(static_cast<float>(clip.samples[i]) * static_cast<float>(edge) / float(kFade) /
                             32768.0f);
        }
        const auto milliseconds = [](std::size_t sample) {
            return static_cast<std::int64_t>(sample * 1000 / kSampleRateHz);
        };
        events_.push_back({word, milliseconds(at + begin - from), milliseconds(at + end - from), clip.group,
                           clip.accent, clip.file});
        wait();
    }

    std::size_t size() const { return sound_.size(); }

    Track finish() {
        // One kind of noise for the whole track, as one room has one noise; pieces of 10 s keep memory small.
        const NoiseKind kind = rng_.below(2) == 0 ? NoiseKind::Pink : NoiseKind::White;
        const std::vector<float> noise = make_noise(kind, sound_.size(), rng_);
        for (std::size_t i = 0; i < sound_.size(); ++i) sound_[i] += recipe_.noise_level * noise[i];
        return {to_int16(sound_), std::move(events_)};
    }

  private:
    void wait() {
        const auto low = static_cast<float>(recipe_.shortest_gap_s);
        const auto high = static_cast<float>(recipe_.longest_gap_s);
        sound_.resize(sound_.size() + static_cast<std::size_t>(rng_.uniform(low, high) * kSampleRateHz),
                      0.0f);
    }

    const TrackRecipe& recipe_;
    Rng& rng_;
    std::vector<float> sound_;
    std::vector<TrackEvent> events_;
};

void check_recipe(const TrackRecipe& recipe) {
    const bool gaps = recipe.shortest_gap_s >= 0 && recipe.longest_gap_s >= recipe.shortest_gap_s &&
                      recipe.longest_gap_s < 60;
    if (gaps && recipe.words >= 0 && recipe.unknown_words >= 0 && recipe.seconds > 0 &&
        recipe.seconds <= 4 * 3600)
        return;
    throw Error{text("track: gaps of {} to {} s, {} s long: expected 0 to 60 s, at most 4 hours",
                     recipe.shortest_gap_s, recipe.longest_gap_s, recipe.seconds)};
}

}  // namespace

std::pair<std::size_t, std::size_t> find_word(std::span<const std::int16_t> samples) {
    const std::vector<double> energies = frame_energies(samples);
    if (energies.empty()) return {0, samples.size()};
    std::vector<double> sorted = energies;
    std::sort(sorted.begin(), sorted.end());
    const double noise = sorted[sorted.size() / 10];
    const double peak = sorted.back();
    // Loud: less than 35 dB under the loudest frame and 6 dB over the quietest tenth.
    const double level = std::min(peak / 2, std::max(peak / 3162, noise * 4));
    std::size_t first = 0, last = energies.size() - 1;
    while (first < last && energies[first] < level) ++first;
    while (last > first && energies[last] < level) --last;
    return {first * kFrame, (last + 1) * kFrame};
}

Track make_track(const Dataset& dataset, const TrackRecipe& recipe) {
    check_recipe(recipe);
    const auto words = choose_clear(dataset, recipe.split, true);
    check_some(words, recipe.split, "keywords");
    const auto others = choose_clear(dataset, recipe.split, false);
    Rng rng(recipe.seed);
    // Labels take turns, so that every word is said about as often; each clip at most once while there are
    // others.
    std::vector<std::vector<const Clip*>> by_label(dataset.labels.size());
    for (const Clip* clip : words) by_label[clip->label].push_back(clip);
    std::erase_if(by_label, [](const auto& clips) { return clips.empty(); });
    for (auto& clips : by_label) rng.shuffle(clips);
    std::vector<const Clip*> order;
    for (int i = 0; i < recipe.words; ++i) {
        const auto& clips = by_label[static_cast<std::size_t>(i) % by_label.size()];
        order.push_back(clips[static_cast<std::size_t>(i) / by_label.size() % clips.size()]);
    }
    for (int i = 0; i < recipe.unknown_words && !others.empty(); ++i) {
        order.push_back(others[rng.below(static_cast<std::uint32_t>(others.size()))]);
    }
    rng.shuffle(order);
    Mixer mixer(recipe, rng);
    for (const Clip* clip : order) mixer.add(*clip, dataset.labels[clip->label]);
    return mixer.finish();
}

Track make_negative_track(const Dataset& dataset, const TrackRecipe& recipe) {
    check_recipe(recipe);
    const auto others = choose_clear(dataset, recipe.split, false);
    check_some(others, recipe.split, kUnknownLabel);
    Rng rng(recipe.seed);
    Mixer mixer(recipe, rng);
    const auto wanted = static_cast<std::size_t>(recipe.seconds * kSampleRateHz);
    while (mixer.size() < wanted) {
        const Clip& clip = *others[rng.below(static_cast<std::uint32_t>(others.size()))];
        mixer.add(clip, kUnknownLabel);
    }
    return mixer.finish();
}

nlohmann::json to_json(const Track& track) {
    nlohmann::json events = nlohmann::json::array();
    for (const TrackEvent& event : track.events) {
        events.push_back({{"word", event.word},
                          {"start_ms", event.start_ms},
                          {"end_ms", event.end_ms},
                          {"group", event.group},
                          {"accent", event.accent},
                          {"file", event.file}});
    }
    return {{"seconds", double(track.samples.size()) / kSampleRateHz},
            {"sha256", hash_samples(track.samples)},
            {"events", events}};
}

Track track_from_json(const nlohmann::json& values, Samples samples, const std::string& place) {
    Track track;
    track.samples = std::move(samples);
    try {
        for (const auto& event : values.at("events")) {
            track.events.push_back({event.at("word"), event.at("start_ms"), event.at("end_ms"),
                                    event.value("group", ""), event.value("accent", ""),
                                    event.value("file", "")});
        }
    } catch (const nlohmann::json::exception& error) {
        throw Error{text("{}: not the events of a track: {}", place, error.what())};
    }
    return track;
}

}  // namespace jatai
