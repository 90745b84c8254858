#include "src/report/page.h"

#include "src/base/text.h"
#include "src/report/assets.h"
#include "src/report/encode.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

struct Section {
    const char* id;
    std::string short_title;  // in the list at the top
    std::string title;
    std::string html;
};

std::vector<Section> draw_sections(const ReportData& data) {
    std::vector<Section> all = {
        {"answers", text("delay"), text("How soon does the LED answer?"), draw_answers(data)},
        {"accuracy", text("accuracy"), text("How often is it right?"), draw_accuracy(data)},
        {"mistakes", text("mistakes"), text("Mistakes you can hear"), draw_mistakes(data)},
        {"sounds", text("sounds"), text("What the words look like"), draw_examples(data)},
        {"training", text("training"), text("How it learned"), draw_training(data)},
        {"layers", text("layers"), text("What each layer costs"), draw_layers(data)},
        {"memory", text("memory"), text("Where the bytes are"), draw_memory(data)},
        {"proof", text("proof"), text("Does the chip agree with the host?"), draw_proof(data)},
        {"next", text("next"),
         data.next_steps.size() == 3 ? text("Three things to try next") : text("What to try next"),
         draw_next_steps(data)},
    };
    std::erase_if(all, [](const Section& section) { return section.html.empty(); });
    return all;
}

// A name for this page's own script that a label in the data cannot know beforehand: FNV-1a of the content.
std::string make_nonce(std::string_view content) {
    std::uint64_t hash = 0xCBF29CE484222325ull;
    for (const char c : content) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ull;
    return fmt::format("{:016x}", hash);
}

std::string draw_head(const std::string& title, const std::string& nonce) {
    return fmt::format(R"(<!doctype html>
<html lang="{}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none';style-src 'unsafe-inline';script-src 'nonce-{}';img-src data:;media-src data:;base-uri 'none';form-action 'none'">
<meta name="color-scheme" content="light dark"><meta name="generator" content="Jataí"><title>{}</title>
<link rel="icon" href="data:,"><style>
)",
                       language(), nonce, escape(title)) +
           std::string(page_css()) + "</style></head>\n<body>\n";
}

std::string draw_header(const ReportData& data, const std::string& title,
                        const std::vector<Section>& sections) {
    std::string html =
        "<a class=\"skip\" href=\"#main\">" + escape(text("skip to the content")) +
        "</a><header><p class=\"brand\">" +
        R"(<svg viewBox="0 0 24 24" aria-hidden="true"><path d="M12 1 21.500 6.500v11L12 23l-9.500-5.500v-11Z" class="hex"/><ellipse cx="12" cy="13.500" rx="2.600" ry="4.500"/><path d="M11 10.500C5 5 5 13 10.500 12M13 10.500C19 5 19 13 13.500 12" class="wing"/><circle cx="12" cy="7.500" r="1.800"/></svg>)" +
        "Jataí</p><h1>" + escape(title) + "</h1>";
    if (!data.subtitle.empty()) html += "<p class=\"subtitle\">" + escape(data.subtitle) + "</p>";
    html += "<nav aria-label=\"" + escape(text("contents")) + "\">";
    for (const Section& section : sections)
        html += fmt::format(R"(<a href="#{}">{}</a>)", section.id, escape(section.short_title));
    return html + "</nav></header>\n<main id=\"main\">";
}

}  // namespace

std::string render_report(const ReportData& data) {
    verify_report(data);
    const std::string title = data.title.empty() ? text("Report") : data.title;
    const std::vector<Section> sections = draw_sections(data);
    const std::string payload = make_payload(data);
    std::string body = draw_header(data, title, sections) + draw_first_screen(data);
    for (const Section& section : sections)
        body += fmt::format("\n<section id=\"{}\"><h2>{}</h2>", section.id, escape(section.title)) +
                section.html + "</section>";
    body += "</main>\n<footer><p>" +
            escape(text("Made by Jataí. Simulated time and energy are modelled: computed from published "
                        "facts about the chip, not measured "
                        "on one.")) +
            "</p></footer>\n";
    const std::string nonce = make_nonce(body + payload);
    return draw_head(title, nonce) + body + "<script type=\"application/json\" id=\"payload\">" + payload +
           "</script>\n" + fmt::format("<script nonce=\"{}\">\n", nonce) + std::string(page_js()) +
           "</script></body></html>\n";
}

}  // namespace jatai::page
