#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "apps/jatai/home.h"
#include "src/base/text.h"
#include "src/pipeline/report_project.h"

namespace jatai {

int run_report(const ReportOptions& options, Console& console) {
    const Project project = open_project(options.dir);
    const Board board =
        load_board(options.board.empty() ? project.settings.device.board : options.board, home().boards);
    const ProjectReport report = report_project(project, board, home().firmware, console.progress());
    for (const std::string& line : report.table) console.say(line);
    console.say(text("the page: {}", report.page.string()));
    console.result(report.figures);
    return 0;
}

}  // namespace jatai
