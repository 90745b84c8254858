#include "src/data/import.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "src/base/error.h"
#include "src/base/rng.h"
#include "src/base/suggest.h"
#include "src/data/archive.h"
#include "src/data/csv.h"
#include "src/data/files.h"
#include "src/data/scene.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr std::size_t kMostNotes = 20;  // of one kind; the rest are counted

// A recording before it is read.
struct Entry {
    std::string file;  // as the index or folder names it
    std::string label;
    std::string group;
    std::string place;  // for errors
};

std::string lower(std::string word) {
    for (char& c : word) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    return word;
}

bool is_wav(const fs::path& path) { return lower(path.extension().string()) == ".wav"; }

// Folders that data sets carry beside their labels: background sound belongs to silence.
std::string label_of_folder(const std::string& folder) {
    return folder == "_background_noise_" || folder == "_silence_" ? kSilenceLabel
           : folder == "_unknown_"                                 ? kUnknownLabel
                                                                   : folder;
}

std::vector<fs::path> sorted_entries(const fs::path& folder) {
    std::error_code error;
    std::vector<fs::path> paths;
    for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
        if (it->path().filename().string()[0] != '.') paths.push_back(it->path());
    }
    if (error) throw Error{text("{}: cannot be listed: {}", folder.string(), error.message())};
    std::sort(paths.begin(), paths.end());
    return paths;
}

void list_label(const fs::path& folder, const fs::path& root, const std::string& label,
                const std::string& group, std::vector<Entry>& entries) {
    for (const fs::path& path : sorted_entries(folder)) {
        if (fs::is_directory(path)) {
            if (group.empty()) list_label(path, root, label, path.filename().string(), entries);
        } else if (is_wav(path)) {
            entries.push_back({fs::relative(path, root).generic_string(), label, group, path.string()});
        }
    }
}

std::size_t choose_column(const CsvTable& table, const std::string& wanted,
                          const std::vector<std::string>& usual) {
    if (!wanted.empty()) return table.column(wanted);
    for (const std::string& name : usual) {
        if (const auto at = table.find(name)) return *at;
    }
    return table.column(usual.front());
}

std::vector<Entry> list_index(const CsvTable& table, const ImportOptions& options) {
    const std::vector<std::string> usual_groups = {"group", "speaker", "voice", "subject"};
    const std::size_t file = table.column(options.file_column);
    const std::size_t label =
        choose_column(table, options.label_column, {"label", "keyword", "digit", "word", "class"});
    const bool has_group = !options.group_column.empty() ||
                           std::any_of(usual_groups.begin(), usual_groups.end(),
                                       [&](const std::string& name) { return table.find(name).has_value(); });
    const std::size_t group = has_group ? choose_column(table, options.group_column, usual_groups) : 0;
    std::vector<Entry> entries;
    for (const CsvRow& row : table.rows) {
        const std::string place = table.place + ":" + std::to_string(row.line);
        if (row.fields[label].empty()) {
            throw Error{text("{}: no label", place), text("every row needs a file and a label")};
        }
        entries.push_back({safe_relative(row.fields[file], place).generic_string(), row.fields[label],
                           has_group ? row.fields[group] : "", place});
    }
    return entries;
}

// The clips of a data set under construction, with what is to be said about them.
class Intake {
  public:
    Intake(Dataset& dataset, const ImportOptions& options) : dataset_(dataset), options_(options) {}

    void add(const Entry& entry, const Recording& recording) {
        for (const std::string& note : recording.notes) take_note(note, converted_);
        std::span<const std::int16_t> samples = recording.samples;
        const auto longest = static_cast<std::size_t>(options_.clip_samples);
        if (entry.label == kSilenceLabel) {
            // Long background sound is many clips.
            for (std::size_t at = 0; at < samples.size(); at += longest) {
                add_clip(entry, samples.subspan(at, std::min(longest, samples.size() - at)), at / longest);
            }
            return;
        }
        if (samples.size() > longest) {
            take_note(text("{}: {:.1f} s, kept its loudest {:.1f} s", entry.file,
                           double(samples.size()) / kSampleRateHz, double(longest) / kSampleRateHz),
                      shortened_);
            samples = loudest_part(samples, longest);
        }
        add_clip(entry, samples, 0);
    }

    void finish() {
        for (const auto* notes : {&converted_, &shortened_, &skipped_}) {
            const std::size_t shown = std::min(notes->size(), kMostNotes);
            dataset_.notes.insert(dataset_.notes.end(), notes->begin(),
                                  notes->begin() + static_cast<long>(shown));
            if (notes->size() > shown) {
                dataset_.notes.push_back(text("… and {} more like the last", notes->size() - shown));
            }
        }
    }

