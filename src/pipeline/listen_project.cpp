#include "src/pipeline/listen_project.h"

#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/data/wav.h"

namespace jatai {
namespace {

constexpr int kTrackWords = 40;
constexpr int kTrackUnknownWords = 12;

Track make_project_track(const Project& project) {
    const Dataset dataset = load_dataset(project.data_dir());
    TrackRecipe recipe;
    recipe.words = kTrackWords;
    recipe.unknown_words = kTrackUnknownWords;
    recipe.seed = project.settings.data.seed;
    return make_track(dataset, recipe);
}

}  // namespace

Listening listen_project(const Project& project, const Board& board, const Progress& progress) {
    const fs::path firmware = project.build_dir(board.id) / "firmware.elf";
    if (!fs::exists(firmware)) {
        throw Error{text("{}: not there", firmware.string()),
                    text("compile first: jatai compile {} --board {} -o {}", project.model_file().string(),
                         board.id, project.build_dir(board.id).string())};
    }
    Listening listening;
    listening.track = make_project_track(project);
    // Before the board listens: a folder that cannot be written says so at once.
    write_wav(project.run_dir() / "track.wav", listening.track.samples);
    write_text(project.run_dir() / "track.json", to_json(listening.track).dump(2));
    ListenRequest request;
    request.samples = listening.track.samples;
    request.trace = project.run_dir() / "trace.jsonl";
    listening.heard = listen(board, read_file(firmware), firmware.string(), request, progress);
    listening.score = judge(listening.track.events, listening.heard.answers);
    write_text(project.run_dir() / "heard.json", to_json(listening, board).dump(2));
    return listening;
}

nlohmann::ordered_json to_json(const Listening& listening, const Board& board) {
    nlohmann::ordered_json j = to_json(listening.heard, board);
    const AnswerScore& score = listening.score;
    j["words"] = {{"said", score.words},
                  {"right", score.right},
                  {"wrong", score.wrong},
                  {"missed", score.missed.size()},
                  {"median_delay_ms", score.median_delay_ms()},
                  {"longest_delay_ms", score.longest_delay_ms()}};
    return j;
}

}  // namespace jatai
