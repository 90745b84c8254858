// section_board.cpp: the first screen: the board, its figures, and everything that happened on one time axis.
#include "src/base/text.h"
#include "src/report/assets.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

// The drawing has its title in English for README; here it speaks the reader's language.
std::string draw_board(const BoardFacts& board) {
    std::string svg(board_svg());
    const std::size_t from = svg.find("<title"), open = svg.find('>', from) + 1,
                      close = svg.find("</title>", from);
    const std::string name = board.name.empty() ? board.id : board.name;
    const std::string title = name.empty() ? text("a microcontroller board with an LED")
                                           : text("drawing of a board like the {} with an LED", name);
    return svg.replace(open, close - open, escape(title));
}

std::string draw_stage(const ReportData& data) {
    std::string caption = escape(data.board.name.empty() ? data.board.id : data.board.name);
    if (!data.board.chip.empty()) caption += " <span>" + escape(data.board.chip) + "</span>";
    std::string html =
        "<div class=\"stage\"><div class=\"board\" id=\"board-picture\">" + draw_board(data.board) + "</div>";
    html += "<div class=\"caption\"><p>" + caption + "</p>";
    if (data.track) html += R"(<p class="led" id="led-now" aria-live="off"><i></i><span></span></p>)";
    return html + "</div></div>";
}

constexpr std::size_t kLabelsBesideTheButtons = 7;  // more get a line of their own

std::string draw_meters(const Track& track) {
    const std::vector<LabelColor> colors = choose_colors(track);
    const char* kind = colors.size() > kLabelsBesideTheButtons ? "meters many" : "meters";
    std::string html = fmt::format("<ul class=\"{}\" id=\"meters\">", kind);
    for (const LabelColor& entry : colors)
        html += fmt::format(R"(<li style="--c:{}"><i></i><span>{}</span></li>)", entry.color,
                            escape(label_title(entry.label)));
    return html + "</ul>";
}

std::string draw_tally(const Track& track) {
    std::size_t right = 0, others = 0;
    for (const Detection& detection : track.detections) right += detection.verdict == Verdict::Right ? 1 : 0;
    for (const Word& word : track.words) others += word.label == kUnknown ? 1 : 0;
    const std::size_t wrong = track.detections.size() - right;
    const auto mark = [](const char* kind, const char* sign, const std::string& words) {
        return fmt::format(R"(<span class="{}">{} {}</span>)", kind, sign, escape(words));
    };
    std::string html = "<p class=\"tally\"><span>" +
                       escape(text("{} words said", format_count(track.words.size() - others))) + "</span> ";
    if (others > 0) html += "<span>" + escape(text("{} other words", format_count(others))) + "</span> ";
    html += mark("right", "✓", text("{} right", format_count(right))) + " ";
    html += mark("wrong", "✗", text("{} wrong", format_count(wrong))) + " ";
    return html + mark("missed", "○", text("{} missed", format_count(track.missed.size()))) + "</p>";
}

std::string draw_axis(const Track& track) {
    const auto button = [](const char* id, const char* sign, const std::string& name) {
        return fmt::format(R"(<button type="button" id="{}" title="{}" aria-label="{}">{}</button>)", id,
                           escape(name), escape(name), sign);
    };
    std::string html = "<div class=\"axis\"><div class=\"toolbar\">";
    html += button("play", "▶", text("play"));
    html += R"(<output id="clock" for="timeline">0:00</output>)" + draw_meters(track) + draw_tally(track);
    html += "<div class=\"zoom\">" + button("zoom-out", "−", text("show more time")) +
            button("zoom-in", "+", text("show less time")) +
            button("zoom-fit", "↔", text("show the whole track")) + "</div></div>";
    html += fmt::format(
        R"(<canvas id="timeline" tabindex="0" role="slider" aria-label="{}" aria-valuemin="0"></canvas>)",
        escape(text("time axis: sound, words said, scores, LED, verdicts")));
    html += R"(<canvas id="overview" aria-hidden="true"></canvas>)";
    html += fmt::format(R"(<audio id="audio" preload="auto" src="{}"></audio>)",
                        data_uri("audio/wav", wav_bytes(track.sound)));
    return html + "<noscript><p>" +
           escape(text("This part needs JavaScript; the table below has the same content.")) +
           "</p></noscript></div>";
}

}  // namespace

std::string draw_first_screen(const ReportData& data) {
    std::string html = R"(<section id="board" class="first">)" + draw_stage(data) + draw_tiles(data);
    if (data.track) html += draw_axis(*data.track);
    return html + "</section>";
}

}  // namespace jatai::page
