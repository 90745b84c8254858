#include "src/data/dataset.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <fstream>
#include <map>
#include <set>

#include "device/sha256.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/data/csv.h"
#include "src/data/files.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr int kFormatVersion = 1;

std::string hex(const std::uint8_t (&digest)[kSha256Bytes]) {
    std::string result;
    for (std::uint8_t byte : digest) {
        result += "0123456789abcdef"[byte >> 4];
        result += "0123456789abcdef"[byte & 15];
    }
    return result;
}

int rank(const std::string& label) { return label == kSilenceLabel ? 2 : label == kUnknownLabel ? 1 : 0; }

std::string index_of(const Dataset& dataset) {
    std::string csv = make_csv_row({"file", "label", "group", "accent", "split", "samples", "sha256"});
    for (const Clip& clip : dataset.clips) {
        csv +=
            make_csv_row({clip.file, dataset.labels[clip.label], clip.group, clip.accent,
                          std::string(name(clip.split)), std::to_string(clip.samples.size()), clip.sha256});
    }
    return csv;
}

void write_folder(const Dataset& dataset, const fs::path& folder, const Progress& progress) {
    std::set<fs::path> made;
    for (std::size_t i = 0; i < dataset.clips.size(); ++i) {
        const Clip& clip = dataset.clips[i];
        const fs::path path = folder / clip.file;
        if (made.insert(path.parent_path()).second) make_folders(path.parent_path());
        // Not synced one by one: that would take minutes, and index.csv holds each clip's hash.
        const Bytes bytes = make_wav(clip.samples);
        std::ofstream file(path, std::ios::binary);
        file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
        file.close();
        if (!file) fail_to_write(path, errno);
        if (i % 64 == 0) report(progress, i, dataset.clips.size(), text("writing clips"));
    }
    write_text(folder / "index.csv", index_of(dataset));
    write_text(folder / "dataset.json", nlohmann::json{{"format", "jatai-dataset"},
                                                       {"version", kFormatVersion},
                                                       {"sample_rate_hz", kSampleRateHz},
                                                       {"labels", dataset.labels},
                                                       {"provenance", dataset.provenance},
                                                       {"notes", dataset.notes}}
                                                .dump(2) +
                                            "\n");
}

void read_header(Dataset& dataset, const fs::path& path) {
    const std::string place = path.string();
    try {
        const auto json = nlohmann::json::parse(read_text(path));
        if (json.at("format") != "jatai-dataset" || json.at("version") != kFormatVersion) {
            throw Error{text("{}: not a data set of version {}", place, kFormatVersion),
                        text("make it again: jatai data generate or jatai data import")};
        }
        dataset.labels = json.at("labels").get<std::vector<std::string>>();
        dataset.provenance = json.at("provenance");
        dataset.notes = json.at("notes").get<std::vector<std::string>>();
    } catch (const nlohmann::json::exception& error) {
        throw Error{text("{}: not readable as JSON: {}", place, error.what()),
                    text("make it again: jatai data generate or jatai data import")};
    }
}

bool says(const Dataset& dataset, const char* key, const char* value) {
    return dataset.provenance.is_object() && dataset.provenance.value(key, "") == std::string_view(value);
}

// Splits that may share voices count as one: both tests, and training with validation where the import said
// so.
Split side_of(const Dataset& dataset, Split split) {
    if (split == Split::TestAccents) return Split::Test;
    if (split == Split::Val && says(dataset, "validation", "training speakers")) return Split::Train;
    return split;
}

}  // namespace

std::string_view name(Split split) {
    constexpr std::string_view kNames[] = {"train", "val", "test", "test_accents"};
    return kNames[static_cast<int>(split)];
}

Split split_of(std::string_view wanted, const std::string& place) {
    std::vector<std::string> names;
    for (Split split : kAllSplits) {
        if (name(split) == wanted) return split;
        names.emplace_back(name(split));
    }
    throw Error{text("{}: unknown split {}", place, wanted), did_you_mean(wanted, names)};
}

std::string hash_bytes(ByteView bytes) {
    std::uint8_t digest[kSha256Bytes];
    sha256(bytes.data(), bytes.size(), digest);
    return hex(digest);
}

std::string hash_samples(std::span<const std::int16_t> samples) {
    static_assert(std::endian::native == std::endian::little);
    return hash_bytes({reinterpret_cast<const std::uint8_t*>(samples.data()), samples.size_bytes()});
}

