#include "src/data/dataset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "src/base/error.h"
#include "src/data/csv.h"
#include "src/data/files.h"
#include "src/data/summary.h"
#include "src/data/test_folder.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Clip make_clip(std::uint32_t label, Split split, const std::string& group, std::int16_t value) {
    Clip clip;
    clip.samples.assign(1600, value);
    clip.label = label;
    clip.split = split;
    clip.group = group;
    clip.sha256 = hash_samples(clip.samples);
    clip.file = "clips/" + std::to_string(value) + ".wav";
    return clip;
}

Dataset make_dataset() {
    Dataset dataset;
    dataset.labels = {"olá mundo", "não"};
    dataset.clips = {make_clip(0, Split::Train, "ana", 1), make_clip(1, Split::Train, "ana", 2),
                     make_clip(0, Split::Val, "bob", 3), make_clip(1, Split::Test, "cid, \"o\" bom", 4)};
    dataset.provenance = {{"maker", "test"}};
    dataset.notes = {"a note"};
    return dataset;
}

TEST(Dataset, ReadsBackWhatItSaved) {
    const TestFolder folder;
    const Dataset dataset = make_dataset();
    save_dataset(dataset, folder / "set");
    const Dataset read = load_dataset(folder / "set");
    EXPECT_EQ(read.labels, dataset.labels);
    EXPECT_EQ(read.provenance, dataset.provenance);
    EXPECT_EQ(read.notes, dataset.notes);
    ASSERT_EQ(read.clips.size(), dataset.clips.size());
    for (std::size_t i = 0; i < read.clips.size(); ++i) {
        EXPECT_EQ(read.clips[i].samples, dataset.clips[i].samples);
        EXPECT_EQ(read.clips[i].label, dataset.clips[i].label);
        EXPECT_EQ(read.clips[i].split, dataset.clips[i].split);
        EXPECT_EQ(read.clips[i].group, dataset.clips[i].group);
        EXPECT_EQ(read.clips[i].sha256, dataset.clips[i].sha256);
    }
}

TEST(Dataset, SavingAgainReplacesItAndLeavesNothingElse) {
    const TestFolder folder;
    Dataset dataset = make_dataset();
    save_dataset(dataset, folder / "set");
    dataset.clips.pop_back();
    save_dataset(dataset, folder / "set");
    EXPECT_EQ(load_dataset(folder / "set").clips.size(), 3u);
    EXPECT_FALSE(fs::exists(folder / "set/clips/4.wav"));
    EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), {}), 1);
}

TEST(Dataset, DoesNotOverwriteAFolderOfOtherThings) {
    const TestFolder folder;
    write_text(folder / "set/diary.txt", "dear diary");
    EXPECT_THROW(save_dataset(make_dataset(), folder / "set"), Error);
    EXPECT_EQ(read_text(folder / "set/diary.txt"), "dear diary");
}

TEST(Dataset, AChangedClipIsSaidWhenRead) {
    const TestFolder folder;
    save_dataset(make_dataset(), folder / "set");
    write_wav(folder / "set/clips/1.wav", Samples(1600, 77));
    EXPECT_THAT(load_dataset(folder / "set").notes.back(), HasSubstr("clips/1.wav: changed"));
}

TEST(Dataset, AnIndexThatLeavesItsFolderIsRefused) {
    const TestFolder folder;
    save_dataset(make_dataset(), folder / "set");
    std::string index = read_text(folder / "set/index.csv");
    index.replace(index.find("clips/1.wav"), 11, "../../etc/x");
    write_text(folder / "set/index.csv", index);
    try {
        load_dataset(folder / "set");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("index.csv:2"));
        EXPECT_THAT(error.what(), HasSubstr("leaves its folder"));
    }
}

