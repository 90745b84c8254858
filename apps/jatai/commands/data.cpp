#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/error.h"
#include "src/data/generate.h"
#include "src/data/import.h"
#include "src/data/record.h"
#include "src/data/summary.h"
#include "src/data/wav.h"
#include "src/pipeline/project.h"

namespace jatai {
namespace {

void tell(const Dataset& dataset, Console& console) {
    for (const std::string& note : dataset.notes) console.note(note);
    const DatasetSummary summary = summarise(dataset);
    console.say(to_text(summary));
    console.result(to_json(summary));
}

void keep(const Dataset& dataset, const Project& project, Console& console) {
    verify_splits(dataset);
    save_dataset(dataset, project.data_dir(), console.progress());
    tell(dataset, console);
    console.say(text("next: jatai train {}", project.root.string()));
}

// A folder of labels, or something with an index.
bool has_index(const fs::path& source) {
    return !fs::is_directory(source) || fs::exists(source / "index.csv");
}

}  // namespace

int run_data_generate(const DataGenerateOptions& options, Console& console) {
    Project project = open_project(options.dir);
    if (options.clips != 0) project.settings.data.clips = options.clips;
    keep(generate_keywords(recipe_of(project.settings.data), console.progress()), project, console);
    return 0;
}

int run_data_import(const DataImportOptions& options, Console& console) {
    const Project project = open_project(options.dir);
    if (!fs::exists(options.source)) {
        throw Error{text("{}: no such folder or file", options.source.string()),
                    text("give a folder of labels, or a folder or archive with index.csv")};
    }
    ImportOptions import;
    if (!options.held_out.empty()) import.test_groups = {options.held_out};
    import.clip_samples = project.settings.features.clip_samples;
    const Dataset dataset = has_index(options.source)
                                ? import_index(options.source, import, console.progress())
                                : import_folder(options.source, import, console.progress());
    keep(dataset, project, console);
    return 0;
}

int run_data_record(const DataRecordOptions& options, Console& console) {
    console.note(text("recording {} s: speak now", options.seconds));
    const Samples samples = record(options.seconds, options.device, console.progress());
    write_wav(options.file, samples);
    console.say(text("{}: {} s recorded", options.file.string(), options.seconds));
    console.result(
        {{"file", options.file.string()}, {"samples", samples.size()}, {"rate_hz", kSampleRateHz}});
    return 0;
}

int run_data_show(const DataShowOptions& options, Console& console) {
    const fs::path folder =
        fs::exists(options.dir / "jatai.toml") ? open_project(options.dir).data_dir() : options.dir;
    tell(load_dataset(folder, console.progress()), console);
    return 0;
}

}  // namespace jatai
