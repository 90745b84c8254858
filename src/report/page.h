// page.h: the report as one HTML page.
//
//     write_text("report.html", render_report(read_report(read_text("report.json"))));
//
// The page holds all it needs (style, script, drawings, sound) and reaches for nothing: it opens from a disk
// without a network, and its own content policy forbids more. Words are in the language of set_language.
// Parts that the data lacks are left out. The same data and language give the same bytes. Fails with Error
// when verify_report does. Every name in the data may be hostile: it is escaped. Cost: about 5 ms per second
// of track; the page is about 1.4 times the size of its sounds.
#pragma once

#include <string>

#include "src/report/report_data.h"

namespace jatai::page {

std::string render_report(const ReportData& data);

}  // namespace jatai::page