TEST(Dataset, LabelsSortWithUnknownAndSilenceLast) {
    Dataset dataset = make_dataset();
    dataset.labels = {"silence", "no"};
    label_index(dataset, "unknown");
    label_index(dataset, "yes");
    sort_labels(dataset);
    EXPECT_THAT(dataset.labels, ElementsAre("no", "yes", "unknown", "silence"));
    EXPECT_EQ(dataset.labels[dataset.clips[0].label], "silence");
    EXPECT_EQ(dataset.labels[dataset.clips[1].label], "no");
}

TEST(VerifySplits, AcceptsVoicesThatStayOnOneSide) { EXPECT_NO_THROW(verify_splits(make_dataset())); }

TEST(VerifySplits, FindsASoundInTwoSplits) {
    Dataset dataset = make_dataset();
    dataset.clips.push_back(make_clip(0, Split::Test, "dora", 1));
    EXPECT_THROW(verify_splits(dataset), Error);
}

TEST(VerifySplits, FindsAVoiceInTwoSplits) {
    Dataset dataset = make_dataset();
    dataset.clips.push_back(make_clip(0, Split::Test, "ana", 9));
    try {
        verify_splits(dataset);
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("ana"));
    }
}

TEST(VerifySplits, FindsAHeldOutAccentInTraining) {
    Dataset dataset = make_dataset();
    dataset.clips[0].accent = "scottish";
    dataset.clips.push_back(make_clip(0, Split::TestAccents, "dora", 9));
    dataset.clips.back().accent = "scottish";
    EXPECT_THROW(verify_splits(dataset), Error);
}

TEST(Csv, QuotesCommasAndLineEndsSurvive) {
    const std::vector<std::string> fields = {"a,b", "say \"hi\"", "two\nlines", "", "água"};
    const CsvTable table = parse_csv(make_csv_row({"1", "2", "3", "4", "5"}) + make_csv_row(fields), "x.csv");
    ASSERT_EQ(table.rows.size(), 1u);
    EXPECT_EQ(table.rows[0].fields, fields);
}

TEST(Csv, ARowOfAnotherWidthIsNamedByItsLine) {
    try {
        parse_csv("file,label\na,b\n\nc\n", "x.csv");
        FAIL() << "expected an error";
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr("x.csv:4: 1 columns, expected 2"));
    }
    EXPECT_THROW(parse_csv("", "x.csv"), Error);
    EXPECT_THROW(parse_csv("a,\"b\n", "x.csv"), Error);
}

TEST(Files, NamesOfLabelsAreSafeForFileSystems) {
    EXPECT_EQ(file_safe("olá mundo"), "olá_mundo");
    EXPECT_EQ(file_safe("a/b\\c:d"), "a_b_c_d");
    EXPECT_EQ(file_safe(".."), "_..");
    EXPECT_EQ(file_safe(""), "_");
    EXPECT_LE(file_safe(std::string(500, 'x')).size(), 100u);
}

TEST(Summary, CountsClipsVoicesAndMinutes) {
    const DatasetSummary summary = summarise(make_dataset());
    EXPECT_EQ(summary.clips, 4u);
    EXPECT_DOUBLE_EQ(summary.seconds, 0.4);
    EXPECT_EQ(summary.clips_by_label_and_split.at("não").at("test"), 1u);
    EXPECT_EQ(summary.groups_by_split.at("train"), 1u);
    EXPECT_THAT(to_text(summary), HasSubstr("olá mundo"));
    EXPECT_EQ(to_json(summary)["clips_by_split"]["train"], 2);
}

TEST(Summary, ASpectrogramShowsAToneInItsBand) {
    Samples tone;
    for (int n = 0; n < 8000; ++n) tone.push_back(n % 8 < 4 ? 20000 : -20000);  // 2 kHz
    const Spectrogram s = make_spectrogram(tone, 64, 160);
    EXPECT_EQ(s.rows, 50);
    const auto row = s.decibels.begin() + 10 * 64;
    EXPECT_EQ(std::max_element(row, row + 64) - row, 2000 / 125);
    EXPECT_GT(row[16], -10);
    EXPECT_LT(row[40], -30);
}

}  // namespace
}  // namespace jatai
