// project.h: a project folder and its jatai.toml: what the flow is made from and where each thing lies.
//
//     Project project = open_project("my-words");
//     Dataset data = load_dataset(project.data_dir());
//     write_file(project.model_file(), model);
//
// Layout: jatai.toml, data/ (clips), features/, model/, build/<board>/, run/ (what the chip did), report/.
// Fails with Error naming file and line of jatai.toml, the key, what was found and what is expected.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/data/generate.h"
#include "src/features/feature_pipeline.h"

namespace jatai {

// [data]: what is spoken by `jatai data generate`.
struct DataSettings {
    std::vector<std::string> words;  // the keywords, in the order of the LEDs
    std::string voice_language = "en";
    std::uint32_t clips = 12000;  // of all labels together
    std::uint64_t seed = 1;
};

// [train]: see TrainConfig.
struct TrainSettings {
    std::string network = "ds_cnn_s";  // a name of src/train/networks.h
    std::uint32_t epochs = 24;
    std::uint32_t quantised_epochs = 2;
    std::uint32_t batch = 32;
    double learning_rate = 0.002;
    std::uint64_t seed = 1;
    std::uint32_t threads = 0;  // 0: as many as there are cores; the bytes do not depend on it
};

// [device]: how the keyword application listens.
struct DeviceSettings {
    std::string board = "nano33ble";
    std::uint32_t inferences_per_second = 5;
    double threshold = 0.7;
    std::uint32_t smoothing_ms = 600;
    std::uint32_t quiet_ms = 900;  // after an answer, before the next
};

struct Settings {
    std::string name;
    std::string keyword_template = "keyword";
    DataSettings data;
    FeatureSettings features;  // [features]: window, hop and clip are given in milliseconds there
    TrainSettings train;
    DeviceSettings device;
};

struct Project {
    fs::path root;
    Settings settings;

    fs::path data_dir() const { return root / "data"; }
    fs::path features_file() const { return root / "features" / "features.jft"; }
    fs::path model_dir() const { return root / "model"; }
    fs::path model_file() const { return model_dir() / "model.tflite"; }
    fs::path build_dir(const std::string& board) const { return root / "build" / board; }
    fs::path run_dir() const { return root / "run"; }
    fs::path report_dir() const { return root / "report"; }
};

std::vector<std::string> template_names();

// Writes jatai.toml and the empty layout. Fails when `dir` already holds a project, or on an unknown
// template. `words_language` is "en" or "pt": which words the template teaches, and in which language
// jatai.toml explains itself.
Project new_project(const std::string& template_name, const fs::path& dir, const std::string& words_language);

// Fails with Error when `dir` holds no jatai.toml, or a key there is unknown, of another type or out of
// range.
Project open_project(const fs::path& dir);

// What `jatai data generate` speaks for these settings.
KeywordRecipe recipe_of(const DataSettings& settings);

// Reads settings from the text of a jatai.toml; `place` names it in errors.
Settings parse_settings(const std::string& toml, const std::string& place);

}  // namespace jatai
