#include "src/data/import.h"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/data/archive.h"
#include "src/data/test_folder.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

Samples make_sound(std::uint64_t seed, std::size_t count = 8000) {
    Rng rng(seed);
    Samples samples;
    for (std::size_t i = 0; i < count; ++i) samples.push_back(static_cast<std::int16_t>(1000 * rng.normal()));
    return samples;
}

void write_words(const fs::path& folder, const std::string& label, int count, std::uint64_t seed = 0) {
    for (int i = 0; i < count; ++i)
        write_wav(folder / label / (std::to_string(i) + ".wav"),
                  make_sound(seed + std::hash<std::string>{}(label) + std::uint64_t(i)));
}

template <typename Call>
void expect_error(Call call, const std::string& what, const std::string& hint) {
    try {
        call();
        FAIL() << "expected: " << what;
    } catch (const Error& error) {
        EXPECT_THAT(error.what(), HasSubstr(what));
        EXPECT_THAT(error.hint(), HasSubstr(hint));
    }
}

void write_archive(const fs::path& path, const std::vector<std::pair<std::string, Bytes>>& files,
                   const std::string& link_to = "") {
    struct archive* a = archive_write_new();
    if (path.extension() == ".zip") {
        archive_write_set_format_zip(a);
    } else {
        archive_write_set_format_pax_restricted(a);
        archive_write_add_filter_xz(a);
    }
    ASSERT_EQ(archive_write_open_filename(a, path.c_str()), ARCHIVE_OK);
    for (const auto& [name, bytes] : files) {
        struct archive_entry* entry = archive_entry_new();
        archive_entry_set_pathname(entry, name.c_str());
        archive_entry_set_filetype(entry, link_to.empty() ? AE_IFREG : AE_IFLNK);
        if (!link_to.empty()) archive_entry_set_symlink(entry, link_to.c_str());
        archive_entry_set_size(entry, static_cast<la_int64_t>(link_to.empty() ? bytes.size() : 0));
        archive_entry_set_perm(entry, 0644);
        archive_write_header(a, entry);
        if (link_to.empty()) archive_write_data(a, bytes.data(), bytes.size());
        archive_entry_free(entry);
    }
    archive_write_close(a);
    archive_write_free(a);
}

TEST(ImportFolder, TakesAFolderPerLabelWithBlanksAndAccents) {
    const TestFolder folder;
    write_words(folder.path(), "olá mundo", 20);
    write_words(folder.path(), "não", 20);
    const Dataset dataset = import_folder(folder.path());
    EXPECT_THAT(dataset.labels, ElementsAre("não", "olá mundo", "silence"));
    std::set<Split> splits;
    for (const Clip& clip : dataset.clips) splits.insert(clip.split);
    EXPECT_THAT(splits, ElementsAre(Split::Train, Split::Val, Split::Test));
    EXPECT_NO_THROW(verify_splits(dataset));
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("no speakers named")));
    save_dataset(dataset, folder / "saved");
    EXPECT_EQ(load_dataset(folder / "saved").labels, dataset.labels);
}

TEST(ImportFolder, FoldersInsideALabelAreSpeakersAndStayOnOneSide) {
    const TestFolder folder;
    for (const char* speaker : {"ana", "bob", "cid", "dora", "eva", "gil"}) {
        write_words(folder.path(), std::string("sim/") + speaker, 5, 1);
        write_words(folder.path(), std::string("não/") + speaker, 5, 2);
    }
    const Dataset dataset = import_folder(folder.path());
    EXPECT_NO_THROW(verify_splits(dataset));
    EXPECT_EQ(dataset.provenance["split"], "by group");
    std::set<std::string> test, train;
    for (const Clip& clip : dataset.clips)
        if (!clip.group.empty()) (clip.split == Split::Test ? test : train).insert(clip.group);
    EXPECT_GE(test.size(), 1u);
    EXPECT_GE(train.size(), 2u);
}

