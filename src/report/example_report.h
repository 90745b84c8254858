// example_report.h: a full report of invented figures, for tests of the page and to look at while working on
// it.
//
//     write_text("page.html", render_report(make_example_report()));
//
// Nothing in it was measured. It is part of the tests only.
#pragma once

#include "src/report/report_data.h"

namespace jatai::page {

ReportData make_example_report();

}  // namespace jatai::page
