#include "src/pipeline/train_project.h"

#include <thread>

#include "src/base/error.h"
#include "src/graph/tflite.h"
#include "src/package/pack.h"

namespace jatai {
namespace {

unsigned threads_of(const Settings& settings) {
    return settings.train.threads != 0 ? settings.train.threads
                                       : std::max(1u, std::thread::hardware_concurrency());
}

train::TrainConfig config_of(const Project& project) {
    const TrainSettings& s = project.settings.train;
    train::TrainConfig config;
    config.network = s.network;
    config.seed = s.seed;
    config.threads = static_cast<int>(threads_of(project.settings));
    config.epochs = static_cast<int>(s.epochs);
    config.qat_epochs = static_cast<int>(s.quantised_epochs);
    config.batch_size = static_cast<int>(s.batch);
    config.learning_rate = static_cast<float>(s.learning_rate);
    config.checkpoint = project.model_dir() / "checkpoint.bin";
    return config;
}

Dataset require_dataset(const Project& project, const Progress& progress) {
    if (!fs::exists(project.data_dir() / "index.csv")) {
        throw Error{text("{}: no recordings yet", project.data_dir().string()),
                    text("make some: jatai data generate {0}, or bring yours: jatai data import FOLDER {0}",
                         project.root.string())};
    }
    return load_dataset(project.data_dir(), progress);
}

std::string lines(const std::vector<std::string>& labels) {
    std::string all;
    for (const auto& label : labels) all += label + "\n";
    return all;
}

// The model brings its front end and its labels along: a package made from it needs nothing else.
void carry_front_end(Graph& graph, const FeaturePipeline& front_end, const std::vector<std::string>& labels) {
    const Bytes& blob = front_end.blob();
    const auto known = [](const auto& entry) {
        return entry.first == sections::kFeatures || entry.first == sections::kLabels;
    };
    std::erase_if(graph.metadata, known);
    graph.metadata.emplace_back(sections::kFeatures, std::string(blob.begin(), blob.end()));
    graph.metadata.emplace_back(sections::kLabels, lines(labels));
}

nlohmann::json scores_json(const train::TrainResult& result, const FeatureSet& features) {
    nlohmann::json all;
    const auto add = [&](const char* name, const train::SplitScores& scores) {
        for (const Split split : kAllSplits) {
            const train::Score& score = scores[static_cast<std::size_t>(split)];
            if (score.all.samples != 0)
                all[name][std::string(jatai::name(split))] = to_json(score, features.labels);
        }
    };
    add("float", result.float_scores);
    add("int8", result.int8_scores);
    add("int8_without_training", result.ptq_scores);
    all["labels"] = features.labels;
    return all;
}

void save_model(const Project& project, const train::TrainResult& result, const FeaturePipeline& front_end,
                const FeatureSet& features, Trained& trained) {
    Graph graph = result.graph;
    carry_front_end(graph, front_end, features.labels);
    const Bytes model = write_tflite(graph);
    trained.sha256 = hash_bytes(model);
    trained.scores = scores_json(result, features);
    trained.scores["model_sha256"] = trained.sha256;
    write_text(project.model_dir() / "front_end.json", front_end.to_json().dump(2));
    write_text(project.model_dir() / "scores.json", trained.scores.dump(2));
    write_file(project.model_file(), model);
    std::error_code ignored;
    fs::remove(project.model_dir() / "checkpoint.bin", ignored);
}

}  // namespace

FeaturePipeline front_end_of(const Project& project) {
    const fs::path file = project.model_dir() / "front_end.json";
    if (!fs::exists(file)) {
        throw Error{text("{}: not there", file.string()),
                    text("train first: jatai train {}", project.root.string())};
    }
    const auto saved = nlohmann::json::parse(read_text(file), nullptr, false);
    if (saved.is_discarded())
        throw Error{text("{}: not JSON", file.string()),
                    text("train again: jatai train {}", project.root.string())};
    return FeaturePipeline::from_json(saved, file.string());
}

Graph train_quickly(const Project& project, const FeatureSet& features, std::uint32_t epochs,
                    const Progress& progress) {
    train::TrainConfig config = config_of(project);
    config.epochs = static_cast<int>(epochs);
    config.qat_epochs = 0;
    config.checkpoint.clear();
    Graph graph = train::train(features, config, progress).graph;
    carry_front_end(graph, front_end_of(project), features.labels);
    return graph;
}

Trained train_project(const Project& project, const Progress& progress, const std::atomic<bool>* stop) {
    const Dataset dataset = require_dataset(project, progress);
    verify_splits(dataset);
    FeaturePipeline front_end(project.settings.features);
    front_end.fit(dataset);
    const FeatureSet features = front_end.extract(dataset, threads_of(project.settings), progress);
    save_feature_set(features, project.features_file());

    const train::TrainResult result = train::train(features, config_of(project), progress, stop);
    Trained trained;
    trained.finished = result.finished;
    trained.resumed = result.resumed;
    trained.history = to_json(result.history);
    write_text(project.model_dir() / "history.json", trained.history.dump(2));
    if (result.finished) save_model(project, result, front_end, features, trained);
    return trained;
}

}  // namespace jatai
