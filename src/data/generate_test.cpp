#include "src/data/generate.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "src/base/error.h"
#include "src/data/espeak.h"
#include "src/data/noise.h"
#include "src/data/run_program.h"
#include "src/data/track.h"

namespace jatai {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

bool has_espeak() { return run_program({"espeak-ng", "--version"}).found; }

KeywordRecipe small_recipe() {
    KeywordRecipe recipe;
    recipe.keywords = {"yes", "no", "up", "stop"};
    recipe.clips_per_keyword = 60;
    recipe.unknown_clips = 90;
    recipe.silence_clips = 30;
    recipe.most_voices = 14;
    return recipe;
}

class Generate : public testing::Test {
  protected:
    void SetUp() override {
        if (!has_espeak()) GTEST_SKIP() << "needs espeak-ng";
    }
};

void expect_every_label_in_every_split(const Dataset& dataset) {
    std::map<std::string, std::set<Split>> splits;
    for (const Clip& clip : dataset.clips) {
        splits[dataset.labels[clip.label]].insert(clip.split);
        EXPECT_EQ(clip.samples.size(), 16000u);
    }
    EXPECT_EQ(splits.size(), 6u);
    for (const auto& [label, heard] : splits) EXPECT_EQ(heard.size(), 4u) << label;
    EXPECT_GE(dataset.clips.size(), 350u);
}

void expect_no_voice_and_no_accent_on_two_sides(const Dataset& dataset) {
    EXPECT_NO_THROW(verify_splits(dataset));
    const auto& diversity = dataset.provenance["diversity"];
    std::set<std::string> hashes;
    for (const auto& voice : diversity["voices"]) EXPECT_TRUE(hashes.insert(voice["sha256"]).second);
    EXPECT_EQ(hashes.size(), diversity["voices_distinct"].get<std::size_t>());
    EXPECT_LE(diversity["voices_distinct"], diversity["voices_tried"]);
    EXPECT_EQ(diversity["voice_and_accent"]["pairs_used"], diversity["voice_and_accent"]["pairs_distinct"]);
    EXPECT_GE(hashes.size(), 10u);
}

TEST_F(Generate, UnknownWordsHoldNoKeywordAndNothingThatSoundsLikeOne) {
    KeywordRecipe recipe = small_recipe();
    recipe.most_voices = 6;
    recipe.unknown_words = default_unknown_words("en");
    recipe.unknown_words.push_back("know");
    recipe.unknown_words.push_back("stop");
    const Dataset dataset = generate_keywords(recipe);
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("know: sounds like a keyword")));
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("stop: sounds like a keyword")));
    EXPECT_EQ(dataset.provenance["diversity"]["unknown_words"], default_unknown_words("en").size());
}

void expect_true_track(const Dataset& dataset) {
    TrackRecipe recipe;
    recipe.words = 16;
    recipe.unknown_words = 4;
    const Track track = make_track(dataset, recipe);
    ASSERT_EQ(track.events.size(), 20u);
    std::map<std::string, int> said;
    std::int64_t last = 0;
    for (const TrackEvent& event : track.events) {
        ++said[event.word];
        EXPECT_GE(event.start_ms - last, 650);  // gap less the margins round both words
        EXPECT_GT(event.end_ms, event.start_ms);
        EXPECT_FALSE(event.group.empty());
        last = event.end_ms;
    }
    EXPECT_EQ(said["yes"], 4);
    EXPECT_EQ(said["unknown"], 4);
    EXPECT_LT(last, std::int64_t(track.samples.size() * 1000 / 16000));
    EXPECT_EQ(hash_samples(make_track(dataset, recipe).samples), hash_samples(track.samples));
    const Track read = track_from_json(to_json(track), track.samples, "x");
    EXPECT_EQ(read.events.size(), track.events.size());
    EXPECT_EQ(read.events[3].start_ms, track.events[3].start_ms);
}

void expect_negative_track(const Dataset& dataset) {
    TrackRecipe recipe;
    recipe.seconds = 120;
    const Track track = make_negative_track(dataset, recipe);
    EXPECT_GE(track.samples.size(), 120u * 16000);
    for (const TrackEvent& event : track.events) EXPECT_EQ(event.word, "unknown");
}

// One data set for several promises: ctest runs every test in a process of its own, and speaking takes
// seconds.
TEST_F(Generate, MakesADataSetWhoseSplitsShareNothingAndWhoseTracksAreTrue) {
    const Dataset dataset = generate_keywords(small_recipe());
    expect_every_label_in_every_split(dataset);
    expect_no_voice_and_no_accent_on_two_sides(dataset);
    expect_true_track(dataset);
    expect_negative_track(dataset);
}

