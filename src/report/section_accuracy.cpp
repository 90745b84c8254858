// section_accuracy.cpp: how often it is right, for whom, what it mixes up, and how often it answers nobody.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/sections.h"
#include "src/report/statistics.h"

namespace jatai::page {
namespace {

constexpr std::size_t kGroupsShown = 16;
constexpr std::size_t kLabelsSideBySide = 7;  // a larger matrix takes the whole width

std::optional<Count> count_of(const std::optional<std::uint64_t>& right, std::uint64_t n) {
    return right && n > 0 ? std::optional<Count>(Count{*right, n}) : std::nullopt;
}

double share(Count count) {
    return static_cast<double>(count.right) / static_cast<double>(std::max<std::uint64_t>(count.n, 1));
}

// The left end of all interval bars: a round number below the least of them.
double choose_axis(const std::vector<Count>& counts) {
    double low = 0.9;
    for (const Count count : counts)
        if (count.n > 0) low = std::min(low, wilson_interval(count.right, count.n).low);
    return std::floor(low * 10 + 1e-9) / 10;
}

std::string draw_cell(const std::optional<Count>& count, double axis_low) {
    if (!count) return "<td class=\"none\">–</td>";
    const Interval95 sure = wilson_interval(count->right, count->n);
    return "<td><b>" + format_percent(share(*count), 1) + "</b>" + draw_interval(*count, axis_low) +
           "<small><span>" + escape(text("{} of {}", format_count(count->right), format_count(count->n))) +
           " ·</span> <span>" + format_number(sure.low * 100, 1) + "–" + format_percent(sure.high, 1) +
           "</span></small></td>";
}

std::string draw_splits(const std::vector<Split>& splits) {
    std::vector<Count> all;
    for (const Split& split : splits)
        for (const auto& count : {count_of(split.float_right, split.n), count_of(split.int8_right, split.n),
                                  count_of(split.chip_right, split.chip_n.value_or(split.n))})
            if (count) all.push_back(*count);
    const double axis_low = choose_axis(all);
    std::string html = "<div class=\"scroll\"><table class=\"accuracy\"><thead><tr><th></th>";
    for (const std::string& title : {text("float"), text("int8 on the host"), text("int8 on the chip")})
        html += "<th>" + escape(title) + "</th>";
    html += "</tr></thead><tbody>";
    for (const Split& split : splits)
        html += "<tr><th scope=\"row\">" + escape(split_title(split.name)) + "</th>" +
                draw_cell(count_of(split.float_right, split.n), axis_low) +
                draw_cell(count_of(split.int8_right, split.n), axis_low) +
                draw_cell(count_of(split.chip_right, split.chip_n.value_or(split.n)), axis_low) + "</tr>";
    return html + "</tbody></table></div><p class=\"note\">" +
           escape(text("Bars: 95 % Wilson intervals, on an axis from {} to 100 %.",
                       format_percent(axis_low, 0))) +
           "</p>";
}

std::string draw_group(const GroupResult& group, double axis_low) {
    const Count count{group.right, group.n};
    const std::string name = escape(group.name);
    return "<li><span title=\"" + name + "\">" + name + "</span>" + draw_interval(count, axis_low) + "<b>" +
           format_percent(share(count), 0) + "</b><small>" + format_count(group.right) + "/" +
           format_count(group.n) + "</small></li>";
}

std::string draw_groups(const Split& split) {
    if (split.groups.empty()) return {};
    std::vector<GroupResult> groups = split.groups;
    std::stable_sort(groups.begin(), groups.end(), [](const GroupResult& a, const GroupResult& b) {
        return share({a.right, a.n}) < share({b.right, b.n});
    });
    std::vector<Count> counts;
    for (const GroupResult& group : groups) counts.push_back({group.right, group.n});
    const double axis_low = choose_axis(counts);
    std::string html = "<figure><figcaption>" + escape(text("by voice: {}", split_title(split.name))) +
                       "</figcaption><p class=\"note\">" +
                       escape(text("Lowest first, axis from {} to 100 %. A short bar is a sure one.",
                                   format_percent(axis_low, 0))) +
                       "</p><ol class=\"groups\">";
    for (std::size_t i = 0; i < std::min(groups.size(), kGroupsShown); ++i)
        html += draw_group(groups[i], axis_low);
    html += "</ol>";
    if (groups.size() > kGroupsShown) {
        html += "<details><summary>" + escape(text("{} more", format_count(groups.size() - kGroupsShown))) +
                "</summary><ol class=\"groups\">";
        for (std::size_t i = kGroupsShown; i < groups.size(); ++i) html += draw_group(groups[i], axis_low);
        html += "</ol></details>";
    }
    return html + "</figure>";
}

std::string draw_confusion_row(const Confusion& confusion, std::size_t said) {
    const auto& row = confusion.counts[said];
    const auto total = std::accumulate(row.begin(), row.end(), std::uint64_t{0});
    std::string html = "<tr><th scope=\"row\">" + escape(label_title(confusion.labels[said])) + "</th>";
    for (std::size_t heard = 0; heard < row.size(); ++heard) {
        const double part = total == 0 ? 0 : static_cast<double>(row[heard]) / static_cast<double>(total);
        // The square root lets a few mistakes among hundreds be seen.
        html += fmt::format(R"(<td class="{}" style="--v:{:.0f}%" title="{}">{}</td>)",
                            said == heard ? "hit" : "miss",
                            std::min(std::sqrt(part) * (said == heard ? 60 : 130), 75.0),
                            format_percent(part, 1), row[heard] == 0 ? "·" : format_count(row[heard]));
    }
    return html + "</tr>";
}

std::string draw_confusion(const Confusion& confusion) {
    if (confusion.labels.empty()) return {};
    const char* width = confusion.labels.size() > kLabelsSideBySide ? "whole" : "half";
    std::string html = fmt::format("<figure class=\"{}\"><figcaption>", width) +
                       escape(text("what it mixes up: {}", split_title(confusion.split))) +
                       "</figcaption><p class=\"note\">" +
                       escape(text("Rows: what was said. Columns: what was heard.")) +
                       "</p><div class=\"scroll\"><table class=\"confusion\"><thead><tr><td></td>";
    for (const std::string& label : confusion.labels)
        html += "<th scope=\"col\"><span>" + escape(label_title(label)) + "</span></th>";
    html += "</tr></thead><tbody>";
    for (std::size_t said = 0; said < confusion.labels.size(); ++said)
        html += draw_confusion_row(confusion, said);
    return html + "</tbody></table></div></figure>";
}

std::string listened_on(const FalseAccepts& accepts) {
    if (accepts.where == "chip") return text("Listened on the simulated chip.");
    if (accepts.where == "host")
        return text("Listened on the host, whose answers are the chip's, bit for bit.");
    return accepts.where;
}

std::string draw_false_accepts(const FalseAccepts& accepts) {
    const double rate = static_cast<double>(accepts.count) / accepts.hours;
    const double most = poisson_upper_95(accepts.count) / accepts.hours;
    std::string html =
        "<div class=\"callout\"><p class=\"big\"><b>" + format_short(rate) + "</b> " +
        escape(text("false accepts an hour; with 95 % confidence fewer than {}", format_short(most))) +
        "</p><p>" +
        escape(text("{} times the LED answered although no word was said, in {} hours.",
                    format_count(accepts.count), format_short(accepts.hours))) +
        " " + escape(listened_on(accepts));
    if (!accepts.sound.empty()) html += " " + escape(text("Sound: {}.", accepts.sound));
    return html + "</p></div>";
}

}  // namespace

std::string draw_accuracy(const ReportData& data) {
    std::string html;
    if (!data.splits.empty()) html += draw_splits(data.splits);
    if (data.false_accepts) html += draw_false_accepts(*data.false_accepts);
    std::string figures;
    for (const Confusion& confusion : data.confusions) figures += draw_confusion(confusion);
    for (const Split& split : data.splits) figures += draw_groups(split);
    if (!figures.empty()) html += "<div class=\"pair\">" + figures + "</div>";
    return html;
}

}  // namespace jatai::page