  private:
    static void take_note(const std::string& note, std::vector<std::string>& notes) { notes.push_back(note); }

    void add_clip(const Entry& entry, std::span<const std::int16_t> samples, std::size_t part) {
        Clip clip;
        clip.samples.assign(samples.begin(), samples.end());
        clip.label = label_index(dataset_, entry.label);
        clip.split = Split::Train;
        clip.group = entry.group;
        clip.sha256 = hash_samples(clip.samples);
        const auto [same, is_new] = first_with_.emplace(clip.sha256, entry.file);
        if (!is_new) {
            take_note(text("{}: the same sound as {}, left out", entry.file, same->second), skipped_);
            return;
        }
        clip.file = fmt::format("clips/{}/{:05}_{}{}.wav", file_safe(entry.label), dataset_.clips.size(),
                                file_safe(fs::path(entry.file).stem().string()),
                                part > 0 ? "_" + std::to_string(part) : "");
        dataset_.clips.push_back(std::move(clip));
    }

    Dataset& dataset_;
    const ImportOptions& options_;
    std::map<std::string, std::string> first_with_;
    std::vector<std::string> converted_, shortened_, skipped_;
};

std::map<std::string, std::size_t> count_labels(const Dataset& dataset) {
    std::map<std::string, std::size_t> counts;
    for (const Clip& clip : dataset.clips) ++counts[dataset.labels[clip.label]];
    return counts;
}

void check_enough(const Dataset& dataset, const std::string& place) {
    const auto counts = count_labels(dataset);
    if (counts.empty()) {
        throw Error{
            text("{}: no WAV files found", place),
            text("make one folder per word and put its recordings inside: yes/1.wav, yes/2.wav, no/1.wav")};
    }
    std::size_t words = 0;
    for (const auto& [label, count] : counts) words += label != kSilenceLabel;
    if (words < 2) {
        throw Error{
            text("{}: one class only ({}), expected two or more", place, counts.begin()->first),
            text("a model needs something to tell apart: add a folder with another word, or one named "
                 "unknown with other words")};
    }
    for (const auto& [label, count] : counts) {
        if (count >= kFewestClips || label == kSilenceLabel) continue;
        throw Error{
            text("{}: {} recordings of \"{}\", expected at least {}", place, count, label, kFewestClips),
            text("record more: jatai data record more.wav; 50 or more from several people work well")};
    }
}

// Whole groups go to test and validation until each has its share of the clips.
void split_by_group(Dataset& dataset, const ImportOptions& options) {
    std::map<std::string, std::size_t> sizes;
    for (const Clip& clip : dataset.clips) {
        if (!clip.group.empty()) ++sizes[clip.group];
    }
    std::vector<std::string> order;
    for (const auto& [group, size] : sizes) order.push_back(group);
    Rng rng(options.seed);
    rng.shuffle(order);
    std::map<std::string, Split> side;
    if (!options.test_groups.empty()) {
        for (const std::string& group : options.test_groups) {
            if (sizes.count(group) == 0) {
                throw Error{text("no recordings of \"{}\"", group), did_you_mean(group, order)};
            }
            side[group] = Split::Test;
        }
    }
    const auto fill = [&](Split split, float share) {
        auto wanted = static_cast<long>(std::lround(static_cast<float>(dataset.clips.size()) * share));
        for (const std::string& group : order) {
            // Two groups must stay for training and the next split; with few groups, clips are split instead.
            if (wanted <= 0 || side.size() + 1 >= order.size()) break;
            if (side.count(group) > 0) continue;
            side[group] = split;
            wanted -= static_cast<long>(sizes[group]);
        }
    };
    if (options.test_groups.empty()) fill(Split::Test, options.test_share);
    if (order.size() - side.size() >= 4) fill(Split::Val, options.val_share);
    for (Clip& clip : dataset.clips) clip.split = side.count(clip.group) ? side[clip.group] : Split::Train;
}

// A number in [0, 1) that only the sound decides, so a clip stays in its split when others are added.
float draw_of(const Clip& clip, std::uint64_t seed) {
    const std::uint64_t bits = std::stoull(clip.sha256.substr(0, 16), nullptr, 16);
    return Rng(bits ^ seed).uniform();
}

enum class Whose { Anyones, Somebodys, Nobodys };  // with or without a named speaker

bool belongs(const Clip& clip, Whose whose) {
    return whose == Whose::Anyones || clip.group.empty() == (whose == Whose::Nobodys);
}

