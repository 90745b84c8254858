#include "src/pipeline/report_project.h"

#include <algorithm>
#include <chrono>

#include "src/base/error.h"
#include "src/data/wav.h"
#include "src/graph/tflite.h"
#include "src/package/firmware.h"
#include "src/package/pack.h"
#include "src/pipeline/compile_model.h"
#include "src/pipeline/listen_project.h"
#include "src/pipeline/measure_project.h"
#include "src/pipeline/report_figures.h"
#include "src/pipeline/report_parts.h"
#include "src/pipeline/train_project.h"
#include "src/report/page.h"
#include "src/report/terminal.h"

namespace jatai {
namespace {

nlohmann::json read_json(const fs::path& file) {
    auto json = nlohmann::json::parse(read_text(file), nullptr, false);
    if (json.is_discarded()) {
        throw Error{text("{}: not JSON", file.string()),
                    text("make it again with the command that wrote it")};
    }
    return json;
}

void require_file(const fs::path& file, const std::string& command) {
    if (!fs::exists(file)) throw Error{text("{}: not there", file.string()), text("first: {}", command)};
}

// Everything the parts of the page are made from.
ReportSources gather(const Project& project, const Board& board, const fs::path& firmware_dir,
                     const Progress& progress) {
    require_file(project.model_file(), "jatai train " + project.root.string());
    const fs::path package_file = project.build_dir(board.id) / "model.jpk";
    require_file(package_file, fmt::format("jatai compile {} --board {} -o {}", project.model_file().string(),
                                           board.id, project.build_dir(board.id).string()));
    ReportSources s;
    s.project = project;
    s.board = board;
    s.dataset = load_dataset(project.data_dir(), progress);
    s.features = load_feature_set(project.features_file());
    s.package = read_file(package_file);
    s.info = inspect(s.package, package_file.string());
    s.scores = read_json(project.model_dir() / "scores.json");
    s.history = read_json(project.model_dir() / "history.json");
    s.plan = make_plan(*open_model(project.model_file()).graph, board, Family::CortexM);
    s.firmware = read_file(project.build_dir(board.id) / "firmware.elf");
    const BoardRunner runner(board, firmware_dir);
    s.measured = measure_project(project, s.dataset, s.features, s.package, runner, progress);
    if (fs::exists(project.run_dir() / "heard.json")) {
        s.heard = read_json(project.run_dir() / "heard.json");
        s.track = track_from_json(read_json(project.run_dir() / "track.json"),
                                  read_wav(project.run_dir() / "track.wav").samples, "track.json");
    }
    return s;
}

}  // namespace

ProjectReport report_project(const Project& project, const Board& board, const fs::path& firmware_dir,
                             const Progress& progress) {
    const ReportSources sources = gather(project, board, firmware_dir, progress);
    page::ReportData data;
    fill_summary(data, sources);
    fill_track(data, sources);
    fill_accuracy(data, sources);
    fill_sounds(data, sources);
    fill_network(data, sources);
    fill_proof(data, sources);
    ProjectReport report;
    report.page = project.report_dir() / "index.html";
    report.figures = figures_of(data, sources);
    report.table = table_of(data);
    write_file(project.report_dir() / "questions.bin", sources.measured.questions);
    write_text(project.report_dir() / "report.json", to_json_text(data));
    write_text(project.report_dir() / "figures.json", report.figures.dump(2));
    write_text(report.page, render_report(data));
    return report;
}

}  // namespace jatai
