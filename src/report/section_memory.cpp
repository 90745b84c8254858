// section_memory.cpp: where the bytes are: against the board's limits, and in the arena over time.
#include <algorithm>
#include <cmath>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/plot.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

std::string part_title(const std::string& name) {
    if (name == "arena") return text("arena");
    if (name == "state") return text("state");
    if (name == "stack") return text("stack");
    if (name == "code") return text("code");
    if (name == "weights") return text("weights");
    if (name == "features") return text("features");
    if (name == "system") return text("system");
    return name;
}

std::string draw_bar_of(const std::string& title, const Memory& memory) {
    std::uint64_t used = 0;
    for (const MemoryPart& part : memory.parts) used += part.bytes;
    const double whole = static_cast<double>(std::max<std::uint64_t>({used, memory.limit_bytes, 1}));
    std::string head = format_bytes(used);
    if (memory.limit_bytes > 0) head = text("{} of {}", head, format_bytes(memory.limit_bytes));
    if (memory.limit_bytes > 0 && used > memory.limit_bytes)
        head += " · " + text("{} too much", format_bytes(used - memory.limit_bytes));
    std::string bar, list;
    for (std::size_t i = 0; i < memory.parts.size(); ++i) {
        const MemoryPart& part = memory.parts[i];
        bar += fmt::format(R"(<i class="p{}" style="width:{:.2f}%"></i>)", i % 6,
                           static_cast<double>(part.bytes) / whole * 100);
        list += fmt::format(R"(<li class="p{}"><span>{}</span> <b>{}</b></li>)", i % 6,
                            escape(part_title(part.name)), format_bytes(part.bytes));
    }
    return "<figure><figcaption>" + escape(title) + " <small>" + escape(head) +
           "</small></figcaption><div class=\"stack\" aria-hidden=\"true\">" + bar +
           "</div><ul class=\"parts\">" + list + "</ul></figure>";
}

std::vector<std::uint64_t> count_live(const Arena& arena) {
    std::vector<std::uint64_t> live(arena.steps.size());
    for (const ArenaTensor& tensor : arena.tensors)
        for (int step = tensor.first; step <= tensor.last; ++step)
            live[static_cast<std::size_t>(step)] += tensor.bytes;
    return live;
}

constexpr double kMapWidth = 1000, kMapLeft = 64, kMapRight = 12, kMapTop = 30, kMapBase = 300;

std::string draw_tensor(const ArenaTensor& tensor, std::size_t number, const Scale& x, const Scale& y) {
    const double left = x(tensor.first), right = x(tensor.last + 1);
    const double top = y(static_cast<double>(tensor.offset + tensor.bytes)),
                 bottom = y(static_cast<double>(tensor.offset));
    std::string svg = fmt::format(
        R"(<g><title>{}</title><rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2" class="tensor p{}"/>)",
        escape(text("{}: {} at offset {}, steps {} to {}", tensor.name, format_bytes(tensor.bytes),
                    format_count(tensor.offset), tensor.first + 1, tensor.last + 1)),
        left + 1, top, std::max(right - left - 2, 1.0), std::max(bottom - top, 1.0), number % 6);
    const auto room = static_cast<std::size_t>(std::max(0.0, (right - left - 8) / 6.6));
    if (bottom - top >= 13 && room >= 4)
        svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="mid name">{}</text>)", (left + right) / 2,
                           (top + bottom) / 2 + 4, escape(shorten(tensor.name, room)));
    return svg + "</g>";
}

std::string draw_steps(const Arena& arena, const Scale& x) {
    const bool named = arena.steps.size() <= 20;
    std::string svg;
    for (std::size_t i = 0; i < arena.steps.size(); ++i) {
        const double middle = x(static_cast<double>(i) + 0.5);
        if (named)
            svg += fmt::format(
                R"svg(<text class="end" transform="translate({:.1f} {:.1f}) rotate(-38)">{}</text>)svg",
                middle + 4, kMapBase + 14, escape(shorten(arena.steps[i], 18)));
        else if (arena.steps.size() <= 40 || i % 10 == 9)
            svg += fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="mid">{}</text>)", middle, kMapBase + 16,
                               i + 1);
    }
    return svg;
}

std::string draw_peak(std::size_t step, std::uint64_t live_bytes, std::uint64_t arena_bytes, const Scale& x) {
    const double at = x(static_cast<double>(step) + 0.5);
    const char* anchor = at < 200 ? "start" : at > 800 ? "end" : "mid";
    return fmt::format(R"(<path d="M{:.1f} {:.1f}l-5 -8h10Z" class="pointer"/>)", at, kMapTop) +
           fmt::format(R"(<text x="{:.1f}" y="{:.1f}" class="{} strong">{}</text>)", at, kMapTop - 14, anchor,
                       escape(text("peak: {} live in an arena of {}", format_bytes(live_bytes),
                                   format_bytes(arena_bytes))));
}

std::string draw_map(const Arena& arena) {
    const std::vector<std::uint64_t> live = count_live(arena);
    const auto peak = static_cast<std::size_t>(std::max_element(live.begin(), live.end()) - live.begin());
    const Scale x{0, static_cast<double>(arena.steps.size()), kMapLeft, kMapWidth - kMapRight};
    const Scale y{0, static_cast<double>(arena.bytes), kMapBase, kMapTop};
    std::string svg = fmt::format(
        R"(<svg class="plot map" viewBox="0 0 {:.0f} {:.0f}" role="img" aria-label="{}">)", kMapWidth,
        kMapBase + 96, escape(text("memory map of the arena over the steps of one inference")));
    for (const double tick : choose_ticks(0, static_cast<double>(arena.bytes) / 1024, 5))
        svg += fmt::format(
            R"(<path d="M{:.1f} {:.1f}H{:.1f}" class="grid"/><text x="{:.1f}" y="{:.1f}" class="end">{} KB</text>)",
            kMapLeft, y(tick * 1024), kMapWidth - kMapRight, kMapLeft - 8, y(tick * 1024) + 4,
            format_number(tick, tick == std::floor(tick) ? 0 : 1));
    for (std::size_t i = 0; i < arena.tensors.size(); ++i) svg += draw_tensor(arena.tensors[i], i, x, y);
    svg += fmt::format(R"(<path d="M{:.1f} {:.1f}H{:.1f}" class="mark dashed"/>)", kMapLeft, kMapTop,
                       kMapWidth - kMapRight);
    return "<div class=\"scroll\">" + svg + draw_peak(peak, live[peak], arena.bytes, x) +
           draw_steps(arena, x) + "</svg></div>";
}

}  // namespace

std::string draw_memory(const ReportData& data) {
    std::string bars, html;
    if (data.ram) bars += draw_bar_of(text("RAM"), *data.ram);
    if (data.flash) bars += draw_bar_of(text("flash"), *data.flash);
    if (!bars.empty()) html += "<div class=\"pair\">" + bars + "</div>";
    if (data.arena && !data.arena->steps.empty() && !data.arena->tensors.empty())
        html += "<p>" +
                escape(text("The arena over one inference: each box is a tensor, as wide as it is needed and "
                            "as high as it is "
                            "large. Boxes side by side use the same bytes, one after the other.")) +
                "</p>" + draw_map(*data.arena);
    return html;
}

}  // namespace jatai::page