// Of the clips for training every label gives its share to each split, in order of a draw from the clip's
// hash.
void split_by_clip(Dataset& dataset, Whose whose, const std::vector<std::pair<Split, float>>& shares,
                   std::uint64_t seed) {
    for (std::uint32_t label = 0; label < dataset.labels.size(); ++label) {
        std::vector<std::pair<float, Clip*>> clips;
        for (Clip& clip : dataset.clips) {
            const bool chosen = clip.label == label && clip.split == Split::Train && belongs(clip, whose);
            if (chosen) clips.emplace_back(draw_of(clip, seed), &clip);
        }
        std::sort(clips.begin(), clips.end());
        std::size_t at = 0;
        for (const auto& [split, share] : shares) {
            const auto wanted =
                std::max<std::size_t>(1, std::size_t(std::lround(double(clips.size()) * double(share))));
            for (std::size_t i = 0; i < wanted && at + 1 < clips.size(); ++i)
                clips[at++].second->split = split;
        }
    }
}

bool has_split(const Dataset& dataset, Split split) {
    return std::any_of(dataset.clips.begin(), dataset.clips.end(),
                       [&](const Clip& c) { return c.split == split; });
}

std::size_t count_groups(const Dataset& dataset) {
    std::set<std::string> groups;
    for (const Clip& clip : dataset.clips) {
        if (!clip.group.empty()) groups.insert(clip.group);
    }
    return groups.size();
}

bool has_unnamed_words(const Dataset& dataset) {
    return std::any_of(dataset.clips.begin(), dataset.clips.end(), [&](const Clip& clip) {
        return clip.group.empty() && dataset.labels[clip.label] != kSilenceLabel;
    });
}

void split(Dataset& dataset, const ImportOptions& options) {
    const bool by_group = count_groups(dataset) >= 2;
    const std::vector<std::pair<Split, float>> test_and_val = {{Split::Test, options.test_share},
                                                               {Split::Val, options.val_share}};
    if (by_group) {
        split_by_group(dataset, options);
        // With a handful of speakers validation takes clips of the training speakers: it steers training, it
        // is no proof.
        if (!has_split(dataset, Split::Val)) {
            split_by_clip(dataset, Whose::Somebodys, {{Split::Val, options.val_share}}, options.seed);
            dataset.provenance["validation"] = "training speakers";
            dataset.notes.push_back(
                text("few speakers: validation takes other recordings of the training speakers"));
        }
        // Background sound is nobody's voice: every split needs its share.
        split_by_clip(dataset, Whose::Nobodys, test_and_val, options.seed);
    } else {
        split_by_clip(dataset, Whose::Anyones, test_and_val, options.seed);
    }
    if (!by_group || has_unnamed_words(dataset)) {
        dataset.notes.push_back(
            text("no speakers named: split by recording, so the test may hold voices that "
                 "training heard"));
    }
    dataset.provenance["split"] = by_group ? "by group" : "by clip";
}

// Silence a model must know: noise of several kinds, in every split as large as its average word.
void add_silence(Dataset& dataset, const ImportOptions& options) {
    const auto counts = count_labels(dataset);
    if (options.silence_clips == 0 || counts.count(kSilenceLabel) > 0) return;
    std::map<Split, std::size_t> sizes;
    for (const Clip& clip : dataset.clips) ++sizes[clip.split];
    const std::size_t all = dataset.clips.size();
    const std::uint32_t label = label_index(dataset, kSilenceLabel);
    const Rng root(options.seed ^ 0x51E7ull);
    for (const auto& [split, size] : sizes) {
        const std::size_t wanted =
            options.silence_clips < 0
                ? (size + counts.size() - 1) / counts.size()
                : (static_cast<std::size_t>(options.silence_clips) * size + all - 1) / all;
        for (std::size_t i = 0; i < wanted; ++i) {
            Rng rng = root.fork(dataset.clips.size());
            Clip clip;
            clip.samples = make_noise_scene(rng);
            clip.samples.resize(
                std::min<std::size_t>(clip.samples.size(), std::size_t(options.clip_samples)));
            clip.label = label;
            clip.split = split;
            clip.sha256 = hash_samples(clip.samples);
            clip.file = fmt::format("clips/{}/{}_{:05}.wav", kSilenceLabel, name(split), i);
            dataset.clips.push_back(std::move(clip));
        }
    }
    dataset.notes.push_back(
        text("no recordings of silence: {} clips of noise were made", count_labels(dataset)[kSilenceLabel]));
}

void complete(Dataset& dataset, Intake& intake, const std::string& source, const ImportOptions& options) {
    intake.finish();
    check_enough(dataset, source);
    dataset.provenance = {{"maker", "jatai data import"}, {"source", source}, {"seed", options.seed}};
    split(dataset, options);
    add_silence(dataset, options);
    sort_labels(dataset);
}

