#include "src/report/plot.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"

namespace jatai::page {
namespace {

constexpr double kWidth = 560, kHeight = 250, kLeft = 52, kRight = 14, kTop = 14, kBottom = 40;

std::string svg_open(double width, double height, const std::string& described) {
    return fmt::format(R"(<svg class="plot" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">)", width,
                       height, escape(described));
}

std::string svg_text(double x, double y, const char* kind, const std::string& words) {
    return fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{}">{}</text>)", x, y, kind, escape(words));
}

std::string svg_line(double x1, double y1, double x2, double y2, const char* kind) {
    return fmt::format(R"(<path d="M{:.1f} {:.1f}L{:.1f} {:.1f}" class="{}"/>)", x1, y1, x2, y2, kind);
}

struct Range {
    double low = 0;
    double high = 1;
};

Range range_of(const LinePlot& plot, double LinePlot::Point::*axis) {
    double low = INFINITY, high = -INFINITY;
    for (const auto& line : plot.lines)
        for (const auto& point : line.points) {
            low = std::min(low, point.*axis);
            high = std::max(high, point.*axis);
        }
    return low <= high ? Range{low, high} : Range{};
}

int decimals_for(double step) {
    return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 4);
}

std::string draw_y_axis(const Scale& y, bool percent) {
    const std::vector<double> ticks = choose_ticks(y.low, y.high, 5);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 1;
    std::string svg;
    for (const double tick : ticks) {
        svg += svg_line(kLeft, y(tick), kWidth - kRight, y(tick), "grid");
        svg += svg_text(kLeft - 8, y(tick) + 4, "end",
                        percent ? format_percent(tick, decimals_for(step * 100))
                                : format_number(tick, decimals_for(step)));
    }
    return svg;
}

std::string draw_x_axis(const Scale& x, const std::string& title) {
    std::string svg;
    for (const double tick : choose_ticks(x.low, x.high, 7))
        if (tick == std::floor(tick))
            svg += svg_text(x(tick), kHeight - kBottom + 18, "mid", format_number(tick, 0));
    return svg + svg_text((kLeft + kWidth - kRight) / 2, kHeight - 5, "mid", title);
}

std::string draw_key(const LinePlot& plot) {
    std::string html = "<p class=\"key\">";
    for (std::size_t i = 0; i < plot.lines.size(); ++i)
        html += fmt::format(R"(<span class="k{}">{}</span> )", i, escape(plot.lines[i].name));
    return html + "</p>";
}

}  // namespace

std::vector<double> choose_ticks(double low, double high, int wanted) {
    if (!(high > low)) return {low};
    const double raw = (high - low) / wanted, power = std::pow(10, std::floor(std::log10(raw)));
    const double lead = raw / power;
    const double step = (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10) * power;
    std::vector<double> ticks;
    for (double i = std::ceil(low / step - 1e-9); i * step <= high + step * 1e-9; ++i)
        ticks.push_back(i * step);
    return ticks;
}

std::string draw_line_plot(const LinePlot& plot) {
    const Range x_range = range_of(plot, &LinePlot::Point::x);
    Range y_range = range_of(plot, &LinePlot::Point::y);
    const double air = std::max((y_range.high - y_range.low) * 0.06, 1e-3);
    y_range = {std::max(0.0, y_range.low - air), y_range.high + air};
    if (plot.percent) y_range.high = std::min(1.0, y_range.high);
    const Scale x{x_range.low, x_range.high, kLeft, kWidth - kRight};
    const Scale y{y_range.low, y_range.high, kHeight - kBottom, kTop};
    std::string svg =
        svg_open(kWidth, kHeight, plot.title) + draw_y_axis(y, plot.percent) + draw_x_axis(x, plot.x_title);
    for (std::size_t i = 0; i < plot.lines.size(); ++i) {
        std::string path;
        for (const auto& point : plot.lines[i].points)
            path += fmt::format("{}{:.1f} {:.1f}", path.empty() ? "M" : "L", x(point.x), y(point.y));
        if (plot.lines[i].points.size() == 1) path += "h.1";  // a lone point still shows as a round cap
        if (!path.empty()) svg += fmt::format(R"(<path d="{}" class="curve c{}"/>)", path, i);
    }
    return "<figure><figcaption>" + escape(plot.title) + "</figcaption>" + draw_key(plot) + svg +
           "</svg></figure>";
}

std::string draw_dot_plot(const DotPlot& plot) {
    constexpr double width = 1000, dot = 11, left = 24, right = 24, below = 46, above = 26;
    if (plot.values.empty()) return {};
    const auto [least, most] = std::minmax_element(plot.values.begin(), plot.values.end());
    const double low = std::min(0.0, *least),
                 high = std::max(*most, low + 1) + (std::max(*most, low + 1) - low) * 0.02;
    const Scale x{low, high, left, width - right};
    std::map<int, int> stacks;
    int tallest = 1;
    for (const double value : plot.values)
        tallest = std::max(tallest, ++stacks[static_cast<int>(std::floor((x(value) - left) / dot))]);
    const double step = std::min(dot, 180.0 / tallest);
    const double base = above + tallest * step;
    std::string svg = svg_open(width, base + below, plot.described);
    for (const double tick : choose_ticks(low, high, 10)) {
        svg += svg_line(x(tick), above - 4, x(tick), base + 4, "grid");
        svg += svg_text(x(tick), base + 20, "mid", format_number(tick, 0));
    }
    for (const auto& [column, count] : stacks)
        for (int i = 0; i < count; ++i)
            svg +=
                fmt::format(R"(<circle cx="{:.1f}" cy="{:.1f}" r="{:.1f}" class="dot"/>)",
                            left + (column + 0.5) * dot, base - (i + 0.5) * step, std::min(dot, step) * 0.43);
    const double middle = x(median(plot.values));
    svg += svg_line(middle, above - 8, middle, base + 4, "mark");
    svg += svg_text(middle, above - 12,
                    middle < 120           ? "start strong"
                    : middle > width - 120 ? "end strong"
                                           : "mid strong",
                    plot.median_title);
    return svg + svg_text(width / 2, base + 40, "mid", plot.x_title) + "</svg>";
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

}  // namespace jatai::page
