// quantize_model.h: a float model becomes int8, by what it does with samples.
//
//     const Graph model = open_float_model("net.onnx");
//     const Quantized q = quantize_model(model, read_samples("calibration", model, 100), {});
//     write_file("net_int8.tflite", write_tflite(q.graph));
//
// Weights get one symmetric scale per output channel, biases 32 bits, activations one asymmetric scale. What
// has no int8 operator stays float. The report compares both models on the same samples, value by value.
// Fails with Error: a model that is quantised already, no samples, samples of the wrong size.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "src/base/bytes.h"
#include "src/base/progress.h"
#include "src/graph/graph.h"
#include "src/graph/quantise/calibrate.h"

namespace jatai {

struct QuantizeSettings {
    quantise::RangeMethod method = quantise::RangeMethod::MinMax;
    quantise::Doors doors = quantise::Doors::Float;
};

// What a layer's first output became.
struct QuantizedLayer {
    std::string name, op;
    bool int8 = false;        // false: stayed float
    float low = 0, high = 0;  // the range its int8 values cover
    double snr_db = 0;        // power of the float values over power of the error; infinite: no error
    double worst_error = 0;   // largest |float - int8|
};

struct Quantized {
    Graph graph;
    std::vector<QuantizedLayer> layers;
    std::size_t samples = 0;
    std::size_t outputs = 0;  // numbers in the first output
    double top1_agreement =
        0;  // share of samples whose largest output is the same; of models of several outputs
    double output_error = 0;  // mean |float - int8| of the first output
    std::int64_t float_weight_bytes = 0, int8_weight_bytes = 0;
};

// A .tflite or .onnx file of float layers, with its passes run.
Graph open_float_model(const fs::path& file);

Quantized quantize_model(const Graph& model, const std::vector<std::vector<Bytes>>& samples,
                         const QuantizeSettings& settings, const Progress& progress = {});

nlohmann::ordered_json to_json(const Quantized& quantized);

}  // namespace jatai
