// report_project.h: everything a project has shown so far, as one page.
//
//     const ProjectReport report = report_project(project, board, firmware_dir, progress);
//     report.page;                      // report/index.html
//     report.figures;                   // the same numbers for machines
//
// Needs model/ and build/<board>/model.jpk; what the board heard (run/) is shown when it is there.
// Fails with Error naming the step that is missing.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/base/board.h"
#include "src/base/progress.h"
#include "src/pipeline/project.h"

namespace jatai {

struct ProjectReport {
    fs::path page;
    nlohmann::ordered_json figures;
    std::vector<std::string> table;  // the figures as lines for a terminal
};

ProjectReport report_project(const Project& project, const Board& board, const fs::path& firmware_dir,
                             const Progress& progress = {});

}  // namespace jatai
