#include <cmath>
#include <nlohmann/json.hpp>

#include "apps/jatai/commands/commands.h"
#include "src/base/error.h"
#include "src/base/suggest.h"
#include "src/graph/tflite.h"
#include "src/pipeline/quantize_model.h"
#include "src/pipeline/samples.h"
#include "src/report/terminal.h"

namespace jatai {
namespace {

quantise::RangeMethod method_named(const std::string& word) {
    if (word == "minmax") return quantise::RangeMethod::MinMax;
    if (word == "percentile") return quantise::RangeMethod::Percentile;
    if (word == "mse") return quantise::RangeMethod::Mse;
    throw Error{text("--calibration {}: no such way", word),
                did_you_mean(word, {"minmax", "percentile", "mse"})};
}

quantise::Doors doors_named(const std::string& word) {
    if (word == "float32") return quantise::Doors::Float;
    if (word == "int8") return quantise::Doors::Int8;
    throw Error{text("--io {}: no such type", word), did_you_mean(word, {"int8", "float32"})};
}

std::string table_of_layers(const Quantized& q) {
    std::vector<std::vector<std::string>> rows{
        {text("layer"), text("from"), text("to"), text("SNR, dB"), text("worst error")}};
    for (std::size_t i = 0; i < q.layers.size(); ++i) {
        const QuantizedLayer& layer = q.layers[i];
        const std::string name = fmt::format("{} {} {}", i, layer.op, layer.name);
        if (!layer.int8) {
            rows.push_back({name, "", "", text("float"), ""});
            continue;
        }
        rows.push_back({name, fmt::format("{:.4g}", layer.low), fmt::format("{:.4g}", layer.high),
                        std::isfinite(layer.snr_db) ? fmt::format("{:.1f}", layer.snr_db) : text("exact"),
                        fmt::format("{:.3g}", layer.worst_error)});
    }
    return draw_table(rows);
}

}  // namespace

int run_quantize(const QuantizeOptions& options, Console& console) {
    QuantizeSettings settings;
    settings.method = method_named(options.calibration);
    settings.doors = doors_named(options.io);
    const Graph model = open_float_model(options.model);
    const auto samples = read_samples(options.data, model, options.samples);
    const Quantized q = quantize_model(model, samples, settings, console.progress());
    fs::path out = options.out;
    if (out.empty()) out = options.model.parent_path() / (options.model.stem().string() + "_int8.tflite");
    write_file(out, write_tflite(q.graph));
    console.say(table_of_layers(q));
    if (q.outputs > 1)
        console.say(
            text("the largest output is the same in {:.1f} % of the samples", 100 * q.top1_agreement));
    console.say(text("{} samples; outputs differ by {:.3g} on average", q.samples, q.output_error));
    console.say(text("weights: {} bytes in float32, {} in int8", q.float_weight_bytes, q.int8_weight_bytes));
    console.say(text("written: {}", out.string()));
    nlohmann::ordered_json answer = to_json(q);
    answer["file"] = out.string();
    console.result(answer);
    return 0;
}

}  // namespace jatai