TEST(ImportFolder, BackgroundSoundOfNobodyIsInEverySplitWhenSpeakersAreNamed) {
    TestFolder folder;
    for (int person = 0; person < 5; ++person) {
        for (const char* word : {"yes", "no"})
            write_words(folder.path() / word, "person" + std::to_string(person), 3,
                        std::uint64_t(100 * person) + std::hash<std::string>{}(word));
    }
    write_wav(folder.path() / "silence" / "kitchen.wav", make_sound(7, 30 * 16000));
    const Dataset dataset = import_folder(folder.path());
    std::map<Split, int> silent, spoken;
    for (const Clip& clip : dataset.clips) {
        ++(dataset.labels[clip.label] == kSilenceLabel ? silent : spoken)[clip.split];
    }
    for (const Split split : {Split::Train, Split::Val, Split::Test}) {
        EXPECT_GT(silent[split], 0) << name(split);
        EXPECT_GT(spoken[split], 0) << name(split);
    }
    EXPECT_NO_THROW(verify_splits(dataset));
}

TEST(ImportFolder, OneClassOnlyIsRefusedWithAWayOut) {
    const TestFolder folder;
    write_words(folder.path(), "yes", 20);
    expect_error([&] { import_folder(folder.path()); }, "one class only (yes)", "unknown");
}

TEST(ImportFolder, ThreeSamplesAreRefusedWithAWayOut) {
    const TestFolder folder;
    write_words(folder.path(), "yes", 20);
    write_words(folder.path(), "no", 3);
    expect_error([&] { import_folder(folder.path()); }, "3 recordings of \"no\", expected at least 8",
                 "jatai data record");
}

TEST(ImportFolder, AnEmptyOrMissingFolderIsRefused) {
    const TestFolder folder;
    expect_error([&] { import_folder(folder.path()); }, "no WAV files", "one folder per word");
    expect_error([&] { import_folder(folder / "nowhere"); }, "nowhere: not a folder", "name");
}

TEST(ImportFolder, ABrokenRecordingIsNamed) {
    const TestFolder folder;
    write_words(folder.path(), "yes", 10);
    write_words(folder.path(), "no", 10);
    write_text(folder / "no/99.wav", "not a wav at all");
    expect_error([&] { import_folder(folder.path()); }, "99.wav", "ffmpeg");
}

TEST(ImportFolder, EqualSoundsAreKeptOnceAndLongOnesKeepTheirLoudestSecond) {
    const TestFolder folder;
    write_words(folder.path(), "yes", 10);
    write_words(folder.path(), "no", 10);
    write_wav(folder / "yes/again.wav", read_wav(folder / "yes/0.wav").samples);
    Samples lengthy(48000, 0);
    const Samples loud = make_sound(5, 8000);
    std::copy(loud.begin(), loud.end(), lengthy.begin() + 20000);
    write_wav(folder / "yes/long.wav", lengthy);
    const Dataset dataset = import_folder(folder.path());
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("again.wav: the same sound as")));
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("long.wav: 3.0 s")));
    bool found = false;
    for (const Clip& clip : dataset.clips) {
        EXPECT_LE(clip.samples.size(), 16000u);
        if (clip.file.find("long") == std::string::npos) continue;
        found = std::search(clip.samples.begin(), clip.samples.end(), loud.begin(), loud.end()) !=
                clip.samples.end();
    }
    EXPECT_TRUE(found);
}

std::vector<std::pair<std::string, Bytes>> archive_files(const std::string& prefix = "") {
    std::vector<std::pair<std::string, Bytes>> files;
    std::string index = "file,label,group\n";
    for (int i = 0; i < 40; ++i) {
        const std::string name = "w/" + std::to_string(i) + ".wav";
        index += name + (i % 2 ? ",yes," : ",no,") + "s" + std::to_string(i % 5) + "\n";
        files.emplace_back(prefix + name, make_wav(make_sound(std::uint64_t(i))));
    }
    files.emplace_back(prefix + "index.csv", Bytes(index.begin(), index.end()));
    return files;
}

