// section_tiles.cpp: the figures beside the board.
#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/sections.h"
#include "src/report/statistics.h"

namespace jatai::page {
namespace {

struct Tile {
    std::string name;
    std::string value;
    std::string unit;
    std::string note;
    const char* kind = "";         // "good", "bad", "wide"
    std::optional<double> filled;  // 0..1, of a limit
};

std::string draw_tile(const Tile& tile) {
    std::string html = fmt::format(R"(<div class="tile {}"><dt>{}</dt><dd><b>{}</b>)", tile.kind,
                                   escape(tile.name), escape(tile.value));
    if (!tile.unit.empty()) html += " <i>" + escape(tile.unit) + "</i>";
    if (tile.filled)
        html += fmt::format(R"(<span class="fill" aria-hidden="true"><i style="width:{:.1f}%"></i></span>)",
                            std::min(*tile.filled, 1.0) * 100);
    if (!tile.note.empty()) html += "<small>" + escape(tile.note) + "</small>";
    return html + "</dd></div>";
}

std::optional<Tile> make_accuracy_tile(const ReportData& data) {
    if (data.splits.empty()) return std::nullopt;
    const Split& split = data.splits.front();
    const std::optional<Count> count = best_count(split);
    if (!count || count->n == 0) return std::nullopt;
    const Interval95 sure = wilson_interval(count->right, count->n);
    return Tile{text("right on {}", split_title(split.name)),
                format_number(100.0 * static_cast<double>(count->right) / static_cast<double>(count->n), 1),
                "%",
                text("{} of {}, 95 % sure: {}–{} %", format_count(count->right), format_count(count->n),
                     format_number(sure.low * 100, 1), format_number(sure.high * 100, 1)),
                "wide accent"};
}

Tile make_zero_tile(std::string name, std::uint64_t count) {
    return {std::move(name), format_count(count), "",
            count == 0 ? text("none, as it must be") : text("must be 0"), count == 0 ? "good" : "bad"};
}

Tile make_band_tile(std::string name, const Band& band, const Unit& unit) {
    const Band scaled = divide(band, unit.scale);
    const std::string range = format_range(scaled);
    return {std::move(name), format_short(scaled.value), unit.name,
            range.empty() ? text("modelled") : text("modelled, {}", range), ""};
}

Tile make_memory_tile(std::string name, const Memory& memory) {
    std::uint64_t used = 0;
    for (const MemoryPart& part : memory.parts) used += part.bytes;
    Tile tile{std::move(name),
              format_number(static_cast<double>(used) / 1024, used < 102400 ? 1 : 0),
              "KB",
              {},
              ""};
    if (memory.limit_bytes == 0) return tile;
    tile.filled = static_cast<double>(used) / static_cast<double>(memory.limit_bytes);
    tile.note = text("{} of {}", format_percent(*tile.filled, 1), format_bytes(memory.limit_bytes));
    if (used > memory.limit_bytes) tile.kind = "bad";
    return tile;
}

Tile make_battery_tile(const Summary& summary) {
    Tile tile = make_band_tile(text("battery life"), *summary.battery_hours,
                               choose_life_unit(summary.battery_hours->value));
    if (summary.average_mw)
        tile.note += " · " + text("{} mW on average", format_short(summary.average_mw->value));
    if (!summary.battery.empty()) tile.note += " · " + summary.battery;
    tile.kind = "wide";
    return tile;
}

}  // namespace

std::string draw_tiles(const ReportData& data) {
    const Summary& summary = data.summary;
    std::string html;
    if (const auto tile = make_accuracy_tile(data)) html += draw_tile(*tile);
    if (summary.inferences_per_second)
        html += draw_tile({text("inferences"), format_short(*summary.inferences_per_second), text("a second"),
                           text("features included")});
    if (summary.cpu_load)
        html += draw_tile({text("CPU load"), format_number(*summary.cpu_load * 100, 1), "%", text("modelled"),
                           "", *summary.cpu_load});
    if (summary.missed_deadlines)
        html += draw_tile(make_zero_tile(text("missed deadlines"), *summary.missed_deadlines));
    if (summary.lost_samples) html += draw_tile(make_zero_tile(text("lost samples"), *summary.lost_samples));
    if (data.ram) html += draw_tile(make_memory_tile(text("RAM"), *data.ram));
    if (data.flash) html += draw_tile(make_memory_tile(text("flash"), *data.flash));
    if (summary.inference_ms)
        html += draw_tile(make_band_tile(text("one inference"), *summary.inference_ms,
                                         choose_time_unit(summary.inference_ms->value)));
    if (summary.inference_uj)
        html += draw_tile(make_band_tile(text("energy of one"), *summary.inference_uj,
                                         choose_energy_unit(summary.inference_uj->value)));
    if (summary.battery_hours) html += draw_tile(make_battery_tile(summary));
    return html.empty() ? html : "<dl class=\"tiles\">" + html + "</dl>";
}

}  // namespace jatai::page
