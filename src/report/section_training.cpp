// section_training.cpp: how it learned.
#include "src/base/text.h"
#include "src/report/plot.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

void add_line(LinePlot& plot, const std::string& name, std::vector<LinePlot::Point> points) {
    if (!points.empty()) plot.lines.push_back({name, std::move(points)});
}

}  // namespace

std::string draw_training(const ReportData& data) {
    if (data.history.empty()) return {};
    LinePlot loss{text("loss"), text("epoch"), {}, false};
    LinePlot accuracy{text("accuracy"), text("epoch"), {}, true};
    std::vector<LinePlot::Point> train_loss, val_loss, train_accuracy, val_accuracy;
    for (const Epoch& epoch : data.history) {
        const double x = epoch.epoch;
        train_loss.push_back({x, epoch.loss});
        if (epoch.val_loss) val_loss.push_back({x, *epoch.val_loss});
        if (epoch.accuracy) train_accuracy.push_back({x, *epoch.accuracy});
        if (epoch.val_accuracy) val_accuracy.push_back({x, *epoch.val_accuracy});
    }
    add_line(loss, text("training"), train_loss);
    add_line(loss, text("validation"), val_loss);
    add_line(accuracy, text("training"), train_accuracy);
    add_line(accuracy, text("validation"), val_accuracy);
    std::string html = "<div class=\"pair\">" + draw_line_plot(loss);
    if (!accuracy.lines.empty()) html += draw_line_plot(accuracy);
    return html + "</div>";
}

}  // namespace jatai::page