std::uint32_t label_index(Dataset& dataset, const std::string& label) {
    const auto at = std::find(dataset.labels.begin(), dataset.labels.end(), label);
    const auto index = static_cast<std::uint32_t>(at - dataset.labels.begin());
    if (at == dataset.labels.end()) dataset.labels.push_back(label);
    return index;
}

void sort_labels(Dataset& dataset) {
    const std::vector<std::string> old = dataset.labels;
    std::sort(dataset.labels.begin(), dataset.labels.end(), [](const auto& a, const auto& b) {
        return std::pair(rank(a), std::string_view(a)) < std::pair(rank(b), std::string_view(b));
    });
    std::vector<std::uint32_t> moved;
    for (const std::string& label : old) moved.push_back(label_index(dataset, label));
    for (Clip& clip : dataset.clips) clip.label = moved[clip.label];
}

Dataset load_dataset(const fs::path& folder, const Progress& progress) {
    Dataset dataset;
    read_header(dataset, folder / "dataset.json");
    const fs::path index = folder / "index.csv";
    const CsvTable table = parse_csv(read_text(index), index.string());
    const std::size_t file = table.column("file"), label = table.column("label");
    const std::size_t group = table.column("group"), accent = table.column("accent");
    const std::size_t split = table.column("split"), sha = table.column("sha256");
    for (const CsvRow& row : table.rows) {
        const std::string place = index.string() + ":" + std::to_string(row.line);
        const auto known = std::find(dataset.labels.begin(), dataset.labels.end(), row.fields[label]);
        if (known == dataset.labels.end()) {
            throw Error{text("{}: unknown label {}", place, row.fields[label]),
                        did_you_mean(row.fields[label], dataset.labels)};
        }
        Clip clip;
        clip.label = static_cast<std::uint32_t>(known - dataset.labels.begin());
        clip.file = row.fields[file];
        clip.group = row.fields[group];
        clip.accent = row.fields[accent];
        clip.split = split_of(row.fields[split], place);
        clip.samples = read_wav(folder / safe_relative(clip.file, place)).samples;
        clip.sha256 = hash_samples(clip.samples);
        if (clip.sha256 != row.fields[sha]) {
            dataset.notes.push_back(text("{}: changed since the data set was made", clip.file));
        }
        dataset.clips.push_back(std::move(clip));
        if (row.line % 64 == 0) report(progress, row.line, table.rows.size(), text("reading clips"));
    }
    return dataset;
}

void save_dataset(const Dataset& dataset, const fs::path& folder, const Progress& progress) {
    const fs::path target = fs::weakly_canonical(folder);
    const bool exists = fs::exists(target);
    if (exists && !fs::exists(target / "dataset.json") && !fs::is_empty(target)) {
        throw Error{text("{}: not empty and not a data set, expected a new folder", folder.string()),
                    text("choose another folder")};
    }
    TemporaryFolder building(target);
    write_folder(dataset, building.path(), progress);
    building.rename_to(target);
}

void verify_splits(const Dataset& dataset) {
    std::map<std::string, const Clip*> by_hash;
    std::map<std::string, const Clip*> by_group;
    std::map<std::string, const Clip*> by_accent;
    const bool by_clip = says(dataset, "split", "by clip");
    for (const Clip& clip : dataset.clips) {
        const Clip& same = *by_hash.emplace(clip.sha256, &clip).first->second;
        if (same.split != clip.split) {
            throw Error{text("{} ({}) and {} ({}) are the same sound, expected each sound in one split",
                             same.file, name(same.split), clip.file, name(clip.split)),
                        text("remove one of the two")};
        }
        if (!clip.group.empty() && !by_clip) {
            const Clip& voice = *by_group.emplace(clip.group, &clip).first->second;
            if (side_of(dataset, voice.split) != side_of(dataset, clip.split)) {
                throw Error{
                    text("voice {} is in {} and in {}, expected each voice in one split", clip.group,
                         name(voice.split), name(clip.split)),
                    text("split by voice: jatai data import does so when index.csv has a group column")};
            }
        }
        if (clip.accent.empty()) continue;
        const Clip& accent = *by_accent.emplace(clip.accent, &clip).first->second;
        if ((accent.split == Split::TestAccents) != (clip.split == Split::TestAccents)) {
            throw Error{text("accent {} is in {} and in {}, expected it held out or not", clip.accent,
                             name(accent.split), name(clip.split)),
                        text("make the data set again: jatai data generate")};
        }
    }
}

}  // namespace jatai
