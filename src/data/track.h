// track.h: long sound with known events, to listen to a model the way a device does.
//
//     Track track = make_track(dataset, TrackRecipe{});
//     write_wav("track.wav", track.samples);
//     write_text("track.json", to_json(track).dump(2));    // [{word, start_ms, end_ms, group, ...}]
//     Track hours = make_negative_track(dataset, recipe);  // unknown words and noise only, for false accepts
//
// Words are clips of one split (default: test, voices training never heard) with random gaps over background
// noise. start_ms and end_ms bound the word itself (where its energy is), not its clip. Keeps: same data set,
// recipe and seed, same bytes. Fails with Error when the split holds no such clips.
#pragma once

#include "src/data/dataset.h"

namespace jatai {

struct TrackRecipe {
    Split split = Split::Test;
    int words = 40;               // keyword events of make_track
    int unknown_words = 10;       // other words mixed in
    double seconds = 600;         // length of make_negative_track
    double shortest_gap_s = 0.8;  // between the end of a word and the start of the next
    double longest_gap_s = 2.0;
    float noise_level = 0.004f;  // background, root mean square of full scale
    std::uint64_t seed = 1;
};

struct TrackEvent {
    std::string word;
    std::int64_t start_ms;
    std::int64_t end_ms;
    std::string group;
    std::string accent;
    std::string file;  // the clip it came from
};

struct Track {
    Samples samples;                 // 16 kHz mono
    std::vector<TrackEvent> events;  // in order of time; unknown words included, with word "unknown"
};

Track make_track(const Dataset& dataset, const TrackRecipe& recipe);
Track make_negative_track(const Dataset& dataset, const TrackRecipe& recipe);

nlohmann::json to_json(const Track& track);
Track track_from_json(const nlohmann::json& values, Samples samples, const std::string& place);

// First and one-past-last sample of the loud part of a clip: 10 ms frames within 35 dB of the loudest, above
// noise.
std::pair<std::size_t, std::size_t> find_word(std::span<const std::int16_t> samples);

}  // namespace jatai
