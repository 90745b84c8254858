#include "src/pipeline/quantize_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>

#include "src/base/error.h"
#include "src/graph/interpret.h"
#include "src/graph/onnx.h"
#include "src/graph/op_def.h"
#include "src/graph/passes/drop_unused.h"
#include "src/graph/passes/fold_zero_points.h"
#include "src/graph/passes/passes.h"
#include "src/graph/stats.h"
#include "src/graph/tflite.h"
#include "src/graph/verify.h"

namespace jatai {
namespace {

using Sample = std::vector<Bytes>;

std::vector<float> floats_of(ByteView bytes) {
    std::vector<float> values(bytes.size() / sizeof(float));
    if (!values.empty()) std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
    return values;
}

// The numbers a tensor's bytes mean.
std::vector<float> reals_of(const Tensor& tensor, ByteView bytes) {
    if (tensor.type == Type::Float32) return floats_of(bytes);
    std::vector<float> values;
    for (const std::uint8_t byte : bytes) {
        const int stored = static_cast<std::int8_t>(byte) - tensor.quantisation.zero_point();
        values.push_back(static_cast<float>(stored) * tensor.quantisation.scale());
    }
    return values;
}

// Power of the signal and of the error, summed over samples.
struct Score {
    double signal = 0, error = 0, worst = 0;

    void add(const std::vector<float>& real, const std::vector<float>& rough) {
        for (std::size_t i = 0; i < real.size() && i < rough.size(); ++i) {
            const double off = static_cast<double>(real[i]) - rough[i];
            signal += static_cast<double>(real[i]) * real[i];
            error += off * off;
            worst = std::max(worst, std::abs(off));
        }
    }
    double snr_db() const {
        if (error == 0) return std::numeric_limits<double>::infinity();
        return signal == 0 ? 0 : 10 * std::log10(signal / error);
    }
};

// The same sample for the int8 model: its doors may be int8.
Sample for_doors(const Graph& graph, const Sample& sample) {
    Sample to = sample;
    for (std::size_t i = 0; i < to.size(); ++i) {
        const Tensor& input = graph.tensor(graph.inputs[i]);
        if (input.type == Type::Int8 && to[i].size() != static_cast<std::size_t>(input.bytes()))
            to[i] = quantise::quantise_all(floats_of(sample[i]), input.quantisation);
    }
    return to;
}

std::ptrdiff_t largest(const std::vector<float>& values) {
    return std::max_element(values.begin(), values.end()) - values.begin();
}

// Both models on the same samples.
class Comparison {
  public:
    Comparison(const Graph& real, const Graph& rough, const std::vector<TensorId>& places)
        : real_(real),
          rough_(zero_points_folded(rough)),
          places_(places),
          run_real_(real),
          run_rough_(rough_),
          scores_(real.nodes.size()) {}

    void look(const Sample& sample) {
        run_real_.run(sample);
        run_rough_.run(for_doors(rough_, sample));
        for (std::size_t i = 0; i < scores_.size(); ++i) {
            const TensorId place = place_of_node(i);
            if (place == kNoTensor) continue;
            scores_[i].add(floats_of(run_real_.value(real_.nodes[i].outputs[0])),
                           reals_of(rough_.tensor(place), run_rough_.value(place)));
        }
        const Tensor& out = real_.tensor(real_.outputs[0]);
        if (out.type != Type::Float32) return;
        const std::vector<float> a = floats_of(run_real_.value(real_.outputs[0]));
        const std::vector<float> b =
            reals_of(rough_.tensor(rough_.outputs[0]), run_rough_.value(rough_.outputs[0]));
        agreed_ += largest(a) == largest(b);
        for (std::size_t i = 0; i < a.size(); ++i) off_ += std::abs(static_cast<double>(a[i]) - b[i]);
        seen_ += a.size();
        ++looked_;
    }

    void fill(Quantized& to) const {
        to.top1_agreement = looked_ ? static_cast<double>(agreed_) / static_cast<double>(looked_) : 0;
        to.output_error = seen_ ? off_ / static_cast<double>(seen_) : 0;
        for (std::size_t i = 0; i < scores_.size(); ++i) {
            const Node& node = real_.nodes[i];
            QuantizedLayer layer;
            layer.name = node.name;
            layer.op = op_def(node.op).name;
            const TensorId place = place_of_node(i);
            layer.int8 = place != kNoTensor;
            if (layer.int8) {
                const Quantisation& q = rough_.tensor(place).quantisation;
                layer.low = q.scale() * static_cast<float>(-128 - q.zero_point());
                layer.high = q.scale() * static_cast<float>(127 - q.zero_point());
                layer.snr_db = scores_[i].snr_db();
                layer.worst_error = scores_[i].worst;
            }
            to.layers.push_back(std::move(layer));
        }
    }

