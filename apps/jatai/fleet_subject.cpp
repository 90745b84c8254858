#include "apps/jatai/fleet_subject.h"

#include "apps/jatai/home.h"
#include "src/base/error.h"
#include "src/features/feature_set.h"
#include "src/graph/tflite.h"
#include "src/package/scratch_folder.h"
#include "src/pipeline/board_run.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/train_project.h"

namespace jatai {
namespace {

constexpr std::uint32_t kWorsePasses = 2;
constexpr std::size_t kEarlyClips = 24000, kMostInputs = 300, kSlip = 37;

FeatureSet features_of(const Project& project) {
    if (!fs::exists(project.features_file()) || !fs::exists(project.model_file())) {
        throw Error{text("{}: no trained model in this project", project.root.string()),
                    text("train first: jatai train {}", project.root.string())};
    }
    return load_feature_set(project.features_file());
}

Bytes package_of(const Graph& graph, const Board& board) {
    const ScratchFolder folder;
    const fs::path file = folder.path() / "model.tflite";
    write_file(file, write_tflite(graph));
    return package_for(open_model(file), board);
}

// So many that the network saw some 24,000 clips, and fewer than the project's own training had.
std::uint32_t early_passes(const Project& project, const FeatureSet& features) {
    const std::size_t clips = features.indices(Split::Train).size() + 1;
    const auto passes = static_cast<std::uint32_t>(kEarlyClips / clips + 1);
    return std::max(1u, std::min(passes, project.settings.train.epochs * 2 / 3));
}

// A column of labels that slipped by some rows: of the training clips only, so that scores stay true.
FeatureSet with_slipped_labels(FeatureSet features) {
    const std::vector<std::size_t> clips = features.indices(Split::Train);
    const std::vector<std::uint16_t> labels = features.y;
    for (std::size_t i = 0; i < clips.size(); ++i)
        features.y[clips[i]] = labels[clips[(i * kSlip + kSlip) % clips.size()]];
    return features;
}

// What the simulated microphones hear: clips of voices that no version was trained on, evenly chosen.
void add_inputs(const FeatureSet& features, FieldSubject& subject) {
    const std::vector<std::size_t> clips = features.indices(Split::Test);
    const std::size_t step = clips.size() / kMostInputs + 1;
    for (std::size_t i = 0; i < clips.size(); i += step) {
        const auto row = features.row(clips[i]);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(row.data());
        subject.inputs.emplace_back(bytes, bytes + row.size());
        subject.right.push_back(features.y[clips[i]]);
    }
    if (subject.inputs.empty())
        throw Error{text("no clips are kept for testing"), text("jatai data show says how they are split")};
}

}  // namespace

FieldSubject keyword_subject(const Project& project, Console& console) {
    const FeatureSet features = features_of(project);
    const Board board = load_board(project.settings.device.board, home().boards);
    FieldSubject subject;
    subject.board = board.id;
    subject.model = "keyword";
    add_inputs(features, subject);
    subject.good = package_for(open_model(project.model_file()), board);
    const BoardRun run = BoardRunner(board, home().firmware)
                             .run(subject.good, subject.inputs.front(), project.model_file().string());
    subject.latency_us =
        static_cast<std::uint32_t>(simulate::latency_us(run.samples.at(0).cycles, board).value);
    const std::uint32_t early = early_passes(project, features);
    console.say(text("v1, an earlier model: {} passes over the recordings", early));
    subject.first = package_of(train_quickly(project, features, early, console.progress()), board);
    console.say(text("v3, a worse one: {} passes, after its labels slipped", kWorsePasses));
    subject.bad = package_of(
        train_quickly(project, with_slipped_labels(features), kWorsePasses, console.progress()), board);
    return subject;
}

}  // namespace jatai
