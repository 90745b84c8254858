// section_answers.cpp: how soon the LED answers, and the whole track as a table.
#include <algorithm>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/plot.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

struct Row {
    double time_s = 0;
    std::string html;
};

std::string draw_time(double time_s) {
    return fmt::format(R"(<button type="button" class="seek" data-seek="{:.3f}">{}</button>)", time_s,
                       format_clock(time_s));
}

std::string draw_row(double time_s, const std::string& what, const std::string& label,
                     const std::string& verdict) {
    return "<tr><td>" + draw_time(time_s) + "</td><td>" + escape(what) + "</td><td>" +
           escape(label_title(label)) + "</td><td>" + verdict + "</td></tr>";
}

std::vector<Row> list_events(const Track& track) {
    std::vector<Row> rows;
    for (std::size_t i = 0; i < track.words.size(); ++i) {
        const Word& word = track.words[i];
        const bool missed = std::find(track.missed.begin(), track.missed.end(), i) != track.missed.end();
        const std::string what = word.voice.empty() ? text("said") : text("said by {}", word.voice);
        rows.push_back(
            {word.start_s,
             draw_row(word.start_s, what, word.label,
                      missed ? "<span class=\"missed\">○ " + escape(text("missed")) + "</span>" : "")});
    }
    for (const Detection& detection : track.detections) {
        const bool right = detection.verdict == Verdict::Right;
        std::string verdict = right ? "<span class=\"right\">✓ " + escape(text("right")) + "</span>"
                                    : "<span class=\"wrong\">✗ " + escape(text("wrong")) + "</span>";
        if (detection.delay_ms)
            verdict += " <small>" +
                       escape(text("{} ms after the word", format_number(*detection.delay_ms, 0))) +
                       "</small>";
        const std::string what = text("LED, score {}", format_number(detection.score, 2));
        rows.push_back({detection.time_s, draw_row(detection.time_s, what, detection.label, verdict)});
    }
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.time_s < b.time_s; });
    return rows;
}

std::string draw_table_of_track(const Track& track) {
    std::string html = "<details><summary>" + escape(text("The whole track as a table")) +
                       "</summary><div class=\"scroll\"><table>";
    html += "<thead><tr><th>" + escape(text("time")) + "</th><th>" + escape(text("what")) + "</th><th>" +
            escape(text("label")) + "</th><th>" + escape(text("verdict")) + "</th></tr></thead><tbody>";
    for (const Row& row : list_events(track)) html += row.html;
    return html + "</tbody></table></div></details>";
}

}  // namespace

std::string draw_answers(const ReportData& data) {
    if (!data.track || (data.track->words.empty() && data.track->detections.empty())) return {};
    std::vector<double> delays;
    for (const Detection& detection : data.track->detections)
        if (detection.delay_ms && detection.verdict == Verdict::Right) delays.push_back(*detection.delay_ms);
    std::string html;
    if (!delays.empty()) {
        const std::string middle = text("median {} ms", format_number(median(delays), 0));
        html += "<p>" +
                escape(text(
                    "From the end of a word to the LED, one dot for each right answer. Time is the simulated "
                    "board's own, modelled.")) +
                "</p><div class=\"scroll\">";
        html += draw_dot_plot({text("delays from word to LED, {}", middle), text("milliseconds, modelled"),
                               middle, delays}) +
                "</div>";
    }
    return html + draw_table_of_track(*data.track);
}

}  // namespace jatai::page