[[noreturn]] void fail_missing(const Entry& entry, const std::string& where) {
    throw Error{text("{}: {} is not in {}", entry.place, entry.file, where),
                text("check the file column, or put the recordings beside index.csv")};
}

// The one archive that stands beside an index.
std::optional<fs::path> find_archive(const fs::path& folder) {
    std::vector<fs::path> found;
    for (const fs::path& path : sorted_entries(folder)) {
        if (fs::is_regular_file(path) && is_archive(path)) found.push_back(path);
    }
    if (found.size() > 1) {
        throw Error{text("{}: {} archives beside index.csv, expected one", folder.string(), found.size()),
                    text("name the archive itself, with index.csv inside")};
    }
    return found.empty() ? std::nullopt : std::optional(found.front());
}

// The folder of an archive that the index's names are relative to: where index.csv lies, or the one top
// folder.
std::string find_root(const std::map<std::string, Bytes>& files) {
    for (const auto& [name, bytes] : files) {
        if (fs::path(name).filename() == "index.csv") return fs::path(name).parent_path().generic_string();
    }
    std::set<std::string> tops;
    for (const auto& [name, bytes] : files) tops.insert(name.substr(0, name.find('/')));
    return tops.size() == 1 && tops.count(files.begin()->first) == 0 ? *tops.begin() : "";
}

void read_entries(const std::vector<Entry>& entries, const std::map<std::string, Bytes>& files,
                  const fs::path& archive, Intake& intake, const Progress& progress) {
    const std::string root = find_root(files);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        auto file = files.find(root.empty() ? entries[i].file : root + "/" + entries[i].file);
        if (file == files.end()) file = files.find(entries[i].file);
        if (file == files.end()) fail_missing(entries[i], archive.string());
        intake.add(entries[i], parse_wav(file->second, entries[i].file));
        report(progress, i + 1, entries.size(), text("reading recordings"));
    }
}

std::string index_inside(const std::map<std::string, Bytes>& files, const fs::path& archive) {
    for (const auto& [name, bytes] : files) {
        if (fs::path(name).filename() == "index.csv") return {bytes.begin(), bytes.end()};
    }
    throw Error{text("{}: no index.csv inside", archive.string()), text("first line: file,label,group")};
}

}  // namespace

Dataset import_folder(const fs::path& folder, const ImportOptions& options, const Progress& progress) {
    if (!fs::is_directory(folder)) {
        throw Error{text("{}: not a folder, expected one folder per label inside it", folder.string()),
                    text("check the name")};
    }
    std::vector<Entry> entries;
    for (const fs::path& path : sorted_entries(folder)) {
        if (fs::is_directory(path))
            list_label(path, folder, label_of_folder(path.filename().string()), "", entries);
    }
    Dataset dataset;
    Intake intake(dataset, options);
    for (std::size_t i = 0; i < entries.size(); ++i) {
        intake.add(entries[i], read_wav(folder / entries[i].file));
        report(progress, i + 1, entries.size(), text("reading recordings"));
    }
    complete(dataset, intake, folder.string(), options);
    return dataset;
}

Dataset import_index(const fs::path& source, const ImportOptions& options, const Progress& progress) {
    if (!fs::exists(source)) {
        throw Error{text("{}: not found, expected a folder, an archive or index.csv", source.string()),
                    text("check the name")};
    }
    const bool packed = is_archive(source);
    const fs::path index = fs::is_directory(source) ? source / "index.csv" : source;
    std::optional<fs::path> archive = packed ? std::optional(source) : options.archive;
    if (!packed && !archive) archive = find_archive(index.has_parent_path() ? index.parent_path() : ".");
    std::map<std::string, Bytes> files;
    if (archive) {
        read_archive(*archive, [&](const std::string& name, Bytes bytes) { files[name] = std::move(bytes); });
    }
    const std::string content = packed ? index_inside(files, source) : read_text(index);
    const std::vector<Entry> entries = list_index(parse_csv(content, index.string()), options);
    Dataset dataset;
    Intake intake(dataset, options);
    if (archive) {
        read_entries(entries, files, *archive, intake, progress);
    } else {
        for (std::size_t i = 0; i < entries.size(); ++i) {
            const fs::path path = index.parent_path() / entries[i].file;
            if (!fs::exists(path)) fail_missing(entries[i], index.parent_path().string());
            intake.add(entries[i], read_wav(path));
            report(progress, i + 1, entries.size(), text("reading recordings"));
        }
    }
    complete(dataset, intake, source.string(), options);
    return dataset;
}

}  // namespace jatai
