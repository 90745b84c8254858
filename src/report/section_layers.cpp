// section_layers.cpp: what each layer costs.
#include <algorithm>

#include "src/base/text.h"
#include "src/report/encode.h"
#include "src/report/number.h"
#include "src/report/sections.h"

namespace jatai::page {
namespace {

// The columns that only a simulated model has are left out when no layer has cycles.
struct Costs {
    bool simulated = false;
    std::uint64_t macs = 0;
    std::uint64_t cycles = 0;
    std::uint64_t largest = 0;  // of one layer, in what is shared

    std::uint64_t of(const LayerCost& layer) const { return simulated ? layer.cycles : layer.macs; }
    double whole() const {
        return static_cast<double>(std::max<std::uint64_t>(simulated ? cycles : macs, 1));
    }
};

Costs add_up(const std::vector<LayerCost>& layers) {
    Costs costs;
    for (const LayerCost& layer : layers) {
        costs.macs += layer.macs;
        costs.cycles += layer.cycles;
    }
    costs.simulated = costs.cycles > 0;
    for (const LayerCost& layer : layers) costs.largest = std::max(costs.largest, costs.of(layer));
    return costs;
}

std::string write_shape(const std::vector<int>& shape) {
    std::string out;
    for (const int extent : shape) out += (out.empty() ? "" : "×") + std::to_string(extent);
    return out;
}

std::string draw_number(const std::string& number) { return "<td class=\"num\">" + number + "</td>"; }

std::string draw_costs(std::uint64_t macs, std::uint64_t cycles, bool simulated) {
    if (!simulated) return draw_number(format_count(macs));
    const std::string each =
        macs == 0 ? "–" : format_short(static_cast<double>(cycles) / static_cast<double>(macs));
    return draw_number(format_count(macs)) + draw_number(format_count(cycles)) + draw_number(each);
}

std::string draw_layer(const LayerCost& layer, std::size_t number, const Costs& costs) {
    const double share = static_cast<double>(costs.of(layer));
    return fmt::format("<tr><td>{}</td><th scope=\"row\" title=\"{}\">{}<small>{}</small></th><td>{}</td>",
                       number, escape(layer.name), escape(layer.name), escape(layer.op),
                       write_shape(layer.output_shape)) +
           draw_costs(layer.macs, layer.cycles, costs.simulated) +
           fmt::format(R"(<td class="share"><span><i style="width:{:.1f}%"></i></span>{}</td></tr>)",
                       share / static_cast<double>(std::max<std::uint64_t>(costs.largest, 1)) * 100,
                       format_percent(share / costs.whole(), 1));
}

std::string draw_head(bool simulated) {
    const auto head = [](const std::string& title, const char* kind) {
        return fmt::format(R"(<th class="{}">{}</th>)", kind, escape(title));
    };
    std::string html =
        "<th></th>" + head(text("layer"), "") + head(text("output"), "") + head(text("MACs"), "num");
    if (simulated) html += head(text("cycles, modelled"), "num") + head(text("cycles per MAC"), "num");
    return html + head(simulated ? text("share of cycles") : text("share of MACs"), "");
}

}  // namespace

std::string draw_layers(const ReportData& data) {
    if (data.layers.empty()) return {};
    const Costs costs = add_up(data.layers);
    std::string html = "<div class=\"scroll\"><table class=\"layers\"><thead><tr>" +
                       draw_head(costs.simulated) + "</tr></thead><tbody>";
    for (std::size_t i = 0; i < data.layers.size(); ++i) html += draw_layer(data.layers[i], i + 1, costs);
    return html + "</tbody><tfoot><tr><td></td><th scope=\"row\">" + escape(text("together")) +
           "</th><td></td>" + draw_costs(costs.macs, costs.cycles, costs.simulated) +
           "<td></td></tr></tfoot></table></div>";
}

}  // namespace jatai::page