TEST(ImportIndex, ReadsAFolderAZipAndATar) {
    const TestFolder folder;
    for (const auto& [name, bytes] : archive_files()) write_file(folder / "plain" / name, bytes);
    write_archive(folder / "a.zip", archive_files());
    write_archive(folder / "a.tar.xz", archive_files("corpus/"));
    const Dataset plain = import_index(folder / "plain");
    EXPECT_EQ(plain.labels.size(), 3u);
    for (const char* name : {"a.zip", "a.tar.xz", "plain/index.csv"}) {
        const Dataset other = import_index(folder / name);
        ASSERT_EQ(other.clips.size(), plain.clips.size()) << name;
        for (std::size_t i = 0; i < plain.clips.size(); ++i) {
            EXPECT_EQ(other.clips[i].sha256, plain.clips[i].sha256) << name;
            EXPECT_EQ(other.clips[i].split, plain.clips[i].split) << name;
        }
    }
}

TEST(ImportIndex, HostileArchivesAreRefused) {
    const TestFolder folder;
    write_archive(folder / "up.zip", {{"../../evil.wav", make_wav(make_sound(1))}});
    expect_error([&] { import_index(folder / "up.zip"); }, "leaves its folder", "relative");
    write_archive(folder / "root.tar.xz", {{"/etc/evil.wav", make_wav(make_sound(1))}});
    expect_error([&] { import_index(folder / "root.tar.xz"); }, "leaves its folder", "relative");
    write_archive(folder / "link.tar.xz", {{"index.csv", {}}}, "/etc/passwd");
    expect_error([&] { import_index(folder / "link.tar.xz"); }, "link", "themselves");
    write_text(folder / "junk.zip", "this is no archive");
    expect_error([&] { import_index(folder / "junk.zip"); }, "cannot be unpacked", ".tar.xz");
}

TEST(ImportIndex, BadIndexesAreNamedByTheirLine) {
    const TestFolder folder;
    auto refuse = [&](const std::string& index, const std::string& what, const std::string& hint) {
        write_text(folder / "index.csv", index);
        expect_error([&] { import_index(folder.path()); }, what, hint);
    };
    refuse("file,label\na.wav,yes\n", "a.wav is not in", "column");
    refuse("file,lable\na.wav,yes\n", "no column label", "lable");
    refuse("file,label\n../a.wav,yes\n", "index.csv:2", "relative");
    refuse("file,label\na.wav,\n", "index.csv:2: no label", "label");
}

TEST(ImportIndex, SpokenDigitsSplitBySpeakerWithTheSpeakerAskedFor) {
    const fs::path folder = fs::path(JATAI_SHARED_DIR) / "data/audio/fsdd";
    if (!fs::exists(folder)) GTEST_SKIP() << "needs " << folder;
    ImportOptions options;
    options.test_groups = {"theo"};
    const Dataset dataset = import_index(folder, options);
    EXPECT_EQ(dataset.labels.size(), 11u);
    std::size_t spoken = 0, test = 0;
    for (const Clip& clip : dataset.clips) {
        if (dataset.labels[clip.label] == kSilenceLabel) continue;
        ++spoken;
        test += clip.split == Split::Test;
        EXPECT_EQ(clip.split == Split::Test, clip.group == "theo");
    }
    EXPECT_GE(spoken, 1490u);  // 1,500 less what is the same sound twice
    EXPECT_GE(test, 490u);
    EXPECT_NO_THROW(verify_splits(dataset));
    EXPECT_THAT(dataset.notes, Contains(HasSubstr("8000 Hz")));
    options.test_groups = {"teo"};
    expect_error([&] { import_index(folder, options); }, "teo", "theo");
}

}  // namespace
}  // namespace jatai
