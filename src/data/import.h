// import.h: real recordings in.
//
//     Dataset a = import_folder("my-words");            // one folder per label, WAVs inside
//     Dataset b = import_index("corpus.zip");           // folder, .zip, .tar, .tar.xz … with index.csv:
//     file,label,group
//
// With an index the split is by group (speaker): a speaker is in one split only. Without groups
// (import_folder) it is by clip hash. Sub-folders of a label folder are groups: yes/ana/1.wav is said by
// "ana". Clips longer than a second keep the loudest second; shorter ones keep their length. Fails with Error
// (place: found, expected; hint): one class only, too few clips, missing files, bad index, paths that leave
// the folder. What was converted or skipped is said in Dataset::notes.
#pragma once

#include <optional>

#include "src/data/dataset.h"

namespace jatai {

struct ImportOptions {
    float val_share = 0.1f;
    float test_share = 0.2f;
    std::uint64_t seed = 1;
    std::vector<std::string> test_groups;  // when not empty: exactly these speakers are the test
    std::string file_column = "file";      // columns of index.csv
    std::string label_column;              // empty: label, then keyword, digit, word, class
    std::string group_column;              // empty: group, then speaker, voice, subject
    int clip_samples = kSampleRateHz;      // longest clip kept
    int silence_clips = -1;           // made from noise when no "silence" label is there; -1: as many as the
                                      // average label, 0: none
    std::optional<fs::path> archive;  // import_index of an index.csv whose files are in this archive
};

Dataset import_folder(const fs::path& folder, const ImportOptions& options = {},
                      const Progress& progress = {});

// `source`: a folder with index.csv (and WAVs, or one archive beside it), an archive holding index.csv, or
// index.csv.
Dataset import_index(const fs::path& source, const ImportOptions& options = {},
                     const Progress& progress = {});

constexpr std::size_t kFewestClips = 8;  // of a label that is to be learned

}  // namespace jatai
