// report_figures.h: the page's figures for machines and for a terminal.
//
//     write_text("figures.json", figures_of(data, sources).dump(2));
//     for (const std::string& line : table_of(data)) print(line);
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "src/pipeline/report_parts.h"

namespace jatai {

nlohmann::ordered_json figures_of(const page::ReportData& data, const ReportSources& sources);
std::vector<std::string> table_of(const page::ReportData& data);

}  // namespace jatai
