#include <algorithm>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/error.h"
#include "src/pipeline/diff_models.h"
#include "src/pipeline/samples.h"
#include "src/report/terminal.h"

namespace jatai {
namespace {

std::string table_of_layers(const ModelDiff& diff) {
    std::vector<std::vector<std::string>> rows{
        {text("layer"), text("operator"), text("SNR, dB"), text("largest error"), text("largest value")}};
    for (const LayerDiff& layer : diff.layers) {
        const std::string op =
            layer.op_a == layer.op_b ? layer.op_a : fmt::format("{} / {}", layer.op_a, layer.op_b);
        const std::string snr = layer.snr_db               ? fmt::format("{:.1f}", *layer.snr_db)
                                : layer.largest_error == 0 ? text("equal")
                                                           : "-";
        rows.push_back({fmt::format("{} {}", layer.index_a, layer.name), op, snr,
                        fmt::format("{:.4g}", layer.largest_error),
                        fmt::format("{:.4g}", layer.largest_value)});
    }
    return draw_table(rows);
}

void say_rest(const std::string& model, const std::vector<std::string>& layers, Console& console) {
    if (layers.empty()) return;
    console.say(text("only in {}:", model));
    for (const std::string& layer : layers) console.say("  " + layer);
}

}  // namespace

int run_diff(const DiffOptions& options, Console& console) {
    const Graph a = open_graph(options.a);
    const Graph b = open_graph(options.b);
    const ModelDiff diff = diff_models(a, b, read_samples(options.data, a, 0), console.progress());
    console.say(table_of_layers(diff));
    say_rest(diff.name_a, diff.only_a, console);
    say_rest(diff.name_b, diff.only_b, console);
    console.say(text("{} samples", diff.samples));
    if (diff.same_top1) {
        console.say(text("same top class: {} of {} ({:.1f} %)", *diff.same_top1, diff.samples,
                         100.0 * static_cast<double>(*diff.same_top1) / static_cast<double>(diff.samples)));
    }
    console.result(to_json(diff));
    return 0;
}

}  // namespace jatai