  private:
    TensorId place_of_node(std::size_t i) const {
        return places_[static_cast<std::size_t>(real_.nodes[i].outputs[0])];
    }

    const Graph& real_;
    const Graph rough_;
    const std::vector<TensorId>& places_;
    Interpreter run_real_, run_rough_;
    std::vector<Score> scores_;
    std::size_t looked_ = 0, agreed_ = 0, seen_ = 0;
    double off_ = 0;
};

}  // namespace

Graph open_float_model(const fs::path& file) {
    const Bytes bytes = read_file(file);
    Graph graph = looks_like_onnx(bytes) || file.extension() == ".onnx" ? read_onnx(bytes, file.string())
                                                                        : read_tflite(bytes, file.string());
    if (graph.name.empty() || graph.name == "main") graph.name = file.stem().string();
    run_passes(graph, {"fuse_pad", "fold_zero_points"});  // no .tflite file can say what they make
    for (const Tensor& tensor : graph.tensors) {
        const bool whole =
            tensor.type == Type::Int8 || tensor.type == Type::UInt8 || tensor.type == Type::Int16;
        if (whole && !tensor.quantisation.empty()) {
            throw Error{text("{}: found {} quantised already, expected a model in float32", file.string(),
                             tensor.name),
                        text("compile it as it is: jatai compile")};
        }
    }
    return graph;
}

Quantized quantize_model(const Graph& model, const std::vector<Sample>& samples,
                         const QuantizeSettings& settings, const Progress& progress) {
    if (samples.empty()) throw Error{text("found no samples, expected at least one")};
    quantise::Calibrator calibrator(model, settings.method);
    const std::uint64_t rounds = (calibrator.looks_twice() ? 2 : 1) * samples.size() + samples.size();
    std::uint64_t done = 0;
    for (const Sample& sample : samples) {
        calibrator.look(sample);
        report(progress, ++done, rounds, text("measuring ranges"));
    }
    for (const Sample& sample : samples) {
        if (!calibrator.looks_twice()) break;
        calibrator.look_again(sample);
        report(progress, ++done, rounds, text("measuring ranges"));
    }
    quantise::Recipe recipe;
    recipe.scales = calibrator.scales();
    recipe.quantise_constants = true;
    recipe.doors = settings.doors;
    std::vector<TensorId> places;
    Quantized to;
    to.graph = quantise::to_int8(model, recipe, &places);
    verify(to.graph);
    to.samples = samples.size();
    to.outputs = static_cast<std::size_t>(model.tensor(model.outputs[0]).elements());
    to.float_weight_bytes = weight_bytes(model);
    Comparison comparison(model, to.graph, places);
    for (const Sample& sample : samples) {
        comparison.look(sample);
        report(progress, ++done, rounds, text("comparing with float"));
    }
    comparison.fill(to);
    drop_unused(to.graph);
    verify(to.graph);
    to.int8_weight_bytes = weight_bytes(to.graph);
    return to;
}

nlohmann::ordered_json to_json(const Quantized& q) {
    nlohmann::ordered_json layers = nlohmann::ordered_json::array();
    for (const QuantizedLayer& layer : q.layers) {
        nlohmann::ordered_json row{{"name", layer.name}, {"op", layer.op}, {"int8", layer.int8}};
        if (layer.int8) {
            row["low"] = layer.low;
            row["high"] = layer.high;
            row["snr_db"] = std::isfinite(layer.snr_db) ? nlohmann::ordered_json(layer.snr_db)
                                                        : nlohmann::ordered_json(nullptr);
            row["worst_error"] = layer.worst_error;
        }
        layers.push_back(std::move(row));
    }
    return {{"samples", q.samples},
            {"top1_agreement",
             q.outputs > 1 ? nlohmann::ordered_json(q.top1_agreement) : nlohmann::ordered_json(nullptr)},
            {"output_error", q.output_error},
            {"weight_bytes", {{"float32", q.float_weight_bytes}, {"int8", q.int8_weight_bytes}}},
            {"layers", layers}};
}

}  // namespace jatai