TEST_F(Generate, TheSameSeedGivesTheSameSoundsWithOneProcessAndWithTwo) {
    KeywordRecipe recipe = small_recipe();
    recipe.most_voices = 6;
    const Dataset first = generate_keywords(recipe);
    recipe.processes = 1;
    const Dataset again = generate_keywords(recipe);
    ASSERT_EQ(again.clips.size(), first.clips.size());
    for (std::size_t i = 0; i < again.clips.size(); ++i)
        ASSERT_EQ(again.clips[i].sha256, first.clips[i].sha256) << i;
}

TEST_F(Generate, SpeaksPortugueseWithLettersThatHaveAccents) {
    KeywordRecipe recipe = small_recipe();
    recipe.most_voices = 6;
    recipe.language = "pt";
    recipe.keywords = {"sim", "não", "liga"};
    const Dataset dataset = generate_keywords(recipe);
    EXPECT_THAT(dataset.labels, Contains("não"));
    EXPECT_NO_THROW(verify_splits(dataset));
    for (const Clip& clip : dataset.clips)
        EXPECT_TRUE(clip.accent.empty() ||
                    clip.accent == (clip.split == Split::TestAccents ? "pt" : "pt-br"));
}

TEST_F(Generate, AnUnknownVariantHasTheFingerprintOfThePlainVoice) {
    const Speaker speaker("espeak-ng");
    EXPECT_EQ(speaker.fingerprint("en-us", "no-such-voice"), speaker.fingerprint("en-us", ""));
    EXPECT_NE(speaker.fingerprint("en-us", "f2"), speaker.fingerprint("en-us", ""));
}

TEST_F(Generate, ABatchGivesOneSoundPerWordWhateverTheMelody) {
    const Speaker speaker("espeak-ng");
    std::vector<Utterance> utterances;
    for (int rate : {75, 100, 165})
        for (const char* word : {"stop", "backpack", "a & b", "up"})
            for (const char* mark : {"", ".", "?", "!"}) utterances.push_back({word, rate, 20, -20, mark});
    const auto sounds = speaker.speak("en-us", "f2", utterances);
    ASSERT_EQ(sounds.size(), utterances.size());
    for (std::size_t i = 0; i < sounds.size(); ++i) EXPECT_GT(sounds[i].size(), 1000u) << utterances[i].word;
}

TEST(GenerateErrors, AMissingSpeakerIsSaidWithTheWayToGetIt) {
    KeywordRecipe recipe = small_recipe();
    recipe.program = "no-such-speaker";
    try {
        generate_keywords(recipe);
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("no-such-speaker: not installed"));
        EXPECT_THAT(error.hint(), HasSubstr("apt-get install espeak-ng"));
    }
}

TEST(GenerateErrors, UnusableRecipesAreRefused) {
    for (const auto& keywords :
         std::vector<std::vector<std::string>>{{}, {"yes"}, {"yes", "yes"}, {"yes", "unknown"}}) {
        KeywordRecipe recipe = small_recipe();
        recipe.keywords = keywords;
        EXPECT_THROW(generate_keywords(recipe), Error);
    }
    EXPECT_THROW(keyword_recipe_from_json({{"keyword", {"a"}}}, "x"), Error);
    EXPECT_THROW(keyword_recipe_from_json({{"seed", "one"}}, "x"), Error);
}

TEST(GenerateErrors, ARecipeReadsBackFromItsJson) {
    KeywordRecipe recipe = small_recipe();
    recipe.seed = 77;
    recipe.language = "pt";
    const auto json = to_json(recipe);
    EXPECT_EQ(to_json(keyword_recipe_from_json(json, "x")), json);
}

TEST(Noise, EveryKindHasRootMeanSquareOne) {
    for (NoiseKind kind : kNoiseKinds) {
        Rng rng(1);
        EXPECT_NEAR(root_mean_square(make_noise(kind, 16000, rng)), 1.0, 1e-3) << name(kind);
    }
}

TEST(Track, FindsAWordBetweenSilences) {
    Samples samples(16000, 0);
    for (int i = 5000; i < 9000; ++i)
        samples[std::size_t(i)] = static_cast<std::int16_t>(i % 2 ? 5000 : -5000);
    const auto [begin, end] = find_word(samples);
    EXPECT_NEAR(double(begin), 5000, 160);
    EXPECT_NEAR(double(end), 9000, 160);
}

}  // namespace
}  // namespace jatai
