// plot.h: static SVG drawn from numbers. Colours come from the page's style, so a plot follows light and
// dark.
//
//     LinePlot plot{.title = text("loss"), .x_title = text("epoch")};
//     plot.lines.push_back({text("training"), {{1, 0.9}, {2, 0.5}}});
//     html += draw_line_plot(plot);
#pragma once

#include <string>
#include <vector>

namespace jatai::page {

// Round numbers from `low` to `high`, about `wanted` of them.
std::vector<double> choose_ticks(double low, double high, int wanted);

// Where a value stands on a drawing.
struct Scale {
    double low = 0, high = 1;  // values
    double from = 0, to = 1;   // pixels
    double operator()(double value) const {
        return high > low ? from + (value - low) / (high - low) * (to - from) : (from + to) / 2;
    }
};

struct LinePlot {
    struct Point {
        double x = 0;
        double y = 0;
    };
    struct Line {
        std::string name;
        std::vector<Point> points;
    };
    std::string title;
    std::string x_title;
    std::vector<Line> lines;  // up to three
    bool percent = false;     // y is a share, written in percent
};
std::string draw_line_plot(const LinePlot& plot);

// One dot per value, stacked where they crowd; the median is marked.
struct DotPlot {
    std::string described;  // for those who cannot see it
    std::string x_title;
    std::string median_title;  // "median 412 ms"
    std::vector<double> values;
};
std::string draw_dot_plot(const DotPlot& plot);

double median(std::vector<double> values);

}  // namespace jatai::page
