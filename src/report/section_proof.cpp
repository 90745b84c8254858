// section_proof.cpp: does the chip agree with the host, where all this comes from, and what to try next.
#include <algorithm>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

// A command that may wrap between its words but not inside them: "--label" would break after its hyphens.
std::string draw_command(std::string_view command) {
    if (command.empty()) return {};
    std::string html = "<pre class=\"command\"><code>";
    while (!command.empty()) {
        const std::size_t end = std::min(command.find_first_of(" \n"), command.size());
        const std::string word = escape(command.substr(0, end));
        html += end > 40 ? word : "<span>" + word + "</span>";
        html += command.substr(end, 1);
        command.remove_prefix(std::min(end + 1, command.size()));
    }
    return html + "</code></pre>";
}

std::string draw_hashes(const Hashes& hashes) {
    std::string html;
    if (!hashes.host.empty() && !hashes.chip.empty()) {
        const bool equal = hashes.host == hashes.chip;
        html += fmt::format(R"(<p class="badge {}">{} {}</p>)", equal ? "good" : "bad", equal ? "✓" : "✗",
                            escape(equal ? text("equal: host and chip gave the same bytes")
                                         : text("different: host and chip disagree")));
    }
    if (!hashes.what.empty()) html += "<p>" + escape(text("Compared: {}.", hashes.what)) + "</p>";
    html += "<dl class=\"facts\">";
    if (!hashes.host.empty())
        html += "<dt>" + escape(text("host")) + "</dt><dd><code>" + escape(hashes.host) + "</code></dd>";
    if (!hashes.chip.empty())
        html += "<dt>" + escape(text("chip")) + "</dt><dd><code>" + escape(hashes.chip) + "</code></dd>";
    html += "</dl>";
    if (!hashes.qemu_command.empty())
        html += "<p>" +
                escape(text("Do not take our word: this runs the same image on QEMU, which others wrote.")) +
                "</p>" + draw_command(hashes.qemu_command);
    return html;
}

std::string fact_title(const std::string& key) {
    if (key == "seed") return text("seed");
    if (key == "version") return text("Jataí");
    if (key == "data") return text("data set");
    if (key == "diversity") return text("diversity");
    if (key == "split") return text("split");
    if (key == "model") return text("model");
    if (key == "compiler") return text("compiler");
    if (key == "flags") return text("flags");
    if (key == "firmware") return text("firmware");
    if (key == "kernels") return text("kernels");
    if (key == "date") return text("date");
    if (key == "machine") return text("machine");
    return key;
}

std::string draw_lineage(const std::vector<Fact>& facts) {
    if (facts.empty()) return {};
    std::string html = "<h3>" + escape(text("Where it comes from")) + "</h3><dl class=\"facts\">";
    for (const Fact& fact : facts)
        html += "<dt>" + escape(fact_title(fact.key)) + "</dt><dd>" + escape(fact.value) + "</dd>";
    return html + "</dl>";
}

}  // namespace

std::string draw_proof(const ReportData& data) {
    return (data.hashes ? draw_hashes(*data.hashes) : "") + draw_lineage(data.lineage);
}

std::string draw_next_steps(const ReportData& data) {
    if (data.next_steps.empty()) return {};
    std::string html = "<ol class=\"next\">";
    for (const NextStep& step : data.next_steps)
        html += "<li><p>" + escape(step.what) + "</p>" + draw_command(step.command) + "</li>";
    return html + "</ol>";
}

}  // namespace jatai::page
